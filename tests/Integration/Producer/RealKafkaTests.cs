using System.Diagnostics;
using Confluent.Kafka;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Producer.Sending;
using Pipeline.Suite.Schemas;
using Pipeline.Tests.Support.Kafka;

namespace Pipeline.Tests.Integration.Producer;

public sealed class RealKafkaTests
{
    private static readonly TimeSpan LongestRefusal = TimeSpan.FromSeconds(10);
    private KafkaServer _kafka = null!;

    [OneTimeSetUp]
    public async Task Start() => _kafka = await KafkaServer.StartAsync(withTls: true);

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (_kafka is not null)
            await _kafka.DisposeAsync();
    }

    [Test]
    public async Task A_missing_topic_is_created_with_the_contracts_partitions()
    {
        var notes = new List<string>();
        var counts = await new Sender(Options() with { Topic = "created", GenerateRows = 100, Note = notes.Add }).RunAsync();
        counts.Acknowledged.Should().Be(100);
        notes.Should().Contain("Created topic 'created' with 3 partitions.");
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = _kafka.BootstrapServers }).Build();
        admin.GetMetadata("created", TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Should().HaveCount(3);
    }

    [Test]
    public async Task A_topic_that_is_there_keeps_its_partitions()
    {
        var properties = KafkaClientProperties.Empty.With("bootstrap.servers", _kafka.BootstrapServers);
        await TopicAdmin.EnsureAsync(properties, "there", 5, CancellationToken.None);
        (await TopicAdmin.EnsureAsync(properties, "there", 3, CancellationToken.None)).Should().Be(new TopicState("there", 5, WasCreated: false));
    }

    [Test]
    public async Task Flat_out_every_message_is_acknowledged_and_in_the_topic_once()
    {
        const int rows = 20_000;
        var counts = await new Sender(Options() with { Topic = "flat-out", GenerateRows = rows }).RunAsync();
        counts.Should().BeEquivalentTo(new { Read = rows, Sent = rows, Acknowledged = rows, Failed = 0, Batches = rows / 100 });
        Watermarks("flat-out", new ConsumerConfig { BootstrapServers = _kafka.BootstrapServers, GroupId = "g" }).Should().Be(rows);
    }

    [Test]
    public async Task Over_mutual_TLS_with_Kafkas_own_keys_every_message_arrives()
    {
        var counts = await new Sender(Tls(_kafka.TlsBootstrapServers, _kafka.WriteClientProperties()) with { Topic = "tls", GenerateRows = 300 }).RunAsync();
        counts.Should().BeEquivalentTo(new { Sent = 300, Acknowledged = 300 });
    }

    [Test]
    public async Task An_unknown_authority_is_named() => await RefusedAsync(
        Tls(_kafka.TlsBootstrapServers, _kafka.WriteClientProperties(_kafka.Certificates!.OtherAuthority)), ConnectionRefusal.UnknownAuthority,
        "The certificate of the broker at 'localhost:*' is issued by 'CN=Test authority', which is not trusted by '*other-ca.pem'. Give that authority's certificate in ssl.truststore.location.");

    [Test]
    public async Task A_wrong_host_name_is_named() => await RefusedAsync(
        Tls(_kafka.WrongHostBootstrapServers, _kafka.WriteClientProperties()), ConnectionRefusal.WrongHostName,
        "The certificate of the broker at 'localhost:*' is for 'kafka.example.org' and not for 'localhost'. Connect by a name that it is for, or have one issued for this name.");

    [Test]
    public async Task An_expired_certificate_is_named_with_its_days() => await RefusedAsync(
        Tls(_kafka.ExpiredBootstrapServers, _kafka.WriteClientProperties()), ConnectionRefusal.Expired,
        "The certificate of the broker at 'localhost:*' is valid from ????-??-?? to ????-??-?? only, and today is ????-??-??. Have the broker's certificate renewed, or correct this machine's clock.");

    [Test]
    public async Task A_plain_listener_is_told_from_a_TLS_one() => await RefusedAsync(
        Tls(_kafka.BootstrapServers, _kafka.WriteClientProperties()), ConnectionRefusal.PlaintextServer,
        "The broker at 'localhost:*' does not speak TLS on this port. Take the port of its TLS listener, or set security.protocol=PLAINTEXT if the way to it is trusted.");

    [Test]
    public async Task A_TLS_listener_is_told_to_a_plain_client() => await RefusedAsync(
        Options() with { BootstrapServers = _kafka.TlsBootstrapServers }, ConnectionRefusal.TlsServer,
        "The broker at 'localhost:*' speaks TLS and the client does not. Set security.protocol=SSL (or SASL_SSL) in the file of --kafka-config.");

    [Test]
    public async Task A_missing_client_certificate_is_asked_for() => await RefusedAsync(
        Tls(_kafka.TlsBootstrapServers, _kafka.WriteClientProperties(withClientCertificate: false)), ConnectionRefusal.ClientCertificateRefused,
        "The broker at 'localhost:*' asks for a client certificate and none is given. Set ssl.keystore.location in the file of --kafka-config.");

    [Test]
    public async Task Insecure_lets_a_wrong_host_name_pass()
    {
        var settings = _kafka.WriteClientProperties();
        await File.AppendAllTextAsync(settings, "ssl.endpoint.identification.algorithm=\ninsecure=true\n");
        var counts = await new Sender(Tls(_kafka.WrongHostBootstrapServers, settings) with { Topic = "insecure", GenerateRows = 10 }).RunAsync();
        counts.Acknowledged.Should().Be(10);
    }

    [TestCase("lovelace", true)]
    [TestCase("byron", false)]
    public async Task A_name_and_password_in_Kafkas_own_words_are_used_and_wrong_ones_named(string password, bool isRight)
    {
        var settings = _kafka.WriteClientProperties();
        await File.WriteAllTextAsync(settings, $"security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"ada\" password=\"{password}\";\n");
        var options = Tls(_kafka.SaslBootstrapServers, settings) with { Topic = "login" };
        if (isRight)
            (await new Sender(options).RunAsync()).Acknowledged.Should().Be(10);
        else
            await RefusedAsync(options, ConnectionRefusal.Authentication, "The brokers at 'localhost:*' refuse the log-in: *Authentication failed*. Check sasl.mechanism, name and password in the file of --kafka-config.");
    }

    private SendOptions Options() => new(WaterQuality.Dataset) { BootstrapServers = _kafka.BootstrapServers, GenerateRows = 10, Pause = TimeSpan.Zero };

    private SendOptions Tls(string servers, string settings) => Options() with { BootstrapServers = servers, Client = KafkaClientProperties.Load(settings) };

    private static async Task RefusedAsync(SendOptions options, ConnectionRefusal refusal, string message)
    {
        var time = Stopwatch.StartNew();
        var send = async () => await new Sender(options).RunAsync();
        var error = (await send.Should().ThrowAsync<KafkaConnectionException>()).Which;
        error.Refusal.Should().Be(refusal);
        error.Message.Should().Match(message);
        error.IsTransient.Should().BeFalse();
        time.Elapsed.Should().BeLessThan(LongestRefusal);
    }

    private static long Watermarks(string topic, ConsumerConfig settings)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(settings).Build();
        return Enumerable.Range(0, 3).Sum(partition => consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), TimeSpan.FromSeconds(10)).High.Value);
    }
}
