using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>Restores of a table: their rows in <c>batches</c>, and the batches that they took back.</summary>
public static class Restores
{
    internal const string Operation = "RESTORE";
    private const int CommitsLookedAt = 100;

    /// <summary>Gives restores that have none their row in <c>batches</c>: those that died after their commit, and those that other programs made. Twice is once.</summary>
    /// <remarks>Looks at the last 100 commits of the table.</remarks>
    /// <param name="context">The run.</param>
    /// <param name="dataset">The data set that the table belongs to.</param>
    /// <param name="table">Its name.</param>
    /// <param name="path">Where it lies.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task RecordAsync(ILoadingRun context, string dataset, string table, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        await RecordAsync(context.Spark, context.Lake, context.Job, context.RunId, dataset, table, path, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task RecordAsync(SparkSession spark, LakeLayout lake, string job, string runId, string dataset, string table, string path, CancellationToken cancellationToken)
    {
        if (!DeltaTable.IsDeltaTable(spark, path)) return;
        var commits = await TableHistory.ReadAsync(DeltaLog.For(path, lake.StorageOptions), CommitsLookedAt, cancellationToken).ConfigureAwait(false);
        var restores = commits.Where(static commit => commit.Info?.Operation == Operation).OrderBy(static commit => commit.Version).ToList();
        if (restores.Count == 0) return;
        var known = Of(spark, lake, table).Select(static restore => restore.TableVersion).ToHashSet();
        foreach (var restore in restores.Where(restore => !known.Contains(restore.Version)))
        {
            var to = restore.Info!.OperationParameters.GetValueOrDefault("version");
            var at = restore.CommittedAt?.UtcDateTime ?? DateTime.UtcNow;
            BatchRows.Append(spark, lake, Row(
                job, runId, dataset, table, restore.Version, to ?? "an earlier time", null, at,
                $"Restored to {(to is null ? "an earlier time" : $"version {to}")}; noted by a later run, as the restore itself did not come to it, or was made by another program."));
        }
    }

    /// <summary>The row of a restore.</summary>
    /// <param name="context">The run.</param>
    /// <param name="dataset">The data set.</param>
    /// <param name="table">The table.</param>
    /// <param name="made">The version that the restore made.</param>
    /// <param name="to">The version whose content it has.</param>
    /// <param name="checksum">Checksum of the batch that it went back to, or null.</param>
    /// <param name="at">When.</param>
    /// <param name="reason">What it did, in a sentence.</param>
    public static BatchRecord Row(ILoadingRun context, string dataset, string table, long made, string to, string? checksum, DateTime at, string reason)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Row(context.Job, context.RunId, dataset, table, made, to, checksum, at, reason);
    }

    private static BatchRecord Row(string job, string runId, string dataset, string table, long made, string to, string? checksum, DateTime at, string reason)
    {
        return new BatchRecord(
            string.Create(CultureInfo.InvariantCulture, $"{dataset}-restore-{table}-{made}"), dataset, job, runId, null, $"{table} version {to}", null, null, at, at,
            0, 0, 0, 0, 0, 0, table, made, checksum ?? "", BatchStatus.RestoredFrom, reason);
    }

    /// <summary>Batches of a stream whose rows a restore took out of the table and that no one has loaded again since, oldest first.</summary>
    public static IReadOnlyList<BatchRecord> TakenBack(SparkSession spark, LakeLayout lake, string table)
    {
        ArgumentNullException.ThrowIfNull(lake);
        var restores = Of(spark, lake, table);
        if (restores.Count == 0 || !DeltaTable.IsDeltaTable(spark, lake.Table(table))) return [];
        return Missing(spark, lake, table, Col("table_version") < Lit(restores.Max(static restore => restore.TableVersion!.Value)));
    }

    /// <summary>Batches of a stream that wrote rows of which none is in the table, whatever the reason; oldest first.</summary>
    public static IReadOnlyList<BatchRecord> Missing(SparkSession spark, LakeLayout lake, string table)
    {
        ArgumentNullException.ThrowIfNull(lake);
        return Missing(spark, lake, table, Lit(true));
    }

    /// <summary>Batches of files that wrote rows of which none is in the table, and whose content no other batch in the table has; oldest first, the last one of each file. Only batch-etl can load them again.</summary>
    public static IReadOnlyList<BatchRecord> MissingFiles(SparkSession spark, LakeLayout lake, string table)
    {
        ArgumentNullException.ThrowIfNull(lake);
        var loaded = BatchRows.Find(spark, lake, (Col("table_name") == Lit(table)) & (Col("status") == Lit(BatchStatus.Committed)) & (Col("rows_written") > Lit(0L)) & Col("offsets_from").IsNull());
        loaded = [.. loaded.Where(static batch => !QuarantineReplay.IsReplay(batch))];
        if (loaded.Count == 0) return [];
        var present = BatchesIn(spark, lake.Table(table));
        var there = loaded.Where(batch => present.Contains(batch.BatchId)).Select(static batch => batch.Checksum).ToHashSet(StringComparer.Ordinal);
        return [.. loaded.Where(batch => !there.Contains(batch.Checksum)).GroupBy(static batch => batch.Source).Select(static group => group.Last())];
    }

    private static HashSet<string> BatchesIn(SparkSession spark, string path) => DeltaTable.IsDeltaTable(spark, path)
        ? spark.Read().Format("delta").Load(path).Select("batch_id").Distinct().Collect().Select(static row => row.GetAs<string>(0)).ToHashSet(StringComparer.Ordinal)
        : [];

    private static IReadOnlyList<BatchRecord> Missing(SparkSession spark, LakeLayout lake, string table, Column condition)
    {
        var loaded = BatchRows.Find(spark, lake,
            (Col("table_name") == Lit(table)) & Col("status").IsIn(BatchStatus.Committed, BatchStatus.Replayed) & (Col("rows_written") > Lit(0L)) & Col("offsets_from").IsNotNull() & Col("batch_number").IsNotNull() & condition);
        if (loaded.Count == 0) return loaded;
        var present = BatchesIn(spark, lake.Table(table));
        return [.. loaded.Where(batch => !present.Contains(batch.BatchId))];
    }

    private static IReadOnlyList<BatchRecord> Of(SparkSession spark, LakeLayout lake, string table) =>
        BatchRows.Find(spark, lake, (Col("table_name") == Lit(table)) & (Col("status") == Lit(BatchStatus.RestoredFrom)));
}
