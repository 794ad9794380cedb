using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Producer.Generating;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.EndToEnd.Spark;

/// <summary>The jobs, unchanged, on clusters: YARN with the driver in a container, Kafka over mutual TLS and the lake on hdfs://; standalone in client mode.</summary>
[NonParallelizable]
public sealed class ClusterTests
{
    private const int Rows = 300;
    private const string BadTopic = "broken";
    private HdfsServer hdfs = null!;
    private KafkaServer kafka = null!;
    private TemporaryFolder folder = null!;
    private string home = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        home = SparkServer.RequireHome("4.1");
        Server.Require("hdfs", Environment.GetEnvironmentVariable("HADOOP_HOME") is not null, "Set HADOOP_HOME to a Hadoop 3 distribution.");
        kafka = await KafkaServer.StartAsync(withTls: true);
        hdfs = HdfsServer.Start();
        folder = new TemporaryFolder();
        await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", Rows, 31, folder["data"]), CancellationToken.None);
        Hdfs("-mkdir", "-p", "/landing", "/reference");
        Hdfs(["-put", .. Directory.GetFiles(folder["data"], "*.csv"), "/landing"]);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        hdfs?.Dispose();
        if (kafka is not null) await kafka.DisposeAsync();
        folder?.Dispose();
    }

    [Test]
    public async Task On_YARN_a_stream_from_Kafka_over_mutual_TLS_lands_on_HDFS_and_its_exit_code_comes_through()
    {
        using var yarn = YarnServer.Start(hdfs);
        await PackAsync();
        var sent = await Programs.ProducerAsync(
            ["send", "water-quality", "--file", Directory.GetFiles(folder["data"], "LTM_Data*.csv").Single(), "--bootstrap-servers", kafka.TlsBootstrapServers, "--kafka-config", kafka.WriteClientProperties(), "--pause", "0"]);
        sent.ExitCode.Should().Be(0, sent.Error);
        SendBroken();
        // As the files are named where they stand in a container.
        await File.WriteAllTextAsync(folder["client.properties"], $"security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location={Path.GetFileName(kafka.Certificates!.Authority)}\nssl.keystore.type=PEM\nssl.keystore.location={Path.GetFileName(kafka.Certificates.Client)}\n");
        var environment = OnYarn(yarn);
        string[] arguments = ["--dataset", "water-quality", "--bootstrap-servers", kafka.TlsBootstrapServers, "--kafka-config", folder["client.properties"], "--available-now"];

        var done = await SubmitScript.RunAsync("stream-ingest.sh", environment, [.. arguments, "--lake", $"{hdfs.HdfsUri}/lake"], TimeSpan.FromMinutes(5));
        done.ExitCode.Should().Be(ExitCodes.Done, done.Out + done.Error + yarn.ContainerLogs());
        Hdfs("-cat", "/lake/runs/*/result.json").Should().Contain("\"exit_code\": 0").And.Contain("\"name\": \"spark\"").And.MatchRegex($"\"written\": {Rows}\\b");

        var broken = await SubmitScript.RunAsync("stream-ingest.sh", environment, [.. arguments, "--topic", BadTopic, "--lake", $"{hdfs.HdfsUri}/broken"], TimeSpan.FromMinutes(5));
        broken.ExitCode.Should().Be(ExitCodes.BatchQuarantined, broken.Out + broken.Error + yarn.ContainerLogs());
        Hdfs("-ls", "/broken/quarantine/water_samples/_delta_log").Should().Contain("00000000000000000000.json");

        var samples = Session(spark => spark.Read().Format("delta").Load($"{hdfs.WebHdfsUri}/lake/tables/water_samples").Count());
        samples.Should().Be(Rows);
    }

    [Test]
    public async Task On_a_standalone_cluster_files_and_references_on_HDFS_make_the_tables_that_the_embedded_engine_makes_of_them()
    {
        using var cluster = StandaloneServer.Start("4.1");
        string[] arguments = ["--dataset", "water-quality", "--input", $"{hdfs.HdfsUri}/landing", "--lake", $"{hdfs.HdfsUri}/standalone"];
        var environment = SubmitScript.Local(home, cluster.Master, $"spark.executor.memory=1g spark.databricks.delta.snapshotPartitions=2 spark.sql.sources.parallelPartitionDiscovery.parallelism=2 {SubmitScript.Quick}");
        environment["APP"] = Path.GetDirectoryName(Repository.Program("jobs/Pipeline", "pipeline"));
        environment["PIPELINE_HDFS_HTTP"] = HdfsHttp;
        var done = await SubmitScript.RunAsync("batch-etl.sh", environment, arguments, TimeSpan.FromMinutes(5));
        done.ExitCode.Should().Be(ExitCodes.Done, done.Out + done.Error);

        // The same references through the embedded engine: created again, the enriched table has the same rows.
        var full = await Programs.PipelineAsync(
            ["hdfs-enrich", "--full", "--master", "embedded", "--dataset", "water-quality", "--reference", $"{hdfs.HdfsUri}/landing", "--lake", $"{hdfs.HdfsUri}/standalone"],
            new Dictionary<string, string?> { ["PIPELINE_HDFS_HTTP"] = HdfsHttp });
        full.ExitCode.Should().Be(ExitCodes.Done, full.Error);
        var (rows, missing, added) = Session(spark =>
        {
            var bySpark = spark.Read().Format("delta").Option("versionAsOf", 0).Load($"{hdfs.WebHdfsUri}/standalone/tables/water_measurements");
            var embedded = spark.Read().Format("delta").Option("versionAsOf", 1).Load($"{hdfs.WebHdfsUri}/standalone/tables/water_measurements");
            return (embedded.Count(), bySpark.ExceptAll(embedded).Count(), embedded.ExceptAll(bySpark).Count());
        });
        rows.Should().BeGreaterThan(Rows);
        (missing, added).Should().Be((0, 0));
    }

    private string HdfsHttp => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{hdfs.HttpPort}");

    private Dictionary<string, string?> OnYarn(YarnServer yarn) => new()
    {
        ["SPARK_HOME"] = home,
        ["MASTER"] = "yarn",
        ["DEPLOY_MODE"] = "cluster",
        ["HADOOP_CONF_DIR"] = yarn.ConfFolder,
        ["DIST"] = folder["dist"],
        ["PIPELINE_HDFS_HTTP"] = HdfsHttp,
        ["FILES"] = $"{kafka.Certificates!.Authority},{kafka.Certificates.Client}",
        // The archive brings its runtime: one that the node may have is hidden from it.
        ["SPARK_CONF"] = $"spark.yarn.jars=local:{home}/jars/* spark.driver.memory=1g spark.executor.memory=1g spark.executor.instances=1 spark.sql.shuffle.partitions=2 spark.databricks.delta.snapshotPartitions=2 "
            + $"spark.yarn.appMasterEnv.DOTNET_ROOT=/nowhere {SubmitScript.Quick}",
    };

    private void SendBroken()
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, LingerMs = 5 }).Build();
        for (var i = 0; i < 60; i++) producer.Produce(BadTopic, new Message<Null, string> { Value = "{" });
        producer.Flush(TimeSpan.FromSeconds(20)).Should().Be(0);
    }

    private static T Session<T>(Func<SparkSession, T> ask)
    {
        using var engine = EngineFactory.Create(new EngineSettings("embedded", "compare", new Dictionary<string, string>()));
        return ask(SparkSession.ForEngine(engine));
    }

    /// <summary>Packs the program the way its users do: with the runtime inside, of what these tests were built from.</summary>
    private async Task PackAsync()
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "spark-submit", "dist.sh"), "--self-contained"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DIST"] = folder["dist"];
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["CONFIGURATION"] = Repository.Program("jobs/Pipeline", "pipeline").Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        using var process = Process.Start(start)!;
        var packed = await ProgramRun.OfAsync(process, "dist.sh", TimeSpan.FromMinutes(5));
        packed.ExitCode.Should().Be(0, packed.Out + packed.Error);
    }

    private string Hdfs(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Environment.GetEnvironmentVariable("HADOOP_HOME")!, "bin", "hdfs"), ["dfs", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HADOOP_CONF_DIR"] = hdfs.ConfFolder;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, $"hdfs dfs {string.Join(' ', arguments)}: {error.Result}");
        return output;
    }
}
