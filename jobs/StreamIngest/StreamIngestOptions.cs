using System.Globalization;
using Pipeline.Jobs.Outputs;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.StreamIngest;

/// <summary>The options of stream-ingest, read once.</summary>
internal sealed record StreamIngestOptions(
    string Topic, string? Checkpoint, bool AvailableNow, TimeSpan TriggerInterval, long? MaxMessages, TimeSpan? RunFor, double MaxBadShare, int BadShareWindow, bool StopOnBadBatch, bool ReplayAfterRestore)
{
    public static IReadOnlyList<JobOption> All { get; } =
    [
        new("bootstrap-servers", "Kafka brokers, host:port separated by commas", Environment: "KAFKA_BOOTSTRAP_SERVERS") { IsRequired = true, ValueName = "SERVERS" },
        new("topic", "Topic to read; the data set's own where not given") { ValueName = "NAME" },
        JobOption.Flag("available-now", "Read what is there now, in as many batches as needed, and end at the topic's end as it is at the start") with { Aliases = ["until-end"] },
        new("max-messages", "End when so many messages were read in this run; no batch is larger, so that a topic that has them gives so many") { Kind = OptionKind.Integer, ValueName = "N", Min = 1 },
        new("for", "End after this time") { Kind = OptionKind.Duration, ValueName = "TIME" },
        new("trigger", "Time between the starts of two batches", "10s") { Kind = OptionKind.Duration, ValueName = "TIME" },
        new("max-offsets-per-batch", "Maximum number of messages in one batch, over all partitions", "200000") { Kind = OptionKind.Integer, ValueName = "N", Min = 1 },
        new("starting-offsets", "Where a new checkpoint starts: earliest, latest, or JSON by topic and partition", "earliest") { ValueName = "WHERE" },
        new("fail-on-data-loss", "Stop where offsets are gone or the topic was created again", "true") { Choices = ["true", "false"], ValueName = "BOOL" },
        JobOption.Share("max-bad-share", "Share of bad messages, 0 to 1, in a window of a partition's last messages, over which good rows go to quarantine too", "0.5"),
        new("bad-share-window", "Offsets of a partition over which the share of bad messages is checked, however they are cut into batches", "1000") { Kind = OptionKind.Integer, ValueName = "N", Min = 1, Max = 1_000_000 },
        new("on-bad-batch", "Whether the stream goes on after a bad batch", "continue") { Choices = ["continue", "stop"], ValueName = "WHAT" },
        new("checkpoint", "Checkpoint folder; <lake>/checkpoints/stream-ingest/<dataset> where not given") { ValueName = "URI" },
        JobOption.Flag("replay-after-restore", "Load what 'pipeline restore' took back again, from the raw archive, before going on"),
        new("http", "While it runs, answer /metrics, /healthz, /readyz and /status here; off where not given. Other machines reach it only with the token of http-token") { ValueName = "HOST:PORT" },
        new("http-token", "What a request to --http must bring as 'Authorization: Bearer …'") { IsSecret = true },
        OutputWriter.Option,
        OutputWriter.GuardOption,
    ];

    public static StreamIngestOptions From(JobContext context) => new(
        context.Find("topic") ?? context.Dataset.Topic,
        context.Find("checkpoint"),
        context.GetFlag("available-now"),
        context.GetDuration("trigger"),
        context.Find("max-messages") is null ? null : context.GetInt("max-messages"),
        context.Find("for") is null ? null : context.GetDuration("for"),
        context.GetNumber("max-bad-share"),
        (int)context.GetInt("bad-share-window"),
        context.Get("on-bad-batch") == "stop",
        context.GetFlag("replay-after-restore"));

    /// <summary>Options of Spark's Kafka source.</summary>
    public Dictionary<string, string> KafkaSource(JobContext context)
    {
        var options = new Dictionary<string, string>(context.KafkaOptions(), StringComparer.OrdinalIgnoreCase)
        {
            ["kafka.bootstrap.servers"] = context.Get("bootstrap-servers"),
            ["subscribe"] = Topic,
            ["startingOffsets"] = context.Get("starting-offsets"),
            ["failOnDataLoss"] = context.Get("fail-on-data-loss"),
            ["includeHeaders"] = "true",
        };
        var most = Math.Min(context.GetInt("max-offsets-per-batch"), MaxMessages ?? long.MaxValue);
        options["maxOffsetsPerTrigger"] = most.ToString(CultureInfo.InvariantCulture);
        return options;
    }
}
