using System.Globalization;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Errors;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>Tables whose columns have other names in files and log than in the schema, by name and by id.</summary>
/// <remarks>Logs and files are made by hand as the protocol says ("Column Mapping").</remarks>
[TestFixture]
public sealed class ColumnMappingTests : HandMadeTableTests
{

    /// <summary>The columns id, name (which was called "nom" once), place and the partition column day, with a struct, an array and a map of structs.</summary>
    private static readonly StructType Columns = new(
        Mapped("id", new LongType(), 1, "col-1"),
        Mapped("full name", new StringType(), 2, "nom"),
        Mapped("place", new StructType(Mapped("lat", new DoubleType(), 4, "col-4"), Mapped("nom", new StringType(), 5, "col-5")), 3, "col-3"),
        Mapped("marks", new ArrayType(new StructType(Mapped("mark", new IntegerType(), 7, "col-7"))), 6, "col-6"),
        Mapped("by,key", new MapType(new StringType(), new StructType(Mapped("n", new IntegerType(), 9, "col-9"))), 8, "col-8"),
        Mapped("day", new DateType(), 10, "col-10"));

    private const string FileRows =
        "SELECT 1::BIGINT AS \"col-1\", 'ann' AS nom, {'col-4': 1.5, 'col-5': 'x'} AS \"col-3\", [{'col-7': 7}, NULL] AS \"col-6\", MAP {'k': {'col-9': 9}} AS \"col-8\" "
        + "UNION ALL SELECT 2, NULL, NULL, NULL, NULL";

    private const string FileIds =
        "{'col-1': 1, nom: 2, 'col-3': {__duckdb_field_id: 3, 'col-4': 4, 'col-5': 5}, 'col-6': {__duckdb_field_id: 6, element: {'col-7': 7}}, 'col-8': {__duckdb_field_id: 8, 'value': {'col-9': 9}}}";

    /// <summary>The same rows under the names that a converted table had when its file was written.</summary>
    private const string OldRows =
        "SELECT 'x' AS unknown, 11::BIGINT AS id0, 'old' AS \"full name\", {'nom': 'y', 'lat': 2.5} AS place0, [{'m': 8}] AS marks0, MAP {'k': {'m': 10}} AS map0";

    private const string OldIds =
        "{unknown: 77, id0: 1, 'full name': 2, place0: {__duckdb_field_id: 3, nom: 5, lat: 4}, marks0: {__duckdb_field_id: 6, element: {m: 7}}, map0: {__duckdb_field_id: 8, 'value': {m: 9}}}";

    private const string AllColumns = "id, \"full name\", place.lat, place.nom, marks[1].mark, len(marks), \"by,key\"['k'].n, CAST(day AS VARCHAR)";

    [TestCase("name")]
    [TestCase("id")]
    public void Columns_nested_fields_and_partition_values_are_found_by_their_stored_names(string mode)
    {
        Make(mode);
        Rows(AllColumns).Should().Equal("1|ann|1.5|x|7|2|9|2024-01-31", "2|-|-|-|-|-|-|2024-01-31");
        Rows("count(*), count(place), count(\"by,key\")").Should().Equal("2|1|1");
        var view = Open();
        view.Schema.FieldNames.Should().Equal("id", "full name", "place", "marks", "by,key", "day");
        view.Schema.Should().OnlyContain(column => column.Metadata.IsEmpty, "the mapping is no business of readers");
    }

    [Test]
    public void By_id_each_file_may_have_names_of_its_own()
    {
        Make("id");
        Put("old.parquet", OldRows, OldIds);
        table.Commit(Add("old.parquet", "2024-02-01"));
        Rows(AllColumns).Should().Equal("1|ann|1.5|x|7|2|9|2024-01-31", "2|-|-|-|-|-|-|2024-01-31", "11|old|2.5|y|8|1|10|2024-02-01");
        engine.Delta.Delete(table.Folder, "id = 2", None);
        engine.Delta.Optimize(table.Folder, 1 << 20);
        Rows(AllColumns).Should().Equal("1|ann|1.5|x|7|2|9|2024-01-31", "11|old|2.5|y|8|1|10|2024-02-01");
    }

