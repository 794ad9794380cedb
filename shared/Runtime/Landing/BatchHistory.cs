using System.Globalization;
using Pipeline.Lake;
using Pipeline.Lake.Delta;
using Pipeline.Sql;
using Pipeline.Sql.Delta;
using static Pipeline.Sql.Functions;

namespace Pipeline.Runtime.Landing;

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
    /// <exception cref="DataContractException">A commit has other rows than its batch was to write.</exception>
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
            var isQuarantined = carried.Batch.RowsQuarantined == 0 || ofQuarantine.ContainsKey(id);
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
        var newest = BatchRows.Read(spark, lake)
            .Filter((Col("table_name") == Lit(table)) & Col("status").IsIn(BatchStatus.Committed, BatchStatus.Replayed) & (Col("rows_written") > Lit(0L)) & Col("table_version").IsNotNull())
            .OrderBy(Col("table_version").Desc(), Col("batch_id").Desc()).Limit(1).Collect()
            .Select(static row => BatchRecord.FromValues(row.Values)).FirstOrDefault();
        if (newest is null) return null;
        var path = lake.Table(table);
        long? latest = DeltaTable.IsDeltaTable(spark, path) ? DeltaTable.ForPath(spark, path).LatestVersion() : null;
        var version = newest.TableVersion!.Value;
        if (latest >= version)
        {
            var commits = latest - version < CommitsLookedAt ? await CommitsAsync(lake, path, (int)(latest.Value - version) + 1, cancellationToken).ConfigureAwait(false) : [];
            if (commits.Count == 0 || commits.Any(commit => commit.Version == version && BatchCommit.IdOf(commit.Info?.UserMetadata) == newest.BatchId)) return null;
            if (commits.Any(commit => commit.Version > version && commit.Info?.Operation == Restores.Operation)) return null;
            if (spark.Read().Format("delta").Load(path).Filter(Col("batch_id") == Lit(newest.BatchId)).Limit(1).Count() > 0) return null;
        }
        var missing = Restores.Missing(spark, lake, table).Select(static batch => batch.BatchId).ToList();
        var names = missing.Count == 0 ? "" : $" Batches of a stream whose rows are not in the table: {string.Join(", ", missing.Take(MostNamed))}{(missing.Count > MostNamed ? ", …" : "")}.";
        var found = latest is null ? "there is no such table" : latest < version ? string.Create(CultureInfo.InvariantCulture, $"the table is at version {latest}") : "that version is another commit";
        return string.Create(CultureInfo.InvariantCulture,
            $"'batches' says that batch '{newest.BatchId}' made version {version} of '{table}', but {found}: commits were deleted, or the table was put back from a copy.{names} Load what is missing with 'pipeline batches replay --missing {table}', and files again with batch-etl.");
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
            throw new DataContractException(string.Create(CultureInfo.InvariantCulture,
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
