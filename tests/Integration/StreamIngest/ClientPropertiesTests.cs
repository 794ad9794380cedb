using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Integration.StreamIngest;

/// <summary>A client.properties as other tools have it: shared with a schema registry, with a consumer in Java, saved by an editor with a byte order mark and blanks after values.</summary>
public sealed class ClientPropertiesTests
{
    [TestCase(
        "security.protocol=PLAINTEXT\nclient.dns.lookup=use_all_dns_ips\nsession.timeout.ms=45000\nacks=all\nclient.id=a-client\nschema.registry.url=https://registry.example.org\n"
        + "basic.auth.credentials.source=USER_INFO\nbasic.auth.user.info=KEY:SECRET\n",
        "have 'basic.auth.credentials.source', 'basic.auth.user.info', 'schema.registry.url', which no Kafka client knows: left out")]
    [TestCase(
        "group.id=my-team.reader\nauto.offset.reset=latest\nenable.auto.commit=false\nkey.deserializer=org.apache.kafka.common.serialization.StringDeserializer\n"
        + "value.deserializer=org.apache.kafka.common.serialization.StringDeserializer\nmax.poll.records=500\nisolation.level=read_uncommitted\n",
        "have 'auto.offset.reset', 'enable.auto.commit', 'key.deserializer', 'value.deserializer', which the job says itself: left out*--starting-offsets")]
    [TestCase("\uFEFFsecurity.protocol = PLAINTEXT \nclient.id: x\t\n", null)]
    public async Task A_file_that_other_tools_use_is_taken_as_it_is(string text, string? warning)
    {
        using var folder = new TemporaryFolder();
        using var broker = MockBroker.Start(1, "etudiants");
        await File.WriteAllTextAsync(folder["client.properties"], text);
        string[] connection = ["--kafka-config", folder["client.properties"], "--bootstrap-servers", broker.BootstrapServers];

        var sent = await Support.Processes.Programs.PipelineAsync(["produce", "send", "students", "--generate", "20", "--pause", "0", .. connection]);
        var ingested = await Support.Processes.Programs.PipelineAsync(["stream-ingest", "--dataset", "students", "--available-now", "--lake", folder["lake"], "--result", folder["result.json"], .. connection]);

        sent.ExitCode.Should().Be(0, sent.Error);
        ingested.ExitCode.Should().Be(0, ingested.Error);
        using var result = JsonDocument.Parse(await File.ReadAllTextAsync(folder["result.json"]));
        result.RootElement.GetProperty("counts").GetProperty("read").GetInt64().Should().Be(20, "'latest' of a file does not decide where the job begins");
        var warnings = result.RootElement.GetProperty("warnings").EnumerateArray().Select(static one => one.GetString()!).ToList();
        if (warning is null) warnings.Should().BeEmpty();
        else warnings.Should().ContainSingle().Which.Should().Match($"*{warning}*");
    }

    [TestCase("enable.ssl.certificate.verification=false\ninsecure=true", "'enable.ssl.certificate.verification' would leave the broker's certificate unverified, which Java's clients, and so Spark, cannot do")]
    [TestCase("sasl.kerberos.keytab=x", "'sasl.kerberos.keytab' is a setting of librdkafka that Java's clients, and so Spark, do not have")]
    public async Task What_Spark_cannot_do_is_refused_before_it_starts(string text, string message)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["client.properties"], $"security.protocol=SSL\n{text}\n");
        // A folder without a Spark in it: the refusal comes before anything looks for one.
        var environment = new Dictionary<string, string?> { ["SPARK_HOME"] = folder["no-spark"] };

        var run = await Support.Processes.Programs.PipelineAsync(
            ["stream-ingest", "--dataset", "students", "--available-now", "--master", "local[1]", "--lake", folder["lake"], "--kafka-config", folder["client.properties"], "--bootstrap-servers", "127.0.0.1:1"],
            environment);

        run.ExitCode.Should().Be(2, run.Error);
        run.Error.Should().Contain(message);
    }
}
