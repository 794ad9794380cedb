using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark.Delta;
using Pipeline.Engine.Spark.Launch;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Tests.Unit.Spark;

public class LaunchTests
{
    private DirectoryInfo folder = null!;

    [SetUp]
    public void Make() => folder = Directory.CreateTempSubdirectory("pipeline-tests-");

    [TearDown]
    public void Clean() => folder.Delete(recursive: true);

    [Test]
    public void A_Spark_is_known_by_its_jars()
    {
        Jar("spark-core_2.13-4.1.1.jar");
        Jar("delta-spark_4.1_2.13-4.4.0.jar");
        Submit();
        var home = SparkHome.Open(folder.FullName);
        (home.Version, home.ScalaVersion, home.HasDelta, home.HasKafka).Should().Be(("4.1.1", "2.13", true, false));
    }

    [Test]
    public void What_is_not_a_Spark_is_refused_in_one_sentence()
    {
        Refused(folder.FullName).Should().Be($"SPARK_HOME is '{folder.FullName}', which is not a Spark distribution: it needs bin/spark-submit and jars/spark-core_*.jar.");
        Refused("/nowhere").Should().Be("SPARK_HOME is '/nowhere', and there is no such folder. Set it to the folder of a Spark 3.5 or 4 distribution.");
        Refused("").Should().StartWith("SPARK_HOME is not set.");
        Jar("spark-core_2.12-3.4.2.jar");
        Submit();
        Refused(folder.FullName).Should().Be($"SPARK_HOME is '{folder.FullName}', which is Spark 3.4.2. Spark 3.5 or later is needed.");
    }

    [Test]
    public void Arguments_hold_settings_and_no_secrets()
    {
        var arguments = SparkProcess.Arguments(new SparkOptions
        {
            AppName = "a job",
            Master = "local[2]",
            Jars = ["a.jar", "b.jar"],
            Packages = ["g:a:1"],
            Conf = new Dictionary<string, string> { ["spark.driver.memory"] = "2g", ["spark.hadoop.fs.s3a.secret.key"] = "hunter2", ["spark.kafka.sasl.jaas.config"] = "hunter2", ["spark.ssl.passphrase"] = "hunter2", ["spark.x.apikey"] = "hunter2" },
        });
        arguments.Should().Equal(
            "--master", "local[2]", "--name", "a job", "--jars", "a.jar,b.jar", "--packages", "g:a:1", "--conf", "spark.driver.memory=2g",
            "--conf", "spark.ui.showConsoleProgress=false", "--conf", "spark.ui.enabled=false", "pyspark-shell");
    }

    [Test]
    public void The_JVM_gets_the_environment_that_it_needs_and_none_of_the_jobs_secrets()
    {
        var environment = new Dictionary<string, string?>
        {
            ["PATH"] = "/bin",
            ["HOME"] = "/home/etl",
            ["LC_ALL"] = "C.UTF-8",
            ["JAVA_HOME"] = "/java",
            ["SPARK_LOCAL_IP"] = "127.0.0.1",
            ["HADOOP_CONF_DIR"] = "/etc/hadoop",
            ["KRB5CCNAME"] = "/tmp/krb5",
            ["AWS_ACCESS_KEY_ID"] = "the lake's",
            ["PIPELINE_JVM_ENVIRONMENT"] = "MY_LISTENER, OTHER",
            ["MY_LISTENER"] = "x",
            ["PGPASSWORD"] = "canary",
            ["PIPELINE__KAFKA__SASL_PASSWORD"] = "canary",
            ["SASL_PASSWORD"] = "canary",
            ["PIPELINE_KAFKA_PASSWORD"] = "canary",
            ["NET_KEY"] = "canary",
            ["GITHUB_TOKEN"] = "canary",
        };

        JvmEnvironment.Restrict(environment);

        environment.Keys.Should().BeEquivalentTo("PATH", "HOME", "LC_ALL", "JAVA_HOME", "SPARK_LOCAL_IP", "HADOOP_CONF_DIR", "KRB5CCNAME", "AWS_ACCESS_KEY_ID", "MY_LISTENER");
    }

