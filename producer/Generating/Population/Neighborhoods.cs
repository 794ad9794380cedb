using System.Collections.Immutable;
using System.Globalization;

namespace Pipeline.Producer.Generating.Population;

/// <summary>A neighborhood with all that the four files say of it.</summary>
internal sealed record Neighborhood(long Id, string Name, Estimate People, Estimate Households, Estimate Income, Estimate Insured, Estimate SelfEmployed);

/// <summary>An estimate and its margin of error.</summary>
internal sealed record Estimate(double Value, double MarginOfError)
{
    /// <summary>As the files write it: whole numbers with or without <c>.0</c>, margins whole or with many digits.</summary>
    internal (string Value, string MarginOfError) Written(SeededRandom random) =>
        random.Chance(0.15)
            ? (Value.ToString("F0", CultureInfo.InvariantCulture), MarginOfError.ToString("F0", CultureInfo.InvariantCulture))
            : (Value.ToString("F1", CultureInfo.InvariantCulture), Math.Round(MarginOfError, 9).ToString("0.#########", CultureInfo.InvariantCulture));
}

/// <summary>Makes neighborhoods: small ones with wide margins, large ones with narrow ones.</summary>
internal static class Neighborhoods
{
    private static readonly string[] Where = ["North", "South", "East", "West", "Upper", "Lower", "Old", "New", "Central", "Far"];

    private static readonly string[] What =
        ["Shore", "Hill", "Oakland", "Mount", "Haven", "Bluff", "Market", "Flats", "Heights", "Hollow", "Square", "Run", "Ridge", "Park", "Ferry", "Mills", "Gardens", "View", "Bottoms", "Loading"];

    internal static ImmutableArray<Neighborhood> Make(long count, ulong seed)
    {
        var random = SeededRandom.For(seed, "neighborhoods");
        return [.. Enumerable.Range(0, checked((int)count)).Select(i => One(i, random))];
    }

    private static Neighborhood One(int i, SeededRandom random)
    {
        var round = i / (Where.Length * What.Length);
        var name = $"{Where[i % Where.Length]} {What[i / Where.Length % What.Length]}{(round == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {round + 1}"))}";
        var people = Math.Round(200 + random.NextUnit() * random.NextUnit() * 14_000);
        var households = Math.Round(people / random.Between(1.8, 2.6));
        return new Neighborhood(
            i + 1, name, With(people, 1.2, random), With(households, 1.1, random), With(Math.Round(households * random.Between(24_000.0, 110_000.0)), 160, random),
            With(Math.Round(people * random.Between(0.82, 0.99)), 1.2, random), With(Math.Round(households * random.Between(0.03, 0.14)), 1.6, random));
    }

    /// <summary>A margin that shrinks, as a share, with the root of the estimate.</summary>
    private static Estimate With(double value, double scale, SeededRandom random) => new(value, Math.Sqrt(value) * scale * random.Between(4.0, 9.0));
}
