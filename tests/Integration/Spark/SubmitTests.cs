using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Spark;

public class SubmitTests
{
    private static readonly string Scripts = Path.Combine(FindRepository(), "spark-submit");

    [Test]
    public void Without_Spark_a_job_runs_embedded()
    {
        var (code, output, _) = Run("stream-ingest.sh", [], "--dry-run", "--lake", "a lake");
        code.Should().Be(0);
        output.Should().MatchRegex(@"^dotnet \S+/StreamIngest\.dll --master embedded --lake a\\ lake");
    }

    [Test]
    public void With_Spark_it_runs_on_this_machine_with_what_its_jars_lack()
    {
        using var spark = new FakeHome("4.1.1", "2.13");
        var (code, output, _) = Run("batch-etl.sh", [("SPARK_HOME", spark.Folder), ("SPARK_CONF", "spark.driver.memory=2g spark.x=y")], "--dry-run", "--input", "x");
        code.Should().Be(0);
        output.Should().Contain(@"--master local\[\*\] --deploy-mode client --name batch-etl --class org.apache.spark.deploy.PythonRunner")
            .And.Contain("--packages io.delta:delta-spark_4.1_2.13:4.4.0\\,org.apache.spark:spark-sql-kafka-0-10_2.13:4.1.1")
            .And.Contain("--conf spark.driver.memory=2g --conf spark.x=y --conf spark.pyspark.driver.python=dotnet spark-internal")
            .And.MatchRegex(@"BatchEtl\.dll '' --master local\\\[\\\*\\\] --input x");
    }

    [TestCase(null, "-XX:OnOutOfMemoryError='kill -9 %p'")]
    [TestCase("-Dmine=1", "-XX:OnOutOfMemoryError='kill -9 %p' -Dmine=1")]
    [TestCase("-XX:+CrashOnOutOfMemoryError", "-XX:+CrashOnOutOfMemoryError")]
    public void A_JVM_without_memory_ends_unless_the_caller_says_otherwise(string? given, string expected)
    {
        using var spark = new FakeHome("4.1.1", "2.13");
        spark.Submit("#!/bin/sh\nprintf '%s' \"$SPARK_SUBMIT_OPTS\"\n");
        var (code, output, _) = Run("batch-etl.sh", [("SPARK_HOME", spark.Folder), .. given is null ? ((string, string)[])[] : [("SPARK_SUBMIT_OPTS", given)]]);
        code.Should().Be(0);
        output.Should().Be(expected);
    }

    [Test]
    public void Packages_follow_the_version_and_the_jars_at_hand()
    {
        using var old = new FakeHome("3.5.7", "2.12", "spark-sql-kafka-0-10_2.12-3.5.7.jar");
        Run("batch-etl.sh", [("SPARK_HOME", old.Folder)], "--dry-run").Output.Should().Contain("--packages io.delta:delta-spark_2.12:3.3.2 ");
        using var full = new FakeHome("4.1.1", "2.13", "spark-sql-kafka-0-10_2.13-4.1.1.jar", "delta-spark_4.1_2.13-4.4.0.jar");
        Run("batch-etl.sh", [("SPARK_HOME", full.Folder)], "--dry-run").Output.Should().NotContain("--packages");
        using var unknown = new FakeHome("5.0.0", "3.3");
        var (code, _, error) = Run("batch-etl.sh", [("SPARK_HOME", unknown.Folder)], "--dry-run");
        code.Should().Be(2);
        error.Should().Contain("Which Delta goes with Spark 5.0.0 is not known here.");
    }

    [Test]
    public void Yarn_in_cluster_mode_ships_the_program_and_the_files_that_options_name()
    {
        using var spark = new FakeHome("4.1.1", "2.13", "spark-sql-kafka-0-10_2.13-4.1.1.jar", "delta-spark_4.1_2.13-4.4.0.jar");
        var properties = Path.Combine(spark.Folder, "client.properties");
        File.WriteAllText(properties, "");
        var archive = Path.Combine(spark.Folder, "pipeline-0.10.0-linux-x64.tar.gz");
        foreach (var version in (string[])["0.9.0", "0.10.0"]) File.WriteAllText(Path.Combine(spark.Folder, $"pipeline-{version}-linux-x64.tar.gz"), "");
        var (code, output, _) = Run("stream-ingest.sh", [("SPARK_HOME", spark.Folder), ("MASTER", "yarn"), ("DEPLOY_MODE", "cluster"), ("DIST", spark.Folder), ("FILES", "/certs/ca.pem")], "--dry-run", "--kafka-config", properties);
        code.Should().Be(0);
        output.Should().Contain($"--archives {archive}#app").And.Contain($"--files /certs/ca.pem\\,{properties}").And.Contain("spark.driver.defaultJavaOptions=-XX:OnOutOfMemoryError=\\'kill\\ -9\\ %p\\'").And.Contain("spark.pyspark.driver.python=app/pipeline spark-internal stream-ingest '' --master yarn --kafka-config client.properties");
    }

