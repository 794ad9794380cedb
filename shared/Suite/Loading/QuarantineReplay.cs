using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>Loads rows of a table's quarantine again: what is good by now goes into the table, what is still bad stays with its new reason.</summary>
/// <remarks>
/// A replay is a batch of its own. Its rows are claimed first (column replay_batch_id, in one commit), then written, then counted in <c>batches</c>, then given their new status;
/// the two writes carry Delta's transaction (the replay's batch id). A replay that died is finished by the next one, before anything else: each row is written once.
/// A replayed row names the batch by which the table has it: the replay, or the batch whose row it equals. So it is found again where the table loses that batch (<see cref="RepairedRows"/>).
/// </remarks>
public sealed class QuarantineReplay
{
    private const string Id = "_quarantine_row_id";
    private const string Corrupt = "_corrupt_record";
    private const string SourcePrefix = "quarantine of ";
    private readonly LakeLayout lake;
    private readonly DatasetContract dataset;
    private readonly TableContract contract;
    private readonly RowStaging staging;
    private readonly string quarantinePath;
    private readonly string tablePath;
    private readonly RowClassifier classifier;

    /// <summary>The replay of a data set's rejected rows.</summary>
    /// <param name="lake">The lake.</param>
    /// <param name="dataset">The data set; its main table is the one that rows go to.</param>
    /// <param name="staging">How rows are staged.</param>
    public QuarantineReplay(LakeLayout lake, DatasetContract dataset, RowStaging staging)
    {
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(dataset);
        this.lake = lake;
        this.dataset = dataset;
        this.staging = staging;
        contract = dataset.Main.Contract;
        quarantinePath = lake.Quarantine(contract.Name);
        tablePath = lake.Table(contract.Name);
        classifier = new RowClassifier(contract, tablePath);
    }

    /// <summary>Whether a batch is a replay of rows in quarantine.</summary>
    public static bool IsReplay(BatchRecord batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return batch.Source.StartsWith(SourcePrefix, StringComparison.Ordinal);
    }

    /// <summary>The condition of rows that wait: their status is waiting or fixed.</summary>
    public static Column IsOpen => Col("status").IsIn(QuarantineStatus.Waiting, QuarantineStatus.Fixed);

    /// <summary>The condition of rows that a replay has taken and not given back: it runs, or died.</summary>
    public static Column IsClaimed => IsOpen & Col("replay_batch_id").IsNotNull();

    /// <summary>Finishes what a replay that died has left, then replays the open rows of a condition.</summary>
    /// <param name="spark">The session.</param>
    /// <param name="condition">Over the columns of <see cref="Quarantine.Schema"/>.</param>
    /// <param name="job">The job or command that does it.</param>
    /// <param name="runId">Its run.</param>
    /// <returns>One entry a replay, those that were finished first; none where no row was open.</returns>
    public IReadOnlyList<LoadedBatch> Run(SparkSession spark, Column condition, string job, string runId)
    {
        ArgumentNullException.ThrowIfNull(spark);
        if (!DeltaTable.IsDeltaTable(spark, quarantinePath)) return [];
        var replays = new List<LoadedBatch>();
        foreach (var left in Claimed(spark))
            if (!ReleaseTakenBack(spark, left)) replays.Add(Replay(spark, left, job, runId));
        _ = RepairedRows.Reopen(spark, lake, contract.Name);
        var batchId = new BatchSource("replay-" + runId, 0, "", job, runId).BatchId(dataset.Name);
        if (Claim(spark, condition, batchId)) replays.Add(Replay(spark, batchId, job, runId));
        CloseBatches(spark, runId);
        return replays;
    }

    private DataFrame Quarantined(SparkSession spark) => TableEvolution.Read(spark, quarantinePath, Quarantine.Schema);

    private List<string> Claimed(SparkSession spark) =>
        [.. Quarantined(spark).Filter(IsClaimed).Select("replay_batch_id").Distinct().OrderBy("replay_batch_id").Collect().Select(static row => row.GetAs<string>(0))];

