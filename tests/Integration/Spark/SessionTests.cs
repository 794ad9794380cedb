using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Spark;

[TestFixtureSource(typeof(SparkServer), nameof(SparkServer.VersionsOfFixture))]
public class SessionTests(string version)
{
    private SparkEngine spark = null!;
    private DirectoryInfo folder = null!;

    [OneTimeSetUp]
    public void Connect()
    {
        spark = SparkServer.Engine(version);
        folder = Directory.CreateTempSubdirectory("pipeline-tests-");
    }

    [OneTimeTearDown]
    public void Clean() => folder?.Delete(recursive: true);

    [Test]
    public void The_session_has_our_settings()
    {
        spark.Version.Should().StartWith(version);
        spark.GetConf("spark.sql.session.timeZone").Should().Be("UTC");
        spark.GetConf("spark.sql.ansi.enabled").Should().Be("false");
        spark.GetConf("no.such.key").Should().BeNull();
        spark.SetConf("pipeline.test", "a=b c");
        spark.GetConf("pipeline.test").Should().Be("a=b c");
    }

    [Test]
    public void An_unknown_table_is_told_in_one_line_with_its_codes()
    {
        var error = FluentActions.Invoking(() => spark.Describe("select * from no_such_table")).Should().Throw<JvmException>().Which;
        error.Message.Should().StartWith("[TABLE_OR_VIEW_NOT_FOUND]").And.NotContain("\n");
        error.ErrorClass.Should().Be("TABLE_OR_VIEW_NOT_FOUND");
        error.SqlState.Should().Be("42P01");
        error.RemoteClass.Should().EndWith("AnalysisException");
        error.RemoteStackTrace.Should().Contain("\tat org.apache.spark");
        error.IsTransient.Should().BeFalse();
    }