    [Test]
    public void By_id_a_column_that_a_file_lacks_is_null_even_where_the_file_has_a_column_of_its_name()
    {
        Put("f.parquet", "SELECT 5::BIGINT AS a, 6::BIGINT AS b, {'c': 7::BIGINT, 'd': 8::BIGINT} AS s", "{a: 1, b: 22, s: {__duckdb_field_id: 3, c: 4, d: 55}}");
        var columns = new StructType(
            Mapped("a", new LongType(), 1, "a"), Mapped("b", new LongType(), 2, "b"), Mapped("s", new StructType(Mapped("c", new LongType(), 4, "c"), Mapped("d", new LongType(), 5, "d")), 3, "s"));
        table.Commit(Protocol(3), Metadata("id", columns), HandMadeTable.Add("f.parquet"));
        Rows("a, b, s.c, s.d").Should().Equal("5|-|7|-");
    }

    [Test]
    public void By_id_a_file_without_ids_is_refused()
    {
        table.File("f.parquet", "SELECT 5::BIGINT AS a");
        table.Commit(Protocol(3), Metadata("id", new StructType(Mapped("a", new LongType(), 1, "a"))), HandMadeTable.Add("f.parquet"));
        var read = () => Rows("a");
        var error = read.Should().Throw<EngineException>().WithMessage($"Cannot read version 0 of the table '{table.Folder}': its data file 'f.parquet' has no field ids*").Which;
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
    }

    [Test]
    public void By_name_a_column_that_was_dropped_and_added_again_has_no_old_values()
    {
        table.File("f.parquet", "SELECT 5::BIGINT AS a, 6::BIGINT AS b");
        table.Commit(Protocol(2), Metadata("name", new StructType(Mapped("a", new LongType(), 1, "a"), Mapped("b", new LongType(), 3, "col-new"))), HandMadeTable.Add("f.parquet"));
        Rows("a, b").Should().Equal("5|-");
    }

    [TestCase("none", 2)]
    [TestCase("name", 1)]
    [TestCase("id", 1)]
    public void A_mode_that_is_none_or_that_the_protocol_does_not_have_maps_nothing(string mode, int reader)
    {
        table.File("f.parquet", "SELECT 5::BIGINT AS a, 6::BIGINT AS stored");
        table.Commit(Protocol(reader), Metadata(mode, new StructType(Mapped("a", new LongType(), 1, "stored"))), HandMadeTable.Add("f.parquet"));
        Rows("a").Should().Equal("5");
        Write("SELECT 7::BIGINT AS a", "append");
        Rows("a").Should().Equal("5", "7");
    }

    [Test]
    public void A_mode_that_is_not_known_and_a_column_without_a_stored_name_are_refused()
    {
        table.Commit(Protocol(2), Metadata("position", Columns, "day"));
        var read = () => Rows("id");
        read.Should().Throw<EngineException>().WithMessage("*the table uses columnMapping (mode position), which is not known here*");
        table.Commit(Metadata("name", new StructType(new StructField("a", new LongType()))));
        var error = read.Should().Throw<EngineException>().WithMessage("*its columns are mapped by name, and column 'a' has no 'delta.columnMapping.physicalName'*").Which;
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
    }

    [TestCase("name")]
    [TestCase("id")]
    public void Rows_are_appended_by_the_stored_names_with_field_ids(string mode)
    {
        Make(mode);
        const string row = "SELECT 3::BIGINT AS id, 'eve' AS \"full name\", {'lat': 3.5::DOUBLE, 'nom': 'z'} AS place, [{'mark': 1}] AS marks, MAP {'k': {'n': 4}} AS \"by,key\", DATE '2024-03-01' AS day";
        Write(row, "append");
        Rows(AllColumns).Should().Equal("1|ann|1.5|x|7|2|9|2024-01-31", "2|-|-|-|-|-|-|2024-01-31", "3|eve|3.5|z|1|1|4|2024-03-01");
        var add = Snapshot().Files.Single(file => file.Path != "f.parquet");
        add.PartitionValues.Should().Equal(new Dictionary<string, string?> { ["col-10"] = "2024-03-01" });
        add.ReadStatistics()!.MinValues.Should().Contain("col-1", "3").And.Contain("nom", "\"eve\"").And.NotContainKey("id");
        add.ReadStatistics()!.NullCount.Should().Contain("nom", 0);
        Elements(add).Should().Equal("col-1:1", "nom:2", "col-3:3", "col-4:4", "col-5:5", "col-6:6", "col-7:7", "col-8:8", "col-9:9");
    }