    /// <summary>Takes the rows; false where none is open.</summary>
    private bool Claim(SparkSession spark, Column condition, string batchId)
    {
        using var rows = new PersistedRows(Quarantined(spark).Filter(condition & IsOpen & Col("replay_batch_id").IsNull()).Select(Col(Quarantine.RowId).As("claimed_row_id")).Persist());
        if (rows.Rows.Count() == 0) return false;
        DeltaTable.ForPath(spark, quarantinePath)
            .Merge(rows.Rows.Alias("s"), (Col(Quarantine.RowId) == Col("claimed_row_id")) & IsOpen)
            .WhenMatched().Update(new Dictionary<string, Column> { ["replay_batch_id"] = Lit(batchId) })
            .Option("userMetadata", batchId)
            .Execute();
        KillPoint.Reach(LoadingKillPoints.ReplayAfterClaim);
        return true;
    }

    /// <summary>Gives back the rows of a replay that died after its commit and that a restore has taken back since: the table would take its transaction for done. The replay is recorded.</summary>
    private bool ReleaseTakenBack(SparkSession spark, string batchId)
    {
        if (!DeltaTable.IsDeltaTable(spark, tablePath) || BatchHistory.Find(lake, contract.Name, batchId) is not { } carried) return false;
        if (spark.Read().Format("delta").Load(tablePath).Filter(Col("batch_id") == Lit(batchId)).Count() > 0) return false;
        BatchRows.Append(spark, lake, carried.Batch.Batch with { TableVersion = carried.Version });
        var isItsClaim = IsClaimed & (Col("replay_batch_id") == Lit(batchId));
        using var rows = new PersistedRows(Quarantined(spark).Filter(isItsClaim).Select(Col(Quarantine.RowId).As("released_row_id"), Lit(RepairedRows.ReasonOf(contract.Name, batchId)).As("new_reason")).Persist());
        DeltaTable.ForPath(spark, quarantinePath)
            .Merge(rows.Rows.Alias("s"), (Col(Quarantine.RowId) == Col("released_row_id")) & isItsClaim)
            .WhenMatched().Update(new Dictionary<string, Column> { ["replay_batch_id"] = Lit(null).Cast("string"), ["status_reason"] = Col("new_reason") })
            .Option("userMetadata", batchId)
            .Execute();
        return true;
    }

    private LoadedBatch Replay(SparkSession spark, string batchId, string job, string runId)
    {
        var at = DateTime.UtcNow;
        using var claimed = new PersistedRows(Quarantined(spark).Filter(IsClaimed & (Col("replay_batch_id") == Lit(batchId))).Persist());
        using var staged = new PersistedRows(classifier.Identify(Stage(claimed.Rows), dataset.Name).Persist());
        var facts = BatchFacts.Of(staged.Rows);
        var digest = Task.Run(() => BatchDigest.Of(staged.Rows));
        using var digesting = new AwaitOnDispose(digest);
        for (var attempt = 1; ; attempt++)
        {
            var before = QuarantineRows.Version(spark, tablePath);
            using var classified = ClassifiedBatch.Of(classifier, staged.Rows, facts, isWholeBad: false, batchId);
            // One entry a quarantined row, whatever number of rows of the table it stands for.
            using var bad = new PersistedRows(classified.Rejects.Select(Col(Id).As("bad_row_id"), Col(StagedColumns.Broken).As("new_rules")).DropDuplicates("bad_row_id").Persist());
            var (read, stillBad) = (facts.Read, staged.Rows.Join(bad.Rows, Col(Id) == Col("bad_row_id"), "left_semi").Count());
            using var fresh = new PersistedRows(classified.NewRowsWithout(Id, bad.Rows, "bad_row_id", batchId).Persist());
            var written = fresh.Rows.Count();
            var loaded = new LoadedBatch(batchId, read, written, stillBad, read - written - stillBad, false, null, before, before);
            if (written > 0 && Append(classified, fresh.Rows, loaded, attempt) is var version)
            {
                if (version is null) continue;
                loaded = loaded with { TableVersion = version };
            }
            KillPoint.Reach(LoadingKillPoints.ReplayAfterTable);
            BatchRows.Append(spark, lake, Record(loaded));
            KillPoint.Reach(LoadingKillPoints.ReplayAfterBatchRow);
            using var holders = written + loaded.Duplicate == 0 ? null : new PersistedRows(classified.Holders(Id, batchId).Persist());
            Finish(spark, claimed.Rows, bad.Rows, holders?.Rows, batchId, at);
            return loaded;
        }

        BatchRecord Record(LoadedBatch loaded)
        {
            var (size, checksum) = digest.GetAwaiter().GetResult();
            return new BatchRecord(
                batchId, dataset.Name, job, runId, null, SourcePrefix + contract.Name, null, null, at, DateTime.UtcNow,
                loaded.Read, loaded.Written, loaded.Quarantined, loaded.Duplicate, 0, size, contract.Name, loaded.TableVersion, checksum, BatchStatus.Committed,
                FormattableString.Invariant($"Replay of {loaded.Read} quarantined rows; {loaded.Quarantined} are still bad."));
        }

        // The version that has the rows; null where they must be classified again.
        long? Append(ClassifiedBatch classified, DataFrame rows, LoadedBatch loaded, int attempt)
        {
            var options = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
            {
                ["txnAppId"] = batchId,
                ["txnVersion"] = "0",
                ["userMetadata"] = new BatchCommit(Record(loaded), batchId, 0, loaded.TableVersionBefore).ToText(),
            };
            return DeltaTable.Append(rows, tablePath, classified.Terms(loaded.TableVersionBefore, loaded.Written, options)) switch
            {
                RowsAppended appended => appended.Version,
                AppendRepeated => BatchHistory.Find(lake, contract.Name, batchId)?.Version ?? QuarantineRows.Version(spark, tablePath),
                AppendMiscounted miscounted => throw BatchBalance.Miscounted(batchId, tablePath, loaded.Written, miscounted),
                _ when attempt == BatchBalance.Attempts => throw new TransientException($"Cannot write the replay '{batchId}' to '{tablePath}': other writers were first {attempt} times in a row. Run the same command again."),
                // Narrowed: what was written is the replay's own and is classified as new again; the transaction then says that it is there.
                _ => null,
            };
        }
    }

