using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Integration.Embedded;

[TestFixture]
public sealed class DeltaTests
{
    private static readonly Dictionary<string, string> None = [];
    private EmbeddedEngine engine = null!;
    private string folder = null!;
    private string table = null!;

    [SetUp]
    public void Start()
    {
        engine = EmbeddedEngine.Create(new EmbeddedSettings());
        folder = Directory.CreateTempSubdirectory("delta-").FullName;
        table = Path.Combine(folder, "a table [1]");
    }

    [TearDown]
    public void End()
    {
        engine?.Dispose();
        Directory.Delete(folder, true);
    }

    private void Write(string sql, string mode = "append", string[]? partitionBy = null, params (string Key, string Value)[] options) =>
        engine.Write(sql, engine.Describe(sql), new SinkSpec("delta", table, mode, partitionBy ?? [], options.ToDictionary(option => option.Key, option => option.Value)));

    private SourceView Open(params (string Key, string Value)[] options) =>
        engine.OpenSource(new SourceSpec("delta", [table], options.ToDictionary(option => option.Key, option => option.Value), null, false));

    private List<object?[]> Rows(SourceView view, string order = "1") => [.. engine.Query($"FROM \"{view.Name}\" ORDER BY {order}", view.Schema).Select(row => row.Values)];

    private Snapshot Snapshot() => DeltaLog.For(table).LoadExistingAsync().GetAwaiter().GetResult();

    [Test]
    public void Values_of_every_type_come_back_as_they_went_in()
    {
        const string sql = """
            SELECT 1::TINYINT AS tiny, 2::SMALLINT AS small, 3 AS number, 9223372036854775807::BIGINT AS big, 1.5::FLOAT AS real, 'NaN'::DOUBLE AS "double", 1.25::DECIMAL(9,2) AS money,
                   '12345678901234567890123456789012345678'::DECIMAL(38,0) AS huge, 'é''"' AS text, '\x00\xFF'::BLOB AS bytes, true AS flag, DATE '1582-10-15' AS day,
                   TIMESTAMPTZ '1959-12-31 23:59:59.999999Z' AS instant, TIMESTAMP '0001-01-01 00:00:00' AS wall, [1, NULL] AS list, {'a': 1, 'b': ['x']} AS nested, map{'k': 1.5::DOUBLE} AS map
            UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
            """;
        Write(sql);
        var view = Open();
        view.Schema.SimpleString.Should().Be(engine.Describe(sql).SimpleString);
        var expected = engine.Query($"FROM ({sql}) ORDER BY 1", engine.Describe(sql)).Select(row => row.Values.Select(Plain));
        Rows(view).Select(row => row.Select(Plain)).Should().BeEquivalentTo(expected, options => options.WithStrictOrdering());
        Snapshot().Files.Single().ReadStatistics()!.MinValues["instant"].Should().Be("\"1959-12-31T23:59:59.999Z\"");
        Snapshot().Files.Single().ReadStatistics()!.MinValues.Should().NotContainKey("double");
    }

    private static object? Plain(object? value) => value switch
    {
        Row row => row.Values.Select(Plain).ToList(),
        object?[] array => array.Select(Plain).ToList(),
        _ => value,
    };

    [Test]
    public void Modes_are_Sparks_and_versions_can_be_read()
    {
        Write("SELECT 1 AS a");
        Write("SELECT 2 AS a");
        Write("SELECT 3 AS a", "overwrite");
        Write("SELECT 4 AS a", "ignore");
        var exists = () => Write("SELECT 5 AS a", "errorifexists");
        exists.Should().Throw<EngineException>().WithMessage("Cannot write to '*': there is a Delta table, at version 2.*");
        Rows(Open()).Should().BeEquivalentTo(new object[][] { [3] });
        Rows(Open(("versionAsOf", "1"))).Should().BeEquivalentTo(new object[][] { [1], [2] });
        var last = File.GetLastWriteTimeUtc(Path.Combine(table, "_delta_log", $"{2:D20}.json"));
        Rows(Open(("timestampAsOf", last.ToString("O", CultureInfo.InvariantCulture)))).Should().BeEquivalentTo(new object[][] { [3] });
        var after = () => Open(("timestampAsOf", last.AddSeconds(5).ToString("O", CultureInfo.InvariantCulture)));
        after.Should().Throw<EngineException>().WithMessage("Cannot read the table '*' as of *: its latest version is 2, of *");
        var never = () => Open(("versionAsOf", "9"));
        never.Should().Throw<EngineException>().Which.ErrorClass.Should().Be("DELTA_VERSION_NOT_FOUND");
        engine.Delta.LatestVersion(table).Should().Be(2);
    }

