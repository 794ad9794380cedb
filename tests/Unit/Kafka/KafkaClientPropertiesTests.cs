using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;

namespace Pipeline.Tests.Unit.Kafka;

public sealed class KafkaClientPropertiesTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("kafka-properties").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Kafkas_own_keys_for_mutual_TLS_in_PEM_become_librdkafkas()
    {
        var trust = Write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
        var key = Write("client.pem", "-----BEGIN PRIVATE KEY-----\n");
        var settings = Parse($"""
            security.protocol=SSL
            ssl.truststore.type=PEM
            ssl.truststore.location={trust}
            ssl.keystore.type=PEM
            ssl.keystore.location={key}
            ssl.key.password=secret
            """).Settings;
        settings.Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["security.protocol"] = "ssl",
            ["ssl.ca.location"] = trust,
            ["ssl.certificate.location"] = key,
            ["ssl.key.location"] = key,
            ["ssl.key.password"] = "secret",
        });
    }

    [Test]
    public void A_PEM_store_is_known_without_its_type_and_found_beside_the_settings()
    {
        var trust = Write("ca.pem", "-----BEGIN CERTIFICATE-----\n");
        Parse("security.protocol=SSL\nssl.truststore.location=ca.pem").Settings["ssl.ca.location"].Should().Be(trust);
    }

    [Test]
    public void Inline_PEM_with_line_continuations_is_kept_whole() =>
        Parse("ssl.truststore.certificates=-----BEGIN CERTIFICATE-----\\n\\\n  AAAA\\n\\\n  -----END CERTIFICATE-----\nsecurity.protocol: ssl")
            .Settings["ssl.ca.pem"].Should().Be("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----");

    [Test]
    public void A_JAAS_line_gives_name_and_password()
    {
        var settings = Parse("""
            security.protocol=SASL_PLAINTEXT
            sasl.mechanism=SCRAM-SHA-256
            sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="ada" password="p=\\"w\\"";
            """).Settings;
        settings["sasl.username"].Should().Be("ada");
        settings["sasl.password"].Should().Be("p=\"w\"");
        settings["sasl.mechanism"].Should().Be("SCRAM-SHA-256");
    }

    [Test]
    public void Librdkafkas_own_keys_pass_as_they_are() =>
        Parse("linger.ms=7\nqueue.buffering.max.messages 5000").Settings.Should().Contain("linger.ms", "7").And.Contain("queue.buffering.max.messages", "5000");

    [Test]
    public void Java_keys_with_another_name_are_renamed() =>
        Parse("max.request.size=2000\nfetch.max.wait.ms=9\nbuffer.memory=2048\nauto.offset.reset=none").Settings.Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["message.max.bytes"] = "2000",
            ["fetch.wait.max.ms"] = "9",
            ["queue.buffering.max.kbytes"] = "2",
            ["auto.offset.reset"] = "error",
        });

    [Test]
    public void A_key_of_Javas_only_is_left_out_with_a_warning()
    {
        var properties = Parse("key.serializer=org.apache.kafka.common.serialization.StringSerializer");
        properties.Settings.Should().BeEmpty();
        properties.Warnings.Should().ContainSingle().Which.Should().EndWith("'key.serializer' is a setting of Java's clients only and is left out.");
    }

    [TestCase("schema.registry.url")]
    [TestCase("basic.auth.credentials.source")]
    [TestCase("basic.auth.user.info")]
    public void A_key_for_other_tools_is_left_out_with_a_warning(string key)
    {
        var properties = Parse($"client.id=x\n{key}=y");

        properties.Settings.Should().BeEquivalentTo(new Dictionary<string, string> { ["client.id"] = "x" });
        properties.Warnings.Should().ContainSingle().Which.Should().EndWith($"'{key}' is not a setting of Kafka's clients and is left out.");
    }

    [TestCase("ssl.whatever.this.is")]
    [TestCase("sasl.whatever.this.is")]
    [TestCase("security.whatever.this.is")]
    public void An_unknown_key_about_security_is_refused_however_far_from_a_known_one(string key) =>
        Refusal($"{key}=x").Should().Contain($"'{key}' is not a setting of Kafka's clients.");

    [Test]
    public void A_consumers_file_of_Java_is_read() =>
        Parse("group.id=my-team.reader\nauto.offset.reset=earliest\nenable.auto.commit=false\nkey.deserializer=org.x.S\nmax.poll.records=500\nisolation.level=read_uncommitted")
            .Settings.Keys.Should().BeEquivalentTo("group.id", "auto.offset.reset", "enable.auto.commit", "isolation.level");

    [Test]
    public void Blanks_around_a_value_do_not_count_but_in_a_password() =>
        Parse("security.protocol = PLAINTEXT \nclient.id: x\t\nsasl.password=p ").Settings.Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["security.protocol"] = "plaintext",
            ["client.id"] = "x",
            ["sasl.password"] = "p ",
        });

    [TestCase("securty.protocol", "security.protocol")]
    [TestCase("ssl.trustore.location", "ssl.truststore.location")]
    [TestCase("ssl.ca.loaction", "ssl.ca.location")]
    public void An_unknown_key_is_refused_with_the_nearest_known_one(string key, string nearest) =>
        Refusal($"# comment\n{key}=x").Should().EndWith($"line 2: '{key}' is not a setting of Kafka's clients. Did you mean '{nearest}'? Correct it or take the line out.");

    [Test]
    public void A_file_that_is_not_there_is_named_with_its_key() =>
        Refusal("ssl.truststore.type=PEM\nssl.truststore.location=/no/such/ca.pem").Should().Contain("'ssl.truststore.location' names the file '/no/such/ca.pem', which is not there");

    [Test]
    public void A_Java_key_store_is_refused_with_the_command_that_converts_it()
    {
        var store = Path.Combine(_folder, "store.jks");
        File.WriteAllBytes(store, [0xFE, 0xED, 0xFE, 0xED, 0, 0]);
        Refusal($"ssl.keystore.location={store}").Should().Contain("keytool -importkeystore -srckeystore store.jks");
    }

    [TestCase("ssl.endpoint.identification.algorithm=")]
    [TestCase("enable.ssl.certificate.verification=false")]
    public void Verification_is_not_left_out_unless_the_file_says_insecure(string line)
    {
        Refusal(line).Should().Contain("or say insecure=true in the same file");
        var properties = Parse(line + "\ninsecure=true");
        properties.Warnings.Should().Contain(warning => warning.Contains("Anyone on the way"));
        properties.Settings.Should().HaveCount(1).And.NotContainKey("insecure");
    }

    [Test]
    public void A_secret_may_come_from_the_environment()
    {
        Environment.SetEnvironmentVariable("PIPELINE_TEST_SECRET", "s3cret");
        Parse("sasl.password=${env:PIPELINE_TEST_SECRET}").Settings["sasl.password"].Should().Be("s3cret");
        Refusal("sasl.password=${env:PIPELINE_TEST_ABSENT}").Should().Contain("the environment variable 'PIPELINE_TEST_ABSENT' is not set");
    }

    [Test]
    public void Each_side_gets_the_settings_that_it_takes()
    {
        var properties = Parse("acks=all\nfetch.min.bytes=1\nclient.id=c");
        properties.ForProducer().Keys.Should().BeEquivalentTo("acks", "client.id");
        properties.ForConsumer().Keys.Should().BeEquivalentTo("fetch.min.bytes", "client.id");
        properties.ForAdmin().Keys.Should().BeEquivalentTo("client.id");
    }

    [Test]
    public void An_absent_settings_file_is_one_sentence()
    {
        var load = () => KafkaClientProperties.Load("/no/such/client.properties");
        load.Should().Throw<KafkaSettingsException>().WithMessage("Cannot read the Kafka settings '/no/such/client.properties': it is not there. Give --kafka-config a readable client.properties file.");
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private KafkaClientProperties Parse(string text) => KafkaClientProperties.Parse(text, Path.Combine(_folder, "client.properties"));

    private string Refusal(string text)
    {
        var parse = () => Parse(text);
        return parse.Should().Throw<KafkaSettingsException>().Which.Message;
    }
}