    /// <summary>The rows as their source gave them, or as they were corrected, staged again; column <see cref="Id"/> has their id.</summary>
    /// <remarks>Only the ways that rows came by are staged: both in one plan are twice as much for Spark to plan.</remarks>
    private DataFrame Stage(DataFrame claimed)
    {
        var isMessage = Col("source_topic").IsNotNull();
        var ways = claimed.GroupBy(isMessage.As("is_message")).Count().Collect().Select(static row => row.GetAs<bool>(0)).ToHashSet();
        var parts = new List<DataFrame>();
        if (ways.Contains(true)) parts.Add(staging.Messages(Messages(claimed.Filter(isMessage))));
        if (ways.Contains(false)) parts.Add(staging.Records(Records(claimed.Filter(!isMessage)), Corrupt));
        var staged = parts.Aggregate(static (left, right) => left.Union(right));
        // The id went through the staging in the place of the file's name, which stands with the row in quarantine.
        var places = claimed.Select(
            Col(Quarantine.RowId).As(Id), Col("source_file").As("_its_file"), Coalesce(Col("source_line").Cast("string"), Col("source_cell")).As("_its_line"), Col("source_item").As("_its_item"));
        return staged
            .Join(places, Col(StagedColumns.File) == Col(Id), "inner")
            // A message of several rows has one in quarantine for each that was bad; the others are in the table.
            .Filter(Col("_its_item").IsNull() | Col(StagedColumns.Item).IsNull() | (Col("_its_item") == Col(StagedColumns.Item)))
            .Select([.. staged.Columns().Select(static name => name switch
            {
                StagedColumns.File => Col("_its_file").As(name),
                StagedColumns.Line => Col("_its_line").As(name),
                _ => Col(name),
            }), Col(Id)]);
    }

    private static Column Text => Coalesce(Col("fixed_text"), Col("raw_text"));

    /// <summary>Rows of a topic as the messages that they came in; the id stands as their file.</summary>
    private static DataFrame Messages(DataFrame rows)
    {
        var text = Text;
        var header = Struct(Lit("source-file").As("key"), Encode(Col(Quarantine.RowId), "UTF-8").As("value"));
        return rows.Select(
            Encode(Col("message_key"), "UTF-8").As("key"), When(text.IsNotNull(), Encode(text, "UTF-8")).Otherwise(Unbase64(Col("raw_base64"))).As("value"), Functions.Array(header).As("headers"),
            Col("source_topic").As("topic"), Col("source_partition").As("partition"), Col("source_offset").As("offset"), Col("quarantined_at").As("timestamp"));
    }

