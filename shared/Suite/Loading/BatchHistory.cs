using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>The table <c>batches</c> held against the tables' own commits, which carry their batches (<see cref="BatchCommit"/>).</summary>
public static class BatchHistory
{
    private const int CommitsLookedAt = 200;
    private const int MostNamed = 5;
    private const string Compaction = "OPTIMIZE";

    /// <summary>Gives batches that have none their row in <c>batches</c>: those whose run died after their commit. Twice is once, and a run that is still at work adds nothing a second time.</summary>
    /// <remarks>Looks at the last 200 commits of the table and of its quarantine.</remarks>
    /// <param name="spark">The session.</param>
    /// <param name="lake">The lake.</param>
    /// <param name="table">Name of the table.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The rows that were added, oldest first.</returns>
    /// <exception cref="DataException">A commit has other rows than its batch was to write.</exception>
    public static async Task<IReadOnlyList<BatchRecord>> AdoptAsync(SparkSession spark, LakeLayout lake, string table, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(lake);
        var commits = await CommitsAsync(lake, lake.Table(table), CommitsLookedAt, cancellationToken).ConfigureAwait(false);
        var ofTable = Carried(commits, table);
        var ofQuarantine = Carried(await CommitsAsync(lake, lake.Quarantine(table), CommitsLookedAt, cancellationToken).ConfigureAwait(false), table);
        if (ofTable.Count == 0 && ofQuarantine.Count == 0) return [];
        var known = BatchRows.Exist(spark, lake)
            ? BatchRows.Read(spark, lake).Filter(Col("table_name") == Lit(table)).Select("batch_id").Collect().Select(static row => row.GetAs<string>(0)).ToHashSet(StringComparer.Ordinal)
            : [];
        var orphans = ofTable.Keys.Union(ofQuarantine.Keys).Where(id => !known.Contains(id)).ToList();
        var adopted = new List<BatchRecord>();
        foreach (var id in orphans)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var carried = ofTable.TryGetValue(id, out var inTable) ? inTable.Batch : ofQuarantine[id].Batch;
            var isQuarantined = (carried.NewRejects ?? carried.Batch.RowsQuarantined) == 0 || ofQuarantine.ContainsKey(id);
            var batch = Adopted(inTable, ofQuarantine.GetValueOrDefault(id)?.Batch ?? carried, commits, lake.Table(table), isQuarantined);
            BatchRows.Append(spark, lake, batch, carried.ApplicationId, carried.Number);
            adopted.Add(batch);
        }
        return [.. adopted.OrderBy(static batch => batch.ReceivedAt)];
    }

    /// <summary>What does not fit between <c>batches</c> and a table, in a sentence, or null: commits of the table that were deleted, or a table that was put back from a copy.</summary>
    /// <param name="spark">The session.</param>
    /// <param name="lake">The lake.</param>
    /// <param name="table">Name of the table.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<string?> CompareAsync(SparkSession spark, LakeLayout lake, string table, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(lake);
        if (!BatchRows.Exist(spark, lake)) return null;
        var recorded = BatchRows.Read(spark, lake)
            .Filter((Col("table_name") == Lit(table)) & Col("status").IsIn(BatchStatus.Committed, BatchStatus.Replayed) & (Col("rows_written") > Lit(0L)) & Col("table_version").IsNotNull())
            .OrderBy(Col("table_version").Desc(), Col("batch_id").Desc()).Limit(CommitsLookedAt).Collect()
            .Select(static row => BatchRecord.FromValues(row.Values)).ToList();
        if (recorded.Count == 0) return null;
        var commits = await CommitsAsync(lake, lake.Table(table), CommitsLookedAt, cancellationToken).ConfigureAwait(false);
        var lost = Lost(spark, lake, lake.Table(table), recorded, commits);
        if (lost.Count == 0) return null;
        var first = lost[0];
        var found = commits.Count == 0 ? "there is no such table"
            : first.TableVersion > commits[0].Version ? string.Create(CultureInfo.InvariantCulture, $"the table is at version {commits[0].Version}")
            : "that version is another commit";
        var others = lost.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" The rows of {lost.Count - 1} more {(lost.Count == 2 ? "batch" : "batches")} are not there either: {string.Join(", ", lost.Skip(1).Take(MostNamed).Select(static batch => batch.BatchId))}{(lost.Count > MostNamed + 1 ? ", …" : "")}.");
        return string.Create(CultureInfo.InvariantCulture,
            $"'batches' says that batch '{first.BatchId}' made version {first.TableVersion} of '{table}', but {found}: commits were deleted, or the table was put back from a copy.{others} Load what is missing with 'pipeline batches replay --missing {table}', and files again with batch-etl.");
    }

    /// <summary>Batches whose version is not in the table's log, or is another commit there, and of which the table has no row; newest first.</summary>
    private static List<BatchRecord> Lost(SparkSession spark, LakeLayout lake, string path, List<BatchRecord> recorded, IReadOnlyList<TableVersion> commits)
    {
        var byVersion = commits.ToDictionary(static commit => commit.Version);
        var latest = commits.Count == 0 ? -1 : commits[0].Version;
        var lastRestore = commits.Where(static commit => commit.Info?.Operation == Restores.Operation).Select(static commit => commit.Version).DefaultIfEmpty(-1).Max();
        var suspects = recorded.Where(IsOdd).ToList();
        if (suspects.Count == 0) return [];
        var present = latest < 0 ? []
            : spark.Read().Format("delta").Load(path).Filter(Col("batch_id").IsIn([.. suspects.Select(static batch => (object?)batch.BatchId)])).Select("batch_id").Distinct().Collect()
                .Select(static row => row.GetAs<string>(0)).ToHashSet(StringComparer.Ordinal);
        var lost = suspects.Where(batch => !present.Contains(batch.BatchId)).ToList();
        // A file that was loaded again since is another batch of the same content.
        var there = recorded.Except(lost).Select(static batch => batch.Checksum).ToHashSet(StringComparer.Ordinal);
        // A replay of quarantined rows is lost as long as these count as replayed by it; then they are pending, or replayed by another one.
        var replays = lost.Exists(IsReplay) ? RepairedRows.LostBatches(spark, lake, lost[0].TableName) : null;
        return [.. lost.Where(batch => IsReplay(batch) ? replays!.Contains(batch.BatchId) : !there.Contains(batch.Checksum))];

        static bool IsReplay(BatchRecord batch) => QuarantineReplay.IsReplay(batch);

        bool IsOdd(BatchRecord batch) =>
            batch.TableVersion > latest
            || batch.TableVersion > lastRestore && byVersion.TryGetValue(batch.TableVersion!.Value, out var commit) && BatchCommit.IdOf(commit.Info?.UserMetadata) != batch.BatchId;
    }

    /// <summary>The batch as the table's or the quarantine's own commits carry it, or null where none does; with the version of the table that has it.</summary>
    internal static (BatchCommit Batch, long? Version)? Find(LakeLayout lake, string table, string batchId)
    {
        var commits = CommitsAsync(lake, lake.Table(table), null, CancellationToken.None).GetAwaiter().GetResult();
        return Carried(commits, table).TryGetValue(batchId, out var found) ? (found.Batch, found.Commit.Version) : null;
    }

    /// <summary>The last commits of a table, newest first; none where there is no table.</summary>
    private static async Task<IReadOnlyList<TableVersion>> CommitsAsync(LakeLayout lake, string path, int? limit, CancellationToken cancellationToken)
    {
        try
        {
            return await TableHistory.ReadAsync(DeltaLog.For(path, lake.StorageOptions), limit, cancellationToken).ConfigureAwait(false);
        }
        catch (DeltaException error) when (error.Kind == DeltaErrorKind.TableNotFound)
        {
            return [];
        }
    }

    /// <summary>The commits that carry batches of a table, by the batch's id; of several the first.</summary>
    private static Dictionary<string, CarriedBatch> Carried(IReadOnlyList<TableVersion> commits, string table)
    {
        var carried = new Dictionary<string, CarriedBatch>(StringComparer.Ordinal);
        foreach (var commit in commits)
        {
            if (commit.Info?.Operation != Compaction && BatchCommit.TryParse(commit.Info?.UserMetadata) is { } batch && batch.Batch.TableName == table)
                carried[batch.Batch.BatchId] = new CarriedBatch(batch, commit);
        }
        return carried;
    }

    private static BatchRecord Adopted(CarriedBatch? inTable, BatchCommit last, IReadOnlyList<TableVersion> commits, string path, bool isQuarantined)
    {
        var batch = last.Batch with { TableVersion = inTable?.Commit.Version ?? last.Batch.TableVersion };
        var note = $"Its run '{batch.RunId}' died before it was recorded; taken from the table's commit.{(isQuarantined ? "" : " Its rejected rows are not in quarantine: load the same input again.")}";
        var written = inTable is null ? batch.RowsWritten : RowsOf(inTable.Commit) ?? batch.RowsWritten;
        if (written < batch.RowsWritten && inTable!.Commit.Version > (inTable.Batch.ReadVersion ?? -1) + 1)
        {
            // Keys that another writer added between the classification and the commit: the engine left them out within the commit.
            batch = batch with { RowsDuplicate = batch.RowsDuplicate + batch.RowsWritten - written, RowsWritten = written };
        }
        else if (written != batch.RowsWritten && !IsTakenBack(inTable!.Commit.Version, commits))
        {
            var version = inTable.Commit.Version;
            throw new DataException(string.Create(CultureInfo.InvariantCulture,
                $"Version {version} of the table '{path}' has {written} rows of batch '{batch.BatchId}', which was to write {batch.RowsWritten}: rows were lost or doubled while they were written. Take it back with 'pipeline restore {batch.TableName} --version {version - 1}', then run again."));
        }
        return batch with { Reason = batch.Reason is null ? note : $"{batch.Reason} {note}" };
    }

    private static bool IsTakenBack(long version, IReadOnlyList<TableVersion> commits) =>
        commits.Any(commit => commit.Version > version && commit.Info is { Operation: Restores.Operation } info
            && long.TryParse(info.OperationParameters.GetValueOrDefault("version"), NumberStyles.None, CultureInfo.InvariantCulture, out var to) && to < version);

    private static long? RowsOf(TableVersion commit) =>
        long.TryParse(
            commit.Info!.OperationMetrics.GetValueOrDefault("numTargetRowsInserted") ?? commit.Info.OperationMetrics.GetValueOrDefault("numOutputRows"),
            NumberStyles.None, CultureInfo.InvariantCulture, out var rows) ? rows : null;

    private sealed record CarriedBatch(BatchCommit Batch, TableVersion Commit);
}
