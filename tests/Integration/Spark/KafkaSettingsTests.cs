using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Spark;

/// <summary>Settings of a Kafka client in Java's words and in librdkafka's give the same connection on Spark, or a sentence that says what is wrong.</summary>
[TestFixtureSource(typeof(SparkServer), nameof(SparkServer.VersionsOfFixture))]
public sealed class KafkaSettingsTests(string version)
{
    private const string Topic = "settings";
    private static readonly StructType Texts = new(new StructField("text", new StringType()));
    private KafkaServer kafka = null!;
    private TemporaryFolder folder = null!;
    private IEngine spark = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        spark = SparkServer.Engine(version);
        folder = new TemporaryFolder();
        kafka = await KafkaServer.StartAsync(withTls: true);
        var store = await File.ReadAllTextAsync(kafka.Certificates!.Client);
        var end = store.IndexOf("-----BEGIN CERTIFICATE", StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder["service.key"], store[..end]);
        await File.WriteAllTextAsync(folder["service.cert"], store[end..]);
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers }).Build();
        _ = await producer.ProduceAsync(Topic, new Message<Null, string> { Value = "a word" });
    }

    [OneTimeTearDown]
    public async Task End()
    {
        if (kafka is not null) await kafka.DisposeAsync();
        folder?.Dispose();
    }

    private static IEnumerable<TestCaseData> Good()
    {
        yield return new TestCaseData("tls", "security.protocol=ssl|ssl.ca.location={ca}|ssl.certificate.location={cert}|ssl.key.location={key}") { TestName = "Files_of_their_own_in_librdkafkas_words" };
        yield return new TestCaseData("tls", "security.protocol=SSL|ssl.truststore.type=PEM|ssl.truststore.location={ca}|ssl.keystore.type=PEM|ssl.keystore.location={store}") { TestName = "PEM_stores_in_Javas_words" };
        yield return new TestCaseData("sasl", "security.protocol=SASL_PLAINTEXT|sasl.mechanisms=PLAIN|sasl.username=ada|sasl.password=lovelace") { TestName = "Name_and_password_in_librdkafkas_words" };
        yield return new TestCaseData("sasl", "security.protocol=SASL_PLAINTEXT|sasl.mechanism=PLAIN|sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"ada\" password=\"lovelace\";") { TestName = "A_JAAS_line_in_Javas_words" };
        yield return new TestCaseData("plain", "max.poll.records=500|isolation.level=read_uncommitted|session.timeout.ms=45000|client.dns.lookup=use_all_dns_ips") { TestName = "A_consumers_settings_of_Java" };
    }

    [TestCaseSource(nameof(Good))]
    public void A_topic_is_read_on_Spark_and_embedded(string listener, string settings)
    {
        using var embedded = EmbeddedEngine.Create(new EmbeddedSettings());
        foreach (var engine in (IEngine[])[spark, embedded]) Read(engine, listener, settings).Should().Equal(["a word"], engine.GetType().Name);
    }

    [TestCase("sasl", "security.protocol=SASL_PLAINTEXT|sasl.mechanisms=PLAIN|sasl.username=ada|sasl.password=wrong", "28000", "*Authentication failed*")]
    [TestCase("tls", "security.protocol=SSL|ssl.ca.location={other}|ssl.certificate.location={cert}|ssl.key.location={key}", "28000", "*SSL handshake failed*certification path*")]
    [TestCase("plain", "max.partition.fetch.bytes=many", "22023", "*Not a number of type INT*")]
    [TestCase("tls", "security.protocol=SSL|enable.ssl.certificate.verification=false", "22023", "*Spark, cannot do*ssl.ca.location*")]
    public void What_the_brokers_or_the_client_refuse_is_said_with_its_reason(string listener, string settings, string state, string message)
    {
        var read = () => Read(spark, listener, settings);

        read.Should().Throw<EngineException>().WithMessage(message).Where(error => error.SqlState == state && !error.IsTransient);
    }

    [Test]
    public async Task A_message_whose_timestamp_is_not_in_milliseconds_is_loaded_or_named_with_the_way_on()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build();
        var configs = new Dictionary<string, string> { ["message.timestamp.before.max.ms"] = $"{long.MaxValue}", ["message.timestamp.after.max.ms"] = $"{long.MaxValue}", ["retention.ms"] = "-1" };
        await admin.CreateTopicsAsync([new TopicSpecification { Name = "etudiants", NumPartitions = 1, ReplicationFactor = 1, Configs = configs }]);
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers }).Build();
        // Milliseconds, microseconds, nanoseconds: the engine's instants are microseconds in 64 bits, which have room for the second.
        foreach (var time in (long[])[1_600_000_000_000, 1_600_000_000_000_000, 1_600_000_000_000_000_000])
        {
            const string value = """{"Nom":"Lovelace","Prenom":"Ada","Age":"22","Filiere":"IA"}""";
            _ = await producer.ProduceAsync("etudiants", new Message<Null, string> { Value = value, Timestamp = new Timestamp(time, Confluent.Kafka.TimestampType.CreateTime) });
        }
        using var embedded = EmbeddedEngine.Create(new EmbeddedSettings());

        var onEmbedded = await IngestAsync(embedded, "embedded");
        var first = await IngestAsync(spark, "spark", "--max-offsets-per-batch", "2", "--max-messages", "2");
        var second = await IngestAsync(spark, "spark");
        var behind = await IngestAsync(spark, "spark", "--checkpoint", folder["new"], "--starting-offsets", """{"etudiants":{"0":3}}""");

        onEmbedded.ExitCode.Should().Be(0, onEmbedded.Error);
        onEmbedded.Out.Should().Contain("3 read = 3 written");
        first.ExitCode.Should().Be(0, first.Error);
        first.Out.Should().Contain("2 read = 2 written");
        second.ExitCode.Should().Be(3, second.Error);
        second.Error.Should().Contain("A message of the topic 'etudiants' has a timestamp that the engine cannot hold")
            .And.Contain("""at or behind the offsets {"etudiants":{"0":2}} and before {"etudiants":{"0":3}}""").And.Contain("--starting-offsets");
        behind.ExitCode.Should().Be(0, behind.Error);
    }

    private Task<ProgramRun> IngestAsync(IEngine engine, string lake, params string[] more) => Support.Processes.Programs.PipelineAsync(
        ["stream-ingest", "--dataset", "students", "--available-now", "--lake", folder[lake], "--bootstrap-servers", kafka.BootstrapServers, .. more], spark: SparkSession.ForEngine(engine));

    private List<string?> Read(IEngine engine, string listener, string settings)
    {
        var options = new Dictionary<string, string>
        {
            ["kafka.bootstrap.servers"] = listener switch { "tls" => kafka.TlsBootstrapServers, "sasl" => kafka.SaslBootstrapServers, _ => kafka.BootstrapServers },
            ["subscribe"] = Topic,
            ["startingOffsets"] = "earliest",
        };
        var files = settings.Replace("{ca}", kafka.Certificates!.Authority, StringComparison.Ordinal).Replace("{other}", kafka.Certificates.OtherAuthority, StringComparison.Ordinal)
            .Replace("{store}", kafka.Certificates.Client, StringComparison.Ordinal).Replace("{cert}", folder["service.cert"], StringComparison.Ordinal).Replace("{key}", folder["service.key"], StringComparison.Ordinal);
        foreach (var setting in files.Split('|')) options["kafka." + setting.Split('=', 2)[0]] = setting.Split('=', 2)[1];
        var source = engine.OpenSource(new SourceSpec("kafka", [], options, null, true));
        var texts = new List<string?>();
        var sql = $"SELECT CAST(value AS STRING) AS text FROM {source.Name}";
        using var checkpoint = new TemporaryFolder();
        using var run = engine.StartStream(new StreamSpec(sql, Texts, null, checkpoint["checkpoint"], "append", new TriggerSpec("availableNow"), new Dictionary<string, string>(), null, (batch, view, _) =>
            texts.AddRange(batch.Query($"SELECT text FROM {view.Name}", Texts).Select(static row => (string?)row.Values[0]))));
        run.AwaitTermination(TimeSpan.FromMinutes(2)).Should().BeTrue();
        if (run.Failure is { } failure) throw failure;
        return texts;
    }
}