    [Test]
    public void A_view_of_a_table_shows_what_was_written_after_it_was_opened_also_through_other_views()
    {
        Write("SELECT 1 AS a");
        var view = Open();
        engine.CreateTempView("t", $"FROM \"{view.Name}\"");
        engine.CreateTempView("u", "SELECT a * 10 AS a FROM t");
        Write("SELECT 2 AS a");
        Rows(view).Should().HaveCount(2);
        engine.Query("FROM u ORDER BY a", view.Schema).Select(row => row.Values[0]).Should().Equal(10, 20);
    }

    [Test]
    public void The_same_piece_of_work_is_written_once()
    {
        (string, string)[] first = [("txnAppId", "stream"), ("txnVersion", "7"), ("userMetadata", "batch 7")];
        Write("SELECT 1 AS a", "append", null, first);
        Write("SELECT error('is not computed again')::INTEGER AS a", "append", null, first);
        Write("SELECT 2 AS a", "append", null, ("txnAppId", "stream"), ("txnVersion", "8"));
        Rows(Open()).Should().BeEquivalentTo(new object[][] { [1], [2] });
        Directory.GetFiles(table, "*.parquet").Should().HaveCount(2);
    }

    [Test]
    public void Partition_values_are_typed_again_whatever_letters_they_have()
    {
        const string sql = "SELECT range AS id, CASE range WHEN 0 THEN NULL WHEN 1 THEN 'a/b c=é%' ELSE 'x' END AS name, (DATE '1960-01-01' + (range % 2)::INTEGER)::DATE AS day, TIMESTAMPTZ '1960-01-01 00:00:00.5Z' AS at, range % 2 = 0 AS flag FROM range(5)";
        Write(sql, "append", ["name", "day", "at", "flag"]);
        var expected = engine.Query($"FROM ({sql}) ORDER BY id", engine.Describe(sql)).Select(row => row.Values).ToList();
        Rows(Open()).Should().BeEquivalentTo(expected, options => options.WithStrictOrdering());
        Snapshot().FileCount.Should().Be(4);
        for (var i = 0; i < 40; i++) Write($"SELECT {i}::BIGINT AS id, 'p{i}' AS name, DATE '2020-01-01' AS day, TIMESTAMPTZ '2020-01-01 00:00:00Z' AS at, true AS flag");
        Rows(Open(), "name, id").Should().HaveCount(45);
        engine.Query($"SELECT name FROM \"{Open().Name}\" WHERE name = 'p39'", new StructType(new StructField("name", new StringType()))).Single().Values[0].Should().Be("p39");
    }

    [Test]
    public void A_partition_column_that_stands_in_the_files_too_is_read_from_the_log()
    {
        Write("SELECT 1 AS id, 'a' AS part", "append", ["part"]);
        var log = DeltaLog.For(table);
        for (var i = 0; i < 40; i++)
        {
            engine.Execute($"COPY (SELECT {i} AS id, 'of the file' AS part, 'more' AS dropped) TO '{table}/{i}.parquet'");
            var transaction = log.BeginAsync().GetAwaiter().GetResult();
            transaction.Append([new DataFile($"{i}.parquet", 1, new Dictionary<string, string?> { ["part"] = $"b{i % 35}" }, null, DateTimeOffset.UtcNow)]);
            transaction.CommitAsync(Operation.Write("Append", ["part"])).GetAwaiter().GetResult().Should().BeOfType<Committed>();
            if (i == 1) Rows(Open(), "part").Should().BeEquivalentTo(new object[][] { [1, "a"], [0, "b0"], [1, "b1"] }, options => options.WithStrictOrdering());
        }
        Rows(Open(), "part").Should().HaveCount(41).And.NotContain(row => (string)row[1]! == "of the file");
    }

