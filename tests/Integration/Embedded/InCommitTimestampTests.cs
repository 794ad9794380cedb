using System.Globalization;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>Tables that keep the instants of their versions in their commits, whatever times the files of the log have.</summary>
[TestFixture]
public sealed class InCommitTimestampTests : HandMadeTableTests
{
    [Test]
    public void A_table_that_keeps_instants_in_its_commits_is_searched_by_them_and_not_by_its_files_times()
    {
        MakeWithInstants(null);
        Rows(("timestampAsOf", "2001-01-01")).Should().Equal(1);
        Rows(("timestampAsOf", "2002-06-01")).Should().Equal(1, 2);
        Rows(("timestampAsOf", "2005-01-01T00:00:00Z")).Should().Equal(1, 2, 3, 4, 5);
        var before = () => Rows(("timestampAsOf", "2000-12-31"));
        before.Should().Throw<EngineException>().WithMessage("*its earliest version in the log is 0, of 2001-01-01T00:00:00.000Z*");
        var after = () => Rows(("timestampAsOf", "2005-01-02"));
        after.Should().Throw<EngineException>().WithMessage("*its latest version is 4, of 2005-01-01T00:00:00.000Z*");
        engine.Delta.RestoreToTimestamp(table.Folder, "2003-05-01").Should().Be(5);
        Rows().Should().Equal(1, 2, 3);
    }

    [Test]
    public void Versions_before_a_table_kept_instants_are_searched_by_their_files_times()
    {
        MakeWithInstants(2);
        for (var version = 0; version < 5; version++) File.SetLastWriteTimeUtc($"{table.Folder}/_delta_log/{version:D20}.json", new DateTime(1999, 1, 1 + version, 0, 0, 0, DateTimeKind.Utc));
        Rows(("timestampAsOf", "1999-01-01")).Should().Equal(1);
        Rows(("timestampAsOf", "2002-01-01")).Should().Equal(1, 2);
        Rows(("timestampAsOf", "2003-01-01")).Should().Equal(1, 2, 3);
        var before = () => Rows(("timestampAsOf", "1998-12-31"));
        before.Should().Throw<EngineException>().WithMessage("*its earliest version in the log is 0, of 1999-01-01T00:00:00.000Z*");
    }

    [Test]
    public void A_commit_that_lacks_its_instant_is_refused()
    {
        MakeWithInstants(null, lastHasInstant: false);
        Rows().Should().Equal(1, 2, 3, 4, 5);
        var read = () => Rows(("timestampAsOf", "2002-01-01"));
        read.Should().Throw<EngineException>().WithMessage("Cannot tell when version 4 of the table '*' was committed: *");
    }

    /// <summary>Five versions, each of the first of January from 2001 on, with one more row each.</summary>
    private void MakeWithInstants(int? since, bool lastHasInstant = true)
    {
        var configuration = new Dictionary<string, string> { ["delta.enableInCommitTimestamps"] = "true" };
        if (since is { } first) configuration["delta.inCommitTimestampEnablementVersion"] = first.ToString(CultureInfo.InvariantCulture);
        const string schema = """{"type":"struct","fields":[{"name":"id","type":"integer","nullable":true,"metadata":{}}]}""";
        for (var version = 0; version < 5; version++)
        {
            table.File($"f{version}.parquet", string.Create(CultureInfo.InvariantCulture, $"SELECT {version + 1} AS id"));
            var instant = new DateTimeOffset(2001 + version, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
            var hasInstant = version >= (since ?? 0) && (lastHasInstant || version < 4);
            List<string> actions = [hasInstant ? $$"""{"commitInfo":{"timestamp":1,"inCommitTimestamp":{{instant}},"operation":"WRITE"} }""" : """{"commitInfo":{"timestamp":1,"operation":"WRITE"}}"""];
            if (version == 0) actions.Add("""{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["inCommitTimestamp"]}}""");
            if (version == 0) actions.Add(JsonSerializer.Serialize(new { metaData = new { id = "a", format = new { provider = "parquet" }, schemaString = schema, partitionColumns = Array.Empty<string>(), configuration } }));
            table.Commit([.. actions, HandMadeTable.Add($"f{version}.parquet")]);
        }
    }

    private List<int> Rows(params (string Key, string Value)[] options)
    {
        var view = engine.OpenSource(new SourceSpec("delta", [table.Folder], options.ToDictionary(static option => option.Key, static option => option.Value), null, false));
        var sql = $"SELECT id FROM \"{view.Name}\" ORDER BY id";
        return [.. engine.Query(sql, engine.Describe(sql)).Select(static row => (int)row.Values[0]!)];
    }
}