    [TestCase("name")]
    [TestCase("id")]
    public void Deletes_merges_and_overwrites_of_a_part_keep_all_other_rows(string mode)
    {
        Make(mode);
        Write("SELECT 3::BIGINT AS id, 'eve' AS \"full name\", DATE '2024-03-01' AS day UNION ALL SELECT 4, 'bob', NULL", "append");
        engine.Delta.Delete(table.Folder, "place.lat IS NULL AND \"full name\" IS NULL", None);
        Rows("id, \"full name\", CAST(day AS VARCHAR)").Should().Equal("1|ann|2024-01-31", "3|eve|2024-03-01", "4|bob|-");
        Write("SELECT 5::BIGINT AS id, 'dan' AS \"full name\", NULL::DATE AS day", "overwrite", ("partitionOverwriteMode", "dynamic"));
        Rows("id, \"full name\", CAST(day AS VARCHAR)").Should().Equal("1|ann|2024-01-31", "3|eve|2024-03-01", "5|dan|-");
        Write("SELECT 6::BIGINT AS id, 'kim' AS \"full name\", DATE '2024-03-01' AS day", "overwrite", ("replaceWhere", "day = DATE '2024-03-01'"));
        Rows("id, \"full name\", CAST(day AS VARCHAR)").Should().Equal("1|ann|2024-01-31", "5|dan|-", "6|kim|2024-03-01");
        var clause = new MergeClause("matchedUpdate", null, new Dictionary<string, string> { ["full name"] = "'new'" });
        engine.Delta.Merge(new MergeSpec(table.Folder, "t", "SELECT 1 AS k", "s", "t.id = s.k", [clause], None));
        engine.Delta.Optimize(table.Folder, 1 << 20);
        Rows(AllColumns).Should().Equal("1|new|1.5|x|7|2|9|2024-01-31", "5|dan|-|-|-|-|-|-", "6|kim|-|-|-|-|-|2024-03-01");
        engine.SetConf("spark.databricks.delta.retentionDurationCheck.enabled", "false");
        engine.Delta.Vacuum(table.Folder, 0, dryRun: false).Should().Contain("f.parquet");
        Rows("count(*)").Should().Equal("3");
    }

    [Test]
    public void Many_partitions_are_read_by_their_stored_names()
    {
        Make("name");
        Write("SELECT i AS id, 'n' || i AS \"full name\", DATE '2025-01-01' + i::INTEGER AS day FROM range(50) t(i)", "append");
        Rows("count(*), count(DISTINCT day), sum(id)").Should().Equal("52|51|1228");
    }

    [Test]
    public void New_columns_get_numbers_and_stored_names_and_may_have_any_name()
    {
        Make("name");
        Write("SELECT 3::BIGINT AS id, DATE '2024-03-01' AS day, {'x y': 1} AS \"a=b\"", "append", ("mergeSchema", "true"));
        Rows("id, \"a=b\".\"x y\"").Should().Equal("1|-", "2|-", "3|1");
        var snapshot = Snapshot();
        snapshot.Metadata.Configuration.Should().Contain("delta.columnMapping.maxColumnId", "12");
        var added = snapshot.Mapping.StoredSchema[6];
        ColumnMapping.FieldId(added).Should().Be(11);
        added.Name.Should().StartWith("col-").And.HaveLength(40);
        ColumnMapping.FieldId(((StructType)added.DataType)[0]).Should().Be(12);
        engine.Delta.RestoreToVersion(table.Folder, 0);
        Snapshot().Metadata.Configuration.Should().Contain("delta.columnMapping.maxColumnId", "12", "a number is never given twice");
    }

    [Test]
    public void An_overwrite_of_the_schema_gives_new_names_and_numbers()
    {
        Make("name");
        Write("SELECT 'a' AS id, 2 AS other", "overwrite", ("overwriteSchema", "true"));
        Rows("id, other").Should().Equal("a|2");
        Snapshot().Metadata.Configuration.Should().Contain("delta.columnMapping.maxColumnId", "12");
        Snapshot().Mapping.StoredSchema.Should().OnlyContain(column => column.Name.StartsWith("col-", StringComparison.Ordinal) && column.Name.Length == 40);
    }

