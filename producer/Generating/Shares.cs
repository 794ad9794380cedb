using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Engine.Types;

namespace Pipeline.Producer.Generating;

/// <summary>How much there is of each kind in what is generated: weights by name, which need not add up to anything.</summary>
/// <param name="Weights">Kinds in their order, each with its weight from 0.</param>
public sealed record Shares(ImmutableArray<KeyValuePair<string, double>> Weights)
{
    /// <summary>Nothing to set.</summary>
    public static Shares None { get; } = new([]);

    /// <summary>These with some weights set again, written as <c>json=3,broken=0</c>; null changes nothing.</summary>
    /// <exception cref="UsageException">A name is not known, or a weight is no number from 0.</exception>
    public Shares With(string? text)
    {
        if (text is null)
            return this;
        var weights = Weights;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            var known = Weights.FirstOrDefault(weight => weight.Key == pair[0]);
            if (known.Key is null)
                throw new UsageException(Weights.IsEmpty ? "This data set has no --shares to set." : $"--shares has no '{pair[0]}'. There are: {string.Join(", ", Weights.Select(weight => weight.Key))}.");
            if (pair.Length < 2 || !double.TryParse(pair[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
                throw new UsageException($"--shares has '{part}'. Give a weight from 0 as {pair[0]}=0.5.");
            weights = weights.Replace(weights.First(weight => weight.Key == pair[0]), KeyValuePair.Create(pair[0], value));
        }
        return weights.Sum(weight => weight.Value) > 0 ? new Shares(weights) : throw new UsageException("--shares are all 0: nothing would be generated.");
    }

    /// <summary>One of the kinds, by chance and weight.</summary>
    internal string Draw(SeededRandom random)
    {
        var at = random.NextUnit() * Weights.Sum(weight => weight.Value);
        foreach (var (name, weight) in Weights)
        {
            if (at < weight)
                return name;
            at -= weight;
        }
        return Weights[^1].Key;
    }
}
