using System.Globalization;
using Pipeline.Engine.Kafka;

namespace Pipeline.Producer.Sending;

/// <summary>The Kafka client's settings: ours, then those of the file, then what must hold.</summary>
internal static class ProducerSettings
{
    /// <summary>How long a message is tried; also the longest that a send hangs on a broker that went away.</summary>
    internal static readonly TimeSpan MessageLimit = TimeSpan.FromSeconds(30);

    // Measured on 1 M messages: lz4 and large batches carry most, 10 ms of lingering fills them and is not felt beside a pause.
    private static readonly Dictionary<string, string> Usual = new()
    {
        ["client.id"] = "pipeline-producer",
        ["compression.type"] = "lz4",
        ["linger.ms"] = "10",
        ["batch.num.messages"] = "10000",
        ["queue.buffering.max.messages"] = "200000",
        ["queue.buffering.max.kbytes"] = "131072",
        ["partitioner"] = "murmur2_random", // as Kafka's own clients and Spark: the same key goes to the same partition whoever sends it
        ["reconnect.backoff.ms"] = "50", // as Kafka's own clients; librdkafka takes half of it before it connects to a broker it has just heard of
        ["reconnect.backoff.max.ms"] = "1000",
        ["message.timeout.ms"] = MessageLimit.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The connection's settings: those of the file, with the brokers of the command line where there are any.</summary>
    internal static KafkaClientProperties Connection(SendOptions options)
    {
        foreach (var warning in options.Client.Warnings)
            options.Note?.Invoke(warning);
        return options.BootstrapServers is null ? options.Client : options.Client.With("bootstrap.servers", options.BootstrapServers);
    }

    internal static Dictionary<string, string> For(KafkaClientProperties connection)
    {
        var settings = new Dictionary<string, string>(Usual);
        foreach (var (key, value) in connection.ForProducer())
            settings[Canonical(key)] = value;
        settings["acks"] = "all";
        settings["enable.idempotence"] = "true";
        return settings;
    }

    /// <summary>One name for each setting, as two names of one setting would be applied in no known order.</summary>
    private static string Canonical(string key) => key switch
    {
        "delivery.timeout.ms" => "message.timeout.ms",
        "compression.codec" => "compression.type",
        "queue.buffering.max.ms" => "linger.ms",
        "request.required.acks" => "acks",
        "metadata.broker.list" => "bootstrap.servers",
        _ => key,
    };
}
