using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>Takes batches of staged rows into the lake: good rows to the table, bad ones to quarantine, and a row of metadata to <c>batches</c>.</summary>
/// <remarks>
/// Each write carries Delta's transaction (application, batch number) and the batch's record, so that a batch that died half-way is run again whole and writes only what is missing.
/// What a batch wrote before it died never counts as a duplicate of itself: rows of its own batch id are left out of every comparison.
/// The write to the table depends on the version by which the rows were classified: where another writer was first, they are classified again. Not thread-safe.
/// </remarks>
public sealed class BatchWriter(LakeLayout lake, TableContract contract, string dataset, LoadingOptions options)
{
    private readonly string tablePath = lake.Table(contract.Name);
    private readonly string quarantinePath = lake.Quarantine(contract.Name);
    private readonly RowClassifier classifier = new(contract, lake.Table(contract.Name));

    /// <summary>Batches that <c>batches</c> had when the first batch of an application was loaded, from that one on: a run that goes on where another died, or a checkpoint that is an older copy, meets them again.</summary>
    private readonly Dictionary<string, BatchRecord> earlier = new(StringComparer.Ordinal);
    private string? earlierOf;

    /// <summary>Judges the share of bad messages over a stream's windows of offsets in place of each batch's own; null where a batch is a whole of its own, as a file is.</summary>
    public BadShare? Window { get; init; }

    /// <summary>Loads one batch.</summary>
    /// <param name="staged">The contract's columns, <see cref="StagedColumns.Provenance"/> and <see cref="StagedColumns.Broken"/>; rows of one message are told apart by <see cref="StagedColumns.Item"/>.</param>
    /// <param name="source">Which batch it is.</param>
    /// <param name="beforeWrites">What must be done before the first row is written, such as the batch's raw archive; it is begun once it is known that the batch's id is not another batch's, and goes on beside the classification of the rows.</param>
    /// <returns>Counts by outcome.</returns>
    /// <exception cref="DataException">The counts do not balance, or <c>batches</c> has this batch with other content.</exception>
    /// <exception cref="TransientException">Other writers changed the table each time that the rows had been classified.</exception>
    public LoadedBatch Load(DataFrame staged, BatchSource source, Func<Task>? beforeWrites = null)
    {
        ArgumentNullException.ThrowIfNull(staged);
        ArgumentNullException.ThrowIfNull(source);
        var spark = staged.SparkSession;
        var receivedAt = DateTime.UtcNow;
        var known = source.IsNamedByContent ? null : Known(spark, source);
        // Not beside the reading where an older batch has this id: its raw messages stay until it is known to be the same.
        var first = known is null ? beforeWrites?.Invoke() : null;
        using var doingFirst = new AwaitOnDispose(first ?? Task.CompletedTask);
        using var received = new PersistedRows(classifier.Identify(staged, dataset).Persist());
        var facts = BatchFacts.Of(received.Rows);
        if (facts.Read == 0)
        {
            first?.GetAwaiter().GetResult();
            return new LoadedBatch(source.BatchId(dataset), 0, 0, 0, 0, false, null, null, null);
        }
        var held = Window?.Check(received.Rows, facts, source);
        using var withHeld = held?.Rows;
        var rows = withHeld ?? received;
        if (held is not null) facts = BatchFacts.Of(rows.Rows);
        // Beside the classification and the writing, as only the batch's record has it.
        var digest = Task.Run(() => BatchDigest.Of(rows.Rows));
        using var digesting = new AwaitOnDispose(digest);
        if (known is not null) RequireSame(known, digest.GetAwaiter().GetResult().Checksum, source);
        if (source.IsNamedByContent) source = Named(spark, source, digest.GetAwaiter().GetResult().Checksum);
        var pending = new PendingBatch(rows.Rows, facts, digest, source, receivedAt) { First = first, Reason = Window is null ? ReasonOfBadBatch(facts) : held?.Reason };
        if (known is not null) return LoadedBatch.Of(WithQuarantine(spark, known, pending));
        var loaded = LoadRows(spark, pending);
        if (loaded is not null) return loaded;
        // This content was loaded by a run that died, and a restore took its rows back since: it is loaded once more.
        return LoadRows(spark, pending with { Source = source with { Number = source.Number + 1 } })
            ?? throw new DataException($"Batch '{source.BatchId(dataset)}' cannot be loaded: table '{tablePath}' says of it and of the next one that they were written, and has no rows of them. Run 'pipeline doctor'.");
    }

