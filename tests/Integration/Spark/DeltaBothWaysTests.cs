using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Integration.Spark;

/// <summary>One table, two engines in turn: what the one wrote the other reads, restores, appends to, merges into and vacuums, and the first goes on from there.</summary>
[TestFixtureSource(typeof(SparkServer), nameof(SparkServer.VersionsOfFixture))]
public class DeltaBothWaysTests(string version)
{
    private static readonly StructType Schema = new(
        new StructField("id", new LongType()), new StructField("name", new StringType()), new StructField("value", new DoubleType()), new StructField("money", new DecimalType(20, 4)),
        new StructField("at", new TimestampType()), new StructField("day", new DateType()), new StructField("tags", new ArrayType(new StringType())), new StructField("part", new StringType()));

    private IEngine embedded = null!;
    private TemporaryFolder folder = null!;

    [OneTimeSetUp]
    public void Start()
    {
        _ = SparkServer.Engine(version);
        embedded = EngineFactory.Create(new EngineSettings("embedded", "both", new Dictionary<string, string>()));
        embedded.SetConf("spark.databricks.delta.retentionDurationCheck.enabled", "false");
        folder = new TemporaryFolder();
    }

    [OneTimeTearDown]
    public void Stop()
    {
        embedded?.Dispose();
        folder?.Dispose();
    }

    [TestCase("embedded", "spark")]
    [TestCase("spark", "embedded")]
    public void A_table_of_one_engine_is_the_others_too(string writer, string other)
    {
        var (first, second) = (Session(writer), Session(other));
        var path = folder[$"{writer}-{other}"];
        Write(first, path, SaveMode.ErrorIfExists, 1, 2, 3);
        Write(first, path, SaveMode.Append, 4);
        Write(first, path, SaveMode.Overwrite, 9);

        Rows(second, path).Should().Equal(Rows(first, path)).And.Equal(Expected(9));
        Rows(second, path, 0).Should().Equal(Expected(1, 2, 3));
        var table = DeltaTable.ForPath(second, path);
        table.History().Select("version").OrderBy("version").Collect().Select(row => row.Get(0)).Should().Equal(0L, 1L, 2L);

        _ = table.RestoreToVersion(1);
        Rows(first, path).Should().Equal(Expected(1, 2, 3, 4));
        Write(second, path, SaveMode.Append, 5);
        Rows(first, path).Should().Equal(Expected(1, 2, 3, 4, 5));
        table.As("t").Merge(Frame(second, 5, 6).WithColumn("name", Lit("merged")).As("s"), Col("t.id") == Col("s.id")).WhenMatched().UpdateAll().WhenNotMatched().InsertAll().Execute();
        table.Delete(Col("id") == 1);
        Names(first, path).Should().Equal("2 row 2", "3 row 3", "4 row 4", "5 merged", "6 merged");

        var doomed = second.Engine.Delta.Vacuum(path, 0, dryRun: true);
        doomed.Should().NotBeEmpty();
        second.Engine.Delta.Vacuum(path, 0, dryRun: false).Should().HaveCount(doomed.Count);
        Names(first, path).Should().Equal("2 row 2", "3 row 3", "4 row 4", "5 merged", "6 merged");
        FluentActions.Invoking(() => Rows(first, path, 2)).Should().Throw<EngineException>("version 2 has lost its file");
        Write(first, path, SaveMode.Append, 7);
        first.Engine.Delta.LatestVersion(path).Should().Be(second.Engine.Delta.LatestVersion(path));
        Names(second, path).Should().EndWith("7 row 7").And.HaveCount(6);
    }

    [TestCase("embedded", "spark")]
    [TestCase("spark", "embedded")]
    public void A_piece_of_work_that_one_engine_committed_the_other_does_not_repeat(string writer, string other)
    {
        var (first, second) = (Session(writer), Session(other));
        var path = folder[$"txn-{writer}-{other}"];
        Work(first, 7, 1);
        Work(second, 7, 1);
        Rows(second, path).Should().Equal(Expected(1));
        Work(second, 8, 2);
        Work(first, 8, 2);
        Rows(first, path).Should().Equal(Expected(1, 2));

        void Work(SparkSession spark, long number, long id) => Frame(spark, id).Write().Format("delta").Mode("append").Option("txnAppId", "stream").Option("txnVersion", number).Save(path);
    }

