using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.EndToEnd.Spark;

/// <summary>tests/ThreeLines, a program of three lines with a lambda, unchanged: in its own process, under spark-submit, and on clusters whose executors are other processes.</summary>
[NonParallelizable]
public sealed class ThreeLinesTests
{
    private static readonly string Program = Repository.TestProgram("ThreeLines");

    [Test]
    public async Task By_itself_it_runs_embedded()
    {
        var run = await ProgramRun.DotnetAsync(Program, [], new Dictionary<string, string?> { ["MASTER"] = null, ["PYSPARK_GATEWAY_PORT"] = null });
        RowsOf(run).Should().OnlyContain(static program => Path.GetFileName(program) == "dotnet");
    }

    [TestCase("4.1")]
    [TestCase("3.5", Category = Lane.Nightly)]
    public async Task Under_spark_submit_its_executable_is_the_worker(string version)
    {
        var run = await SubmitAsync(SparkServer.RequireHome(version), "local[2]");
        RowsOf(run).Should().OnlyContain(static program => program == Path.ChangeExtension(Program, null));
    }

    [TestCase("4.1")]
    [TestCase("3.5", Category = Lane.Nightly)]
    public async Task On_a_standalone_cluster_the_executors_get_its_folder(string version)
    {
        using var cluster = StandaloneServer.Start(version);
        var run = await SubmitAsync(SparkServer.RequireHome(version), cluster.Master);
        RowsOf(run).Should().OnlyContain(static program => program.EndsWith("/pipeline-functions/Pipeline.Tests.ThreeLines", StringComparison.Ordinal) && !program.StartsWith(Repository.Root, StringComparison.Ordinal));
    }

    [Test]
    public async Task On_YARN_the_containers_get_its_folder()
    {
        var home = SparkServer.RequireHome("4.1");
        Server.Require("hdfs", Environment.GetEnvironmentVariable("HADOOP_HOME") is not null, "Set HADOOP_HOME to a Hadoop 3 distribution.");
        using var hdfs = HdfsServer.Start();
        using var yarn = YarnServer.Start(hdfs);
        var run = await SubmitAsync(home, "yarn", yarn.ConfFolder);
        RowsOf(run).Should().OnlyContain(static program => program.EndsWith("/pipeline-functions/Pipeline.Tests.ThreeLines", StringComparison.Ordinal) && !program.StartsWith(Repository.Root, StringComparison.Ordinal));
    }

    private static async Task<ProgramRun> SubmitAsync(string home, string master, string? hadoopConf = null)
    {
        string[] conf = ["spark.ui.enabled=false", "spark.driver.memory=1g", "spark.executor.memory=512m", "spark.executor.instances=1", "spark.log.level=ERROR"];
        var start = new ProcessStartInfo(
            Path.Combine(home, "bin", "spark-submit"),
            ["--master", master, .. conf.SelectMany(static setting => new[] { "--conf", setting }), "--conf", "spark.pyspark.driver.python=dotnet", "--class", "org.apache.spark.deploy.PythonRunner", "spark-internal", Program, ""])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _ = start.Environment.Remove("MASTER");
        start.Environment["SPARK_HOME"] = home;
        start.Environment["PYSPARK_PIN_THREAD"] = "false";
        start.Environment["JDK_JAVA_OPTIONS"] = SparkServer.ShortLived;
        start.Environment["HADOOP_CONF_DIR"] = hadoopConf;
        using var process = Process.Start(start)!;
        return await ProgramRun.OfAsync(process, $"spark-submit --master {master}", TimeSpan.FromMinutes(5));
    }

    /// <summary>The program that made each of the five rows.</summary>
    private static string[] RowsOf(ProgramRun run)
    {
        run.ExitCode.Should().Be(0, run.Out + run.Error);
        var rows = run.Out.Split('\n').Select(static line => line.Trim('|', ' ')).Where(static line => line.StartsWith("row ", StringComparison.Ordinal)).Select(static line => line.Split(" by ")).ToArray();
        rows.Select(static row => row[0]).Should().Equal(["row 0", "row 1", "row 4", "row 9", "row 16"], run.Out + run.Error);
        return [.. rows.Select(static row => row[1])];
    }
}
