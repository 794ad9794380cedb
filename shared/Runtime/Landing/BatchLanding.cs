using Pipeline.Lake;
using Pipeline.Schemas;
using Pipeline.Sql;
using Pipeline.Sql.Delta;

namespace Pipeline.Runtime.Landing;

/// <summary>Takes batches of staged rows into the lake: good rows to the table, bad ones to quarantine, and a row of metadata to <c>batches</c>.</summary>
/// <remarks>
/// Each write carries Delta's transaction (application, batch number), so a batch that died half-way is run again whole and writes only what is missing.
/// What a batch wrote before it died never counts as a duplicate of itself: rows of its own batch id are left out of every comparison.
/// </remarks>
public sealed class BatchLanding(LakeLayout lake, TableContract contract, string dataset, LandingOptions options)
{
    private readonly string tablePath = lake.Table(contract.Name);
    private readonly string quarantinePath = lake.Quarantine(contract.Name);
    private readonly RowJudge judge = new(contract, lake.Table(contract.Name));

    /// <summary>Judges the share of bad messages over a stream's windows of offsets in place of each batch's own; null where a batch is a whole of its own, as a file is.</summary>
    public BadShare? Window { get; init; }

    /// <summary>Lands one batch.</summary>
    /// <param name="staged">The contract's columns, <see cref="StagedColumns.Provenance"/> and <see cref="StagedColumns.Broken"/>; rows of one message are told apart by <see cref="StagedColumns.Item"/>.</param>
    /// <param name="source">Which batch it is.</param>
    /// <param name="beforeWrites">What must be done before the first row is written, such as the batch's raw archive; it goes on beside the judging of the rows.</param>
    /// <returns>Counts by fate.</returns>
    /// <exception cref="DataContractException">The counts do not balance: a defect, never the data's fault.</exception>
    public LandedBatch Land(DataFrame staged, BatchSource source, Task? beforeWrites = null)
    {
        ArgumentNullException.ThrowIfNull(staged);
        ArgumentNullException.ThrowIfNull(source);
        var spark = staged.SparkSession;
        var batchId = source.BatchId(dataset);
        var receivedAt = DateTime.UtcNow;
        var before = Version(spark);
        using var received = new KeptRows(judge.Identify(staged, dataset).Persist());
        var facts = BatchFacts.Of(received.Rows);
        if (facts.Read == 0)
        {
            beforeWrites?.GetAwaiter().GetResult();
            return new LandedBatch(batchId, 0, 0, 0, 0, false, null, null, null);
        }
        var held = Window?.Judge(received.Rows, facts, source);
        using var withHeld = held?.Rows;
        var rows = withHeld ?? received;
        if (held is not null) facts = BatchFacts.Of(rows.Rows);
        // Beside the judging and the writing, as only the batch's row has it.
        var digest = Task.Run(() => BatchDigest.Of(rows.Rows));
        using var digesting = new Beside(digest);
        var reason = Window is null ? ReasonOfBadBatch(facts) : held?.Reason;
        var isBad = reason is not null && (Window is null || facts.Bad == facts.Read);
        using var judged = Judged.Of(judge, rows.Rows, facts, isBad, batchId);
        using var rejects = judged.Rejected == 0 ? null : NewRejects(judged, isBad ? reason : null, batchId, receivedAt);
        var quarantined = rejects?.Rows.Count() ?? 0;
        var duplicate = judged.Duplicates + judged.Rejected - quarantined;

        beforeWrites?.GetAwaiter().GetResult();
        if (judged.New > 0) Append(judged.NewRows(batchId), tablePath, source, batchId);
        KillPoints.Reach(KillPoints.BeforeQuarantine);
        if (quarantined > 0) Append(rejects!.Rows, quarantinePath, source, batchId);
        KillPoints.Reach(KillPoints.AfterQuarantine);
        RequireBalance(batchId, facts.Read, judged.New, quarantined, duplicate);

        var landed = new LandedBatch(batchId, facts.Read, judged.New, quarantined, duplicate, isBad, reason, before, judged.New > 0 ? Version(spark) : before);
        KillPoints.Reach(KillPoints.BeforeBatchRow);
        BatchRows.Append(spark, lake, Record(landed, facts, digest.GetAwaiter().GetResult(), source, receivedAt), source.ApplicationId, source.Number);
        KillPoints.Reach(KillPoints.AfterBatchRow);
        return landed;
    }