    /// <summary>Classifies, writes and records; null where an earlier run wrote the batch's rows and a restore took them back, which is recorded.</summary>
    private LoadedBatch? LoadRows(SparkSession spark, PendingBatch batch)
    {
        var (facts, source) = (batch.Facts, batch.Source);
        var batchId = source.BatchId(dataset);
        var reason = batch.Reason;
        // Of a stream's batch good rows of a bad window are held back one by one; the batch is bad where that leaves none.
        var isBad = reason is not null && (Window is null || facts.Bad == facts.Read);
        AppendNarrowed? narrowed = null;
        for (var attempt = 1; ; attempt++)
        {
            // Taken before the table is read: a commit that comes between is a conflict, at worst one too many.
            var before = Version(spark, tablePath);
            var quarantineBefore = Version(spark, quarantinePath);
            using var classified = ClassifiedBatch.Of(classifier, batch.Rows, facts, isBad, batchId);
            if (!classified.IsBalanced) BatchBalance.Require(batchId, facts.Read, classified.New, classified.Rejected, classified.Duplicates);
            using var rejects = classified.Rejected == 0 ? null : NewRejects(classified, isBad ? reason : null, batchId, batch.ReceivedAt);
            // Rows that the quarantine does not have yet; of the others those that were repaired are in the table.
            var added = rejects?.Rows.Count() ?? 0;
            var repaired = classified.Rejected == 0 ? 0 : Repaired(classified, batchId);
            var quarantined = classified.Rejected - repaired;
            var duplicate = classified.Duplicates + repaired;
            var rejections = classified.Rejected == 0 ? [] : Rejection.CountIn(classified.Rejects, contract);
            batch.First?.GetAwaiter().GetResult();

            var loaded = new LoadedBatch(batchId, facts.Read, classified.New, quarantined, duplicate, isBad, reason, before, before) { IsHeldBack = reason is not null, Rejections = rejections };
            if (narrowed is not null)
            {
                if (classified.New != narrowed.Rows) throw BatchBalance.Miscounted(batchId, tablePath, classified.New, new AppendMiscounted(narrowed.Rows, narrowed.Version));
                loaded = loaded with { TableVersion = narrowed.Version };
            }
            else if (classified.New > 0)
            {
                switch (DeltaTable.Append(classified.NewRows(batchId), tablePath, classified.Terms(before, classified.New, Carrying(loaded, batch, before, added))))
                {
                    case RowsAppended appended:
                        loaded = loaded with { Written = appended.Rows, TableVersion = appended.Version };
                        break;
                    case AppendRepeated:
                        var (found, isGone) = Repeated(spark, loaded, batch);
                        if (isGone && source.IsNamedByContent)
                        {
                            Complete(spark, found, batch, rejects, added, quarantineBefore);
                            return null;
                        }
                        loaded = found;
                        break;
                    case AppendNarrowed partly:
                        narrowed = partly;
                        continue;
                    case AppendMiscounted miscounted:
                        throw BatchBalance.Miscounted(batchId, tablePath, classified.New, miscounted);
                    case AppendConflict conflict:
                        if (attempt == BatchBalance.Attempts)
                            throw new TransientException($"Cannot write batch '{batchId}' to '{tablePath}': other writers were first {attempt} times in a row. {conflict.Message} Run the same command again.");
                        continue;
                    case var other:
                        throw new InvalidOperationException($"The append to '{tablePath}' was answered '{other}'.");
                }
            }
            else if (source.IsNamedByContent && IsWritten(source))
            {
                // Nothing is appended that would meet the commit of the run that died: its rows were taken back, and the table has them of other batches.
                Complete(spark, Repeated(spark, loaded, batch).Batch, batch, rejects, added, quarantineBefore);
                return null;
            }
            return Complete(spark, loaded, batch, rejects, added, quarantineBefore);
        }
    }

