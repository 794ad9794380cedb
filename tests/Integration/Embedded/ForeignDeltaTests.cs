using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Suite.Runtime.Errors;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>Tables whose logs other writers made, or somebody who means harm.</summary>
[TestFixture]
public sealed class ForeignDeltaTests : HandMadeTableTests
{
    [SetUp]
    public void Start() => engine.Execute($"COPY (SELECT 666 AS id) TO '{folder}/secret.parquet' (FORMAT parquet)");

    private static readonly string[] OutsidePaths =
    [
        "../secret.parquet",
        "%2e%2e/secret.parquet",
        "%2E%2E%2Fsecret.parquet",
        ".%2e/secret.parquet",
        "a/../../secret.parquet",
        "./../secret.parquet",
        "a//..//..//secret.parquet",
        "..%2Fsecret.parquet",
        "../table/../secret.parquet",
        "../table2/../secret.parquet",
        "{folder}/secret.parquet",
        "{folder}/table/../secret.parquet",
        "{folder}/table/%2e%2e/secret.parquet",
        "/{folder}/secret.parquet",
        "//{folder}/secret.parquet",
        "%2F{folder}/secret.parquet",
        "file:{folder}/secret.parquet",
        "file://{folder}/secret.parquet",
        "FILE://{folder}/secret.parquet",
        "file://localhost{folder}/secret.parquet",
        "file://elsewhere{folder}/table/f.parquet",
        "file:///../..{folder}/secret.parquet",
        "file%3A//{folder}/secret.parquet",
        "file:%2F%2F{folder}/secret.parquet",
        "file://{folder}/table/../secret.parquet",
        "file://{folder}/table/%2e%2e/secret.parquet",
        "file://{folder}/tableau/secret.parquet",
        "hdfs://name:8020/secret.parquet",
        "s3://bucket/secret.parquet",
        "http://127.0.0.1:1/secret.parquet",
        "https://127.0.0.1:1/secret.parquet",
        "f.parquet%00/../../secret.parquet",
        "%00",
        ".",
        "..",
        "./",
        "/",
        "file:///",
        "/proc/self/environ",
        "/dev/zero",
    ];

