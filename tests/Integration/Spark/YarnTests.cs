using System.Diagnostics;
using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Spark;

/// <summary>The batch job, unchanged, in YARN's cluster mode: the driver in a container, the lake on hdfs://.</summary>
public class YarnTests
{
    private HdfsServer hdfs = null!;
    private YarnServer yarn = null!;
    private TemporaryFolder folder = null!;
    private string home = null!;

    [OneTimeSetUp]
    public void Start()
    {
        home = SparkServer.RequireHome("4.1");
        Server.Require("hdfs", Environment.GetEnvironmentVariable("HADOOP_HOME") is not null, "Set HADOOP_HOME to a Hadoop 3 distribution.");
        folder = new TemporaryFolder();
        Pack(Path.GetDirectoryName(Repository.Program("jobs/Pipeline", "pipeline"))!, folder["app.tar.gz"]);
        hdfs = HdfsServer.Start();
        yarn = YarnServer.Start(hdfs);
    }

    [OneTimeTearDown]
    public void Stop()
    {
        yarn?.Dispose();
        hdfs?.Dispose();
        folder?.Dispose();
    }

    [Test]
    public void A_job_runs_with_its_driver_in_a_container_and_its_lake_on_HDFS()
    {
        Server.Require("data", Repository.RealData is not null, "Set PIPELINE_TEST_DATA to the folder of the water-quality files.");
        foreach (var file in Directory.GetFiles(Repository.RealData!, "*_2022_8_1.csv"))
            File.WriteAllLines(folder[Path.GetFileName(file)], Path.GetFileName(file).StartsWith("LTM", StringComparison.Ordinal) ? File.ReadLines(file).Take(300) : File.ReadLines(file));
        Hdfs("-mkdir", "-p", "/landing");
        Hdfs(["-put", .. Directory.GetFiles(folder.Path, "*.csv"), "/landing"]);
        var (code, log) = Run("--dataset", "water-quality", "--input", $"{hdfs.HdfsUri}/landing", "--lake", $"{hdfs.HdfsUri}/lake");
        code.Should().Be(0, log + yarn.ContainerLogs());
        Hdfs("-ls", "-R", "/lake").Should().Contain("/lake/tables/water_samples/_delta_log/00000000000000000000.json").And.Contain("/result.json");
        Hdfs("-cat", "/lake/runs/*/result.json").Should().Contain("\"exit_code\": 0").And.Contain("\"name\": \"spark\"");
    }

    [Test]
    public void The_jobs_exit_code_comes_through_cluster_mode()
    {
        var (code, log) = Run("--dataset", "no-such-data", "--input", $"{hdfs.HdfsUri}/landing", "--lake", $"{hdfs.HdfsUri}/lake");
        code.Should().Be(2, log + yarn.ContainerLogs());
    }

    private static void Pack(string from, string archive)
    {
        using var tar = Process.Start("tar", ["--create", "--gzip", "--file", archive, "--directory", from, "."]);
        tar.WaitForExit();
        tar.ExitCode.Should().Be(0);
    }

    private (int Code, string Log) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "spark-submit", "batch-etl.sh"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SPARK_HOME"] = home;
        start.Environment["MASTER"] = "yarn";
        start.Environment["DEPLOY_MODE"] = "cluster";
        start.Environment["HADOOP_CONF_DIR"] = yarn.ConfFolder;
        start.Environment["APP_ARCHIVE"] = folder["app.tar.gz"];
        start.Environment["PIPELINE_HDFS_HTTP"] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{hdfs.HttpPort}");
        // The build's program, unlike a self-contained one, needs the runtime that runs these tests.
        start.Environment["SPARK_CONF"] = $"spark.yarn.jars=local:{home}/jars/* spark.driver.memory=1g spark.executor.memory=1g spark.executor.instances=1 spark.sql.shuffle.partitions=2 spark.databricks.delta.snapshotPartitions=2 spark.yarn.appMasterEnv.DOTNET_ROOT={Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../.."))}";
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
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
