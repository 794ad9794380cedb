using System.Diagnostics;
using Pipeline.Engine.Kafka;
using Pipeline.Jobs.Datasets;
using Pipeline.Jobs.HdfsEnrich;
using Pipeline.Jobs.MetricsExport;
using Pipeline.Jobs.StreamIngest;
using Pipeline.Producer.Sending;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Jobs.Cli.Demo;

/// <summary>The whole way in one process with nothing installed: produce, Kafka, stream-ingest, enrich, export; then what came of it.</summary>
internal sealed class DemoJob : IJob
{
    /// <summary>Messages that may be on their way from the producer to the table: the embedded broker keeps 5 MiB a partition and drops what is over. A message is about 600 bytes, so that these fit even where all have one key.</summary>
    private const int MostInFlight = 8_000;

    private const int BatchSize = 1_000;

    public string Name => "demo";

    public string Purpose => "See the suite work: made-up or your own files through Kafka into Delta tables and metrics, in this process.";

    /// <summary>The data set that is shown where none is named.</summary>
    public const string First = "water-quality";

    public string? DefaultDataset => First;

    public IReadOnlyList<string> Examples { get; } =
    [
        "pipeline demo",
        "pipeline demo --data ../data --lake ./lake",
        "pipeline demo --dataset students --rows 5000 --seed 7",
    ];

    /// <summary>What says which rows there are.</summary>
    public static IReadOnlyList<JobOption> Input { get; } =
    [
        new("data", "Folder with the real files (LTM_Data, Methods, Site_Information as csv or xlsx); look-alikes are generated where not given") { ValueName = "DIR" },
        new("rows", "Rows to generate; as many as the real data have where not given") { Kind = OptionKind.Integer, Min = 0, ValueName = "N" },
        new("seed", "Seed of the generated data", "1") { Kind = OptionKind.Integer, ValueName = "N" },
    ];

    public IReadOnlyList<JobOption> Options => Input;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var flow = DatasetFlows.Of(context.Dataset.Name);
        var data = await DemoData.LocateAsync(context, cancellationToken).ConfigureAwait(false);
        using var broker = MockBroker.Start(flow.Dataset.Partitions, flow.Dataset.Topic);

        var ingested = await IngestAsync(context, flow, data, broker, cancellationToken).ConfigureAwait(false);
        Keep(ingested);
        if (flow.Enrichment is not null) Keep(await context.RunJobAsync(new HdfsEnrichJob(), new Dictionary<string, string> { ["dataset"] = flow.Dataset.Name, ["reference"] = data.Folder }, cancellationToken).ConfigureAwait(false));
        var metrics = Path.Combine(context.Lake.Root, "metrics.db");
        var target = $"sqlite:{metrics}";
        Keep(await context.RunJobAsync(new MetricsExportJob(), new Dictionary<string, string> { ["dataset"] = flow.Dataset.Name, ["to"] = target }, cancellationToken).ConfigureAwait(false));

        context.Counts.Add(ingested.Counts.Read, ingested.Counts.Written, ingested.Counts.Quarantined, ingested.Counts.Duplicate, ingested.Counts.Late);
        await DemoSummary.WriteAsync(context, flow, ingested.Counts, metrics, context.Outputs.Where(output => output != target), clock.Elapsed).ConfigureAwait(false);
        return JobOutcome.Done(ingested.Counts is { Written: 0, Duplicate: > 0 }
            ? FormattableString.Invariant($"All {ingested.Counts.Read} messages were there already: nothing was added.")
            : FormattableString.Invariant($"{ingested.Counts.Read} messages read, {ingested.Counts.Written} written in {clock.Elapsed.TotalSeconds:0.0} s."));

        void Keep(RunResult part)
        {
            DemoFailure.ThrowIfFailed(part);
            foreach (var output in part.Outputs) context.Outputs.Add(output);
        }
    }

    /// <summary>Producer and stream side by side; the producer waits for the stream so that the broker's small memory never loses a message.</summary>
    private static async Task<RunResult> IngestAsync(JobContext context, IDatasetFlow flow, DemoData data, MockBroker broker, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var gate = new InFlightGate(MostInFlight);
        var job = new StreamIngestJob { MessagesRead = gate.Consumed };
        var stream = Task.Run(
            async () =>
            {
                try
                {
                    return await context.RunJobAsync(job, StreamSettings(context, flow, broker), failed.Token).ConfigureAwait(false);
                }
                finally
                {
                    gate.Close();
                }
            },
            CancellationToken.None);
        try
        {
            job.EndAfter(await SendAsync(context, flow, data, broker, gate, failed.Token).ConfigureAwait(false));
        }
        catch
        {
            // Where the stream failed first, its story is the one to tell.
            await failed.CancelAsync().ConfigureAwait(false);
            var ended = await stream.ConfigureAwait(false);
            if (ended.Status == RunStatus.Failed) return ended;
            throw;
        }
        return await stream.ConfigureAwait(false);
    }

    /// <summary>A checkpoint of its own: the broker's offsets are gone with it.</summary>
    private static Dictionary<string, string> StreamSettings(JobContext context, IDatasetFlow flow, MockBroker broker) => new()
    {
        ["dataset"] = flow.Dataset.Name,
        ["bootstrap-servers"] = broker.BootstrapServers,
        ["trigger"] = "0s",
        ["checkpoint"] = $"{context.Lake.Checkpoint("demo", flow.Dataset.Name)}/{context.RunId}",
    };

    private static async Task<long> SendAsync(JobContext context, IDatasetFlow flow, DemoData data, MockBroker broker, InFlightGate gate, CancellationToken cancellationToken)
    {
        using var step = context.Step($"produce {flow.Dataset.Topic}");
        var sender = new Sender(new SendOptions(flow.Dataset) { File = data.MainFile, BootstrapServers = broker.BootstrapServers, BatchSize = BatchSize, Pause = TimeSpan.Zero });
        var counts = await sender.RunAsync(
            gate: (progress, token) => gate.WaitAsync(progress.Counts.Read, BatchSize, token),
            cancellationToken: cancellationToken).ConfigureAwait(false);
        step.Done(FormattableString.Invariant($"{counts.Acknowledged:N0} messages from {Path.GetFileName(data.MainFile)}, each acknowledged"));
        return counts.Acknowledged;
    }
}