    /// <summary>Lands a batch once more from its raw messages: its rows in the table are replaced in one commit, and its row in <c>batches</c> is brought up to date. Twice is once.</summary>
    /// <remarks>Rows of it that quarantine has keep their fate there; those that are good now count as replayed. Where too many rows are bad by now, nothing is changed.</remarks>
    /// <param name="staged">As for <see cref="Land"/>.</param>
    /// <param name="batch">The batch as it stands in <c>batches</c>.</param>
    /// <param name="runId">The run that does it.</param>
    /// <exception cref="DataContractException">The counts do not balance, or the messages are not those of the batch.</exception>
    public LandedBatch LandAgain(DataFrame staged, BatchRecord batch, string runId)
    {
        ArgumentNullException.ThrowIfNull(staged);
        ArgumentNullException.ThrowIfNull(batch);
        var spark = staged.SparkSession;
        var batchId = batch.BatchId;
        var now = DateTime.UtcNow;
        var before = Version(spark);
        using var rows = new KeptRows(judge.Identify(staged, dataset).Persist());
        var facts = BatchFacts.Of(rows.Rows);
        var checksum = BatchDigest.Of(rows.Rows).Checksum;
        if (checksum != batch.Checksum)
            throw new DataContractException($"The raw messages of batch '{batchId}' are not those that it was landed from: their checksum is {checksum}, and the batch's is {batch.Checksum}. The archive was changed; nothing was written.");
        if (ReasonOfBadBatch(facts) is { } reason) return new LandedBatch(batchId, facts.Read, 0, 0, 0, true, reason, before, before);
        using var judged = Judged.Of(judge, rows.Rows, facts, isWholeBad: false, batchId);
        using var rejects = NewRejects(judged, null, batchId, now);
        var quarantined = rejects.Rows.Count();
        var duplicate = judged.Duplicates + judged.Rejected - quarantined;
        RequireBalance(batchId, facts.Read, judged.New, quarantined, duplicate);

        if (before is not null)
            judged.NewRows(batchId).Write().Format("delta").Mode(SaveMode.Overwrite).Option("replaceWhere", $"batch_id = '{batchId}'").Option("userMetadata", batchId).Save(tablePath);
        else if (judged.New > 0) judged.NewRows(batchId).Write().Format("delta").Mode("append").Option("userMetadata", batchId).Save(tablePath);
        QuarantineRows.Reconcile(spark, rejects.Rows, quarantinePath, batchId, now);
        var landed = new LandedBatch(batchId, facts.Read, judged.New, quarantined, duplicate, false, null, before, Version(spark));
        BatchRows.Update(spark, lake, batch with
        {
            RowsWritten = landed.Written,
            RowsQuarantined = landed.Quarantined,
            RowsDuplicate = landed.Duplicate,
            TableVersion = landed.TableVersion,
            CommittedAt = now,
            Reason = $"Landed again from the raw archive by run {runId}.",
        });
        return landed;
    }

    private string? ReasonOfBadBatch(BatchFacts facts) =>
        facts.BadShare > options.MaxBadShare ? FormattableString.Invariant($"{facts.Bad} of {facts.Read} rows are bad: a share over {options.MaxBadShare:0.##}") : null;

    private KeptRows NewRejects(Judged judged, string? reason, string batchId, DateTime at) =>
        new(QuarantineRows.New(judged.Rejects.SparkSession, QuarantineRows.Select(judged.Rejects, dataset, contract.Name, batchId, reason, at), quarantinePath, batchId).Persist());

    private long? Version(SparkSession spark) => DeltaTable.IsDeltaTable(spark, tablePath) ? DeltaTable.ForPath(spark, tablePath).LatestVersion() : null;

    private static void RequireBalance(string batchId, long read, long written, long quarantined, long duplicate)
    {
        if (read != written + quarantined + duplicate)
            throw new DataContractException(FormattableString.Invariant($"Batch '{batchId}' does not balance: {read} rows read, but {written} written, {quarantined} quarantined and {duplicate} duplicate. Its batch row is not written; report this."));
    }

    private static void Append(DataFrame rows, string path, BatchSource source, string batchId) =>
        rows.Write().Format("delta").Mode("append")
            .Option("txnAppId", source.ApplicationId).Option("txnVersion", source.Number)
            .Option("userMetadata", batchId)
            .Save(path);

    private BatchRecord Record(LandedBatch landed, BatchFacts facts, BatchDigest digest, BatchSource source, DateTime receivedAt) => new(
        landed.BatchId, dataset, source.Job, source.RunId, source.Number, source.Origin, facts.OffsetsFrom, facts.OffsetsUntil, receivedAt, DateTime.UtcNow,
        landed.Read, landed.Written, landed.Quarantined, landed.Duplicate, 0L, digest.SizeBytes, contract.Name, landed.TableVersion, digest.Checksum,
        landed.IsBad ? BatchStatus.Quarantined : BatchStatus.Committed, landed.Reason);
}