    [Test]
    public void Kubernetes_in_cluster_mode_runs_the_images_program_and_ends_with_its_exit_code()
    {
        using var spark = new FakeHome("4.1.1", "2.13");
        spark.Submit("#!/bin/sh\nprintf '\\t Container state: Terminated\\n\\t Exit code: 3\\n' >&2\n");
        (string, string)[] settings = [("SPARK_HOME", spark.Folder), ("MASTER", "k8s://https://host:6443"), ("DEPLOY_MODE", "cluster"), ("IMAGE", "registry/pipeline:0.1.0")];
        Run("batch-etl.sh", settings, "--dry-run", "--dataset", "students").Output.Should().Contain("--master k8s://https://host:6443 --deploy-mode cluster --name batch-etl ")
            .And.Contain("--conf spark.jars.ivy=/tmp/.ivy2 --conf spark.kubernetes.container.image=registry/pipeline:0.1.0 ")
            .And.Contain("--conf spark.pyspark.driver.python=/opt/pipeline/pipeline spark-internal batch-etl '' --master k8s://https://host:6443 --dataset students");
        Run("batch-etl.sh", settings, "--dataset", "students").Code.Should().Be(3);
    }

    [TestCase("SPARK_CONF", "spark.ssl.keyPassword=x", "looks like a secret")]
    [TestCase("SPARK_CONF", "nonsense", "which is not key=value")]
    [TestCase("SPARK_HOME", "/nowhere", "which is not a Spark distribution")]
    [TestCase("APP", "/nowhere", "there is no BatchEtl.dll in it")]
    [TestCase("DEPLOY_MODE", "both", "it is client or cluster")]
    public void Wrong_settings_are_refused_in_a_sentence(string name, string value, string message)
    {
        using var spark = new FakeHome("4.1.1", "2.13");
        var (code, output, error) = Run("batch-etl.sh", [("SPARK_HOME", spark.Folder), (name, value)], "--dry-run");
        code.Should().Be(2);
        output.Should().BeEmpty();
        error.Should().StartWith("batch-etl.sh: ").And.Contain(message).And.NotContain("keyPassword=x");
    }

    [TestCase("--db-password=hunter2")]
    [TestCase("--db-password", "hunter2")]
    [TestCase("--password", "hunter2")]
    [TestCase("--passphrase", "hunter2")]
    [TestCase("--api-key", "hunter2")]
    [TestCase("--fs.azure.account.key.lake=hunter2")]
    public void Secrets_are_refused_among_the_jobs_arguments(params string[] arguments)
    {
        var (code, output, error) = Run("metrics-export.sh", [], ["--dry-run", .. arguments]);
        code.Should().Be(2);
        output.Should().BeEmpty();
        error.Should().Contain($"{arguments[0].Split('=')[0]} looks like a secret").And.NotContain("hunter2");
    }

    [TestCaseSource(typeof(SparkServer), nameof(SparkServer.VersionsOfTest))]
    public void The_jobs_exit_code_comes_through_spark_submit(string version)
    {
        var home = SparkServer.RequireHome(version);
        var (code, output, _) = Run("batch-etl.sh", [("SPARK_HOME", home), ("MASTER", "local[1]"), ("SPARK_CONF", "spark.ui.enabled=false")], "--dataset", "no-such-data", "--input", ".");
        code.Should().Be(2, output);
        output.Should().Contain("no-such-data");
    }

    private static (int Code, string Output, string Error) Run(string script, (string Name, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Scripts, script), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var name in new[] { "SPARK_HOME", "MASTER", "DEPLOY_MODE", "SPARK_CONF", "PACKAGES", "JARS", "FILES", "APP" }) _ = start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Pipeline.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return folder.FullName;
    }

    /// <summary>A folder that looks like a Spark.</summary>
    private sealed class FakeHome : IDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pipeline-tests-");

        public FakeHome(string version, string scala, params string[] jars)
        {
            _ = folder.CreateSubdirectory("jars");
            _ = folder.CreateSubdirectory("bin");
            foreach (var jar in jars.Append($"spark-core_{scala}-{version}.jar")) File.WriteAllText(Path.Combine(Folder, "jars", jar), "");
            Submit("");
        }

        public string Folder => folder.FullName;

        /// <summary>Says what its spark-submit does.</summary>
        public void Submit(string script)
        {
            var path = Path.Combine(Folder, "bin", "spark-submit");
            File.WriteAllText(path, script);
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        public void Dispose() => folder.Delete(recursive: true);
    }
}
