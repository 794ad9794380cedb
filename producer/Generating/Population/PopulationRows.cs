using System.Collections.Immutable;
using System.Globalization;

namespace Pipeline.Producer.Generating.Population;

/// <summary>The four files' rows, with what such files have in the wild: a merge left unresolved in the middle of the first, and neighborhoods that one or another lacks.</summary>
internal static class PopulationRows
{
    /// <summary>Lines that an unresolved merge adds: three markers, and one neighborhood a second time.</summary>
    internal const int ConflictRows = 4;

    /// <summary>Fewer rows than this are made without a conflict.</summary>
    internal const int LeastRowsWithConflict = 20;

    private const double LackingShare = 0.03;

    internal static long NeighborhoodsIn(long rows) => rows < LeastRowsWithConflict ? rows : rows - ConflictRows;

    internal static IReadOnlyList<string[]> People(ImmutableArray<Neighborhood> neighborhoods, long rows, ulong seed)
    {
        var random = SeededRandom.For(seed, "population");
        var made = neighborhoods.Select(each => Row(each, random, each.People)).ToList();
        if (rows < LeastRowsWithConflict) return made;
        var middle = made.Count / 2;
        var theirs = made[middle].ToArray();
        theirs[2] = (neighborhoods[middle].People.Value + 11).ToString("F0", CultureInfo.InvariantCulture);
        made.InsertRange(middle, [["<<<<<<< HEAD"]]);
        made.InsertRange(middle + 2, [["======="], theirs, [">>>>>>> update-2015"]]);
        return made;
    }

    internal static IReadOnlyList<string[]> Reference(ImmutableArray<Neighborhood> neighborhoods, ulong seed, string part, params Func<Neighborhood, Estimate>[] of)
    {
        var random = SeededRandom.For(seed, part);
        return [.. neighborhoods.Where(_ => !random.Chance(LackingShare)).Select(each => Row(each, random, [.. of.Select(estimate => estimate(each))]))];
    }

    private static string[] Row(Neighborhood neighborhood, SeededRandom random, params Estimate[] estimates) =>
    [
        neighborhood.Name, neighborhood.Id.ToString(CultureInfo.InvariantCulture),
        .. estimates.Select(estimate => estimate.Written(random)).SelectMany(written => (string[])[written.Value, written.MarginOfError]),
    ];
}
