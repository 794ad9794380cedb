using System.Runtime.Versioning;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Spark.Launch;

namespace Pipeline.Tests.Unit.Runtime;

/// <summary>Settings that load code are taken from files that the user named, owns and alone can write, and from the environment.</summary>
[NonParallelizable]
[SupportedOSPlatform("linux")]
public class CodeKeysTests
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly string[] KafkaKeys =
    [
        "plugin.library.paths", "sasl.kerberos.kinit.cmd", "ssl.engine.location", "ssl.engine.id", "ssl.providers", "interceptor.classes", "metric.reporters",
        "ssl.engine.factory.class", "sasl.login.callback.handler.class", "config.providers", "config.providers.x.class", "Plugin.Library.Paths",
    ];

    private static readonly string[] SparkKeys =
    [
        "spark.jars", "spark.jars.packages", "spark.plugins", "spark.extraListeners", "spark.driver.extraClassPath", "spark.driver.extraJavaOptions", "spark.executor.extraJavaOptions",
        "spark.executor.extraLibraryPath", "spark.sql.extensions", "spark.sql.catalog.x", "spark.pyspark.driver.python", "spark.executorEnv.LD_PRELOAD", "spark.hadoop.fs.x.impl",
    ];

    [TestCaseSource(nameof(KafkaKeys))]
    public void Kafkas_keys_that_load_code_are_known(string key) => KafkaClientProperties.LoadsCode(key).Should().BeTrue();

    [TestCaseSource(nameof(SparkKeys))]
    public void Sparks_keys_that_load_code_are_known(string key) => SparkOptions.LoadsCode(key).Should().BeTrue();

    [TestCase("spark.driver.memory")]
    [TestCase("spark.executor.cores")]
    [TestCase("spark.sql.shuffle.partitions")]
    [TestCase("spark.hadoop.fs.s3a.endpoint")]
    public void Other_keys_of_Spark_load_none(string key) => SparkOptions.LoadsCode(key).Should().BeFalse();

    [TestCase("kafka", "plugin.library.paths")]
    [TestCase("kafka", "sasl.kerberos.kinit.cmd")]
    [TestCase("kafka", "ssl.engine.location")]
    [TestCase("kafka", "ssl.providers")]
    [TestCase("spark", "spark.jars")]
    public async Task A_file_that_was_only_found_in_the_folder_loads_no_code(string section, string key)
    {
        var world = new FakeWorld();
        Keep(world.Write("pipeline.yml", $"{section}:\n  {key}: /tmp/evil\n"));

        (await InFolderAsync(world)).Should().Be(2);

        world.Error.Should().StartWith($"error: The settings file 'pipeline.yml' has the key '{section}: {key}', which loads code, and nobody named it");
        Directory.Exists(world.Lake).Should().BeFalse("nothing has begun");
    }

    [Test]
    public async Task A_properties_file_that_such_a_file_names_was_not_named_either()
    {
        var world = new FakeWorld();
        var properties = Keep(world.Write("evil.properties", "plugin.library.paths=/tmp/evil\n"));
        Keep(world.Write("pipeline.yml", $"kafka-config: {properties}\n"));

        (await InFolderAsync(world)).Should().Be(2);

        world.Error.Should().Contain("evil.properties' has the key 'plugin.library.paths', which loads code, and nobody named it");
    }

    [Test]
    public async Task A_file_that_others_can_write_loads_no_code()
    {
        foreach (var more in new[] { UnixFileMode.GroupWrite, UnixFileMode.OtherWrite })
        {
            var world = new FakeWorld();
            var file = world.Write("named.yml", "kafka:\n  ssl.providers: evil\n");
            File.SetUnixFileMode(file, OwnersOnly | more);
            var properties = world.Write("named.properties", "ssl.engine.location=/tmp/evil\n");
            File.SetUnixFileMode(properties, OwnersOnly | more);

            (await world.RunAsync(new FakeJob(), "--config", file)).Should().Be(2);
            (await world.RunAsync(new FakeJob(), "--kafka-config", properties)).Should().Be(2);

            world.Error.Should().Contain($"'{file}' has the key 'kafka: ssl.providers', which loads code, and other users may write it");
            world.Error.Should().Contain($"'{properties}' has the key 'ssl.engine.location', which loads code, and other users may write it");
        }
    }

    [Test]
    public async Task A_file_of_another_user_loads_no_code()
    {
        var world = new FakeWorld();
        var file = Keep(world.Write("named.yml", "kafka:\n  ssl.providers: evil\n"));
        using (var chown = System.Diagnostics.Process.Start("chown", ["12345", file]))
        {
            await chown.WaitForExitAsync();
            if (chown.ExitCode != 0) Assert.Ignore("Only root gives files away.");
        }

        (await world.RunAsync(new FakeJob(), "--config", file)).Should().Be(2);

        world.Error.Should().Contain("which loads code, and it belongs to another user");
    }

    [Test]
    public async Task What_the_user_named_owns_and_alone_can_write_is_taken_and_so_is_the_environment()
    {
        var world = new FakeWorld();
        var properties = Keep(world.Write("named.properties", "ssl.engine.location=/opt/engine.so\n"));
        var file = Keep(world.Write("named.yml", $"kafka-config: {properties}\nkafka:\n  ssl.providers: default\nspark:\n  spark.jars: /opt/x.jar\n"));
        world.Environment["PIPELINE__KAFKA__PLUGIN_LIBRARY_PATHS"] = "/opt/plugin.so";
        var seen = new Dictionary<string, string>();

        (await world.RunAsync(new FakeJob(context => seen = context.Settings.Kafka.Concat(context.Settings.Spark).ToDictionary()), "--config", file)).Should().Be(0, world.Error);

        seen.Should().Equal(new Dictionary<string, string> { ["ssl.engine.location"] = "/opt/engine.so", ["ssl.providers"] = "default", ["plugin.library.paths"] = "/opt/plugin.so", ["spark.jars"] = "/opt/x.jar" });
    }

    [Test]
    public async Task Keys_that_load_no_code_are_taken_from_a_file_in_the_folder()
    {
        var world = new FakeWorld();
        world.Write("pipeline.yml", "kafka:\n  client.id: fish\n");

        (await InFolderAsync(world)).Should().Be(0, world.Error);
    }

    private static string Keep(string file)
    {
        File.SetUnixFileMode(file, OwnersOnly);
        return file;
    }

    private static async Task<int> InFolderAsync(FakeWorld world)
    {
        var before = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(world.Folder);
        try
        {
            return await world.RunAsync(new FakeJob());
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }
}
