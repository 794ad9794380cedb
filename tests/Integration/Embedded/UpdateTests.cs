using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Sql.Engines;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>Updates of rows by <see cref="DeltaTable"/> on the embedded engine.</summary>
[TestFixture]
public sealed class UpdateTests : HandMadeTableTests
{
    [TestCase(false, false)]
    [TestCase(false, true)]
    [TestCase(true, false)]
    [TestCase(true, true)]
    public void An_update_changes_the_rows_that_it_names_and_no_other_file(bool marksRows, bool isPartitioned)
    {
        Make(marksRows, isPartitioned);
        Write("SELECT range AS id, 0::BIGINT AS part FROM range(4)");
        Write("SELECT 100::BIGINT AS id, 9::BIGINT AS part");
        var other = Snapshot().Files.Single(static file => file.CountRows() == 1);
        Target().Update(Col("id") == 1, new Dictionary<string, Column> { ["part"] = Col("part") + 5 }).Should().Be(3);
        Rows().Should().Equal("0 0", "1 5", "100 9", "2 0", "3 0");
        Snapshot().Files.Select(static file => file.FilePath).Should().Contain(other.FilePath).And.HaveCount(marksRows || isPartitioned ? 3 : 2);
        var commit = engine.Delta.History(table.Folder, 1)[0];
        commit.Operation.Should().Be("UPDATE");
        commit.OperationMetrics.Should().Contain("numUpdatedRows", "1").And.Contain("numCopiedRows", marksRows ? "0" : "3");
        Target().UpdateExpr("id = 77", new Dictionary<string, string> { ["part"] = "1" }).Should().Be(3, "there is nothing to update");
        Target().UpdateExpr(new Dictionary<string, string> { ["part"] = "id * 2" });
        Rows().Should().Equal("0 0", "1 2", "100 200", "2 4", "3 6");
        var changes = engine.OpenSource(new SourceSpec("delta", [table.Folder], new Dictionary<string, string> { ["readChangeFeed"] = "true", ["startingVersion"] = "3", ["endingVersion"] = "3" }, null, false));
        Texts($"SELECT concat_ws(' ', _change_type, id, part) AS v FROM \"{changes.Name}\" ORDER BY v").Should().Equal("update_postimage 1 5", "update_preimage 1 0");
    }

    [Test]
    public void An_update_that_makes_no_sense_is_refused_before_anything_is_written()
    {
        Make(marksRows: false, isPartitioned: false);
        Write("SELECT 1::BIGINT AS id, 0::BIGINT AS part");
        var unknown = () => Target().UpdateExpr(new Dictionary<string, string> { ["nowhere"] = "1" });
        unknown.Should().Throw<ArgumentException>().WithMessage("*'nowhere'*id, part*");
        var nothing = () => Target().UpdateExpr(new Dictionary<string, string>());
        nothing.Should().Throw<ArgumentException>();
        var name = () => DeltaTable.ForName(SparkSession.ForEngine(engine), "samples");
        name.Should().Throw<EngineException>().WithMessage("*delta.`*");
        engine.Delta.LatestVersion(table.Folder).Should().Be(1);
    }

    [Test]
    public void An_update_keeps_constraints_and_makes_generated_columns_again()
    {
        const string schema = """{"type":"struct","fields":[{"name":"id","type":"long","nullable":true,"metadata":{}},{"name":"part","type":"long","nullable":true,"metadata":{"delta.generationExpression":"id * 10"}}]}""";
        var metadata = System.Text.Json.JsonSerializer.Serialize(new
        {
            metaData = new { id = "a", format = new { provider = "parquet", options = new { } }, schemaString = schema, partitionColumns = new List<string>(), configuration = new Dictionary<string, string> { ["delta.constraints.small"] = "id < 5" } },
        });
        table.Commit("""{"protocol":{"minReaderVersion":1,"minWriterVersion":4}}""", metadata);
        Write("SELECT range + 1 AS id FROM range(2)");
        Target().UpdateExpr("id = 1", new Dictionary<string, string> { ["id"] = "4" });
        Rows().Should().Equal("2 20", "4 40");
        var broken = () => Target().UpdateExpr("id = 2", new Dictionary<string, string> { ["id"] = "5" });
        broken.Should().Throw<EngineException>().Which.ErrorClass.Should().Be("DELTA_VIOLATE_CONSTRAINT_WITH_VALUES");
        Rows().Should().Equal("2 20", "4 40");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_merge_changes_rows_that_the_source_lacks(bool marksRows)
    {
        Make(marksRows, isPartitioned: false);
        Write("SELECT range AS id, 0::BIGINT AS part FROM range(5)");
        var spark = SparkSession.ForEngine(engine);
        Target().As("t").Merge(spark.Sql("SELECT 1::BIGINT AS id, 7::BIGINT AS part").As("s"), "t.id = s.id")
            .WhenMatched().UpdateAll()
            .WhenNotMatchedBySource("t.id = 3").Delete()
            .WhenNotMatchedBySource(Col("t.id") > 1).Update(new Dictionary<string, Column> { ["part"] = Col("t.id") * 10 })
            .Execute();
        Rows().Should().Equal("0 0", "1 7", "2 20", "4 40");
        engine.Delta.History(table.Folder, 1)[0].OperationMetrics.Should().Contain("numTargetRowsUpdated", "3").And.Contain("numTargetRowsDeleted", "1");
    }

    private void Make(bool marksRows, bool isPartitioned)
    {
        var properties = $"\"configuration\":{{\"delta.enableChangeDataFeed\":\"true\",\"delta.enableDeletionVectors\":\"{(marksRows ? "true" : "false")}\"}}";
        table.Commit(
            """{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors","changeDataFeed"]}}""",
            HandMadeTable.Columns(["id long", "part long"], isPartitioned ? ["part"] : []).Replace("\"configuration\":{}", properties, StringComparison.Ordinal));
    }

    private DeltaTable Target() => DeltaTable.ForName(SparkSession.ForEngine(engine), $"delta.`{table.Folder}`");

    private void Write(string sql) => engine.Write(sql, engine.Describe(sql), new SinkSpec("delta", table.Folder, "append", [], None));

    private Snapshot Snapshot() => DeltaLog.For(table.Folder).LoadExistingAsync().GetAwaiter().GetResult();

    private List<string> Rows()
    {
        var view = engine.OpenSource(new SourceSpec("delta", [table.Folder], None, null, false));
        return Texts($"SELECT concat_ws(' ', id, part) AS v FROM \"{view.Name}\" ORDER BY v");
    }

    private List<string> Texts(string sql) => [.. engine.Query(sql, engine.Describe(sql)).Select(static row => (string)row.Values[0]!)];
}