    /// <summary>Whether the table has a commit of this batch, or of a later one of the application.</summary>
    private bool IsWritten(BatchSource source)
    {
        try
        {
            var table = DeltaLog.For(tablePath, lake.StorageOptions).LoadExistingAsync().GetAwaiter().GetResult();
            return table.TransactionVersion(source.ApplicationId) >= source.Number;
        }
        catch (DeltaException error) when (error.Kind == DeltaErrorKind.TableNotFound)
        {
            return false;
        }
    }

    /// <summary>A batch that <c>batches</c> has. One that was recorded for a run that died may lack its rejected rows: they are put into quarantine.</summary>
    private BatchRecord WithQuarantine(SparkSession spark, BatchRecord known, PendingBatch batch)
    {
        if (known.RowsQuarantined == 0) return known;
        var before = Version(spark, quarantinePath);
        if (before is not null && spark.Read().Format("delta").Load(quarantinePath).Filter(Col("batch_id") == Lit(known.BatchId)).Count() >= known.RowsQuarantined) return known;
        var isBad = known.Status == BatchStatus.Quarantined;
        using var classified = ClassifiedBatch.Of(classifier, batch.Rows, batch.Facts, isBad, known.BatchId);
        using var rejects = NewRejects(classified, isBad ? known.Reason : null, known.BatchId, batch.ReceivedAt);
        var added = rejects.Rows.Count();
        if (added == 0) return known;
        KillPoint.Reach(LoadingKillPoints.BeforeQuarantine);
        _ = QuarantineRows.Append(spark, rejects.Rows, added, before, quarantinePath, known.BatchId, Carrying(LoadedBatch.Of(known), batch, before, added));
        var completed = known with
        {
            Reason = isBad ? known.Reason : $"Its rejected rows were put into quarantine by run '{batch.Source.RunId}', after run '{known.RunId}' had died.",
        };
        KillPoint.Reach(LoadingKillPoints.AfterQuarantine);
        KillPoint.Reach(LoadingKillPoints.BeforeBatchRow);
        BatchRows.Update(spark, lake, completed);
        KillPoint.Reach(LoadingKillPoints.AfterBatchRow);
        return completed;
    }

    /// <summary>Rejected rows to quarantine, and the batch's record.</summary>
    private LoadedBatch Complete(SparkSession spark, LoadedBatch loaded, PendingBatch batch, PersistedRows? rejects, long count, long? quarantineBefore)
    {
        KillPoint.Reach(LoadingKillPoints.BeforeQuarantine);
        // Rows that another job put into quarantine meanwhile are there once.
        if (rejects is not null && count > 0)
            _ = QuarantineRows.Append(spark, rejects.Rows, count, quarantineBefore, quarantinePath, loaded.BatchId, Carrying(loaded, batch, loaded.TableVersionBefore, count));
        KillPoint.Reach(LoadingKillPoints.AfterQuarantine);
        BatchBalance.Require(loaded.BatchId, loaded.Read, loaded.Written, loaded.Quarantined, loaded.Duplicate);
        KillPoint.Reach(LoadingKillPoints.BeforeBatchRow);
        BatchRows.Append(spark, lake, Record(loaded, batch), batch.Source.ApplicationId, batch.Source.Number);
        KillPoint.Reach(LoadingKillPoints.AfterBatchRow);
        return loaded;
    }

    /// <summary>The batch as the commit of an earlier run has it, which died before it recorded the batch; and whether its rows are in the table no more.</summary>
    /// <exception cref="DataException">The commit is of other rows.</exception>
    private (LoadedBatch Batch, bool IsGone) Repeated(SparkSession spark, LoadedBatch loaded, PendingBatch batch)
    {
        var present = spark.Read().Format("delta").Load(tablePath).Filter(Col("batch_id") == Lit(loaded.BatchId)).Count();
        if (BatchHistory.Find(lake, contract.Name, loaded.BatchId) is { } carried)
        {
            var earlier = carried.Batch.Batch;
            RequireSame(earlier, batch.Digest.GetAwaiter().GetResult().Checksum, batch.Source);
            return (loaded with { Written = earlier.RowsWritten, Quarantined = earlier.RowsQuarantined, Duplicate = earlier.RowsDuplicate, TableVersion = carried.Version }, present == 0);
        }
        if (present == loaded.Written) return (loaded with { TableVersion = Version(spark, tablePath) }, false);
        throw new DataException(string.Create(CultureInfo.InvariantCulture,
            $"Table '{tablePath}' says that batch '{loaded.BatchId}' was written, but it has {present} of its {loaded.Written} new rows, and no commit tells what it wrote. Read the input again under another id: a stream with a new --checkpoint. Rows that the table has count as duplicates then."));
    }