    [Test]
    public void A_running_query_is_cancelled_and_the_session_goes_on()
    {
        const string slow = "select count(*) as n from range(0, 100000000000, 1, 8) where id % 7 = 3";
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var started = Stopwatch.StartNew();
        FluentActions.Invoking(() => spark.Query(slow, new StructType(new StructField("n", new LongType())), cancel.Token).ToList()).Should().Throw<OperationCanceledException>()
            .Which.CancellationToken.Should().Be(cancel.Token);
        started.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(8));
        spark.Query("select 1L as n", new StructType(new StructField("n", new LongType())), CancellationToken.None).Single().Get(0).Should().Be(1L);
        FluentActions.Invoking(() => spark.Execute("select 1", cancel.Token)).Should().Throw<OperationCanceledException>();
    }

    [Test]
    public void Thousands_of_calls_leave_no_references()
    {
        var schema = new StructType(new StructField("n", new IntegerType()));
        _ = spark.Query("select 1 as n", schema).Single();
        var before = spark.LiveReferences;
        for (var i = 0; i < 60; i++)
        {
            _ = spark.Describe("select 1 as n");
            _ = FluentActions.Invoking(() => spark.Describe("selec")).Should().Throw<EngineException>();
        }
        string released;
        using (var scope = spark.Begin())
        {
            for (var i = 0; i < 3000; i++) _ = scope.Object(spark.Session, "conf");
            released = scope.Object(spark.Session, "conf").Id;
        }
        spark.LiveReferences.Should().Be(before);
        using var after = spark.Begin();
        FluentActions.Invoking(() => after.Call(new JvmObject(released, 'r'), "toString")).Should().Throw<JvmException>().Which.IsGatewayRefusal.Should().BeTrue();
    }

    [Test]
    public void A_short_operation_takes_no_time_for_its_end()
    {
        for (var i = 0; i < 100; i++) _ = spark.GetConf("spark.app.name");
        var started = Stopwatch.StartNew();
        for (var i = 0; i < 50; i++) _ = spark.GetConf("spark.app.name");
        (started.Elapsed / 50).Should().BeLessThan(TimeSpan.FromMilliseconds(30), "releasing two references must not wait for an acknowledgement that is put off for 40 ms");
    }

    [Test]
    public void Views_are_made_replaced_refused_and_dropped()
    {
        spark.CreateTempView("one_view", "select 1 as a");
        spark.CreateTempView("one_view", "select 2 as a");
        spark.Query("select a from one_view", spark.Describe("select a from one_view")).Single().Get(0).Should().Be(2);
        FluentActions.Invoking(() => spark.CreateTempView("one_view", "select 3 as a", replace: false)).Should().Throw<EngineException>().Which.ErrorClass.Should().Be("TEMP_TABLE_OR_VIEW_ALREADY_EXISTS");
        spark.DropTempView("one_view").Should().BeTrue();
        spark.DropTempView("one_view").Should().BeFalse();
    }

    [TestCase("parquet"), TestCase("json"), TestCase("csv")]
    public void Files_are_written_by_mode_and_read_by_declared_schema(string format)
    {
        var path = Path.Combine(folder.FullName, $"{version}-{format}");
        var schema = new StructType(new StructField("id", new LongType()), new StructField("name", new StringType()));
        var sql = "select id, concat('n', id) as name from range(3)";
        spark.Write(sql, schema, new SinkSpec(format, path, "errorifexists", [], Options(("header", "true"))));
        FluentActions.Invoking(() => spark.Write(sql, schema, new SinkSpec(format, path, "errorifexists", [], Options()))).Should().Throw<EngineException>();
        spark.Write(sql, schema, new SinkSpec(format, path, "append", [], Options(("header", "true"))));
        var view = spark.OpenSource(new SourceSpec(format, [path], Options(("header", "true")), schema, false));
        view.Schema.FieldNames.Should().Equal("id", "name");
        spark.Query($"select id, name from {view.Name} order by id", schema).Select(row => row.Get(0)).Should().Equal(0L, 0L, 1L, 1L, 2L, 2L);
    }

    [Test]
    public void Partitions_become_folders_and_several_paths_one_source()
    {
        var path = Path.Combine(folder.FullName, $"{version}-parts");
        var schema = spark.Describe("select id, id % 2 as p from range(4)");
        spark.Write("select id, id % 2 as p from range(4)", schema, new SinkSpec("parquet", path, "overwrite", ["p"], Options()));
        var view = spark.OpenSource(new SourceSpec("parquet", [Path.Combine(path, "p=0"), Path.Combine(path, "p=1")], Options(), null, false));
        spark.Query($"select count(*) as n from {view.Name}", new StructType(new StructField("n", new LongType()))).Single().Get(0).Should().Be(4L);
    }

    [Test]
    public void Small_files_are_kept_through_Hadoop()
    {
        var root = $"file://{folder.FullName}/{version}-state";
        spark.Files.Exists(root).Should().BeFalse();
        spark.Files.List(root).Should().BeEmpty();
        spark.Files.CreateFolder(root);
        var bytes = Enumerable.Range(0, 300).Select(number => (byte)number).ToArray();
        spark.Files.WriteIfAbsent($"{root}/a.bin", bytes).Should().BeTrue();
        spark.Files.WriteIfAbsent($"{root}/a.bin", [1]).Should().BeFalse();
        spark.Files.Read($"{root}/a.bin").Should().Equal(bytes);
        spark.Files.Write($"{root}/a.bin", [7, 8]);
        spark.Files.Read($"{root}/a.bin").Should().Equal(7, 8);
        spark.Files.WriteIfAbsent($"{root}/b.bin", []).Should().BeTrue();
        spark.Files.Rename($"{root}/b.bin", $"{root}/a.bin").Should().BeFalse();
        spark.Files.Rename($"{root}/b.bin", $"{root}/c.bin").Should().BeTrue();
        spark.Files.List(root).Select(file => (Path.GetFileName(file.Uri), file.SizeBytes, file.IsFolder)).Should().Equal(("a.bin", 2L, false), ("c.bin", 0L, false));
        FluentActions.Invoking(() => spark.Files.Read($"{root}/nope")).Should().Throw<JvmException>().Which.RemoteClass.Should().Be("java.io.FileNotFoundException");
        spark.Files.Delete($"{root}/c.bin").Should().BeTrue();
        spark.Files.Delete($"{root}/c.bin").Should().BeFalse();
        spark.Files.Delete(root, recursive: true).Should().BeTrue();
    }

    private static Dictionary<string, string> Options(params (string Key, string Value)[] options) => options.ToDictionary(pair => pair.Key, pair => pair.Value);
}
