using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Kafka;

/// <summary>Options of the source <c>kafka</c> by the names that Spark's connector has.</summary>
/// <remarks>Source: Structured Streaming + Kafka Integration Guide.</remarks>
internal sealed record KafkaOptions
{
    private const string ClientPrefix = "kafka.";

    /// <summary>Brokers to begin with, as they were given.</summary>
    public required string Servers { get; init; }

    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>earliest, latest, or JSON by topic and partition (-2 earliest, -1 latest).</summary>
    public required string StartingOffsets { get; init; }

    /// <summary>For a batch: latest, or JSON.</summary>
    public required string EndingOffsets { get; init; }

    public required long? MaxOffsetsPerTrigger { get; init; }

    public required bool FailOnDataLoss { get; init; }

    public required bool IncludeHeaders { get; init; }

    /// <summary>Settings of the client under librdkafka's names. Holds secrets: not for messages.</summary>
    public required IReadOnlyDictionary<string, string> Client { get; init; }

    /// <summary>The connection's settings, for the check that tells what is wrong with it.</summary>
    public required KafkaClientProperties Properties { get; init; }

    /// <exception cref="EngineException">An option is missing or has a value that it cannot have.</exception>
    public static KafkaOptions From(SourceSpec spec)
    {
        var options = new SourceOptions(spec.Options);
        if (options["subscribePattern"] is not null || options["assign"] is not null)
            throw Invalid("The embedded engine reads Kafka by the option subscribe (topics separated by commas); assign and subscribePattern are not supported.");
        var topics = (options["subscribe"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).ToList();
        if (topics.Count == 0) throw Invalid("Reading Kafka needs the option subscribe: topics, separated by commas.");
        if (options["kafka.bootstrap.servers"] is not { Length: > 0 } servers) throw Invalid("Reading Kafka needs the option kafka.bootstrap.servers: brokers as host:port, separated by commas.");
        if (options["kafka.auto.offset.reset"] is not null) throw Invalid("The option kafka.auto.offset.reset is not for this source; say where to begin by startingOffsets.");
        if (options["kafka.enable.auto.commit"] is not null) throw Invalid("The option kafka.enable.auto.commit is not for this source; offsets are kept in the checkpoint.");
        var properties = ReadProperties(spec.Options);
        return new KafkaOptions
        {
            Servers = servers,
            Topics = topics,
            StartingOffsets = options.Text("startingOffsets", spec.IsStreaming ? "latest" : "earliest"),
            EndingOffsets = options.Text("endingOffsets", "latest"),
            MaxOffsetsPerTrigger = options.Number("maxOffsetsPerTrigger") is { } limit ? limit > 0 ? limit : throw Invalid("The option maxOffsetsPerTrigger takes a number above 0.") : null,
            FailOnDataLoss = options.Flag("failOnDataLoss", true),
            IncludeHeaders = options.Flag("includeHeaders", false),
            Client = Settings(properties),
            Properties = properties,
        };
    }

    private static KafkaClientProperties ReadProperties(IReadOnlyDictionary<string, string> options)
    {
        var keys = options
            .Where(static option => option.Key.StartsWith(ClientPrefix, StringComparison.OrdinalIgnoreCase) && !option.Key.Equals("kafka.group.id", StringComparison.OrdinalIgnoreCase))
            .ToDictionary(static option => option.Key[ClientPrefix.Length..], static option => option.Value, StringComparer.Ordinal);
        try
        {
            return KafkaClientProperties.Of(keys, "the options of the Kafka source");
        }
        catch (KafkaSettingsException error)
        {
            throw Invalid(error.Message, error);
        }
    }

    private static Dictionary<string, string> Settings(KafkaClientProperties properties)
    {
        var settings = properties.ForConsumer();
        settings.TryAdd("isolation.level", "read_committed");
        // The default of a second stalls a consumer that is faster than its queue fills.
        settings.TryAdd("fetch.queue.backoff.ms", "5");
        settings.TryAdd("queued.min.messages", "100000");
        // Of each partition.
        settings.TryAdd("queued.max.messages.kbytes", "16384");
        settings.TryAdd("socket.connection.setup.timeout.ms", "9000");
        settings.TryAdd("client.id", "pipeline-embedded");
        // Never joined: partitions are assigned and offsets kept by the checkpoint.
        settings["group.id"] = "pipeline-embedded";
        settings["enable.auto.commit"] = "false";
        settings["enable.auto.offset.store"] = "false";
        settings["enable.partition.eof"] = "true";
        settings["auto.offset.reset"] = "error";
        settings["allow.auto.create.topics"] = "false";
        return settings;
    }

    private static EngineException Invalid(string message, Exception? inner = null) => new(message, inner) { ErrorClass = "INVALID_OPTION", SqlState = "22023" };
}