    [Test]
    public void An_append_conflicts_with_a_column_that_was_dropped_and_added_again_meanwhile()
    {
        table.File("f.parquet", "SELECT 5::BIGINT AS a, 6::BIGINT AS b");
        table.Commit(Protocol(2), Metadata("name", new StructType(Mapped("a", new LongType(), 1, "a"), Mapped("b", new LongType(), 2, "b"))), HandMadeTable.Add("f.parquet"));
        var transaction = DeltaLog.For(table.Folder).BeginAsync().GetAwaiter().GetResult();
        transaction.Append([new DataFile("f.parquet", 1, DataFile.NoPartitions, null, DateTimeOffset.UnixEpoch)]);
        table.Commit(Metadata("name", new StructType(Mapped("a", new LongType(), 1, "a"), Mapped("b", new LongType(), 11, "col-new"))));
        transaction.CommitAsync(Operation.Write("Append", [])).GetAwaiter().GetResult().Should().BeOfType<Conflict>("its file has the values of a column that is gone")
            .Which.Message.Should().Contain("changed the table's columns or properties");
    }

    [Test]
    public void A_new_feature_leaves_the_mapping_in_the_protocol()
    {
        table.File("f.parquet", "SELECT 5::BIGINT AS stored");
        table.Commit(Protocol(2), Metadata("name", new StructType(Mapped("a", new LongType(), 1, "stored"))), HandMadeTable.Add("f.parquet"));
        Write("SELECT 6::BIGINT AS a, TIMESTAMP '2024-01-31 12:00:00' AS at", "append", ("mergeSchema", "true"));
        Snapshot().Protocol.ReaderFeatures.Should().Equal("columnMapping", "timestampNtz");
        Rows("a").Should().Equal("5", "6");
    }

    private static StructField Mapped(string name, DataType type, int id, string stored) => new(name, type)
    {
        Metadata = new StructField(name, type).Metadata
            .Add("delta.columnMapping.id", id.ToString(CultureInfo.InvariantCulture)).Add("delta.columnMapping.physicalName", JsonSerializer.Serialize(stored)),
    };

    private void Make(string mode)
    {
        Put("f.parquet", FileRows, FileIds);
        table.Commit(Protocol(mode == "name" ? 2 : 3), Metadata(mode, Columns, "day"), Add("f.parquet", "2024-01-31"));
    }

    private void Put(string file, string sql, string ids) => engine.Execute($"COPY ({sql}) TO '{table.Folder}/{file}' (FORMAT parquet, FIELD_IDS {ids})");

    private static string Add(string path, string day) => HandMadeTable.Add(path, null, ("col-10", day));

    private static string Protocol(int reader) => reader switch
    {
        1 => HandMadeTable.OldProtocol,
        2 => """{"protocol":{"minReaderVersion":2,"minWriterVersion":5}}""",
        _ => """{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["columnMapping"],"writerFeatures":["columnMapping"]}}""",
    };

    private static string Metadata(string mode, StructType columns, params string[] partitionBy) => JsonSerializer.Serialize(new
    {
        metaData = new
        {
            id = "a",
            format = new { provider = "parquet", options = new { } },
            schemaString = columns.Json,
            partitionColumns = partitionBy,
            configuration = new Dictionary<string, string> { ["delta.columnMapping.mode"] = mode, ["delta.columnMapping.maxColumnId"] = "10" },
            createdTime = 0,
        },
    });

    private void Write(string sql, string mode, params (string Key, string Value)[] options) =>
        engine.Write(sql, engine.Describe(sql), new SinkSpec("delta", table.Folder, mode, [], options.ToDictionary(option => option.Key, option => option.Value)));

    private Snapshot Snapshot() => DeltaLog.For(table.Folder).LoadExistingAsync().GetAwaiter().GetResult();

    /// <summary>Columns of a data file with a field id, each <c>name:id</c>.</summary>
    private List<string> Elements(AddFile file)
    {
        var sql = $"SELECT name || ':' || field_id AS text FROM parquet_schema('{table.Folder}/{Uri.UnescapeDataString(file.Path)}') WHERE field_id IS NOT NULL";
        return [.. engine.Query(sql, engine.Describe(sql)).Select(static row => (string)row.Values[0]!)];
    }

    private SourceView Open() => engine.OpenSource(new SourceSpec("delta", [table.Folder], None, null, false));

    /// <summary>Rows as texts: columns are separated by '|', null is '-'.</summary>
    private List<string> Rows(string columns)
    {
        var sql = $"SELECT {columns} FROM \"{Open().Name}\" ORDER BY ALL NULLS LAST";
        return [.. engine.Query(sql, engine.Describe(sql)).Select(row => string.Join('|', row.Values.Select(static value => value is null ? "-" : Convert.ToString(value, CultureInfo.InvariantCulture)!)))];
    }
}
