using System.Text;
using Confluent.Kafka;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support.Kafka;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>What the broker in the process cannot do: transactions, TLS, a restart.</summary>
[TestFixture]
public sealed class RealKafkaTests
{
    private const string Topic = "real";
    private KafkaServer server = null!;
    private EmbeddedEngine engine = null!;
    private string folder = null!;

    [OneTimeSetUp]
    public async Task Start() => server = await KafkaServer.StartAsync(withTls: true);

    [OneTimeTearDown]
    public async Task End()
    {
        if (server is not null) await server.DisposeAsync();
    }

    [SetUp]
    public void Open()
    {
        engine = EmbeddedEngine.Create(new EmbeddedSettings());
        folder = Directory.CreateTempSubdirectory("real-kafka-").FullName;
    }

    [TearDown]
    public void Close()
    {
        engine?.Dispose();
        Directory.Delete(folder, true);
    }

    private List<string?> Drain(string topic, params (string Key, string Value)[] options)
    {
        var all = new Dictionary<string, string> { ["kafka.bootstrap.servers"] = server.BootstrapServers, ["subscribe"] = topic, ["startingOffsets"] = "earliest" };
        foreach (var (key, value) in options) all[key] = value;
        var source = engine.OpenSource(new SourceSpec("kafka", [], all, null, true));
        var texts = new List<string?>();
        var sql = $"SELECT \"offset\", decode(value) AS text FROM \"{source.Name}\"";
        using var run = engine.StartStream(new StreamSpec(sql, engine.Describe(sql), null, Path.Combine(folder, "checkpoint"), "append", new TriggerSpec("availableNow"), new Dictionary<string, string>(), null, (batch, view, _) =>
            texts.AddRange(batch.Query($"SELECT text FROM \"{view.Name}\" ORDER BY \"offset\"", new StructType(new StructField("text", new StringType()))).Select(row => (string?)row.Values[0]))));
        _ = run.AwaitTermination(TimeSpan.FromSeconds(60));
        return texts;
    }

    [Test]
    public void Rows_of_aborted_transactions_are_left_out_and_marks_of_transactions_are_passed()
    {
        const string topic = "transactions";
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = server.BootstrapServers, TransactionalId = "t" }).Build();
        producer.InitTransactions(TimeSpan.FromSeconds(30));
        void Transaction(string text, bool commits)
        {
            producer.BeginTransaction();
            producer.Produce(topic, new Message<Null, byte[]> { Value = Encoding.UTF8.GetBytes(text) });
            // Else an abort purges the message before it is sent, and where the commit before is still being marked the broker refuses to end a transaction that it never heard of.
            producer.Flush(TimeSpan.FromSeconds(30)).Should().Be(0);
            if (commits) producer.CommitTransaction(TimeSpan.FromSeconds(30));
            else producer.AbortTransaction(TimeSpan.FromSeconds(30));
        }
        Transaction("a", commits: true);
        Transaction("never", commits: false);
        Drain(topic).Should().Equal("a");
        Transaction("never", commits: false);
        Drain(topic).Should().BeEmpty("there are marks and nothing else");
        Transaction("b", commits: true);
        Drain(topic).Should().Equal("b");
        // Marks are written after the abort is answered, so whether they make a batch of their own is a matter of time.
        Directory.GetFiles(Path.Combine(folder, "checkpoint", "offsets")).Should().HaveCountGreaterThanOrEqualTo(2);
    }

    [Test]
    public void Mutual_TLS_works_by_Kafkas_own_keys_and_a_wrong_authority_is_named()
    {
        using (var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = server.BootstrapServers }).Build())
        {
            producer.Produce(Topic, new Message<Null, byte[]> { Value = "over TLS"u8.ToArray() });
            _ = producer.Flush(TimeSpan.FromSeconds(30));
        }
        (string, string)[] Options(string file) => [.. File.ReadAllLines(file).Where(line => line.Contains('=', StringComparison.Ordinal)).Select(line => ("kafka." + line[..line.IndexOf('=', StringComparison.Ordinal)], line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..])), ("kafka.bootstrap.servers", server.TlsBootstrapServers)];
        Drain(Topic, Options(server.WriteClientProperties())).Should().Equal("over TLS");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var none = () => Drain(Topic, Options(server.WriteClientProperties(withClientCertificate: false)));
        none.Should().Throw<EngineException>().WithMessage("*asks for a client certificate and none is given*").Which.IsTransient.Should().BeFalse();
        var plain = () => Drain(Topic, ("kafka.bootstrap.servers", server.TlsBootstrapServers));
        plain.Should().Throw<EngineException>().WithMessage("*speaks TLS and the client does not*");
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
    }

    [Test]
    public void Retention_that_takes_messages_before_they_are_read_stops_the_stream_with_the_offsets_that_are_gone()
    {
        const string topic = "cut";
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = server.BootstrapServers }).Build();
        using var admin = new DependentAdminClientBuilder(producer.Handle).Build();
        void Send(string text)
        {
            producer.Produce(topic, new Message<Null, byte[]> { Value = Encoding.UTF8.GetBytes(text) });
            _ = producer.Flush(TimeSpan.FromSeconds(30));
        }
        Send("a");
        Drain(topic).Should().Equal("a");
        Send("b");
        Send("c");
        Send("d");
        admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 0, 3)]).GetAwaiter().GetResult();
        var drain = () => Drain(topic);
        drain.Should().Throw<EngineException>().WithMessage("Messages of cut-0 from offset 1 to 2 (2 of them) are gone from Kafka before they were read*").Which.ErrorClass.Should().Be("KAFKA_DATA_LOSS");
        Drain(topic, ("failOnDataLoss", "false")).Should().Equal("d");
    }
}
