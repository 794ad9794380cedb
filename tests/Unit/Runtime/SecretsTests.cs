using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Settings;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Unit.Runtime;

/// <summary>One list of words says what a secret is; one mask takes it out of whatever is printed or kept.</summary>
public class SecretsTests
{
    private const string Canary = "canary-4711";

    [TestCase("password")]
    [TestCase("sasl.password")]
    [TestCase("sasl.jaas.config")]
    [TestCase("sasl.oauthbearer.client.secret")]
    [TestCase("sasl.oauthbearer.assertion.private.key.passphrase")]
    [TestCase("ssl.key.password")]
    [TestCase("ssl.key.pem")]
    [TestCase("ssl.keystore.key")]
    [TestCase("basic.auth.user.info")]
    [TestCase("fs.azure.account.key.lake.dfs.core.windows.net")]
    [TestCase("fs.azure.sas.container.lake.blob.core.windows.net")]
    [TestCase("spark.hadoop.fs.s3a.access.key")]
    [TestCase("spark.hadoop.fs.s3a.secret.key")]
    [TestCase("spark.hadoop.fs.s3a.session.token")]
    [TestCase("private.key")]
    [TestCase("passphrase")]
    [TestCase("apikey")]
    [TestCase("API_KEY")]
    [TestCase("--db-passwd")]
    [TestCase("PGPASSWORD")]
    public void Names_that_speak_of_secrets_are_told(string name)
    {
        SecretNames.IsSecret(name).Should().BeTrue();
        Secrets.Mask($"{name}={Canary} x").Should().NotContain(Canary).And.EndWith(" x");
        Secrets.Mask($"{{\"{name}\": \"{Canary} {Canary}\", \"a\": 1}}").Should().NotContain(Canary).And.EndWith(", \"a\": 1}");
    }

    [TestCase("bootstrap.servers")]
    [TestCase("ssl.ca.location")]
    [TestCase("ssl.keystore.location")]
    [TestCase("sasl.username")]
    [TestCase("spark.sql.shuffle.partitions")]
    [TestCase("key.serializer")]
    [TestCase("lake")]
    public void Other_names_are_shown(string name)
    {
        SecretNames.IsSecret(name).Should().BeFalse();
        Secrets.Mask($"{name}=value").Should().Be($"{name}=value");
    }

    [TestCase("postgres://etl:canary-4711@db/x", "postgres://etl:***@db/x")]
    [TestCase("Host=db;Password=canary-4711;Port=5432", "Host=db;Password=***;Port=5432")]
    [TestCase("org.x.ScramLoginModule required username=\"u\" password=\"canary-4711\\\"x\";", "org.x.ScramLoginModule required username=\"u\" password=***;")]
    [TestCase("-----BEGIN ENCRYPTED PRIVATE KEY-----\ncanary-4711\n-----END ENCRYPTED PRIVATE KEY----- x", "*** x")]
    [TestCase("-----BEGIN PRIVATE KEY-----\ncanary-4711", "***")]
    [TestCase("'--net-key' is a secret: put it into NET_KEY", "'--net-key' is a secret: put it into NET_KEY")]
    public void Secrets_are_masked_in_any_text(string text, string masked) => Secrets.Mask(text).Should().Be(masked);

    [TestCase("password")]
    [TestCase("://a:")]
    [TestCase("-----BEGIN PRIVATE KEY-----")]
    [TestCase("password=\"\\")]
    public void A_text_that_takes_long_to_search_shows_no_secret(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 200_000)) + $" password={Canary}";

        Secrets.Mask(text).Should().NotContain(Canary);
    }

    [Test]
    public void The_scripts_have_the_same_words()
    {
        var script = File.ReadAllText(Path.Combine(Repository.Root, "spark-submit", "common.sh"));

        script.Should().Contain($"grep -qiE '{SecretNames.Words}'");
    }

    [Test]
    public async Task Settings_of_Kafka_and_Spark_are_printed_without_secrets()
    {
        var world = new FakeWorld();
        string[] secrets = ["sasl.password", "ssl.key.pem", "sasl.jaas.config"];
        var file = world.Write("pipeline.yml", $"kafka:\n{string.Concat(secrets.Select(static key => $"  {key}: {Canary}\n"))}spark:\n  spark.hadoop.fs.azure.account.key.x: {Canary}\n  passphrase: {Canary}\n  apikey: {Canary}\n  access.key: {Canary}\n");
        var printed = new List<string>();

        await world.RunAsync(new FakeJob(context => printed.AddRange(context.Settings.PrintableKafka.Concat(context.Settings.PrintableSpark).Select(static entry => $"{entry.Key}={entry.Value}"))), "--config", file);

        printed.Should().HaveCount(7).And.OnlyContain(static line => line.EndsWith("=***", StringComparison.Ordinal));
    }
}
