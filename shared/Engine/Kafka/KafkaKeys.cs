using System.Collections.Frozen;

namespace Pipeline.Engine.Kafka;

/// <summary>Which side of librdkafka a setting belongs to.</summary>
internal enum KeyScope
{
    Both,
    Producer,
    Consumer,
}

/// <summary>The names of settings: librdkafka's own (from its CONFIGURATION.md) and those of Kafka's Java clients.</summary>
internal static class KafkaKeys
{
    /// <summary>librdkafka's settings with the side that takes them.</summary>
    internal static FrozenDictionary<string, KeyScope> Librdkafka { get; } = Read();

    /// <summary>Java's names for what librdkafka calls otherwise, where the value is the same.</summary>
    internal static FrozenDictionary<string, string> Renamed { get; } = new Dictionary<string, string>
    {
        ["max.request.size"] = "message.max.bytes",
        ["fetch.max.wait.ms"] = "fetch.wait.max.ms",
        ["send.buffer.bytes"] = "socket.send.buffer.bytes",
        ["receive.buffer.bytes"] = "socket.receive.buffer.bytes",
        ["ssl.truststore.certificates"] = "ssl.ca.pem",
        ["ssl.keystore.certificate.chain"] = "ssl.certificate.pem",
        ["ssl.keystore.key"] = "ssl.key.pem",
    }.ToFrozenDictionary();

    /// <summary>Java's settings that are read by <see cref="StoreMapping"/> and <see cref="KafkaClientProperties"/> together with others.</summary>
    internal static FrozenSet<string> Composed { get; } = new[]
    {
        "ssl.truststore.type", "ssl.truststore.location", "ssl.truststore.password",
        "ssl.keystore.type", "ssl.keystore.location", "ssl.keystore.password",
        "sasl.jaas.config", "buffer.memory", KafkaClientProperties.InsecureKey,
    }.ToFrozenSet();

    /// <summary>Java's settings without a meaning here: left out, with a word in the log.</summary>
    internal static FrozenSet<string> JavaOnly { get; } = new[]
    {
        "key.serializer", "value.serializer", "key.deserializer", "value.deserializer", "max.block.ms", "default.api.timeout.ms", "max.poll.records", "group.remote.assignor", "share.acknowledgement.mode",
        "partitioner.class", "partitioner.ignore.keys", "partitioner.adaptive.partitioning.enable", "partitioner.availability.timeout.ms",
        "interceptor.classes", "metric.reporters", "metrics.num.samples", "metrics.recording.level", "metrics.sample.window.ms",
        "auto.include.jmx.reporter", "security.providers", "transactional.id", "transaction.timeout.ms", "exclude.internal.topics",
        "socket.connection.setup.timeout.max.ms", "compression.gzip.level", "compression.lz4.level", "compression.zstd.level",
        "ssl.protocol", "ssl.enabled.protocols", "ssl.provider", "ssl.keymanager.algorithm", "ssl.trustmanager.algorithm",
        "ssl.secure.random.implementation", "ssl.engine.factory.class", "sasl.client.callback.handler.class",
        "sasl.login.callback.handler.class", "sasl.login.class", "sasl.login.connect.timeout.ms", "sasl.login.read.timeout.ms",
        "sasl.login.refresh.buffer.seconds", "sasl.login.refresh.min.period.seconds", "sasl.login.refresh.window.factor",
        "sasl.login.refresh.window.jitter", "sasl.login.retry.backoff.ms", "sasl.login.retry.backoff.max.ms",
    }.ToFrozenSet();

    /// <summary>Settings that name a library, a class or a command: who sets them has code run in this process, or in Spark's.</summary>
    internal static FrozenSet<string> LoadCode { get; } = new[]
    {
        "plugin.library.paths", "sasl.kerberos.kinit.cmd", "ssl.engine.location", "ssl.engine.id", "ssl.providers",
        "interceptor.classes", "metric.reporters", "security.providers", "partitioner.class", "ssl.engine.factory.class", "sasl.client.callback.handler.class",
        "sasl.login.callback.handler.class", "sasl.login.class",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Everything that may stand in a file, for the nearest known one.</summary>
    internal static IEnumerable<string> All => [.. Librdkafka.Keys, .. Renamed.Keys, .. Composed, .. JavaOnly];

    private static FrozenDictionary<string, KeyScope> Read()
    {
        using var stream = typeof(KafkaKeys).Assembly.GetManifestResourceStream("librdkafka-keys.txt")
            ?? throw new InvalidOperationException("The assembly was built without its resource 'librdkafka-keys.txt'.");
        using var reader = new StreamReader(stream);
        var keys = new Dictionary<string, KeyScope>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Split(' ') is [var key, var scope])
                keys[key] = scope switch { "P" => KeyScope.Producer, "C" => KeyScope.Consumer, _ => KeyScope.Both };
        }
        return keys.ToFrozenDictionary();
    }
}
