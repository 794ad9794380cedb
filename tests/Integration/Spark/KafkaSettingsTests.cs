using Confluent.Kafka;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
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