    [Test]
    public void Columns_that_do_not_fit_are_refused_by_name_and_taken_when_asked()
    {
        Write("SELECT 1 AS a, 'x' AS b");
        var other = () => Write("SELECT 'one' AS a, 'x' AS b");
        other.Should().Throw<EngineException>().WithMessage("*columns have other types than in the table: 'a' is int and the rows have string*").Which.ErrorClass.Should().Be("DELTA_FAILED_TO_MERGE_FIELDS");
        var more = () => Write("SELECT 1 AS a, 2 AS c");
        more.Should().Throw<EngineException>().WithMessage("*columns are not in the table: 'c'. It has: a, b.*");
        Write("SELECT 2 AS a, 3 AS c", "append", null, ("mergeSchema", "true"));
        var view = Open();
        view.Schema.SimpleString.Should().Be("struct<a:int,b:string,c:int>");
        Rows(view).Should().BeEquivalentTo(new object?[][] { [1, "x", null], [2, null, 3] });
        Write("SELECT 'new' AS only", "overwrite", null, ("overwriteSchema", "true"));
        Rows(Open()).Should().BeEquivalentTo(new object?[][] { ["new"] });
        Directory.GetFiles(table, "*.parquet").Should().HaveCount(3, "files of refused writes are gone");
    }

    [Test]
    public void A_table_without_rows_has_columns()
    {
        Write("SELECT 1 AS a WHERE false");
        Snapshot().FileCount.Should().Be(0);
        Rows(Open()).Should().BeEmpty();
        Open().Schema.SimpleString.Should().Be("struct<a:int>");
    }

    [Test]
    public void A_failed_query_leaves_neither_version_nor_file()
    {
        Write("SELECT 1 AS a");
        var fail = () => Write("SELECT CASE WHEN range > 500000 THEN error('bad row') ELSE 1 END::INTEGER AS a FROM range(600000)");
        fail.Should().Throw<EngineException>().WithMessage("bad row");
        engine.Delta.LatestVersion(table).Should().Be(0);
        Directory.GetFileSystemEntries(table).Should().HaveCount(2);
    }

    [Test]
    public void Delete_rewrites_only_files_with_such_rows()
    {
        Write("SELECT range AS id FROM range(10)");
        Write("SELECT range + 10 AS id FROM range(10)");
        var before = Snapshot().Files.Select(file => file.Path).ToList();
        engine.Delta.Delete(table, "id = 3", None).Should().Be(2);
        Rows(Open()).Should().HaveCount(19);
        Snapshot().Files.Select(file => file.Path).Intersect(before).Should().HaveCount(1);
        engine.Delta.Delete(table, "id = 3", None).Should().Be(2, "there is nothing to delete");
        engine.Delta.Delete(table, null, None).Should().Be(3);
        Rows(Open()).Should().BeEmpty();
    }

    [Test]
    public void ReplaceWhere_takes_the_place_of_such_rows_only()
    {
        Write("SELECT range AS id, range % 2 AS part FROM range(10)");
        Write("SELECT 100::BIGINT AS id, 1::BIGINT AS part", "overwrite", null, ("replaceWhere", "part = 1"));
        Rows(Open()).Select(row => row[0]).Should().Equal(0L, 2L, 4L, 6L, 8L, 100L);
    }

    [Test]
    public void ReplaceWhere_is_planned_anew_where_files_that_it_touches_were_put_together_meanwhile()
    {
        Write("SELECT range AS id, 0::BIGINT AS part FROM range(10)");
        using var other = EmbeddedEngine.Create(new EmbeddedSettings());
        using var done = new CancellationTokenSource();
        // Another session that rewrites the table's files now and again; where it loses against a write, that is its own matter.
        var compacting = Task.Run(() =>
        {
            var schema = other.Describe("SELECT 0::BIGINT AS id, 0::BIGINT AS part");
            while (!done.IsCancellationRequested)
            {
                other.Write("SELECT 7::BIGINT AS id, 7::BIGINT AS part", schema, new SinkSpec("delta", table, "append", [], None));
                try
                {
                    other.Delta.Optimize(table, 1 << 20);
                }
                catch (EngineException error) when (error.IsTransient)
                {
                }
                _ = done.Token.WaitHandle.WaitOne(200);
            }
        });
        for (var i = 1; i <= 20; i++) Write($"SELECT {i}::BIGINT AS id, 1::BIGINT AS part", "overwrite", null, ("replaceWhere", "part = 1"));
        done.Cancel();
        compacting.GetAwaiter().GetResult();
        Rows(Open(), "part, id").Where(row => row[1] is not 7L).Select(row => row[0]).Should().Equal([.. Enumerable.Range(0, 10).Select(id => (object)(long)id), 20L]);
    }

