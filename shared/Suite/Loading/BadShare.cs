using System.Globalization;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>Holds back the good rows of a stream where too many of the last messages of their partition are bad: they go to quarantine with the rule <c>bad_share</c>.</summary>
/// <remarks>
/// The share is that of a window of offsets (see the remarks of <c>BadShareWindow</c>) and not of a batch. A run that starts in the middle of a stream learns the messages before its first batch from the raw archive (at most 1,000 batches of it).
/// One instance a stream; not thread-safe.
/// </remarks>
public sealed class BadShare
{
    /// <summary>The rule that a good row in a bad window breaks.</summary>
    public const string Rule = "bad_share";

    /// <summary>Batches of the archive that are read at once, the last first, until the windows are covered.</summary>
    private static readonly int[] Turns = [1, 9, 90, 900];

    private readonly LakeLayout lake;
    private readonly Func<DataFrame, DataFrame> stage;
    private readonly double maxShare;
    private readonly int size;
    private readonly Dictionary<int, BadShareWindow> windows = [];

    /// <summary>A classify of a stream's rows.</summary>
    /// <param name="lake">The lake, for the raw archive.</param>
    /// <param name="stage">Stages archived messages as the stream does.</param>
    /// <param name="maxShare">Share of bad messages, 0 to 1, over which rows are held back.</param>
    /// <param name="size">Offsets of a partition over which the share is checked.</param>
    public BadShare(LakeLayout lake, Func<DataFrame, DataFrame> stage, double maxShare, int size)
    {
        this.lake = lake;
        this.stage = stage;
        this.maxShare = maxShare;
        this.size = size;
    }

    /// <summary>The batch's rows with the rule at those that are held back, kept by the engine, and why; null where none is.</summary>
    internal (PersistedRows Rows, string Reason)? Check(DataFrame rows, BatchFacts facts, BatchSource source)
    {
        var unknown = facts.Parts.Where(part => !windows.ContainsKey(part.Partition)).ToList();
        if (unknown.Count > 0) Learn(unknown, source, rows.SparkSession);
        var found = new List<(int Partition, OffsetRange Range)>();
        var bad = BadOffsets(rows, facts.Parts.Where(static part => part.Bad > 0));
        foreach (var part in facts.Parts)
            foreach (var range in windows[part.Partition].Take(part.First, part.Last, bad[part.Partition])) found.Add((part.Partition, range));
        if (found.Count == 0) return null;
        var (partition, first) = found[0];
        var where = string.Create(CultureInfo.InvariantCulture, $"of the last {size} messages of partition {partition} are bad from offset {first.From} on");
        var reason = string.Create(CultureInfo.InvariantCulture, $"more than {maxShare:0.##} {where}, so that good rows are held back too");
        using var ranges = new PersistedRows(RangesOf(rows.SparkSession, found));
        var held = new PersistedRows(HoldBack(rows, ranges.Rows).Persist());
        // Computed while the ranges are there.
        _ = held.Rows.Count();
        return (held, reason);
    }

    private static DataFrame RangesOf(SparkSession spark, List<(int Partition, OffsetRange Range)> found)
    {
        var columns = new StructType(
            new StructField("_held_partition", new IntegerType()),
            new StructField("_held_from", new LongType()),
            new StructField("_held_until", new LongType()));
        return spark.CreateDataFrame(found.Select(static one => new object?[] { one.Partition, one.Range.From, one.Range.Until }), columns);
    }

    private static DataFrame HoldBack(DataFrame rows, DataFrame ranges)
    {
        var isIn = (Col(StagedColumns.Partition) == Col("_held_partition"))
            & (Col(StagedColumns.Offset) >= Col("_held_from"))
            & (Col(StagedColumns.Offset) <= Col("_held_until"));
        var rule = Functions.Array(Struct(Lit(null).Cast("string").As("column"), Lit(Rule).As("rule"), Lit(null).Cast("string").As("value")));
        var isHeld = Col("_held_partition").IsNotNull() & (Size(Col(StagedColumns.Broken)) == Lit(0));
        return rows.Join(ranges, isIn, "left")
            .WithColumn(StagedColumns.Broken, When(isHeld, rule).Otherwise(Col(StagedColumns.Broken)))
            .Select([.. rows.Columns().Select(static name => Col(name))]);
    }

    private static ILookup<int, long> BadOffsets(DataFrame rows, IEnumerable<PartFacts> parts)
    {
        var asked = parts.Select(static part => (object)part.Partition).ToArray();
        var found = asked.Length == 0 ? []
            : rows.Filter(StagedRows.BreaksARule & Col(StagedColumns.Partition).IsIn(asked)).Select(StagedColumns.Partition, StagedColumns.Offset).Distinct().Collect();
        return found.ToLookup(static row => row.GetAs<int>(0), static row => row.GetAs<long>(1));
    }

    /// <summary>Reads what came before the first messages that this run has of some partitions, as far as their windows reach.</summary>
    private void Learn(List<PartFacts> parts, BatchSource source, SparkSession spark)
    {
        var earlier = RawArchive.NumbersBefore(lake, source);
        var firsts = new Dictionary<int, long>();
        var bad = new Dictionary<int, List<long>>();
        foreach (var turn in Turns)
        {
            var numbers = earlier.Take(turn).ToList();
            earlier = [.. earlier.Skip(turn)];
            if (numbers.Count == 0 || parts.All(part => firsts.TryGetValue(part.Partition, out var first) && first <= part.First - size + 1)) break;
            var messages = RawArchive.Read(spark, lake, source, numbers);
            foreach (var row in messages.GroupBy("partition").Agg(Min(Col("offset"))).Collect())
                firsts[row.GetAs<int>(0)] = Math.Min(firsts.GetValueOrDefault(row.GetAs<int>(0), long.MaxValue), row.GetAs<long>(1));
            var near = parts
                .Select(part => (Col("partition") == Lit(part.Partition)) & (Col("offset") > Lit(part.First - size)) & (Col("offset") < Lit(part.First)))
                .Aggregate(static (left, right) => left | right);
            // Kept first: a condition on the broken rules would draw all that makes them into itself, once for each use.
            using var staged = new PersistedRows(stage(messages.Filter(near)).Persist());
            foreach (var row in StagedRows.Broken(staged.Rows).Select(StagedColumns.Partition, StagedColumns.Offset).Distinct().Collect())
            {
                if (!bad.TryGetValue(row.GetAs<int>(0), out var offsets)) bad[row.GetAs<int>(0)] = offsets = [];
                offsets.Add(row.GetAs<long>(1));
            }
        }
        foreach (var part in parts)
        {
            var window = windows[part.Partition] = new BadShareWindow(maxShare, size);
            if (firsts.TryGetValue(part.Partition, out var first) && first < part.First) window.Remember(first, bad.GetValueOrDefault(part.Partition, []));
        }
    }
}