    /// <summary>Rows of files as records of text; the id stands as their file.</summary>
    private DataFrame Records(DataFrame rows)
    {
        // A file's record was kept as JSON without the fields that were empty; one whose number of fields was off as the text of its line.
        var parsed = rows.Select(Text.As("_text"), FromJson(Text, contract.SourceSchema).As("_fields"), Col(Quarantine.RowId).As(StagedColumns.File));
        var fields = contract.Columns.Select(static column => Col("_fields").GetField(column.SourceName)).ToList();
        var isCorrupt = fields.Select(static field => field.IsNull()).Aggregate(static (left, right) => left & right);
        return parsed.Select(
        [
            .. contract.Columns.Select(static column => Col("_fields").GetField(column.SourceName).As(column.SourceName)),
            When(isCorrupt, Coalesce(Col("_text"), Lit(""))).As(Corrupt), Col(StagedColumns.File), Lit(null).Cast("string").As(StagedColumns.Line),
        ]);
    }

    /// <summary>Gives the rows their new status: replayed, or as it was with the rules that they break now.</summary>
    private void Finish(SparkSession spark, DataFrame claimed, DataFrame bad, DataFrame? holders, string batchId, DateTime at)
    {
        var isBad = Col("bad_row_id").IsNotNull();
        var joined = claimed.Join(bad, Col(Quarantine.RowId) == Col("bad_row_id"), "left_outer");
        joined = holders is null ? joined.WithColumn("holder", Lit(null).Cast("string")) : joined.Join(holders, Col(Quarantine.RowId) == Col("holder_id"), "left_outer");
        using var outcome = new PersistedRows(joined.Select(
            Col(Quarantine.RowId).As("done_row_id"),
            When(isBad, Col("status")).Otherwise(QuarantineStatus.Replayed).As("new_status"),
            When(isBad, Lit($"Still bad when replayed as {batchId}.")).As("new_reason"),
            When(isBad, Col("new_rules")).Otherwise(Col(Quarantine.RulesBroken)).As("new_rules_broken"),
            // A message that became no row of the table is held by none.
            When(!isBad, Col("holder")).As("new_replay_batch_id")).Persist());
        DeltaTable.ForPath(spark, quarantinePath)
            .Merge(outcome.Rows.Alias("s"), Col(Quarantine.RowId) == Col("done_row_id"))
            .WhenMatched()
            .Update(new Dictionary<string, Column>
            {
                ["status"] = Col("new_status"),
                ["status_at"] = Lit(at).Cast("timestamp"),
                ["status_reason"] = Col("new_reason"),
                [Quarantine.RulesBroken] = Col("new_rules_broken"),
                ["replay_batch_id"] = Col("new_replay_batch_id"),
            })
            .Option("userMetadata", batchId)
            .Execute();
    }

    /// <summary>Batches that were whole in quarantine and of which no row waits any more have been replayed.</summary>
    private void CloseBatches(SparkSession spark, string runId)
    {
        var whole = BatchRows.Find(spark, lake, (Col("status") == Lit(BatchStatus.Quarantined)) & (Col("table_name") == Lit(contract.Name)));
        if (whole.Count == 0) return;
        var statuses = Quarantined(spark).Filter(Col("batch_id").IsIn([.. whole.Select(static batch => (object?)batch.BatchId)])).GroupBy("batch_id", "status").Count().Collect()
            .ToLookup(static row => row.GetAs<string>(0), static row => row.GetAs<string>(1));
        foreach (var batch in whole)
        {
            var found = statuses[batch.BatchId].ToList();
            if (!found.Contains(QuarantineStatus.Replayed) || found.Contains(QuarantineStatus.Waiting) || found.Contains(QuarantineStatus.Fixed)) continue;
            BatchRows.Update(spark, lake, batch with { Status = BatchStatus.Replayed, Reason = $"{batch.Reason?.TrimEnd('.')}. Replayed by run {runId}." });
        }
    }
}