    /// <summary>The batch as <c>batches</c> has it, or null where it is new.</summary>
    private BatchRecord? Known(SparkSession spark, BatchSource source)
    {
        if (earlierOf != source.ApplicationId)
        {
            earlier.Clear();
            foreach (var batch in BatchRows.Find(spark, lake, Col("batch_id").StartsWith(source.BatchIdPrefix(dataset)) & (Col("table_name") == Lit(contract.Name)) & (Col("batch_number") >= Lit(source.Number))))
                earlier[batch.BatchId] = batch;
            earlierOf = source.ApplicationId;
        }
        return earlier.GetValueOrDefault(source.BatchId(dataset));
    }

    /// <summary>The id of a batch that is named by its content: the next number of this content.</summary>
    private BatchSource Named(SparkSession spark, BatchSource source, string checksum)
    {
        var named = source with { ApplicationId = $"{source.ApplicationId}/{checksum}" };
        var loaded = BatchRows.Find(spark, lake, Col("batch_id").StartsWith(named.BatchIdPrefix(dataset)) & (Col("table_name") == Lit(contract.Name)));
        return named with { Number = loaded.Count == 0 ? 0 : loaded.Max(static batch => batch.BatchNumber ?? 0) + 1 };
    }

    private static void RequireSame(BatchRecord known, string checksum, BatchSource source)
    {
        if (known.Checksum == checksum) return;
        throw new DataException(FormattableString.Invariant(
            $"Batch '{known.BatchId}' from '{source.Origin}' was loaded before with other content: its checksum is {known.Checksum}, and the rows read now have {checksum}. The checkpoint is an older copy, or the topic's messages are others. Nothing was written. Start a new checkpoint with --checkpoint: rows that the table has count as duplicates, and the others are written."));
    }

    private Dictionary<string, string> Carrying(LoadedBatch loaded, PendingBatch batch, long? readVersion, long rejects) => new(StringComparer.OrdinalIgnoreCase)
    {
        ["txnAppId"] = batch.Source.ApplicationId,
        ["txnVersion"] = batch.Source.Number.ToString(CultureInfo.InvariantCulture),
        ["userMetadata"] = new BatchCommit(Record(loaded, batch), batch.Source.ApplicationId, batch.Source.Number, readVersion) { NewRejects = rejects }.ToText(),
    };

