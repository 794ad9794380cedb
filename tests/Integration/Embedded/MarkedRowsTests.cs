using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>Tables that ask writers to mark deleted rows in deletion vectors, as new tables of Databricks do.</summary>
[TestFixture]
public sealed class MarkedRowsTests : HandMadeTableTests
{
    private void Make(params string[] partitionBy)
    {
        var columns = HandMadeTable.Columns(["id long", "part long"], partitionBy).Replace("\"configuration\":{}", "\"configuration\":{\"delta.enableDeletionVectors\":\"true\"}", StringComparison.Ordinal);
        table.Commit("""{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}}""", columns);
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_delete_marks_rows_and_writes_no_data_file(bool isPartitioned)
    {
        Make(isPartitioned ? ["part"] : []);
        Write("SELECT range AS id, range % 2 AS part FROM range(10)");
        Write("SELECT range + 10 AS id, 0::BIGINT AS part FROM range(2)");
        var files = DataFiles();
        engine.Delta.Delete(table.Folder, "id IN (3, 4)", None).Should().Be(3);
        Ids().Should().Equal(0, 1, 2, 5, 6, 7, 8, 9, 10, 11);
        DataFiles().Should().BeEquivalentTo(files);
        Vectors().Should().HaveCount(1, "all vectors of a change stand in one file");
        var metrics = engine.Delta.History(table.Folder)[0].OperationMetrics;
        metrics.Should().Contain("numDeletedRows", "2").And.Contain("numDeletionVectorsAdded", isPartitioned ? "2" : "1").And.Contain("numRemovedFiles", "0");
        Snapshot().Files.Where(static file => file.DeletionVector is not null).Should().OnlyContain(static file => file.Stats!.Contains("\"tightBounds\":false"));
        Snapshot().CountRows().Should().Be(10);
        engine.Delta.Delete(table.Folder, "id = 5 OR id = 10", None);
        Ids().Should().Equal([0, 1, 2, 6, 7, 8, 9, 11], "earlier marks stay");
        engine.Delta.Delete(table.Folder, "id < 10", None);
        Ids().Should().Equal(11);
        Snapshot().Files.Should().ContainSingle("a file without a row left goes");
        engine.Delta.RestoreToVersion(table.Folder, 3);
        Ids().Should().Equal(0, 1, 2, 5, 6, 7, 8, 9, 10, 11);
    }

    [Test]
    public void Many_rows_of_a_large_file_are_marked()
    {
        Make();
        Write("SELECT range AS id, 0::BIGINT AS part FROM range(300000)");
        engine.Delta.Delete(table.Folder, "id % 2 = 0 OR (id >= 70000 AND id < 70100)", None);
        var ids = Ids();
        ids.Should().HaveCount(149_950).And.OnlyContain(static id => id % 2 == 1 && (id < 70000 || id >= 70100));
    }

    [Test]
    public void A_merge_marks_the_rows_that_it_changes_and_writes_only_those_that_come()
    {
        Make();
        Write("SELECT range AS id, 0::BIGINT AS part FROM range(10)");
        var before = DataFiles();
        MergeClause[] clauses =
        [
            new("matchedDelete", "s.id = 1", null),
            new("matchedUpdate", null, new Dictionary<string, string> { ["part"] = "t.part + 5" }),
            new("notMatchedInsert", null, new Dictionary<string, string> { ["id"] = "s.id", ["part"] = "7" }),
        ];
        engine.Delta.Merge(new MergeSpec(table.Folder, "t", "FROM (VALUES (1), (2), (20)) v(id)", "s", "t.id = s.id", clauses, None));
        Rows("id * 100 + part").Should().Equal(0, 205, 300, 400, 500, 600, 700, 800, 900, 2007);
        DataFiles().Except(before).Should().ContainSingle();
        Snapshot().Files.Sum(static file => file.ReadStatistics()!.NumRecords).Should().Be(12, "two rows came to the ten");
        engine.Delta.History(table.Folder)[0].OperationMetrics.Should().Contain("numTargetRowsCopied", "0").And.Contain("numTargetDeletionVectorsAdded", "1");
    }

    [Test]
    public void A_file_whose_number_of_rows_is_not_known_is_written_again()
    {
        table.File("f.parquet", "SELECT range AS id, 0::BIGINT AS part FROM range(4)");
        Make();
        table.Commit(HandMadeTable.Add("f.parquet"));
        engine.Delta.Delete(table.Folder, "id = 1", None);
        Ids().Should().Equal(0, 2, 3);
        Vectors().Should().BeEmpty();
    }

    [Test]
    public void A_change_that_does_not_come_to_stand_leaves_no_vector()
    {
        Make();
        Write("SELECT range AS id, 0::BIGINT AS part FROM range(4)");
        File.WriteAllText($"{table.Folder}/_delta_log/{1:D20}.crc", "");
        Directory.CreateDirectory($"{table.Folder}/_delta_log/{2:D20}.json");
        var delete = () => engine.Delta.Delete(table.Folder, "id = 1", None);
        delete.Should().Throw<EngineException>();
        Vectors().Should().BeEmpty();
    }

    private void Write(string sql) => engine.Write(sql, engine.Describe(sql), new SinkSpec("delta", table.Folder, "append", [], None));

    private Snapshot Snapshot() => DeltaLog.For(table.Folder).LoadExistingAsync().GetAwaiter().GetResult();

    private string[] DataFiles() => Directory.GetFiles(table.Folder, "*.parquet", SearchOption.AllDirectories).Where(static file => !file.Contains("_delta_log", StringComparison.Ordinal)).ToArray();

    private string[] Vectors() => Directory.GetFiles(table.Folder, "deletion_vector_*.bin");

    private List<long> Ids() => Rows("id");

    private List<long> Rows(string column)
    {
        var view = engine.OpenSource(new SourceSpec("delta", [table.Folder], None, null, false));
        var sql = $"SELECT {column} AS v FROM \"{view.Name}\" ORDER BY v";
        return [.. engine.Query(sql, engine.Describe(sql)).Select(static row => (long)row.Values[0]!)];
    }
}
