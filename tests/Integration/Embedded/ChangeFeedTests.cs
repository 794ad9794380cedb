using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Suite.Runtime.Errors;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>Changes of a table's rows, read by version and time, and written by changes of a part of a file.</summary>
[TestFixture]
public sealed class ChangeFeedTests : HandMadeTableTests
{
    [TestCase(false, false)]
    [TestCase(false, true)]
    [TestCase(true, false)]
    [TestCase(true, true)]
    public void Each_version_tells_what_became_of_the_rows(bool marksRows, bool isPartitioned)
    {
        Make(marksRows, isPartitioned);
        Write("SELECT range AS id, 0::BIGINT AS part FROM range(4)");
        engine.Delta.Delete(table.Folder, "id = 1", None);
        MergeClause[] clauses =
        [
            new("matchedDelete", "s.id = 2", null),
            new("matchedUpdate", null, new Dictionary<string, string> { ["part"] = "8" }),
            new("notMatchedInsert", null, new Dictionary<string, string> { ["id"] = "s.id", ["part"] = "9" }),
        ];
        engine.Delta.Merge(new MergeSpec(table.Folder, "t", "FROM (VALUES (2), (3), (7)) v(id)", "s", "t.id = s.id", clauses, None));
        engine.Delta.Optimize(table.Folder, 1 << 20);
        Write("SELECT 5::BIGINT AS id, 5::BIGINT AS part", "overwrite");
        engine.Delta.Delete(table.Folder, null, None);
        string[] first = ["1 insert 0 0", "1 insert 1 0", "1 insert 2 0", "1 insert 3 0", "2 delete 1 0"];
        string[] merged = ["3 delete 2 0", "3 insert 7 9", "3 update_postimage 3 8", "3 update_preimage 3 0"];
        var last = engine.Delta.LatestVersion(table.Folder);
        string[] replaced = [$"{last - 1} delete 0 0", $"{last - 1} delete 3 8", $"{last - 1} delete 7 9", $"{last - 1} insert 5 5", $"{last} delete 5 5"];
        Changes(("startingVersion", "0")).Should().Equal([.. first, .. merged, .. replaced]);
        Changes(("startingVersion", "3"), ("endingVersion", "3")).Should().Equal(merged);
        Changes(("startingVersion", "1"), ("endingVersion", "2")).Should().Equal(first);
        Changes(("startingVersion", "0"), ("endingVersion", "0")).Should().BeEmpty();
    }

    [Test]
    public void Rows_that_only_a_deletion_vector_names_are_told_without_files_of_changes()
    {
        Make(marksRows: true, isPartitioned: false);
        Write("SELECT range AS id, 0::BIGINT AS part FROM range(4)");
        engine.Delta.Delete(table.Folder, "id = 1", None);
        var log = $"{table.Folder}/_delta_log/{2:D20}.json";
        // As another writer may leave it.
        File.WriteAllLines(log, File.ReadAllLines(log).Where(static line => !line.StartsWith("{\"cdc\"", StringComparison.Ordinal)));
        Changes(("startingVersion", "2")).Should().Equal("2 delete 1 0");
        engine.Delta.RestoreToVersion(table.Folder, 1);
        Changes(("startingVersion", "3")).Should().Equal("3 insert 1 0");
    }

    [Test]
    public void Changes_are_read_by_time()
    {
        Make(marksRows: false, isPartitioned: false);
        for (var i = 0; i < 3; i++) Write(string.Create(CultureInfo.InvariantCulture, $"SELECT {i}::BIGINT AS id, 0::BIGINT AS part"));
        for (var version = 0; version < 4; version++) File.SetLastWriteTimeUtc($"{table.Folder}/_delta_log/{version:D20}.json", new DateTime(2024, 1, 1 + version, 0, 0, 0, DateTimeKind.Utc));
        Changes(("startingTimestamp", "2024-01-02T00:00:00Z"), ("endingTimestamp", "2024-01-03T12:00:00Z")).Should().Equal("1 insert 0 0", "2 insert 1 0");
        Changes(("startingTimestamp", "2024-01-03T00:00:01Z")).Should().Equal("3 insert 2 0");
        var view = Open(("startingVersion", "3"));
        view.Schema.SimpleString.Should().Be("struct<id:bigint,part:bigint,_change_type:string,_commit_version:bigint,_commit_timestamp:timestamp>");
        var sql = $"SELECT _commit_timestamp FROM \"{view.Name}\"";
        engine.Query(sql, engine.Describe(sql)).Single().Values.Should().Equal(new DateTime(2024, 1, 4, 0, 0, 0, DateTimeKind.Utc));
    }