    /// <summary>Loads a batch once more from its raw messages: its rows in the table are replaced in one commit, and its row in <c>batches</c> is brought up to date. Twice is once.</summary>
    /// <remarks>Rows of it that quarantine has keep their outcome there; those that are good now count as replayed. Where too many rows are bad by now, nothing is changed.</remarks>
    /// <param name="staged">As for <see cref="Load"/>.</param>
    /// <param name="batch">The batch as it stands in <c>batches</c>.</param>
    /// <param name="runId">The run that does it.</param>
    /// <exception cref="DataException">The counts do not balance, or the messages are not those of the batch.</exception>
    public LoadedBatch LoadAgain(DataFrame staged, BatchRecord batch, string runId)
    {
        ArgumentNullException.ThrowIfNull(staged);
        ArgumentNullException.ThrowIfNull(batch);
        var spark = staged.SparkSession;
        var batchId = batch.BatchId;
        var now = DateTime.UtcNow;
        using var rows = new PersistedRows(classifier.Identify(staged, dataset).Persist());
        var facts = BatchFacts.Of(rows.Rows);
        var checksum = BatchDigest.Of(rows.Rows).Checksum;
        if (checksum != batch.Checksum)
            throw new DataException($"The raw messages of batch '{batchId}' are not those that it was loaded from: their checksum is {checksum}, and the batch's is {batch.Checksum}. The archive was changed; nothing was written.");
        for (var attempt = 1; ; attempt++)
        {
            var before = Version(spark, tablePath);
            if (ReasonOfBadBatch(facts) is { } reason) return new LoadedBatch(batchId, facts.Read, 0, 0, 0, true, reason, before, before);
            using var classified = ClassifiedBatch.Of(classifier, rows.Rows, facts, isWholeBad: false, batchId);
            using var rejects = NewRejects(classified, null, batchId, now);
            var repaired = classified.Rejected == 0 ? 0 : Repaired(classified, batchId);
            var quarantined = classified.Rejected - repaired;
            var duplicate = classified.Duplicates + repaired;
            BatchBalance.Require(batchId, facts.Read, classified.New, classified.Rejected, classified.Duplicates);
            var loaded = new LoadedBatch(batchId, facts.Read, classified.New, quarantined, duplicate, false, null, before, before);
            if (before is not null || classified.New > 0)
            {
                var options = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["userMetadata"] = batchId };
                if (before is not null) options["replaceWhere"] = $"batch_id = '{batchId}'";
                switch (DeltaTable.Append(classified.NewRows(batchId), tablePath, classified.Terms(before, classified.New, options)))
                {
                    case RowsAppended appended:
                        loaded = loaded with { Written = appended.Rows, TableVersion = appended.Version };
                        break;
                    case AppendMiscounted miscounted:
                        throw BatchBalance.Miscounted(batchId, tablePath, classified.New, miscounted);
                    case AppendConflict conflict when attempt == BatchBalance.Attempts:
                        throw new TransientException($"Cannot load batch '{batchId}' again in '{tablePath}': other writers were first {attempt} times in a row. {conflict.Message} Run the same command again.");
                    case AppendConflict:
                        continue;
                    case var other:
                        throw new InvalidOperationException($"The write to '{tablePath}' was answered '{other}'.");
                }
            }
            QuarantineRows.Reconcile(spark, rejects.Rows, quarantinePath, batchId, now);
            BatchRows.Update(spark, lake, batch with
            {
                RowsWritten = loaded.Written,
                RowsQuarantined = loaded.Quarantined,
                RowsDuplicate = loaded.Duplicate,
                TableVersion = loaded.TableVersion,
                CommittedAt = now,
                Reason = $"Loaded again from the raw archive by run {runId}.",
            });
            return loaded;
        }
    }

    private string? ReasonOfBadBatch(BatchFacts facts) =>
        facts.BadShare > options.MaxBadShare ? FormattableString.Invariant($"{facts.Bad} of {facts.Read} rows are bad: a share over {options.MaxBadShare:0.##}") : null;

    private PersistedRows NewRejects(ClassifiedBatch classified, string? reason, string batchId, DateTime at) =>
        new(QuarantineRows.New(classified.Rejects.SparkSession, QuarantineRows.Select(classified.Rejects, dataset, contract.Name, batchId, reason, at), quarantinePath, batchId).Persist());

    private long Repaired(ClassifiedBatch classified, string batchId) =>
        QuarantineRows.CountRepaired(classified.Rejects.SparkSession, QuarantineRows.Select(classified.Rejects, dataset, contract.Name, batchId, null, DateTime.UnixEpoch), quarantinePath, batchId);

    private static long? Version(SparkSession spark, string path) => QuarantineRows.Version(spark, path);

    private BatchRecord Record(LoadedBatch loaded, PendingBatch batch)
    {
        var (facts, source) = (batch.Facts, batch.Source);
        var digest = batch.Digest.GetAwaiter().GetResult();
        return new BatchRecord(
            loaded.BatchId, dataset, source.Job, source.RunId, source.Number, source.Origin, facts.OffsetsFrom, facts.OffsetsUntil, batch.ReceivedAt, DateTime.UtcNow,
            loaded.Read, loaded.Written, loaded.Quarantined, loaded.Duplicate, 0L, digest.SizeBytes, contract.Name, loaded.TableVersion, digest.Checksum,
            loaded.IsBad ? BatchStatus.Quarantined : BatchStatus.Committed, loaded.Reason);
    }

    /// <summary>A batch on its way into the lake.</summary>
    private sealed record PendingBatch(DataFrame Rows, BatchFacts Facts, Task<BatchDigest> Digest, BatchSource Source, DateTime ReceivedAt)
    {
        /// <summary>What must be done before the first row is written, begun; null where there is nothing.</summary>
        public Task? First { get; init; }

        /// <summary>Why the batch, or good rows of it, are held back; null where they are not.</summary>
        public string? Reason { get; init; }
    }
}
