using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>Tables that give each row an id for life, as new tables of Databricks do.</summary>
[TestFixture]
public sealed class RowTrackingTests : HandMadeTableTests
{
    [SetUp]
    public void Start() => table.File("f.parquet", "SELECT range::INTEGER AS id FROM range(10)");

    private const string Protocol = """{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["domainMetadata","rowTracking"]}}""";
    private const string Mark = """{"domainMetadata":{"domain":"delta.rowTracking","configuration":"{\"rowIdHighWaterMark\":9}","removed":false}}""";

    private const string Add =
        """{"add":{"path":"f.parquet","partitionValues":{},"size":194,"modificationTime":0,"dataChange":true,"stats":"{\"numRecords\":10}","baseRowId":0,"defaultRowCommitVersion":0,"clusteringProvider":"liquid"}}""";

    [Test]
    public void Marked_rows_go_and_the_others_keep_their_ids_while_an_update_is_refused()
    {
        table.Commit(
            """{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["domainMetadata","rowTracking","deletionVectors"]}}""",
            HandMadeTable.Columns(["id integer"]).Replace("\"configuration\":{}", "\"configuration\":{\"delta.enableDeletionVectors\":\"true\"}", StringComparison.Ordinal),
            Mark,
            Add);
        engine.Delta.Delete(table.Folder, "id = 3", None);
        Count().Should().Be(9);
        Ids().Should().Equal("0+9 v0");
        var update = () => engine.Delta.Update(new UpdateSpec(table.Folder, "id = 4", new Dictionary<string, string> { ["id"] = "40" }, None));
        update.Should().Throw<EngineException>().WithMessage("*rewrite files of*rowTracking*");
        Count().Should().Be(9);
    }

    private void Make() => table.Commit(Protocol, HandMadeTable.Columns(["id integer"]), Mark, Add);

    private void Write(string sql, string mode = "append") => engine.Write(sql, engine.Describe(sql), new SinkSpec("delta", table.Folder, mode, [], None));

    private Snapshot Snapshot() => DeltaLog.For(table.Folder).LoadExistingAsync().GetAwaiter().GetResult();

    private static string HighWaterMark(Snapshot snapshot) => snapshot.Domains.Single(static domain => domain.Domain == "delta.rowTracking").Configuration;

    /// <summary>Files as first id, rows and version that brought them.</summary>
    private List<string> Ids() => [.. Snapshot().Files.OrderBy(static file => file.BaseRowId).Select(static file =>
        string.Create(CultureInfo.InvariantCulture, $"{file.BaseRowId}+{file.CountRows()} v{file.DefaultRowCommitVersion}"))];

    private int Count()
    {
        var view = engine.OpenSource(new SourceSpec("delta", [table.Folder], None, null, false));
        var sql = $"SELECT count(*)::INTEGER AS n FROM \"{view.Name}\"";
        return (int)engine.Query(sql, engine.Describe(sql)).Single().Values[0]!;
    }

    [Test]
    public void New_rows_get_ids_after_all_that_were_given()
    {
        Make();
        Write("SELECT range::INTEGER AS id FROM range(5)");
        Write("SELECT 1 AS id");
        Ids().Should().Equal("0+10 v0", "10+5 v1", "15+1 v2");
        HighWaterMark(Snapshot()).Should().Be("""{"rowIdHighWaterMark":15}""");
        Write("SELECT 2 AS id", "overwrite");
        Ids().Should().Equal(["16+1 v3"], "an id is never given twice");
        var removed = Snapshot().ReadTombstonesAsync().GetAwaiter().GetResult().Single(static file => file.Path == "f.parquet");
        (removed.BaseRowId, removed.DefaultRowCommitVersion).Should().Be((0L, 0L));
    }

    [Test]
    public void Two_writers_at_once_give_different_ids()
    {
        Make();
        var log = DeltaLog.For(table.Folder);
        var (one, other) = (log.BeginAsync().GetAwaiter().GetResult(), log.BeginAsync().GetAwaiter().GetResult());
        one.Append([new DataFile("a.parquet", 1, DataFile.NoPartitions, new FileStatistics(3), DateTimeOffset.UnixEpoch)]);
        other.Append([new DataFile("b.parquet", 1, DataFile.NoPartitions, new FileStatistics(4), DateTimeOffset.UnixEpoch)]);
        one.CommitAsync(Operation.Write("Append", [])).GetAwaiter().GetResult().Should().BeOfType<Committed>();
        other.CommitAsync(Operation.Write("Append", [])).GetAwaiter().GetResult().Should().BeOfType<Committed>();
        Ids().Should().Equal("0+10 v0", "10+3 v1", "13+4 v2");
    }

    [Test]
    public void A_checkpoint_keeps_the_ids_and_what_clustered_a_file()
    {
        Make();
        for (var i = 1; i <= 10; i++) Write("SELECT 1 AS id");
        foreach (var file in Directory.EnumerateFiles($"{table.Folder}/_delta_log").Where(static file => Path.GetExtension(file) is ".json" or ".crc")) File.Delete(file);
        Ids().Should().HaveCount(11).And.StartWith(["0+10 v0", "10+1 v1"]).And.EndWith("19+1 v10");
        Snapshot().Files.Single(static file => file.Path == "f.parquet").ClusteringProvider.Should().Be("liquid");
        HighWaterMark(Snapshot()).Should().Be("""{"rowIdHighWaterMark":19}""");
    }

    [Test]
    public void A_change_that_copies_rows_is_refused_and_one_that_does_not_is_made()
    {
        Make();
        Write("SELECT 77 AS id");
        var delete = () => engine.Delta.Delete(table.Folder, "id = 1", None);
        delete.Should().Throw<EngineException>().WithMessage("Cannot rewrite files of the table '*': the table uses rowTracking, *");
        var optimize = () => engine.Delta.Optimize(table.Folder, 1 << 20);
        optimize.Should().Throw<EngineException>().WithMessage("Cannot rewrite files of the table '*': the table uses rowTracking, *");
        Count().Should().Be(11);
        engine.Delta.Delete(table.Folder, "id = 77", None);
        Count().Should().Be(10);
        engine.Delta.RestoreToVersion(table.Folder, 1);
        Ids().Should().Equal(["0+10 v0", "10+1 v1"], "a file that comes back has the ids that it had");
    }

    [Test]
    public void A_table_that_suspends_row_tracking_gets_no_ids()
    {
        const string suspended = "\"configuration\":{\"delta.rowTrackingSuspended\":\"true\"}";
        table.Commit(Protocol, HandMadeTable.Columns(["id integer"]).Replace("\"configuration\":{}", suspended, StringComparison.Ordinal), Mark, Add);
        Write("SELECT 1 AS id");
        Snapshot().Files.Count(static file => file.BaseRowId is null).Should().Be(1);
        HighWaterMark(Snapshot()).Should().Be("""{"rowIdHighWaterMark":9}""");
    }

    [Test]
    public void A_table_whose_highest_id_cannot_be_read_gets_no_rows()
    {
        table.Commit(Protocol, HandMadeTable.Columns(["id integer"]), Mark.Replace("rowIdHighWaterMark", "other", StringComparison.Ordinal), Add);
        var write = () => Write("SELECT 1 AS id");
        write.Should().Throw<EngineException>().WithMessage("*its rows are tracked, and the highest id that was given cannot be read from 'delta.rowTracking'*");
        Count().Should().Be(10);
    }
}
