using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Spark;

[TestFixtureSource(typeof(SparkServer), nameof(SparkServer.VersionsOfFixture))]
public class DeltaTests(string version)
{
    private static readonly StructType Schema = new(new StructField("id", new LongType()), new StructField("name", new StringType()));
    private static readonly Dictionary<string, string> None = [];
    private SparkEngine spark = null!;
    private DirectoryInfo folder = null!;

    [SetUp]
    public void Connect()
    {
        spark = SparkServer.Engine(version);
        folder = Directory.CreateTempSubdirectory("pipeline-tests-");
    }

    [TearDown]
    public void Clean() => folder?.Delete(recursive: true);

    private string Table => Path.Combine(folder.FullName, "table `1`");

    [Test]
    public void Versions_are_listed_restored_and_cleaned_up()
    {
        spark.Delta.Exists(Table).Should().BeFalse();
        Write("select 1L as id, 'a' as name", ("userMetadata", "batch-1"));
        Write("select 2L as id, 'b' as name");
        spark.Delta.Exists(Table).Should().BeTrue();
        var history = spark.Delta.History(Table);
        history.Select(commit => commit.Version).Should().Equal(1, 0);
        history[1].UserMetadata.Should().Be("batch-1");
        history[1].Operation.Should().Be("WRITE");
        history[1].OperationMetrics["numOutputRows"].Should().Be("1");
        history[1].OperationParameters["mode"].Should().Be("Append");
        history[1].CommittedAt.Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(5));
        spark.Delta.RestoreToVersion(Table, 0).Should().Be(2);
        Ids().Should().Equal(1L);
        spark.Delta.History(Table, 1).Single().Operation.Should().Be("RESTORE");
        var doomed = spark.Delta.Vacuum(Table, 0, dryRun: true);
        doomed.Should().ContainSingle().Which.Should().EndWith(".parquet");
        spark.Delta.Vacuum(Table, 0, dryRun: false).Should().Equal(doomed);
        spark.Delta.Vacuum(Table, 0, dryRun: true).Should().BeEmpty();
        spark.GetConf("spark.databricks.delta.retentionDurationCheck.enabled").Should().NotBe("false");
    }

    [Test]
    public void A_repeated_write_of_a_batch_is_a_no_op()
    {
        for (var i = 0; i < 3; i++) Write("select 1L as id, 'a' as name", ("txnAppId", "stream"), ("txnVersion", "7"));
        Ids().Should().Equal(1L);
        Write("select 2L as id, 'b' as name", ("txnAppId", "stream"), ("txnVersion", "8"));
        Ids().Should().Equal(1L, 2L);
    }

    [Test]
    public void Rows_are_merged_and_deleted_once()
    {
        Write("select id, 'old' as name from range(4)");
        var merge = new MergeSpec(
            Table, "t", "select id, 'new' as name from range(2, 6)", "s", "t.id = s.id",
            [
                new MergeClause("matchedDelete", "s.id = 3", null),
                new MergeClause("matchedUpdate", null, new Dictionary<string, string> { ["name"] = "concat(s.name, '!')" }),
                new MergeClause("notMatchedInsert", null, null),
                new MergeClause("notMatchedBySourceDelete", "t.id = 0", null),
            ],
            new Dictionary<string, string> { ["txnAppId"] = "m", ["txnVersion"] = "1", ["userMetadata"] = "merge-1" });
        spark.Delta.Merge(merge).Should().Be(1);
        Names().Should().Equal("1 old", "2 new!", "4 new", "5 new");
        spark.Delta.Merge(merge).Should().Be(1, "the same transaction is not applied twice");
        spark.Delta.History(Table, 1).Single().UserMetadata.Should().Be("merge-1");
        spark.Delta.Delete(Table, "name like 'new%'", None).Should().Be(2);
        Names().Should().Equal("1 old");
        spark.Delta.Optimize(Table, 1 << 20);
        spark.Delta.Delete(Table, null, None);
        Ids().Should().BeEmpty();
        FluentActions.Invoking(() => spark.Delta.Delete(Table, null, new Dictionary<string, string> { ["compression"] = "zstd" })).Should().Throw<ArgumentException>().WithMessage("The option 'compression' has no meaning for a delete or merge*");
    }

    [Test]
    public void Time_travel_reads_and_wrong_schemas_are_refused()
    {
        Write("select 1L as id, 'a' as name");
        Write("select 2L as id, 'b' as name");
        var first = spark.OpenSource(new SourceSpec("delta", [Table], new Dictionary<string, string> { ["versionAsOf"] = "0" }, null, false));
        spark.Query($"select id from {first.Name}", new StructType(new StructField("id", new LongType()))).Single().Get(0).Should().Be(1L);
        var error = FluentActions.Invoking(() => Write("select 'x' as id, 'b' as name")).Should().Throw<EngineException>().Which;
        error.ErrorClass.Should().Be("DELTA_FAILED_TO_MERGE_FIELDS");
        error.SqlState.Should().Be("22005");
        FluentActions.Invoking(() => spark.Delta.LatestVersion(folder.FullName)).Should().Throw<EngineException>();
    }

    private void Write(string sql, params (string Key, string Value)[] options) =>
        spark.Write(sql, Schema, new SinkSpec("delta", Table, "append", [], options.ToDictionary(pair => pair.Key, pair => pair.Value)));

    private List<object?> Ids() => [.. Read().Select(row => row.Get("id"))];

    private List<string> Names() => [.. Read().Select(row => $"{row.Get("id")} {row.Get("name")}")];

    private IEnumerable<Pipeline.Engine.Sql.Row> Read()
    {
        var view = spark.OpenSource(new SourceSpec("delta", [Table], None, null, false));
        return spark.Query($"select id, name from {view.Name} order by id", Schema);
    }
}