    [Test]
    public void Merge_updates_deletes_and_inserts_in_one_version()
    {
        Write("SELECT range AS id, 'old' AS text, range::DOUBLE AS n FROM range(5)");
        var version = engine.Delta.Merge(new MergeSpec(table, "t", "SELECT * FROM (VALUES (1::BIGINT, 'new', 10::DOUBLE), (2, NULL, 0), (7, 'seven', 7), (8, 'skipped', -1)) v(id, text, n)", "s", "t.id = s.id",
        [
            new MergeClause("matchedDelete", "s.text IS NULL", null),
            new MergeClause("matchedUpdate", null, new Dictionary<string, string> { ["text"] = "s.text || '!'", ["N"] = "t.n + s.n" }),
            new MergeClause("notMatchedInsert", "s.n > 0", null),
        ], None));
        version.Should().Be(1);
        Rows(Open()).Should().BeEquivalentTo(new object?[][] { [0L, "old", 0.0], [1L, "new!", 11.0], [3L, "old", 3.0], [4L, "old", 4.0], [7L, "seven", 7.0] }, options => options.WithStrictOrdering());
        engine.Delta.Merge(new MergeSpec(table, "t", "SELECT 1::BIGINT AS id", "s", "t.id = s.id", [new MergeClause("notMatchedBySourceDelete", "t.id > 3", null)], None)).Should().Be(2);
        Rows(Open()).Select(row => row[0]).Should().Equal(0L, 1L, 3L);
        var twice = () => engine.Delta.Merge(new MergeSpec(table, "t", "SELECT 1::BIGINT AS id FROM range(2)", "s", "t.id = s.id", [new MergeClause("matchedUpdate", null, new Dictionary<string, string> { ["text"] = "'x'" })], None));
        twice.Should().Throw<EngineException>().Which.ErrorClass.Should().Be("DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_merge_that_changes_no_row_of_the_table_only_adds_rows(bool hasMatchedClause)
    {
        Write("SELECT range AS id FROM range(3)");
        var before = Snapshot().Files.Single();
        MergeClause[] clauses = [new("notMatchedInsert", null, null)];
        if (hasMatchedClause) clauses = [new("matchedUpdate", "s.id > 100", null), .. clauses];
        engine.Delta.Merge(new MergeSpec(table, "t", "SELECT range + 1 AS id FROM range(4)", "s", "t.id = s.id", clauses, None));
        Rows(Open()).Select(row => row[0]).Should().Equal(0L, 1L, 2L, 3L, 4L);
        Snapshot().Files.Should().HaveCount(2).And.Contain(before);
        engine.Delta.History(table)[0].OperationMetrics.Should().Contain("numTargetRowsInserted", "2").And.Contain("numTargetRowsCopied", "0");
    }

    [Test]
    public void A_table_that_was_opened_is_described_after_a_vacuum_took_the_files_that_it_then_had()
    {
        Write("SELECT 1 AS a");
        var sql = $"SELECT a + 1 AS b FROM \"{Open().Name}\"";
        engine.Query(sql, engine.Describe(sql)).Single().Values.Should().Equal(2);
        Write("SELECT 5 AS a", "overwrite");
        engine.SetConf("spark.databricks.delta.retentionDurationCheck.enabled", "false");
        engine.Delta.Vacuum(table, 0, dryRun: false).Should().ContainSingle();
        engine.Describe(sql).FieldNames.Should().Equal("b");
        engine.Query(sql, engine.Describe(sql)).Single().Values.Should().Equal(6);
    }

    [Test]
    public void History_restore_and_vacuum_go_by_versions()
    {
        Write("SELECT 1 AS a", "append", null, ("userMetadata", "first"));
        Write("SELECT 2 AS a", "overwrite");
        var history = engine.Delta.History(table);
        history.Select(commit => commit.Version).Should().Equal(1L, 0L);
        history[1].UserMetadata.Should().Be("first");
        history[0].OperationParameters["mode"].Should().Contain("Overwrite");
        engine.Delta.RestoreToVersion(table, 0).Should().Be(2);
        Rows(Open()).Should().BeEquivalentTo(new object[][] { [1] });
        var young = () => engine.Delta.Vacuum(table, 0, dryRun: true);
        young.Should().Throw<EngineException>().WithMessage("*retention*");
        engine.SetConf("spark.databricks.delta.retentionDurationCheck.enabled", "false");
        engine.Delta.Vacuum(table, 0, dryRun: false).Should().ContainSingle();
        Rows(Open()).Should().BeEquivalentTo(new object[][] { [1] });
    }

    [Test]
    public void Optimize_brings_small_files_together_and_keeps_the_rows()
    {
        for (var i = 0; i < 5; i++) Write($"SELECT {i} AS a, {i % 2} AS p", "append", ["p"]);
        engine.Delta.Optimize(table, 1 << 20);
        Snapshot().FileCount.Should().Be(2);
        Rows(Open()).Select(row => row[0]).Should().Equal(0, 1, 2, 3, 4);
        engine.Delta.Optimize(table, 1 << 20);
        engine.Delta.LatestVersion(table).Should().Be(5, "there is nothing left to do");
    }

    [TestCase("property")]
    [TestCase("default")]
    [TestCase("session")]
    public void A_write_puts_small_files_together_where_that_is_asked_for(string asked)
    {
        (string, string)[] options = asked == "property" ? [("delta.autoOptimize.autoCompact", "true")] : [];
        if (asked == "default") engine.SetConf("spark.databricks.delta.properties.defaults.autoOptimize.autoCompact", "true");
        if (asked == "session") engine.SetConf("spark.databricks.delta.autoCompact.enabled", "true");
        engine.SetConf("spark.databricks.delta.autoCompact.minNumFiles", "4");
        engine.SetConf("pipeline.embedded.autoCompact.intervalSeconds", "0");
        for (var i = 0; i < 9; i++) Write($"SELECT {i} AS a, {i % 2} AS p", "append", ["p"], options);
        Rows(Open()).Select(row => row[0]).Should().Equal(0, 1, 2, 3, 4, 5, 6, 7, 8);
        Snapshot().FileCount.Should().Be(3, "four of one partition, four of the other, and the last");
        Snapshot().Metadata.Configuration.Should().HaveCount(asked == "session" ? 0 : 1);
        var history = engine.Delta.History(table);
        history.Select(commit => commit.Operation).Should().Equal("WRITE", "OPTIMIZE", "WRITE", "OPTIMIZE", "WRITE", "WRITE", "WRITE", "WRITE", "WRITE", "WRITE", "WRITE");
        history[1].OperationParameters["auto"].Should().Be("true");
        Rows(Open(("versionAsOf", "3"))).Select(row => row[0]).Should().Equal([0, 1, 2, 3], "earlier versions are as they were");
    }

    [Test]
    public void A_session_puts_the_small_files_of_a_table_together_at_most_once_in_an_interval()
    {
        engine.SetConf("spark.databricks.delta.autoCompact.minNumFiles", "3");
        for (var i = 0; i < 8; i++) Write($"SELECT {i} AS a", options: ("delta.autoOptimize.autoCompact", "true"));
        Snapshot().FileCount.Should().Be(6, "three became one, five came after");
        engine.SetConf("pipeline.embedded.autoCompact.intervalSeconds", "0");
        Write("SELECT 8 AS a");
        Snapshot().FileCount.Should().Be(1);
        Rows(Open()).Should().HaveCount(9);
    }

    [TestCase(null, 1)]
    [TestCase("false", 3)]
    public void An_engine_that_puts_small_files_together_by_itself_heeds_the_table(string? property, int files)
    {
        using var compacting = EmbeddedEngine.Create(new EmbeddedSettings { AutoCompacts = true, Conf = new Dictionary<string, string> { ["spark.databricks.delta.autoCompact.minNumFiles"] = "3" } });
        for (var i = 0; i < 3; i++)
            compacting.Write($"SELECT {i} AS a", compacting.Describe("SELECT 0 AS a"), new SinkSpec("delta", table, "append", [], property is null ? None : new Dictionary<string, string> { ["delta.autoOptimize.autoCompact"] = property }));
        Snapshot().FileCount.Should().Be(files);
    }

    [Test]
    public void A_session_can_keep_small_files_as_they_are()
    {
        engine.SetConf("spark.databricks.delta.autoCompact.minNumFiles", "2");
        engine.SetConf("spark.databricks.delta.autoCompact.enabled", "false");
        for (var i = 0; i < 3; i++) Write($"SELECT {i} AS a", options: ("delta.autoOptimize.autoCompact", "true"));
        Snapshot().FileCount.Should().Be(3);
    }

    [Test]
    public void A_write_stands_where_small_files_cannot_be_put_together()
    {
        engine.SetConf("spark.databricks.delta.autoCompact.minNumFiles", "3");
        for (var i = 0; i < 2; i++) Write($"SELECT {i} AS a", options: ("delta.autoOptimize.autoCompact", "true"));
        var lost = Path.Combine(table, Snapshot().Files.First().FilePath);
        File.Move(lost, lost + ".away");
        Write("SELECT 2 AS a");
        Snapshot().Version.Should().Be(2);
        Directory.GetFiles(table, "*.parquet").Should().HaveCount(2, "what the compaction wrote is gone");
        File.Move(lost + ".away", lost);
        Write("SELECT 3 AS a");
        Snapshot().FileCount.Should().Be(1, "the next write puts them together");
        Rows(Open()).Select(row => row[0]).Should().Equal(0, 1, 2, 3);
    }

    [TestCase("minNumFiles", "many")]
    [TestCase("minNumFiles", "1")]
    [TestCase("maxFileSize", "0")]
    [TestCase("enabled", "perhaps")]
    [TestCase("intervalSeconds", "1m")]
    public void A_setting_of_auto_compaction_that_means_nothing_is_refused(string key, string value)
    {
        var set = () => engine.SetConf(key == "intervalSeconds" ? $"pipeline.embedded.autoCompact.{key}" : $"spark.databricks.delta.autoCompact.{key}", value);
        set.Should().Throw<EngineException>().WithMessage($"*autoCompact.{key} is '{value}'*");
    }

    [TestCase("parquet")]
    [TestCase("csv")]
    [TestCase("json")]
    public void A_folder_is_written_whole_and_read_back(string format)
    {
        var path = Path.Combine(folder, format);
        var sql = "SELECT range AS id, CASE WHEN range % 2 = 0 THEN 'é, \"q\"' END AS text, TIMESTAMPTZ '1959-12-31 23:59:59.5Z' AS at, 0.1::DECIMAL(5,2) AS money FROM range(3)";
        var schema = engine.Describe(sql);
        var options = new Dictionary<string, string> { ["header"] = "true" };
        engine.Write(sql, schema, new SinkSpec(format, path, "errorifexists", [], options));
        engine.Write(sql.Replace("range(3)", "range(3, 5)", StringComparison.Ordinal), schema, new SinkSpec(format, path, "append", [], options));
        var view = engine.OpenSource(new SourceSpec(format, [path], options, schema, false));
        Rows(view).Should().BeEquivalentTo(Enumerable.Range(0, 5).Select(i => new object?[] { (long)i, i % 2 == 0 ? "é, \"q\"" : null, new DateTime(1959, 12, 31, 23, 59, 59, 500, DateTimeKind.Utc), 0.10m }), order => order.WithStrictOrdering());
        engine.Write("SELECT 9::BIGINT AS id, 'x' AS text, TIMESTAMPTZ '2020-01-01 00:00:00Z' AS at, 1::DECIMAL(5,2) AS money", schema, new SinkSpec(format, path, "overwrite", [], options));
        Directory.GetFiles(path).Should().ContainSingle().Which.Should().EndWith("." + format);
    }
}