    [TestCase(null, "-XX:OnOutOfMemoryError='kill -9 %p'")]
    [TestCase("-Dmine=1", "-XX:OnOutOfMemoryError='kill -9 %p' -Dmine=1")]
    [TestCase("-XX:+CrashOnOutOfMemoryError", "-XX:+CrashOnOutOfMemoryError")]
    public void A_JVM_without_memory_ends_unless_the_caller_says_otherwise(string? given, string expected) => SparkProcess.EndingWithoutMemory(given).Should().Be(expected);

    [Test]
    public void Our_settings_yield_to_the_callers_but_Delta_stays()
    {
        var conf = SparkConf.Complete(new Dictionary<string, string> { ["spark.sql.extensions"] = "my.Extension", ["spark.sql.shuffle.partitions"] = "9" }, "local[*]", hasDelta: true);
        conf["spark.sql.extensions"].Should().Be("my.Extension,io.delta.sql.DeltaSparkSessionExtension");
        conf["spark.sql.shuffle.partitions"].Should().Be("9");
        conf["spark.sql.session.timeZone"].Should().Be("UTC");
        conf["spark.sql.ansi.enabled"].Should().Be("false");
        var cluster = SparkConf.Complete(new Dictionary<string, string>(), "yarn", hasDelta: false);
        cluster.Should().NotContainKeys("spark.sql.extensions", "spark.sql.shuffle.partitions", "spark.databricks.delta.snapshotPartitions");
    }

    [Test]
    public void Where_the_gateway_is_stands_in_a_file_of_port_length_and_secret()
    {
        byte[] info = [0, 0, 0x1F, 0x90, 0, 0, 0, 3, .. Encoding.UTF8.GetBytes("abc")];
        var (port, secret) = SparkProcess.ReadInfo(info);
        port.Should().Be(8080);
        secret.Matches("abc"u8).Should().BeTrue();
        FluentActions.Invoking(() => SparkProcess.ReadInfo(info.AsSpan(0, 10).ToArray())).Should().Throw<SparkStartException>().WithMessage("*has 10 bytes*");
    }

    [Test]
    public void A_merge_is_one_statement_with_names_quoted()
    {
        var merge = new MergeSpec("/t`x", "t", "SELECT 1", "s", "t.id = s.id",
            [new MergeClause("matchedUpdate", "s.a > 1", new Dictionary<string, string> { ["odd name"] = "s.a" }), new MergeClause("notMatchedInsert", null, null), new MergeClause("notMatchedBySourceDelete", null, null)],
            new Dictionary<string, string>());
        DeltaSql.Merge(merge).Should().Be("MERGE INTO delta.`/t``x` AS `t` USING (SELECT 1) AS `s` ON t.id = s.id WHEN MATCHED AND s.a > 1 THEN UPDATE SET `odd name` = s.a WHEN NOT MATCHED THEN INSERT * WHEN NOT MATCHED BY SOURCE THEN DELETE");
        FluentActions.Invoking(() => DeltaSql.Merge(merge with { Clauses = [new MergeClause("upsert", null, null)] })).Should().Throw<ArgumentException>().WithMessage("The merge clause 'upsert' is not known.*");
        DeltaSql.Text(@"it's \").Should().Be(@"'it\'s \\'");
    }

    private static string Refused(string home) => FluentActions.Invoking(() => SparkHome.Open(home)).Should().Throw<SparkStartException>().Where(error => error.IsConfiguration).Which.Message;

    private void Jar(string name) => File.WriteAllText(Path.Combine(folder.CreateSubdirectory("jars").FullName, name), "");

    private void Submit() => File.WriteAllText(Path.Combine(folder.CreateSubdirectory("bin").FullName, "spark-submit"), "");
}