    [TestCase("embedded", "spark")]
    [TestCase("spark", "embedded")]
    public void Twelve_commits_by_turns_with_checkpoints_between_lose_nothing(string writer, string other)
    {
        var path = folder[$"turns-{writer}-{other}"];
        for (var i = 0; i < 12; i++) Write(Session(i % 2 == 0 ? writer : other), path, SaveMode.Append, i);
        Directory.GetFiles(Path.Combine(path, "_delta_log"), "*.checkpoint*.parquet").Should().NotBeEmpty();
        Rows(Session(writer), path).Should().Equal(Rows(Session(other), path)).And.Equal(Expected([.. Enumerable.Range(0, 12).Select(i => (long)i)]));
    }

    [Test]
    public void An_update_and_a_merge_by_source_mean_the_same_on_both_engines()
    {
        foreach (var name in new[] { "embedded", "spark" })
        {
            var spark = Session(name);
            var path = folder[$"update-{name}"];
            Write(spark, path, SaveMode.ErrorIfExists, 1, 2, 3, 4);
            var table = DeltaTable.ForName(spark, $"delta.`{path}`");
            table.Update(Col("id") > 2, new Dictionary<string, Column> { ["name"] = Concat(Col("name"), Lit("!")), ["Value"] = Col("id") + 1 }).Should().Be(1);
            table.UpdateExpr("id = 1", new Dictionary<string, string> { ["name"] = "upper(name)", ["part"] = "'other'" }).Should().Be(2);
            table.UpdateExpr("id = 99", new Dictionary<string, string> { ["name"] = "'none'" });
            Names(Session("spark"), path).Should().Equal("1 ROW 1", "2 row 2", "3 row 3!", "4 row 4!");
            Names(Session("embedded"), path).Should().Equal("1 ROW 1", "2 row 2", "3 row 3!", "4 row 4!");
            var update = table.Commits().Single(static commit => commit.Version == 1);
            update.Operation.Should().Be("UPDATE");
            update.OperationMetrics.Should().Contain("numUpdatedRows", "2");
            table.As("t").Merge(Frame(spark, 1, 2).As("s"), "t.id = s.id")
                .WhenNotMatchedBySource("t.id = 3").Delete()
                .WhenNotMatchedBySource().UpdateExpr(new Dictionary<string, string> { ["name"] = "concat(t.name, ' left')" })
                .Execute();
            Names(Session("spark"), path).Should().Equal("1 ROW 1", "2 row 2", "4 row 4! left");
            Names(Session("embedded"), path).Should().Equal("1 ROW 1", "2 row 2", "4 row 4! left");
            table.Update(new Dictionary<string, Column> { ["name"] = Lit("all") });
            Names(Session("spark"), path).Should().Equal("1 all", "2 all", "4 all");
        }
    }

    private SparkSession Session(string name) => SparkSession.ForEngine(name == "spark" ? SparkServer.Engine(version) : embedded);

    private static DataFrame Frame(SparkSession spark, params long[] ids) => spark.CreateDataFrame(ids.Select(Row), Schema);

    private static object?[] Row(long id) =>
        [id, $"row {id}", id / 3.0, id + 0.0001m, new DateTime(1969, 7, 20, 20, 17, 40, DateTimeKind.Utc).AddMicroseconds(id), new DateOnly(1969, 7, 20).AddDays((int)id), id % 2 == 0 ? null : new object?[] { "é", null }, id % 2 == 0 ? "even / 0%" : null];

    private static void Write(SparkSession spark, string path, SaveMode mode, params long[] ids) => Frame(spark, ids).Write().Format("delta").Mode(mode).PartitionBy("part").Save(path);

    private static List<string> Rows(SparkSession spark, string path, int? atVersion = null)
    {
        var reader = spark.Read().Format("delta");
        return [.. (atVersion is { } number ? reader.Option("versionAsOf", number) : reader).Load(path).OrderBy("id").Collect().Select(row => Text(row.Values))];
    }

    private static List<string> Expected(params long[] ids) => [.. ids.Select(id => Text(Row(id)))];

    private static string Text(object?[] values) => string.Join(" | ", values.Select(value => value switch
    {
        object?[] items => $"[{string.Join(',', items)}]",
        double number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        DateTime instant => instant.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value?.ToString() ?? "∅",
    }));

    private static List<string> Names(SparkSession spark, string path) => [.. spark.Read().Format("delta").Load(path).OrderBy("id").Select("id", "name").Collect().Select(row => $"{row.Get(0)} {row.Get(1)}")];
}
