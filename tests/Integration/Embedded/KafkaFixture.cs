using System.Text;
using Confluent.Kafka;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>A broker in the process with topics, an engine, and a folder for checkpoints and tables.</summary>
internal sealed class KafkaFixture : IDisposable
{
    public const string Topic = "events";
    private readonly IProducer<byte[], byte[]> producer;

    public KafkaFixture(int partitions = 2)
    {
        Broker = MockBroker.Start(partitions, Topic, "other");
        producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = Broker.BootstrapServers, LingerMs = 1 }).Build();
        Engine = EmbeddedEngine.Create(new EmbeddedSettings());
        Folder = Directory.CreateTempSubdirectory("stream-").FullName;
    }

    public MockBroker Broker { get; }

    public EmbeddedEngine Engine { get; private set; }

    public string Folder { get; }

    public string Checkpoint => Path.Combine(Folder, "checkpoint");

    public string Table => Path.Combine(Folder, "table");

    /// <summary>A new engine, as after a new start of the program.</summary>
    public void Restart()
    {
        Engine.Dispose();
        Engine = EmbeddedEngine.Create(new EmbeddedSettings());
    }

    public void Send(int partition, params string?[] values)
    {
        foreach (var value in values) Send(new Message<byte[], byte[]> { Value = value is null ? null! : Encoding.UTF8.GetBytes(value) }, partition);
        Flush();
    }

    public void Send(Message<byte[], byte[]> message, int partition = 0, string topic = Topic) => producer.Produce(new TopicPartition(topic, partition), message, report =>
    {
        if (report.Error.IsError) throw new InvalidOperationException(report.Error.Reason);
    });

    public void Flush() => producer.Flush(TimeSpan.FromSeconds(30));

    public SourceView Open(params (string Key, string Value)[] options) => Open(true, options);

    public SourceView Open(bool isStreaming, params (string Key, string Value)[] options)
    {
        var all = new Dictionary<string, string> { ["kafka.bootstrap.servers"] = Broker.BootstrapServers, ["subscribe"] = Topic, ["startingOffsets"] = "earliest" };
        foreach (var (key, value) in options) all[key] = value;
        return Engine.OpenSource(new SourceSpec("kafka", [], all, null, isStreaming));
    }

    /// <summary>Starts a stream of offset and value (as text) by partition.</summary>
    public IStreamingRun Start(SourceView source, Action<IEngine, SourceView, long>? onBatch, string trigger = "availableNow", string? select = null, long intervalMs = 0)
    {
        var sql = select ?? $"SELECT partition, \"offset\", decode(value) AS text FROM \"{source.Name}\"";
        return Engine.StartStream(new StreamSpec(sql, Engine.Describe(sql), "test", Checkpoint, "append", new TriggerSpec(trigger, intervalMs), new Dictionary<string, string>(), onBatch is null ? new SinkSpec("delta", Table, "append", [], new Dictionary<string, string>()) : null, onBatch));
    }

    /// <summary>Runs to the end of what is there; answers the texts of each batch, in order.</summary>
    public List<List<string?>> Drain(params (string Key, string Value)[] options)
    {
        var batches = new List<List<string?>>();
        using var run = Start(Open(options), (engine, view, _) => batches.Add(Texts(engine, view)));
        _ = run.AwaitTermination(TimeSpan.FromSeconds(60));
        return batches;
    }

    public static List<string?> Texts(IEngine engine, SourceView view) =>
        [.. engine.Query($"SELECT text FROM \"{view.Name}\" ORDER BY partition, \"offset\"", new Pipeline.Engine.Types.StructType(new Pipeline.Engine.Types.StructField("text", new Pipeline.Engine.Types.StringType()))).Select(row => (string?)row.Values[0])];

    public void Dispose()
    {
        Engine.Dispose();
        producer.Dispose();
        Broker.Dispose();
        Directory.Delete(Folder, true);
    }
}
