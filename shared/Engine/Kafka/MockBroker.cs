using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pipeline.Engine.Kafka.Native;

namespace Pipeline.Engine.Kafka;

/// <summary>A Kafka broker inside this process on a loopback port: librdkafka's mock cluster, for the demo and for tests of client code.</summary>
/// <remarks>
/// It speaks the real protocol and keeps messages in memory only. It holds 5 MiB or 100,000 batches a partition and, past that, acknowledges a message and
/// drops it: hold the producer back. It has no TLS, no CreateTopics (use <see cref="CreateTopic"/>), and gives a topic that is created by its first use 4 partitions.
/// Dispose stops it; clients still connected see a broker that went away. Thread-safe.
/// </remarks>
public sealed unsafe class MockBroker : IDisposable
{
    private const int FirstBroker = 1;
    private readonly KafkaHandle _client;
    private readonly nint _cluster;

    private MockBroker(KafkaHandle client, nint cluster)
    {
        _client = client;
        _cluster = cluster;
        BootstrapServers = Librdkafka.Text(Librdkafka.rd_kafka_mock_cluster_bootstraps(cluster));
    }

    /// <summary>Where it listens, <c>127.0.0.1:port</c>.</summary>
    public string BootstrapServers { get; }

    /// <summary>Starts a broker without topics.</summary>
    public static MockBroker Start()
    {
        var client = KafkaHandle.NewProducer([KeyValuePair.Create("test.mock.num.brokers", "1")], static conf => Librdkafka.rd_kafka_conf_set_log_cb(conf, &Ignore));
        var cluster = Librdkafka.rd_kafka_handle_mock_cluster(client.DangerousGetHandle());
        // Without this a group's first member waits 3 s for its partitions.
        Librdkafka.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 0);
        // Without this an admin client waits 10 s for a controller before it hears that there is no CreateTopics.
        Librdkafka.rd_kafka_mock_set_controller_id(cluster, FirstBroker);
        return new MockBroker(client, cluster);
    }

    /// <summary>Starts a broker with these topics, each with so many partitions.</summary>
    public static MockBroker Start(int partitions, params ReadOnlySpan<string> topics)
    {
        var broker = Start();
        foreach (var topic in topics)
            broker.CreateTopic(topic, partitions);
        return broker;
    }

    /// <summary>Creates a topic.</summary>
    /// <exception cref="ArgumentException">The broker refuses, such as for a topic that exists.</exception>
    public void CreateTopic(string topic, int partitions)
    {
        ObjectDisposedException.ThrowIf(_client.IsClosed, this);
        var error = Librdkafka.rd_kafka_mock_topic_create(_cluster, topic, partitions, replicas: 1);
        if (error != Librdkafka.NoError)
            throw new ArgumentException($"The mock broker cannot create topic '{topic}' with {partitions} partitions: {Librdkafka.Text(Librdkafka.rd_kafka_err2str(error))}.", nameof(topic));
    }

    /// <summary>Answers the next requests of a kind with errors, one each.</summary>
    /// <param name="apiKey">The kind, by Kafka's protocol: 2 is ListOffsets.</param>
    /// <param name="errors">The errors' codes, by Kafka's protocol: 6 is NOT_LEADER_OR_FOLLOWER.</param>
    public void Refuse(short apiKey, params ReadOnlySpan<int> errors)
    {
        ObjectDisposedException.ThrowIf(_client.IsClosed, this);
        fixed (int* codes = errors) Librdkafka.rd_kafka_mock_push_request_errors_array(_cluster, apiKey, (nuint)errors.Length, codes);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    // Its log is of the making of a mock cluster, with a line for each dropped message at worst; the demo's own counts tell that better.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Ignore(nint client, int level, byte* facility, byte* message)
    {
    }
}
