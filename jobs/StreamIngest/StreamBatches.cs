using Microsoft.Extensions.Logging;
using Pipeline.Engine.Sql;
using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.StreamIngest;

/// <summary>What stream-ingest does with each micro-batch. Called by one thread at a time.</summary>
internal sealed class StreamBatches(JobContext context, IDatasetFlow flow, StreamIngestOptions options, StreamOutputs outputs, KnownBatches known, string applicationId)
{
    private readonly BatchWriter writer = new(context.Lake, flow.Dataset.Main.Contract, flow.Dataset.Name, new LoadingOptions(options.MaxBadShare))
    {
        Window = new BadShare(context.Lake, flow.StageMessages, options.MaxBadShare, options.BadShareWindow),
    };
    private readonly BatchHistoryMirror? mirror = BatchHistoryMirror.Of(context, context.Find(CommonOptions.VersionsTo));
    private readonly List<string> badBatches = [];
    private volatile bool mustStop;
    private volatile bool hasRefused;

    /// <summary>Messages that this run has read; rows may be more or fewer.</summary>
    public long Messages { get; private set; }

    /// <summary>Told after each batch how many messages were read so far.</summary>
    public Action<long>? MessagesRead { get; init; }

    /// <summary>Batches with rows so far.</summary>
    public int Count { get; private set; }

    /// <summary>Ids of the batches of which good rows were held back, or all.</summary>
    public IReadOnlyList<string> BadBatches => badBatches;

    /// <summary>Whether the stream is to end: a bad batch was met, or enough messages were read.</summary>
    public bool MustStop => mustStop;

    /// <summary>Whether a batch came after the last one that this run was to take, and was left to the next run; the query has failed by that.</summary>
    public bool HasRefused => hasRefused;

    /// <summary>One batch: archive, parse, load. Safe to run again with the same number.</summary>
    public void ProcessBatch(DataFrame batch, long batchId)
    {
        if (mustStop)
        {
            // The engine was quicker than the one that stops it.
            hasRefused = true;
            throw new OperationCanceledException("This run has what it was to read: the batch is left to the next one, which begins with it.");
        }
        // Messages as received: one folder a batch, so that writing it again replaces it. Done before the first row is written, and beside what comes before that.
        var staged = flow.StageMessages(batch);
        var source = known.Identify(staged, new BatchSource(applicationId, batchId, options.Topic, context.Job, context.RunId));
        // The batch's rows are gone once this returns; the loading waits for the archive.
        var messages = flow.HasRowPerMessage ? 0 : batch.Count();
        var loaded = writer.Load(staged, source, () => Task.Run(() => RawArchive.Write(context.Lake, batch, options.Topic, source)));
        if (loaded.Read > 0)
        {
            outputs.AfterBatch(loaded);
            Count++;
            context.Loaded(loaded, flow.Dataset.Main.Contract.Name);
            context.Log.LogInformation(
                "Batch {Batch}: {Read} read, {Written} written, {Quarantined} quarantined, {Duplicate} duplicate", loaded.BatchId, loaded.Read, loaded.Written, loaded.Quarantined, loaded.Duplicate);
        }
        // The engine commits the batch in the checkpoint next.
        context.RequireLock();
        Messages += flow.HasRowPerMessage ? loaded.Read : messages;
        mirror?.Follow();
        MessagesRead?.Invoke(Messages);
        if (Messages >= options.MaxMessages) mustStop = true;
        if (!loaded.IsHeldBack) return;
        badBatches.Add(loaded.BatchId);
        context.Warn(loaded.IsBad
            ? $"Batch '{loaded.BatchId}' is whole in quarantine: {loaded.Reason}."
            : $"Of batch '{loaded.BatchId}' {loaded.Quarantined} rows are in quarantine: {loaded.Reason}.");
        if (options.StopOnBadBatch) mustStop = true;
    }
}