    [TestCaseSource(nameof(OutsidePaths))]
    public void A_log_that_names_a_file_outside_the_table_is_refused_by_name(string path)
    {
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add(path.Replace("{folder}", folder, StringComparison.Ordinal)));
        var read = () => Rows();
        var error = read.Should().Throw<EngineException>().WithMessage($"Cannot read the table '{table.Folder}': version 0 names the data file '*', which is not in the table's folder. *").Which;
        error.InnerException.Should().BeOfType<DeltaException>().Which.Kind.Should().Be(DeltaErrorKind.DataFile);
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
        error.Message.Should().NotMatchRegex("[\\x00-\\x1f]");
        var delete = () => engine.Delta.Delete(table.Folder, "id = 666", None);
        delete.Should().Throw<EngineException>().WithMessage("*is not in the table's folder*");
        var vacuum = () => Vacuum();
        vacuum.Should().Throw<EngineException>().WithMessage("*is not in the table's folder*");
        File.Exists($"{folder}/secret.parquet").Should().BeTrue();
    }

    [TestCase(0)]
    [TestCase(1)]
    public void A_checkpoint_that_names_a_file_outside_is_refused_too(int commits)
    {
        Directory.CreateDirectory($"{table.Folder}/_delta_log");
        engine.Execute($$$"""
            COPY (SELECT NULL AS add, NULL AS metaData, {'minReaderVersion': 1, 'minWriterVersion': 2} AS protocol
                UNION ALL SELECT NULL, {'id': 'a', 'format': {'provider': 'parquet'}, 'schemaString': '{"type":"struct","fields":[{"name":"id","type":"integer","nullable":true,"metadata":{}}]}', 'partitionColumns': []::VARCHAR[], 'configuration': MAP{}::MAP(VARCHAR, VARCHAR)}, NULL
                UNION ALL SELECT {'path': '../secret.parquet', 'partitionValues': MAP{}::MAP(VARCHAR, VARCHAR), 'size': 1, 'modificationTime': 0, 'dataChange': false}, NULL, NULL)
            TO '{{{table.Folder}}}/_delta_log/00000000000000000010.checkpoint.parquet' (FORMAT parquet)
            """);
        for (var version = 11; version < 11 + commits; version++) File.WriteAllText($"{table.Folder}/_delta_log/{version:D20}.json", HandMadeTable.Add("f.parquet"));
        var read = () => Rows();
        read.Should().Throw<EngineException>().WithMessage($"*version {10 + commits} names the data file '../secret.parquet'*");
    }

    [Test]
    public void A_file_outside_that_was_removed_again_hinders_nothing_and_no_vacuum_takes_it()
    {
        table.File("f.parquet", "SELECT 1 AS id");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add("f.parquet"), HandMadeTable.Add("../secret.parquet"));
        table.Commit(HandMadeTable.Remove($"file://{folder}/secret.parquet"));
        Rows().Should().Equal("1");
        Vacuum().Should().BeEmpty();
        File.Exists($"{folder}/secret.parquet").Should().BeTrue();
    }

    [TestCase("f.parquet")]
    [TestCase("./f.parquet")]
    [TestCase("f%2Eparquet")]
    [TestCase("a/../f.parquet")]
    [TestCase("../table/f.parquet")]
    [TestCase("{folder}/table/f.parquet")]
    [TestCase("{folder}/table/./f.parquet")]
    [TestCase("file:{folder}/table/f.parquet")]
    [TestCase("file://{folder}/table/f.parquet")]
    [TestCase("file://localhost{folder}/table/f.parquet")]
    [TestCase("{folder}/alias/f.parquet")]
    [TestCase("file://{folder}/above/table/f.parquet")]
    public void However_the_log_spells_a_file_of_the_table_it_is_the_same_file(string path)
    {
        path = path.Replace("{folder}", folder, StringComparison.Ordinal);
        Directory.CreateSymbolicLink($"{folder}/alias", table.Folder);
        Directory.CreateSymbolicLink($"{folder}/above", folder);
        table.File("f.parquet", "SELECT 1 AS id");
        table.File("g.parquet", "SELECT 2 AS id");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add(path), HandMadeTable.Add("./g.parquet"));
        Rows().Should().Equal("1", "2");
        Vacuum().Should().BeEmpty();
        File.Exists($"{table.Folder}/f.parquet").Should().BeTrue("a vacuum keeps the file that the table needs");
        table.Commit(HandMadeTable.Remove("f.parquet"));
        Rows().Should().Equal("2");
        table.Commit(HandMadeTable.Add("f.parquet"));
        table.Commit(HandMadeTable.Add(path));
        Rows().Should().Equal(["1", "2"], "a file that is added twice is there once");
        engine.Delta.Optimize(table.Folder, 1 << 20);
        Rows().Should().Equal("1", "2");
        engine.Delta.Delete(table.Folder, "id = 1", None);
        Rows().Should().Equal("2");
        Vacuum().Should().Contain("f.parquet");
        Rows().Should().Equal("2");
    }

    [Test]
    public void A_table_whose_folder_is_a_link_is_read_and_kept_by_either_name()
    {
        Directory.CreateSymbolicLink($"{folder}/alias", table.Folder);
        table.File("f.parquet", "SELECT 1 AS id");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add($"{table.Folder}/f.parquet"));
        Rows(at: $"{folder}/alias").Should().Equal("1");
        Vacuum($"{folder}/alias").Should().BeEmpty();
        Rows().Should().Equal("1");
    }

    [Test]
    public void A_change_conflicts_with_a_removal_of_the_same_file_by_another_spelling()
    {
        table.File("f.parquet", "SELECT 1 AS id");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add("f.parquet"));
        var log = DeltaLog.For(table.Folder);
        var transaction = log.BeginAsync().GetAwaiter().GetResult();
        transaction.Rewrite(transaction.Snapshot!.Files, [], dataChange: false);
        table.Commit(HandMadeTable.Remove($"file://{table.Folder}/f.parquet"));
        transaction.CommitAsync(new Operation("OPTIMIZE")).GetAwaiter().GetResult().Should().BeOfType<Conflict>().Which.Message.Should().Contain("removed the file 'f.parquet', which this change removes too");
    }

    [TestCase("p=1/f.parquet", "p=1")]
    [TestCase("file.parquet", "file.parquet")]
    public void Symbolic_links_in_the_folder_are_not_followed(string path, string link)
    {
        Directory.CreateDirectory($"{folder}/elsewhere");
        engine.Execute($"COPY (SELECT 666 AS id) TO '{folder}/elsewhere/f.parquet' (FORMAT parquet)");
        if (link == path) File.CreateSymbolicLink($"{table.Folder}/{link}", $"{folder}/elsewhere/f.parquet");
        else Directory.CreateSymbolicLink($"{table.Folder}/{link}", $"{folder}/elsewhere");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add(path));
        var read = () => Rows();
        var error = read.Should().Throw<EngineException>().WithMessage($"Cannot use the table '{table.Folder}': '{link}' on the way to its data file '{path}' is a symbolic link, *").Which;
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
        var vacuum = () => Vacuum();
        vacuum.Should().Throw<EngineException>().WithMessage($"*'{link}'*is a symbolic link*");
        File.Exists($"{folder}/elsewhere/f.parquet").Should().BeTrue();
    }

    [Test]
    public void A_vacuum_takes_nothing_that_links_lead_to()
    {
        Directory.CreateDirectory($"{folder}/elsewhere/deep");
        File.WriteAllText($"{folder}/elsewhere/deep/precious", "x");
        Directory.CreateSymbolicLink($"{table.Folder}/linked", $"{folder}/elsewhere");
        Directory.CreateDirectory($"{table.Folder}/p=1");
        Directory.CreateSymbolicLink($"{table.Folder}/p=1/linked", $"{folder}/elsewhere");
        File.CreateSymbolicLink($"{table.Folder}/p=1/file", $"{folder}/secret.parquet");
        File.WriteAllText($"{table.Folder}/p=1/stray", "x");
        table.File("f.parquet", "SELECT 1 AS id");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add("f.parquet"));
        Vacuum().Should().Equal("p=1/stray");
        File.Exists($"{folder}/elsewhere/deep/precious").Should().BeTrue();
        File.Exists($"{folder}/secret.parquet").Should().BeTrue();
        Rows().Should().Equal("1");
    }

    [Test]
    public void A_write_does_not_leave_the_table_through_a_linked_partition()
    {
        Directory.CreateDirectory($"{folder}/elsewhere");
        engine.Write("SELECT 1 AS id, 1 AS p", engine.Describe("SELECT 1 AS id, 1 AS p"), new SinkSpec("delta", table.Folder, "append", ["p"], None));
        Directory.CreateSymbolicLink($"{table.Folder}/p=2", $"{folder}/elsewhere");
        var write = () => engine.Write("SELECT 2 AS id, 2 AS p", engine.Describe("SELECT 2 AS id, 2 AS p"), new SinkSpec("delta", table.Folder, "append", [], None));
        write.Should().Throw<EngineException>().WithMessage("*'p=2' on the way to its data file*");
        Directory.EnumerateFileSystemEntries($"{folder}/elsewhere").Should().BeEmpty();
        Rows("id").Should().Equal("1");
    }

    [Test]
    public void Partition_values_with_control_characters_and_null_stay_apart()
    {
        table.File("f0.parquet", "SELECT 0 AS id");
        table.File("f1.parquet", "SELECT 1 AS id");
        table.File("f2.parquet", "SELECT 2 AS id");
        table.Commit(
            HandMadeTable.OldProtocol,
            HandMadeTable.Columns(["id integer", "p string"], "p"),
            HandMadeTable.Add("f0.parquet", null, ("p", "\u0002")),
            HandMadeTable.Add("f1.parquet", null, ("p", null)),
            HandMadeTable.Add("f2.parquet", null, ("p", "\u0001")));
        Rows("id, p").Should().Equal("0|\u0002", "1|-", "2|\u0001");
    }

    [TestCase(3)]
    [TestCase(32)]
    public void A_filter_on_a_partition_reads_no_file_of_another(int partitions)
    {
        var adds = Enumerable.Range(0, partitions).Select(i => HandMadeTable.Add($"p={i}/f.parquet", null, ("p", $"{i}")));
        for (var i = 0; i < partitions; i++) table.File($"p={i}/f.parquet", $"SELECT {i}::INTEGER AS id");
        table.Commit([HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer", "p integer"], "p"), .. adds]);
        // What stands in the others cannot be decoded: who reads them fails.
        foreach (var file in Directory.GetFiles(table.Folder, "*.parquet", SearchOption.AllDirectories).Where(static file => !file.Contains("p=2/", StringComparison.Ordinal)))
            File.WriteAllBytes(file, new byte[new FileInfo(file).Length]);
        Filtered("id, p", "p = 2").Should().Equal("2|2");
        var all = () => Rows("id, p");
        all.Should().Throw<EngineException>();
    }

    [Test]
    public void Values_of_several_partition_columns_stay_apart()
    {
        table.File("f0.parquet", "SELECT 0 AS id");
        table.File("f1.parquet", "SELECT 1 AS id");
        table.Commit(
            HandMadeTable.OldProtocol,
            HandMadeTable.Columns(["id integer", "p string", "q string"], "p", "q"),
            HandMadeTable.Add("f0.parquet", null, ("p", "a\u0001b"), ("q", "c")),
            HandMadeTable.Add("f1.parquet", null, ("p", "a"), ("q", "b\u0001c")));
        Rows("id, p, q").Should().Equal("0|a\u0001b|c", "1|a|b\u0001c");
    }

    [TestCase(2)]
    [TestCase(40)]
    public void A_delete_and_a_compaction_keep_every_partition_value(int others)
    {
        string[] values = ["\u0001", "\u0002", "NULL", "__HIVE_DEFAULT_PARTITION__", "a/b", "..", "a\0b", "é", "x=y", "A", "a", "\n", "\r\n", "%2F", "'", " ", "\\x41", "[*]?", .. Enumerable.Range(0, others).Select(i => $"o{i}")];
        var adds = values.Select((value, i) => HandMadeTable.Add($"f{i}.parquet", null, ("p", value))).Append(HandMadeTable.Add("none.parquet", null, ("p", null)));
        for (var i = 0; i < values.Length; i++) table.File($"f{i}.parquet", $"FROM (VALUES ({i}), (-1)) t(id)");
        table.File("none.parquet", "FROM (VALUES (1000), (-1)) t(id)");
        table.Commit([HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer", "p string"], "p"), .. adds]);
        engine.Delta.Delete(table.Folder, "id = -1", None);
        engine.Delta.Optimize(table.Folder, 1 << 20);
        var expected = values.Select((value, i) => $"{i}|{value}").Append("1000|-");
        Rows("id, p").Should().BeEquivalentTo(expected);
        engine.Dispose();
        engine = EmbeddedEngine.Create(new EmbeddedSettings());
        Rows("id, p").Should().BeEquivalentTo(expected, "the log says the same to a new reader");
    }

    [TestCase("é", "C3A9")]
    [TestCase("\\x41", "5C783431")]
    [TestCase("\0\u0001", "0001")]
    [TestCase("", "-")]
    public void A_binary_partition_value_has_the_bytes_of_its_text(string text, string bytes)
    {
        table.File("f0.parquet", "FROM (VALUES (0), (1)) t(id)");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer", "p binary"], "p"), HandMadeTable.Add("f0.parquet", null, ("p", text)));
        Rows("id, p").Should().Equal($"0|{bytes}", $"1|{bytes}");
        engine.Delta.Delete(table.Folder, "id = 1", None);
        Rows("id, p").Should().Equal($"0|{bytes}");
    }

    [Test]
    public void Bytes_that_are_no_text_are_no_partition_value()
    {
        const string sql = "SELECT 1 AS id, '\\xFF'::BLOB AS p";
        var write = () => engine.Write(sql, engine.Describe(sql), new SinkSpec("delta", table.Folder, "append", ["p"], None));
        write.Should().Throw<EngineException>().WithMessage("*blob*UTF8*");
        Directory.Exists($"{table.Folder}/_delta_log").Should().BeFalse();
    }

    [TestCase("integer")]
    [TestCase("string")]
    [TestCase("date")]
    [TestCase("boolean")]
    [TestCase("timestamp")]
    [TestCase("decimal(9,2)")]
    public void An_empty_partition_value_is_null_whatever_its_type(string type)
    {
        table.File("f0.parquet", "SELECT 0 AS id");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer", "p " + type], "p"), HandMadeTable.Add("f0.parquet", null, ("p", "")));
        Rows("id, p").Should().Equal("0|-");
    }

    [TestCase("void")]
    [TestCase("integer")]
    [TestCase("string")]
    [TestCase("struct<a:int>")]
    public void A_column_that_a_file_lacks_is_null_whatever_the_statistics_say(string type)
    {
        table.File("f0.parquet", "SELECT 0 AS id");
        table.File("f1.parquet", type switch { "void" => "SELECT 1 AS id", "integer" => "SELECT 1 AS id, 7 AS x", "string" => "SELECT 1 AS id, '7' AS x", _ => "SELECT 1 AS id, {'a': 7} AS x" });
        var columns = type.StartsWith("struct", StringComparison.Ordinal)
            ? HandMadeTable.Columns(["id integer", "x PLACE"]).Replace("\\u0022PLACE\\u0022", """{\u0022type\u0022:\u0022struct\u0022,\u0022fields\u0022:[{\u0022name\u0022:\u0022a\u0022,\u0022type\u0022:\u0022integer\u0022,\u0022nullable\u0022:true,\u0022metadata\u0022:{}}]}""", StringComparison.Ordinal)
            : HandMadeTable.Columns(["id integer", "x " + type]);
        table.Commit(
            HandMadeTable.OldProtocol,
            columns,
            HandMadeTable.Add("f0.parquet", """{"numRecords": 1, "minValues": {}, "maxValues": {}, "nullCount": {"id": 0, "x": 1}}"""),
            HandMadeTable.Add("f1.parquet", """{"numRecords": 1, "minValues": {}, "maxValues": {}, "nullCount": {"id": 0, "x": 0}}"""));
        var x = type.StartsWith("struct", StringComparison.Ordinal) ? "x.a" : "x";
        Rows($"id, {x}").Should().Equal("0|-", type == "void" ? "1|-" : "1|7");
        Rows($"count(*), count({x})").Should().Equal(type == "void" ? "2|0" : "2|1");
    }

    [Test]
    public void A_column_of_the_type_void_is_written_into_no_file()
    {
        table.File("f0.parquet", "FROM (VALUES (0), (1)) t(id)");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer", "v void"]), HandMadeTable.Add("f0.parquet"));
        Write("SELECT 2 AS id", "append");
        Write("SELECT 3 AS id", "append");
        engine.Delta.Delete(table.Folder, "id = 0 AND v IS NULL", None);
        engine.Delta.Optimize(table.Folder, 1 << 20);
        Rows("id, v").Should().Equal("1|-", "2|-", "3|-");
        var columns = $"SELECT DISTINCT name FROM parquet_schema('{table.Folder}/*.parquet') WHERE name <> 'duckdb_schema'";
        engine.Query(columns, engine.Describe(columns)).Select(static row => row.Values[0]).Should().Equal(["id"], "Spark could not read another type's column once the column gets its type");
        var value = () => Write("SELECT 4 AS id, 5 AS v", "append");
        value.Should().Throw<EngineException>().WithMessage("*'v' is void and the rows have int*");
    }

    [TestCase("NULL::STRUCT(a INTEGER, b STRUCT(c INTEGER))", "s")]
    [TestCase("{'a': NULL::INTEGER, 'b': {'c': 1}}", "s.a")]
    [TestCase("{'a': 1, 'b': {'c': NULL::INTEGER}}", "s.b.c")]
    public void A_value_that_a_nested_column_requires_may_not_be_missing(string value, string column)
    {
        const string c = """{"type":"struct","fields":[{"name":"c","type":"integer","nullable":false,"metadata":{}}]}""";
        const string s = $$$"""{"type":"struct","fields":[{"name":"a","type":"integer","nullable":false,"metadata":{}},{"name":"b","type":{{{c}}},"nullable":true,"metadata":{}}]}""";
        var schema = $$$"""{"type":"struct","fields":[{"name":"s","type":{{{s}}},"nullable":false,"metadata":{}}]}""";
        table.Commit(HandMadeTable.OldProtocol, System.Text.Json.JsonSerializer.Serialize(new { metaData = new { id = "a", format = new { provider = "parquet" }, schemaString = schema, partitionColumns = Array.Empty<string>() } }));
        Write("SELECT {'a': 1, 'b': NULL::STRUCT(c INTEGER)} AS s UNION ALL SELECT {'a': 1, 'b': {'c': 1}}", "append");
        var write = () => Write($"SELECT {value} AS s", "append");
        var error = write.Should().Throw<EngineException>().WithMessage($"Cannot write to the Delta table '{table.Folder}': column '{column}' may not be null, and a row lacks it.*").Which;
        error.ErrorClass.Should().Be("DELTA_NOT_NULL_CONSTRAINT_VIOLATED");
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
        Directory.EnumerateFiles(table.Folder, "*.parquet").Should().ContainSingle("a refused write leaves no file");
        Rows("count(*)").Should().Equal("2");
    }

    [TestCase("integer", "NULL::INTEGER")]
    [TestCase("string", "NULL::VARCHAR")]
    [TestCase("binary", "NULL::BLOB")]
    [TestCase("boolean", "NULL::BOOLEAN")]
    [TestCase("decimal(30,2)", "NULL::DECIMAL(30,2)")]
    [TestCase("timestamp", "NULL::TIMESTAMPTZ")]
    public void A_value_that_a_column_requires_may_not_be_missing(string type, string value)
    {
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["x " + type]).Replace("\\u0022nullable\\u0022:true", "\\u0022nullable\\u0022:false", StringComparison.Ordinal));
        var write = () => Write($"SELECT {value} AS x", "append");
        Failure.Of(write.Should().Throw<EngineException>().WithMessage("*column 'x' may not be null*").Which).ExitCode.Should().Be(ExitCodes.DataContract);
        Rows("count(*)").Should().Equal("0");
    }

    [Test]
    public void The_later_of_two_schemas_holds_where_the_first_version_has_none()
    {
        table.File("f0.parquet", "SELECT 5 AS id");
        table.Commit(HandMadeTable.OldProtocol, """{"metaData": {"id": "a", "format": {"provider": "parquet", "options": {}}, "partitionColumns": [], "configuration": {}, "createdTime": 0}}""");
        var read = () => Rows();
        var error = read.Should().Throw<EngineException>().WithMessage("Cannot read the columns of the table '*': the action 'metaData' has no schemaString in this version*").Which;
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
        table.Commit(HandMadeTable.Columns(["id integer"]), HandMadeTable.Add("f0.parquet"));
        Rows().Should().Equal("5");
    }

    [Test]
    public void Columns_may_have_the_names_that_the_engine_used_for_itself()
    {
        const string sql = "SELECT i AS __file, i AS __action, i AS __clause, i AS __source_id, i AS __target_id, i % 40 AS p FROM range(80) t(i)";
        engine.Write(sql, engine.Describe(sql), new SinkSpec("delta", table.Folder, "append", ["p"], None));
        Rows("count(*), sum(__file)").Should().Equal("80|3160");
        engine.Delta.Delete(table.Folder, "__file < 10", None);
        Rows("count(*), sum(__file)").Should().Equal("70|3115");
        var source = engine.OpenSource(new SourceSpec("delta", [table.Folder], None, null, false));
        var clause = new MergeClause("matchedUpdate", null, new Dictionary<string, string> { ["__action"] = "s.__source_id + 1000" });
        engine.Delta.Merge(new MergeSpec(table.Folder, "t", $"SELECT * FROM \"{source.Name}\" WHERE __file = 10", "s", "t.__file = s.__file", [clause], None));
        Rows("count(*), sum(__action)").Should().Equal("70|4115");
    }

    [TestCase("v2Checkpoint")]
    [TestCase("typeWidening")]
    [TestCase("typeWidening-preview")]
    [TestCase("variantType")]
    [TestCase("variantType-preview")]
    [TestCase("variantShredding-preview")]
    [TestCase("deletionVectors")]
    [TestCase("columnMapping")]
    [TestCase("timestampNtz")]
    [TestCase("vacuumProtocolCheck")]
    public void A_feature_that_is_declared_and_not_in_use_hinders_no_reading_and_no_writing(string feature)
    {
        table.File("f0.parquet", "SELECT 0 AS id");
        table.Commit($$$"""{"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["{{{feature}}}"], "writerFeatures": ["{{{feature}}}"]}}""", HandMadeTable.Columns(["id integer"]), HandMadeTable.Add("f0.parquet"));
        Rows().Should().Equal("0");
        engine.Write("SELECT 1 AS id", engine.Describe("SELECT 1 AS id"), new SinkSpec("delta", table.Folder, "append", [], None));
        engine.Delta.Delete(table.Folder, "id = 0", None);
        Rows().Should().Equal("1");
    }

    [Test]
    public void A_column_whose_type_was_widened_is_read_from_old_and_new_files_and_written()
    {
        table.File("f0.parquet", "SELECT 1::INTEGER AS id, 2::INTEGER AS d, DATE '2024-01-31' AS day");
        table.File("f1.parquet", "SELECT 5000000000::BIGINT AS id, 2.5::DOUBLE AS d, TIMESTAMP '2024-01-31 12:00:00' AS day");
        const string features = """["typeWidening", "timestampNtz"]""";
        var columns = HandMadeTable.Columns(["id long", "d double", "day timestamp_ntz"])
            .Replace("\\u0022metadata\\u0022:{}", """\u0022metadata\u0022:{\u0022delta.typeChanges\u0022:[{\u0022fromType\u0022:\u0022integer\u0022,\u0022toType\u0022:\u0022long\u0022}]}""", StringComparison.Ordinal);
        columns.Should().Contain("typeChanges");
        table.Commit($$"""{"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": {{features}}, "writerFeatures": {{features}}} }""", columns, HandMadeTable.Add("f0.parquet"), HandMadeTable.Add("f1.parquet"));
        Rows("id, d, CAST(day AS VARCHAR)").Should().Equal("1|2|2024-01-31 00:00:00", "5000000000|2.5|2024-01-31 12:00:00");
        engine.Delta.Delete(table.Folder, "id = 5000000000", None);
        Rows("id").Should().Equal("1");
    }

    [TestCase("u", "../..^-aqEH.-t@S}K{vb[*k^", "it does not lie in the table's folder")]
    [TestCase("p", "file:///etc/passwd", "it does not lie in the table's folder")]
    [TestCase("p", "../secret.bin", "it does not lie in the table's folder")]
    [TestCase("u", "^-aqEH.-t@S}K{vb[*k^", "its file is not there")]
    [TestCase("u", "short", "its place is of the kind 'u', and the kinds are u, p and i")]
    [TestCase("x", "^-aqEH.-t@S}K{vb[*k^", "its place is of the kind 'x', and the kinds are u, p and i")]
    [TestCase("i", "00000", "it is cut")]
    public void A_deletion_vector_that_cannot_be_read_is_refused_by_the_name_of_its_data_file(string kind, string place, string why)
    {
        table.File("f0.parquet", "FROM range(10) t(id)");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id long"]), WithVector("f0.parquet", kind, place));
        var read = () => Rows();
        var error = read.Should().Throw<EngineException>().WithMessage($"Cannot read version 0 of the table '{table.Folder}': the deletion vector of its data file 'f0.parquet' cannot be read: {why}. *").Which;
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
    }

    [TestCase(1)]
    [TestCase(40)]
    public void Rows_of_a_deletion_vector_are_left_out_and_a_column_may_have_the_name_of_the_rows_number(int partitions)
    {
        var adds = new List<string>();
        for (var p = 0; p < partitions; p++)
        {
            table.File($"f{p}.parquet", "SELECT id, id AS file_row_number FROM range(40) t(id)");
            adds.Add(WithVector($"f{p}.parquet", "i", "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L", ("p", $"{p}")));
            table.File($"g{p}.parquet", "SELECT 100 AS id");
            adds.Add(HandMadeTable.Add($"g{p}.parquet", null, ("p", $"{p}")));
        }

        table.Commit([HandMadeTable.OldProtocol, HandMadeTable.Columns(["id long", "file_row_number long", "p integer"], "p"), .. adds]);
        Rows("count(*), count(DISTINCT p), count(file_row_number)").Should().Equal($"{35 * partitions}|{partitions}|{34 * partitions}");
        Rows("count(*) FILTER (id IN (3, 4, 7, 11, 18, 29))").Should().Equal("0");
        engine.Delta.Delete(table.Folder, "id = 5", None);
        Rows("count(*)").Should().Equal($"{34 * partitions}");
        Rows("count(*) FILTER (id IN (3, 4, 7, 11, 18, 29))").Should().Equal(["0"], "a rewrite brings no deleted row back");
    }

    private static string WithVector(string path, string kind, string place, params (string Column, string? Value)[] partition) => System.Text.Json.JsonSerializer.Serialize(new
    {
        add = new
        {
            path,
            partitionValues = partition.ToDictionary(static entry => entry.Column, static entry => entry.Value),
            size = 194,
            modificationTime = 0,
            dataChange = true,
            deletionVector = new { storageType = kind, pathOrInlineDv = place, offset = kind == "i" ? (int?)null : 1, sizeInBytes = 40, cardinality = 6 },
        },
    });

    [Test]
    public void A_missing_data_file_is_told_with_table_version_file_and_remedy()
    {
        table.File("f0.parquet", "SELECT 0 AS id");
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add("f0.parquet"));
        table.Commit(HandMadeTable.Add("gone.parquet"));
        var read = () => Rows();
        var error = read.Should().Throw<EngineException>().WithMessage(
            $"Cannot read version 1 of the table '{table.Folder}': its data file 'gone.parquet' is not there. Put the file back from a copy, or go back to a version that does not need it: "
            + "'pipeline versions table' lists them, 'pipeline restore table --version N' restores one.").Which;
        error.ErrorClass.Should().Be("FAILED_READ_FILE");
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
        var delete = () => engine.Delta.Delete(table.Folder, "id = 0", None);
        delete.Should().Throw<EngineException>().WithMessage("*'gone.parquet' is not there*");
        engine.Delta.RestoreToVersion(table.Folder, 0).Should().Be(2);
        Rows().Should().Equal("0");
    }

    [Test]
    public void A_history_has_all_of_Deltas_columns()
    {
        table.File("f0.parquet", "SELECT 0 AS id");
        const string info = """
            {"commitInfo": {"timestamp": 1, "userId": "7", "userName": "ann", "operation": "WRITE", "operationParameters": {"mode": "Append"}, "job": {"jobId": "j", "jobName": "nightly", "runId": null},
                "notebook": {"notebookId": "n"}, "clusterId": "c", "readVersion": 3, "isolationLevel": "WriteSerializable", "isBlindAppend": true, "operationMetrics": {"numFiles": "1"}, "userMetadata": "why", "engineInfo": "Other/1"}}
            """;
        table.Commit(info.ReplaceLineEndings(" "), HandMadeTable.OldProtocol, HandMadeTable.Columns(["id integer"]), HandMadeTable.Add("f0.parquet"));
        using var spark = SparkSession.ForEngine(engine);
        var history = DeltaTable.ForPath(spark, table.Folder).History();
        history.Schema().FieldNames.Should().Equal(
            "version", "timestamp", "userId", "userName", "operation", "operationParameters", "job", "notebook", "clusterId", "readVersion", "isolationLevel", "isBlindAppend", "operationMetrics", "userMetadata", "engineInfo");
        var row = history.Select("version", "userId", "userName", "operation", "job.jobName", "notebook.notebookId", "clusterId", "readVersion", "isolationLevel", "isBlindAppend", "userMetadata", "engineInfo").Collect().Single();
        row.Values.Should().Equal(0L, "7", "ann", "WRITE", "nightly", "n", "c", 3L, "WriteSerializable", true, "why", "Other/1");
    }

    [Test]
    public void A_file_with_encrypted_columns_is_refused_by_its_name_and_the_session_goes_on()
    {
        // A column with crypto_metadata in a file without an encryption algorithm: an internal error to DuckDB, which ends its database.
        var crypto = Convert.FromHexString(
            "504152311500150815082C15021500150615060000070000001502192C4806736368656D6115020015022500180161001602191C191C26081C150219"
            + "15001918016115001602162A162A2608005C1C000000162A160200003F00000050415231");
        File.WriteAllBytes($"{table.Folder}/crypto.parquet", crypto);
        table.Commit(HandMadeTable.OldProtocol, HandMadeTable.Columns(["a integer"]), HandMadeTable.Add("crypto.parquet"));
        var read = () => Rows();
        var error = read.Should().Throw<EngineException>().WithMessage($"Cannot read the table '{table.Folder}': its data file 'crypto.parquet' has encrypted columns*").Which;
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
        var open = () => engine.OpenSource(new SourceSpec("parquet", [$"{table.Folder}/crypto.parquet"], None, null, false));
        Failure.Of(open.Should().Throw<EngineException>().WithMessage($"Cannot read the Parquet file '{table.Folder}/crypto.parquet': it has encrypted columns*").Which).ExitCode.Should().Be(ExitCodes.DataContract);
        engine.Query("SELECT 1 AS a", engine.Describe("SELECT 1 AS a")).Single().Values.Should().Equal(1);
    }

    [TestCase("replaceWhere")]
    [TestCase("dynamic")]
    public void An_overwrite_of_a_part_leaves_the_rest(string how)
    {
        Write("FROM (VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, NULL)) t(id, p)", "append", ["p"]);
        if (how == "dynamic") Write("FROM (VALUES (20, 'b'), (40, NULL), (50, 'e')) t(id, p)", "overwrite", null, ("partitionOverwriteMode", "dynamic"));
        else Write("FROM (VALUES (20, 'b'), (40, NULL), (50, 'e')) t(id, p)", "overwrite", null, ("replaceWhere", "p IS NULL OR p IN ('b', 'e')"));
        Rows("id, p").Should().Equal("1|a", "3|c", "20|b", "40|-", "50|e");
        var commit = engine.Delta.History(table.Folder, 1).Single();
        commit.OperationParameters.Should().ContainKey(how == "dynamic" ? "isDynamicPartitionOverwrite" : "predicate");
    }

    [TestCase("p = 'b'", "SELECT 5 AS id, 'c' AS p")]
    [TestCase("p = 'b'", "SELECT 5 AS id, NULL::VARCHAR AS p")]
    [TestCase("id < 3", "FROM (VALUES (1, 'a'), (3, 'b')) t(id, p)")]
    public void Rows_outside_replaceWhere_are_refused_and_nothing_is_replaced(string condition, string rows)
    {
        Write("FROM (VALUES (1, 'a'), (2, 'b')) t(id, p)", "append", ["p"]);
        var write = () => Write(rows, "overwrite", null, ("replaceWhere", condition));
        var error = write.Should().Throw<EngineException>().WithMessage($"Cannot overwrite the rows of the Delta table '{table.Folder}' for which {condition}: a row to write does not meet this condition.*").Which;
        error.ErrorClass.Should().Be("DELTA_REPLACE_WHERE_MISMATCH");
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
        Rows("id, p").Should().Equal("1|a", "2|b");
        Directory.EnumerateFiles(table.Folder, "*.parquet", SearchOption.AllDirectories).Should().HaveCount(2, "a refused write leaves no file");
        engine.SetConf("spark.databricks.delta.replaceWhere.constraintCheck.enabled", "false");
        write.Should().NotThrow("Delta's setting turns the check off");
    }

    [Test]
    public void A_dynamic_overwrite_compares_values_and_not_their_texts()
    {
        table.File("f0.parquet", "SELECT 0 AS id");
        table.File("f1.parquet", "SELECT 1 AS id");
        table.Commit(
            HandMadeTable.OldProtocol,
            HandMadeTable.Columns(["id integer", "at timestamp", "n integer"], "at", "n"),
            HandMadeTable.Add("f0.parquet", null, ("at", "2024-01-31 12:00:00"), ("n", "07")),
            HandMadeTable.Add("f1.parquet", null, ("at", "2024-01-31T12:00:00.000000Z"), ("n", "8")));
        Write("SELECT 2 AS id, TIMESTAMPTZ '2024-01-31 12:00:00+00' AS at, 7 AS n", "overwrite", null, ("partitionOverwriteMode", "dynamic"));
        Rows("id, n").Should().Equal("1|8", "2|7");
    }

    [Test]
    public void A_dynamic_overwrite_is_asked_for_by_the_session_too_and_replaces_all_of_a_table_without_partitions()
    {
        engine.SetConf("spark.sql.sources.partitionOverwriteMode", "dynamic");
        Write("FROM (VALUES (1, 'a'), (2, 'b')) t(id, p)", "append", ["p"]);
        Write("SELECT 3 AS id, 'b' AS p", "overwrite");
        Rows("id, p").Should().Equal("1|a", "3|b");
        Write("SELECT 4 AS id, 'c' AS p", "overwrite", null, ("partitionOverwriteMode", "static"));
        Rows("id, p").Should().Equal("4|c");
        Write("SELECT 4 AS id, 'c' AS p WHERE false", "overwrite");
        Rows("id, p").Should().Equal("4|c");
        Write("SELECT 5 AS id, 'd' AS p", "overwrite", null, ("replaceWhere", "p >= 'c'"));
        Rows("id, p").Should().Equal(["5|d"], "replaceWhere goes before the session's setting");
    }

    [TestCase("replaceWhere", "p = 'a'", "*exclude each other*")]
    [TestCase("overwriteSchema", "true", "*overwriteSchema replaces the whole table*")]
    [TestCase("partitionOverwriteMode", "dynamical", "partitionOverwriteMode is 'dynamical'; it takes static or dynamic.")]
    public void Options_of_an_overwrite_that_do_not_go_together_are_refused(string option, string value, string message)
    {
        Write("FROM (VALUES (1, 'a'), (2, 'b')) t(id, p)", "append", ["p"]);
        (string, string)[] options = option == "partitionOverwriteMode" ? [(option, value)] : [(option, value), ("partitionOverwriteMode", "dynamic")];
        var write = () => Write("SELECT 3 AS id, 'a' AS p", "overwrite", null, options);
        write.Should().Throw<EngineException>().WithMessage(message);
        Rows("id, p").Should().Equal("1|a", "2|b");
    }

    [TestCase("a b", "a blank")]
    [TestCase("a,b", "','")]
    [TestCase("a;b", "';'")]
    [TestCase("{a", "'{'")]
    [TestCase("a)", "')'")]
    [TestCase("a=b", "'='")]
    [TestCase("a\tb", "a tab")]
    [TestCase("a\nb", "a line break")]
    public void A_column_with_a_character_that_Spark_refuses_is_refused(string name, string shown)
    {
        var top = () => Write($"SELECT 1 AS id, 2 AS \"{name}\"", "append");
        Failure.Of(top.Should().Throw<EngineException>().WithMessage($"Cannot write to the table '{table.Folder}': the name of column * has {shown}, *").Which).ExitCode.Should().Be(ExitCodes.DataContract);
        var nested = () => Write($"SELECT 1 AS id, [{{'x': {{'{name}': 1}}}}] AS s", "append");
        nested.Should().Throw<EngineException>().WithMessage($"*the name of column 's.x.* has {shown}, *");
        Write("SELECT 1 AS id", "append");
        var added = () => Write($"SELECT 1 AS id, 2 AS \"{name}\"", "append", null, ("mergeSchema", "true"));
        added.Should().Throw<EngineException>().WithMessage($"*has {shown}, *");
        Rows().Should().Equal("1");
    }

    private void Write(string sql, string mode, string[]? partitionBy = null, params (string Key, string Value)[] options) =>
        engine.Write(sql, engine.Describe(sql), new SinkSpec("delta", table.Folder, mode, partitionBy ?? [], options.ToDictionary(option => option.Key, option => option.Value)));

    private IReadOnlyList<string> Vacuum(string? at = null)
    {
        engine.SetConf("spark.databricks.delta.retentionDurationCheck.enabled", "false");
        return engine.Delta.Vacuum(at ?? table.Folder, 0, dryRun: false);
    }

    /// <summary>Rows as texts: columns are separated by '|', null is '-'.</summary>
    private List<string> Rows(string columns = "*", string? at = null, params (string Key, string Value)[] options) => Filtered(columns, "true", at, options);

    private List<string> Filtered(string columns, string where, string? at = null, params (string Key, string Value)[] options)
    {
        var view = engine.OpenSource(new SourceSpec("delta", [at ?? table.Folder], options.ToDictionary(option => option.Key, option => option.Value), null, false));
        var sql = $"SELECT {columns} FROM \"{view.Name}\" WHERE {where} ORDER BY ALL NULLS LAST";
        return [.. engine.Query(sql, engine.Describe(sql)).Select(row => string.Join('|', row.Values.Select(Text)))];
    }

    private static string Text(object? value) => value switch
    {
        null => "-",
        byte[] bytes => Convert.ToHexString(bytes),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
