using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>Rows of quarantine that count as replayed, compared with the table that should have them.</summary>
/// <remarks>
/// A replayed row names the batch by which the table has it (<c>replay_batch_id</c>). Where the table has no row of that batch (a restore took it back, or the table was lost), the row is pending again:
/// nothing else would bring it back, as its source has it only as it was rejected.
/// </remarks>
public static class RepairedRows
{
    private const string ReasonPrefix = "Pending again: ";
    private const string EndOfReason = "' any more.";

    /// <summary>The condition of open rows that were replayed before and are not in the table any more.</summary>
    public static Column IsReopened => QuarantineReplay.IsOpen & Col("status_reason").StartsWith(ReasonPrefix);

    /// <summary>Whether the table's quarantine has rows of <see cref="IsReopened"/>.</summary>
    public static bool Exist(SparkSession spark, LakeLayout lake, string table)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(lake);
        var path = lake.Quarantine(table);
        return DeltaTable.IsDeltaTable(spark, path) && spark.Read().Format("delta").Load(path).Filter(IsReopened).Count() > 0;
    }

    /// <summary>Why a row is pending again.</summary>
    public static string ReasonOf(string table, string batchId) => $"{ReasonPrefix}'{table}' does not have the rows of batch '{batchId}{EndOfReason}";

    /// <summary>Makes replayed rows pending that the table does not have any more. Safe to run twice, and beside a replay.</summary>
    /// <param name="spark">The session.</param>
    /// <param name="lake">The lake.</param>
    /// <param name="table">Name of the table.</param>
    /// <returns>The batches by which the table had them, with the number of rows of each; ordered by the batch's id.</returns>
    public static IReadOnlyList<ReopenedRows> Reopen(SparkSession spark, LakeLayout lake, string table)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(lake);
        var path = lake.Quarantine(table);
        if (!DeltaTable.IsDeltaTable(spark, path)) return [];
        // The quarantine is read before the table: a replay writes the table first, and then says so here.
        var replayed = Counts(spark, path, Col("status") == Lit(QuarantineStatus.Replayed));
        var lost = Lost(spark, lake, table, replayed);
        if (lost.Count == 0) return [];
        object?[] ids = [.. lost.Select(static rows => (object?)rows.BatchId)];
        var isLost = (Col("status") == Lit(QuarantineStatus.Replayed)) & Col("replay_batch_id").IsIn(ids);
        // First, as nothing names these batches once their rows are pending.
        ReopenBatches(spark, lake, table, spark.Read().Format("delta").Load(path).Filter(isLost & Col("is_whole_batch")));
        using var rows = new PersistedRows(spark.Read().Format("delta").Load(path).Filter(isLost).Select(
            Col(Quarantine.RowId).As("lost_row_id"),
            When(Col("fixed_text").IsNotNull(), Lit(QuarantineStatus.Fixed)).Otherwise(QuarantineStatus.Waiting).As("new_status"),
            Concat(Lit(ReasonOf(table, "")[..^EndOfReason.Length]), Col("replay_batch_id"), Lit(EndOfReason)).As("new_reason")).Persist());
        DeltaTable.ForPath(spark, path)
            .Merge(rows.Rows.Alias("s"), (Col(Quarantine.RowId) == Col("lost_row_id")) & isLost)
            .WhenMatched()
            .Update(new Dictionary<string, Column>
            {
                ["status"] = Col("new_status"),
                ["status_at"] = Lit(DateTime.UtcNow).Cast("timestamp"),
                ["status_reason"] = Col("new_reason"),
                ["replay_batch_id"] = Lit(null).Cast("string"),
            })
            .Execute();
        return lost;
    }

    /// <summary>Batches by which the table should have replayed rows, and that it has no row of; without a change of anything.</summary>
    internal static IReadOnlySet<string> LostBatches(SparkSession spark, LakeLayout lake, string table)
    {
        var path = lake.Quarantine(table);
        if (!DeltaTable.IsDeltaTable(spark, path)) return new HashSet<string>(StringComparer.Ordinal);
        return Lost(spark, lake, table, Counts(spark, path, Col("status") == Lit(QuarantineStatus.Replayed))).Select(static rows => rows.BatchId).ToHashSet(StringComparer.Ordinal);
    }

    private static List<ReopenedRows> Counts(SparkSession spark, string path, Column condition) =>
    [
        .. spark.Read().Format("delta").Load(path).Filter(condition & Col("replay_batch_id").IsNotNull()).GroupBy("replay_batch_id").Count().Collect()
            .Select(static row => new ReopenedRows { BatchId = row.GetAs<string>(0), Rows = row.GetAs<long>(1) })
            .OrderBy(static rows => rows.BatchId, StringComparer.Ordinal),
    ];

    private static List<ReopenedRows> Lost(SparkSession spark, LakeLayout lake, string table, List<ReopenedRows> replayed)
    {
        if (replayed.Count == 0) return [];
        object?[] ids = [.. replayed.Select(static rows => (object?)rows.BatchId)];
        var present = Present(spark, lake.Table(table), ids);
        var lost = replayed.Where(rows => !present.Contains(rows.BatchId)).ToList();
        if (lost.Count == 0) return [];
        // A replay of an earlier version of this program names itself where it wrote nothing, as another batch had the rows.
        var wroteNothing = BatchRows.Find(spark, lake, Col("batch_id").IsIn(ids) & (Col("table_name") == Lit(table)) & (Col("rows_written") == Lit(0L)))
            .Select(static batch => batch.BatchId).ToHashSet(StringComparer.Ordinal);
        return [.. lost.Where(rows => !wroteNothing.Contains(rows.BatchId))];
    }

    private static HashSet<string> Present(SparkSession spark, string path, object?[] ids) => DeltaTable.IsDeltaTable(spark, path)
        ? spark.Read().Format("delta").Load(path).Filter(Col("batch_id").IsIn(ids)).Select("batch_id").Distinct().Collect().Select(static row => row.GetAs<string>(0)).ToHashSet(StringComparer.Ordinal)
        : [];

    /// <summary>Batches that were whole in quarantine and counted as replayed are in quarantine again.</summary>
    private static void ReopenBatches(SparkSession spark, LakeLayout lake, string table, DataFrame rows)
    {
        object?[] ids = [.. rows.Select("batch_id").Distinct().Collect().Select(static row => row.Get(0))];
        if (ids.Length == 0) return;
        foreach (var batch in BatchRows.Find(spark, lake, Col("batch_id").IsIn(ids) & (Col("table_name") == Lit(table)) & (Col("status") == Lit(BatchStatus.Replayed))))
            BatchRows.Update(spark, lake, batch with { Status = BatchStatus.Quarantined, Reason = $"{batch.Reason?.TrimEnd('.')}. Pending again: replayed rows of it are not in '{table}' any more." });
    }
}

/// <summary>Replayed rows that are pending again.</summary>
public sealed record ReopenedRows
{
    /// <summary>The batch by which the table had them.</summary>
    public required string BatchId { get; init; }

    /// <summary>Their number.</summary>
    public required long Rows { get; init; }
}
