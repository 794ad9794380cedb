using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Types;
using Pipeline.Producer.Sending;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Producer.Jobs;

/// <summary>Sends a file's rows, or generated ones, to a topic. Needs no engine and no lake.</summary>
/// <param name="name">The command's words in the program that has it.</param>
public sealed class SendJob(string name = "send") : ProducerJob(name)
{
    private const string File = "file";
    private const string Generate = "generate";
    private const string Servers = "bootstrap-servers";
    private const string Topic = "topic";
    private const string BatchSize = "batch-size";
    private const string Pause = "pause";
    private const string Limit = "limit";
    private const string Sheet = "sheet";
    private const string Encoding = "encoding";

    /// <inheritdoc/>
    public override string Purpose => "Sends a file's rows, or generated ones, to a topic in batches, and ends when each is acknowledged.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples { get; } =
    [
        "producer send water-quality --file LTM_Data_2022_8_1.csv --bootstrap-servers localhost:9092",
        "producer send water-quality --file samples.xlsx --sheet 2020 --bootstrap-servers kafka:9093 --kafka-config client.properties",
        "producer send water-quality --generate 38200 --pause 0 --bootstrap-servers localhost:9092",
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument(CommonOptions.Dataset, "Data set whose rows are sent"),
        new(File, "CSV or Excel file to send") { ValueName = "FILE" },
        new(Generate, "Generate this many rows instead") { Kind = OptionKind.Integer, ValueName = "N", Min = 1 },
        Seed,
        Shares,
        new(Servers, "Brokers to begin with, host:port separated by commas", Environment: "KAFKA_BOOTSTRAP_SERVERS") { ValueName = "LIST" },
        new(Topic, "Topic; the data set's own unless given, created if it is missing") { ValueName = "NAME" },
        new(BatchSize, "Rows in a batch", "100") { Kind = OptionKind.Integer, ValueName = "N", Min = 1, Max = int.MaxValue },
        new(Pause, "Time between batches (500ms, 10s, 1m); 0 sends without pause", "10s") { Kind = OptionKind.Duration, ValueName = "TIME" },
        new(Limit, "Send at most this many rows") { Kind = OptionKind.Integer, ValueName = "N", Min = 0 },
        new(Sheet, "Sheet of a workbook; the first visible one unless given") { ValueName = "NAME" },
        new(Encoding, "Encoding of a CSV file; detected unless given (UTF-8, else Windows-1252)") { ValueName = "NAME" },
    ];

    /// <inheritdoc/>
    public override async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var options = OptionsOf(context);
        using var progress = new StepProgress(total => context.Step($"send to topic '{options.TopicName}'", total));
        var sender = new Sender(options);
        try
        {
            var counts = await sender.RunAsync(progress, gate: null, cancellationToken);
            progress.Done(string.Create(CultureInfo.InvariantCulture, $"{counts.Acknowledged:N0} messages"));
        }
        catch (OperationCanceledException stopped)
        {
            throw new RunStoppedException($"{Outcome(sender.Counts)} Send again for the rest: rows that are in the topic already count as duplicates downstream.", stopped);
        }
        finally
        {
            foreach (var warning in sender.Warnings) context.Warn(warning);
            Count(context, sender.Counts);
        }
        return JobOutcome.Done(Summary(sender.Counts, options));
    }

    private static SendOptions OptionsOf(JobContext context)
    {
        if (context.Find(File) is not null && context.Find(Generate) is not null)
            throw new UsageException("--file and --generate are both given. Give one of them.");
        var isVerbose = context.Log.IsEnabled(LogLevel.Debug);
        return new SendOptions(context.Dataset)
        {
            File = context.Find(File),
            GenerateRows = context.Find(Generate) is null ? null : context.GetInt(Generate),
            Seed = (ulong)context.GetInt(Seed.Name),
            Shares = context.Find(Shares.Name),
            BootstrapServers = context.Find(Servers),
            Client = KafkaClientProperties.Of(context.Kafka, "the Kafka settings"),
            Topic = context.Find(Topic),
            BatchSize = (int)context.GetInt(BatchSize),
            Pause = context.GetDuration(Pause),
            Limit = context.Find(Limit) is null ? null : context.GetInt(Limit),
            Sheet = context.Find(Sheet),
            Encoding = context.Find(Encoding),
            Note = note => context.Log.LogInformation("{Note}", note),
            ClientLog = isVerbose ? line => context.Log.LogDebug("{Line}", line) : null,
        };
    }

    private static void Count(JobContext context, SendCounts counts)
    {
        context.Counts.Add(counts.Read, counts.Acknowledged);
        context.Messages = new SentMessages(counts.Sent, counts.Acknowledged, counts.Failed, counts.Batches, counts.Bytes);
    }

    private static string Summary(SendCounts counts, SendOptions options) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Outcome(counts)} Topic '{options.TopicName}', {(counts.Batches == 1 ? "1 batch" : $"{counts.Batches} batches")}, {counts.Bytes:N0} bytes.");

    private static string Outcome(SendCounts counts) => string.Create(
        CultureInfo.InvariantCulture,
        $"{counts.Read} rows read, {counts.Sent} sent, {counts.Acknowledged} acknowledged{(counts.Failed > 0 ? $", {counts.Failed} given up" : "")}.");

    /// <summary>Shows a send as a step: how far the source is read, and a note for each batch. It starts with the first batch, as what is refused before that is an error and no step.</summary>
    private sealed class StepProgress(Func<long?, IStep> start) : IProgress<SendProgress>, IDisposable
    {
        private readonly long startedAt = Stopwatch.GetTimestamp();
        private IStep? step;

        public void Done(string summary) => step?.Done(summary);

        public void Dispose() => step?.Dispose();

        public void Report(SendProgress value)
        {
            var counts = value.Counts;
            var rate = counts.Acknowledged / Math.Max(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, 0.001);
            var failed = counts.Failed > 0 ? string.Create(CultureInfo.InvariantCulture, $", {counts.Failed:N0} failed") : "";
            step ??= start(value.Total);
            step.Report(value.Done);
            step.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"batch {counts.Batches:N0}: {counts.Sent:N0} sent, {counts.Acknowledged:N0} acknowledged{failed}, {rate:N0}/s"));
        }
    }
}