    [TestCase("DELTA_NO_START_FOR_CDC_READ", "endingVersion", "1")]
    [TestCase("DELTA_VERSION_NOT_FOUND", "startingVersion", "9")]
    [TestCase("DELTA_MULTIPLE_CDC_BOUNDARY", "startingVersion", "0", "startingTimestamp", "2024-01-01")]
    [TestCase("DELTA_INVALID_OPERATION", "startingVersion", "1", "endingVersion", "0")]
    public void A_range_that_makes_no_sense_is_refused(string errorClass, params string[] options)
    {
        Make(marksRows: false, isPartitioned: false);
        Write("SELECT 1::BIGINT AS id, 0::BIGINT AS part");
        var read = () => Changes([.. options.Chunk(2).Select(static pair => (pair[0], pair[1]))]);
        read.Should().Throw<EngineException>().Which.ErrorClass.Should().Be(errorClass);
    }

    [Test]
    public void A_vacuum_takes_files_of_changes_that_are_past_their_retention()
    {
        Make(marksRows: false, isPartitioned: true);
        Write("SELECT range AS id, 0::BIGINT AS part FROM range(4)");
        engine.Delta.Delete(table.Folder, "id = 1", None);
        engine.Delta.Vacuum(table.Folder, 168, dryRun: false).Should().BeEmpty();
        Changes(("startingVersion", "2")).Should().Equal("2 delete 1 0");
        engine.SetConf("spark.databricks.delta.retentionDurationCheck.enabled", "false");
        engine.Delta.Vacuum(table.Folder, 0, dryRun: false).Should().Contain(static file => file.StartsWith("_change_data/part=0/", StringComparison.Ordinal));
        Directory.GetFiles($"{table.Folder}/_change_data", "*.parquet", SearchOption.AllDirectories).Should().BeEmpty();
        var read = () => Changes(("startingVersion", "2"));
        read.Should().Throw<EngineException>().WithMessage("*_change_data/part=0/*is not there*");
    }

    [Test]
    public void A_version_whose_changes_were_not_kept_is_refused()
    {
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id long", "part long"]));
        Write("SELECT 1::BIGINT AS id, 0::BIGINT AS part");
        var read = () => Changes(("startingVersion", "0"));
        var error = read.Should().Throw<EngineException>().WithMessage("*did not keep them then*delta.enableChangeDataFeed*").Which;
        error.ErrorClass.Should().Be("DELTA_MISSING_CHANGE_DATA");
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.Usage);
    }

    [Test]
    public void A_replacement_of_a_part_of_a_file_is_refused_as_its_changes_are_not_told()
    {
        Make(marksRows: false, isPartitioned: false);
        Write("SELECT range AS id, 0::BIGINT AS part FROM range(4)");
        var part = () => Write("SELECT 1::BIGINT AS id, 1::BIGINT AS part", "overwrite", ("replaceWhere", "id = 1"));
        part.Should().Throw<EngineException>().WithMessage("*changeDataFeed*");
        Write("SELECT 1::BIGINT AS id, 1::BIGINT AS part", "overwrite", ("replaceWhere", "id < 100"));
        Changes(("startingVersion", "2")).Should().HaveCount(5);
    }

    private void Make(bool marksRows, bool isPartitioned)
    {
        var properties = $"\"configuration\":{{\"delta.enableChangeDataFeed\":\"true\",\"delta.enableDeletionVectors\":\"{(marksRows ? "true" : "false")}\"}}";
        table.Commit(
            """{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors","changeDataFeed"]}}""",
            HandMadeTable.Columns(["id long", "part long"], isPartitioned ? ["part"] : []).Replace("\"configuration\":{}", properties, StringComparison.Ordinal));
    }

    private void Write(string sql, string mode = "append", params (string Key, string Value)[] options) =>
        engine.Write(sql, engine.Describe(sql), new SinkSpec("delta", table.Folder, mode, [], options.ToDictionary(static option => option.Key, static option => option.Value)));

    private SourceView Open(params (string Key, string Value)[] options) =>
        engine.OpenSource(new SourceSpec("delta", [table.Folder], options.Append(("readChangeFeed", "true")).ToDictionary(static option => option.Item1, static option => option.Item2), null, false));

    private List<string> Changes(params (string Key, string Value)[] options)
    {
        var sql = $"SELECT concat_ws(' ', _commit_version, _change_type, id, part) AS change FROM \"{Open(options).Name}\" ORDER BY change";
        return [.. engine.Query(sql, engine.Describe(sql)).Select(static row => (string)row.Values[0]!)];
    }
}
