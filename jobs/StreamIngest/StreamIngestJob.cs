using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Streaming;
using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Live;
using Pipeline.Suite.Runtime.Output;

namespace Pipeline.Jobs.StreamIngest;

/// <summary>Kafka to Delta: each micro-batch archived as received, parsed by contract, and loaded with its quarantine and its row of metadata.</summary>
public sealed class StreamIngestJob : IJob
{
    private const string JobName = "stream-ingest";

    /// <summary>Told after each batch how many messages this run has read so far; for a producer in the same process that must be held back.</summary>
    public Action<long>? MessagesRead { get; init; }

    /// <summary>How old the data set's files may be before a batch makes them again.</summary>
    public TimeSpan RefreshOutputsAfter { get; init; } = TimeSpan.FromMinutes(1);

    private long endAfter = long.MaxValue;

    /// <summary>Has the run end when at least so many messages were read; for a producer in the same process that knows its number at its end. Thread-safe.</summary>
    public void EndAfter(long messages) => Interlocked.Exchange(ref endAfter, messages);

    /// <inheritdoc/>
    public string Name => JobName;

    /// <inheritdoc/>
    public string Purpose => "Stream a Kafka topic into a Delta table, with bad rows in quarantine and nothing lost or doubled.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Examples { get; } =
    [
        "StreamIngest --dataset water-quality --bootstrap-servers localhost:9092 --lake ./lake --available-now",
        "StreamIngest --dataset water-quality --bootstrap-servers broker:9093 --kafka-config client.properties --lake hdfs://namenode:8020/lake --trigger 10s",
        "StreamIngest --dataset water-quality --bootstrap-servers localhost:9092 --lake ./lake --max-offsets-per-batch 100000 --on-bad-batch stop",
    ];

    /// <inheritdoc/>
    public IReadOnlyList<JobOption> Options => StreamIngestOptions.All;

    /// <inheritdoc/>
    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var options = StreamIngestOptions.From(context);
        using var live = context.Find("http") is { } address ? LiveServer.Start(context.Monitor, address, context.Find("http-token")) : null;
        var flow = DatasetFlows.Of(context.Dataset.Name);
        var checkpoint = options.Checkpoint ?? context.Lake.Checkpoint(JobName, flow.Dataset.Name);
        context.EvolveTables(flow.Dataset.Main.Contract);
        await NewCheckpoint.AnnounceAsync(context, checkpoint, options, cancellationToken).ConfigureAwait(false);
        await new TopicIdentity(context, checkpoint, options.Topic).CheckAsync(context.Get("bootstrap-servers"), context.Get("fail-on-data-loss") == "true", cancellationToken).ConfigureAwait(false);
        var applicationId = await CheckpointIdentity.GetOrCreateAsync(context.StorageFor(checkpoint), cancellationToken).ConfigureAwait(false);
        var first = new BatchSource(applicationId, 0, options.Topic, JobName, context.RunId);
        await RawArchive.RemoveUnfinishedAsync(context.Lake, options.Topic, first, cancellationToken).ConfigureAwait(false);
        var known = await KnownBatches.ReadAsync(context, flow.Dataset.Name, first, flow.StageMessages, cancellationToken).ConfigureAwait(false);
        var outputs = await StreamOutputs.OpenAsync(context, flow, checkpoint, RefreshOutputsAfter, cancellationToken).ConfigureAwait(false);
        var batches = new StreamBatches(context, flow, options, outputs, known, applicationId) { MessagesRead = MessagesRead };

        await new RestoredBatches(context, flow, options).SettleAsync(cancellationToken).ConfigureAwait(false);

        using var step = context.Step($"ingest {options.Topic}");
        var messages = context.Spark.ReadStream()
            .Format("kafka")
            .Options(options.KafkaSource(context))
            .Load();
        var query = messages.WriteStream()
            .QueryName($"{JobName}/{flow.Dataset.Name}")
            .Option("checkpointLocation", checkpoint)
            .Trigger(options.AvailableNow ? Trigger.AvailableNow() : Trigger.ProcessingTime(options.TriggerInterval))
            .ForeachBatch(batches.ProcessBatch)
            .Start();
        try
        {
            var until = options.RunFor is { } time ? DateTime.UtcNow + time : DateTime.MaxValue;
            var watch = new StreamWatch(context, query);
            while (!query.AwaitTermination(50))
            {
                watch.Look(isStopping: cancellationToken.IsCancellationRequested);
                if (cancellationToken.IsCancellationRequested || batches.MustStop || batches.Messages >= Interlocked.Read(ref endAfter) || DateTime.UtcNow >= until) query.Stop();
            }
        }
        catch (Exception error) when (batches.HasRefused && error is EngineException or OperationCanceledException)
        {
            // The query ended by a batch that came too late for this run.
        }
        catch (Exception error) when (UnreadableTimestamps.IsCause(error))
        {
            throw await UnreadableTimestamps.ExplainAsync(context, checkpoint, options.Topic, error);
        }
        finally
        {
            if (query.IsActive()) query.Stop();
        }
        var isStopped = cancellationToken.IsCancellationRequested;

        var counts = context.Counts;
        counts.CheckBalance();
        step.Done(FormattableString.Invariant($"{counts.Read:N0} read, {counts.Written:N0} written, {counts.Quarantined:N0} quarantined, {counts.Duplicate:N0} duplicate in {Counted.Of(batches.Count, "batch", "batches")}"));
        // Whoever stops a stream waits for it: the files are made by the next run.
        if (!isStopped) await outputs.WriteAsync(cancellationToken).ConfigureAwait(false);
        var totals = FormattableString.Invariant($"{Counted.Of(batches.Count, "batch", "batches")}, {Counted.Of(batches.Messages, "message")} read from '{options.Topic}': {counts.Written} written, {counts.Quarantined} quarantined, {counts.Duplicate} duplicate.");
        var message = isStopped ? $"Stopped: {totals}" : totals;
        if (batches.BadBatches.Count > 0)
            return JobOutcome.Quarantined($"{message} Batches with rows held back in quarantine: {string.Join(", ", batches.BadBatches)}; look with 'pipeline quarantine list'. The table's last good version is still served.") with { WasStopped = isStopped };
        return isStopped ? JobOutcome.Stopped(message) : JobOutcome.Done(message);
    }
}
