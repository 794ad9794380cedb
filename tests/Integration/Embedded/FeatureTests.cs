using System.Globalization;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>What the embedded engine does with a table that uses a feature of the protocol: the table "Features" of shared/Engine/Delta/README.md.</summary>
[TestFixture]
public sealed class FeatureTests : HandMadeTableTests
{
    /// <summary>Operations in their order: read, append, delete, compaction, vacuum; a letter stands for one that is done, a dash for one that is refused.</summary>
    [TestCase("appendOnly", "ra-cv", "delta.appendOnly")]
    [TestCase("changeDataFeed", "radcv", "delta.enableChangeDataFeed")]
    [TestCase("inCommitTimestamp", "radcv", "delta.enableInCommitTimestamps")]
    [TestCase("domainMetadata", "radcv", null)]
    [TestCase("allowColumnDefaults", "radcv", null)]
    [TestCase("checkConstraints", "radcv", "delta.constraints.positive", "id > 0")]
    [TestCase("checkConstraints", "r-dcv", "delta.constraints.strange", "strange_function(id)")]
    [TestCase("checkConstraints", "r-dcv", "delta.constraints.strange", "id IN (SELECT 1)")]
    [TestCase("checkConstraints", "r-dcv", "delta.constraints.strange", "uuid() > 'a'")]
    [TestCase("checkConstraints", "r-dcv", "delta.constraints.strange", "other > 0")]
    [TestCase("rowTracking", "ra--v", "delta.enableRowTracking")]
    [TestCase("icebergCompatV1", "r---v", "delta.enableIcebergCompatV1")]
    [TestCase("icebergCompatV2", "r---v", "delta.enableIcebergCompatV2")]
    [TestCase("generatedColumns", "radcv", null, null, "delta.generationExpression", "\"abs(id)\"")]
    [TestCase("generatedColumns", "r-dcv", null, null, "delta.generationExpression", "\"strange_function(id)\"")]
    [TestCase("identityColumns", "r-dcv", null, null, "delta.identity.start", "1")]
    [TestCase("invariants", "radcv", null, null, "delta.invariants", """ "{\"expression\":{\"expression\":\"id > 0\"}}" """)]
    [TestCase("invariants", "r-dcv", null, null, "delta.invariants", "\"{}\"")]
    [TestCase("aFeatureOfTomorrow", "r----", null)]
    public void A_feature_of_writers_hinders_what_would_break_it(string feature, string expected, string? property, string? value = "true", string? columnKey = null, string? columnValue = null) =>
        Make(expected, [], [feature], property, value, columnKey, columnValue);

    [TestCase("variantType")]
    [TestCase("aFeatureOfTomorrow")]
    [TestCase("catalogManaged")]
    public void A_feature_of_readers_that_is_not_known_hinders_everything(string feature) => Make("-----", [feature], [feature], null, null, null, null, feature == "variantType" ? "variant" : "integer");

    private void Make(string expected, string[] reader, string[] writer, string? property, string? value, string? columnKey, string? columnValue, string type = "integer")
    {
        table.File("f1.parquet", "FROM (VALUES (1), (2)) t(id)");
        table.File("f2.parquet", "SELECT 3 AS id");
        var metadata = columnKey is null ? "{}" : $"{{\"{columnKey}\":{columnValue}}}";
        table.Commit(
            """{"commitInfo":{"timestamp":1700000000000,"inCommitTimestamp":1700000000000,"operation":"WRITE"}}""",
            JsonSerializer.Serialize(new { protocol = new { minReaderVersion = 3, minWriterVersion = 7, readerFeatures = reader, writerFeatures = writer } }),
            JsonSerializer.Serialize(new
            {
                metaData = new
                {
                    id = "a",
                    format = new { provider = "parquet", options = new { } },
                    schemaString = $$"""{"type":"struct","fields":[{"name":"id","type":"{{type}}","nullable":true,"metadata":{{metadata}}}]}""",
                    partitionColumns = Array.Empty<string>(),
                    configuration = property is null ? [] : new Dictionary<string, string> { [property] = value! },
                },
            }),
            HandMadeTable.Add("f1.parquet"),
            HandMadeTable.Add("f2.parquet"));
        engine.SetConf("spark.databricks.delta.retentionDurationCheck.enabled", "false");
        var done = string.Concat(
            Try('r', () => Rows().Should().Equal(1, 2, 3)),
            Try('a', () => engine.Write("SELECT 4 AS id", engine.Describe("SELECT 4 AS id"), new SinkSpec("delta", table.Folder, "append", [], None))),
            Try('d', () => engine.Delta.Delete(table.Folder, "id = 1", None)),
            Try('c', () => engine.Delta.Optimize(table.Folder, 1 << 20)),
            Try('v', () => engine.Delta.Vacuum(table.Folder, 0, dryRun: false)));
        done.Should().Be(expected);
        if (expected[0] == 'r') Rows().Should().Equal(expected[1] == 'a' ? expected[2] == 'd' ? [2, 3, 4] : [1, 2, 3, 4] : expected[2] == 'd' ? [2, 3] : [1, 2, 3]);
    }

    [TestCase("struct")]
    [TestCase("array")]
    [TestCase("map")]
    public void An_invariant_of_a_nested_column_is_not_passed_over(string kind)
    {
        const string inside = """{"type":"struct","fields":[{"name":"x","type":"integer","nullable":true,"metadata":{"delta.invariants":"{}"}}]}""";
        var (type, value) = kind switch
        {
            "struct" => (inside, "{'x': 1}"),
            "array" => ($$"""{"type":"array","elementType":{{inside}},"containsNull":true}""", "[{'x': 1}]"),
            _ => ($$"""{"type":"map","keyType":"string","valueType":{{inside}},"valueContainsNull":true}""", "MAP {'k': {'x': 1}}"),
        };
        var schema = $$"""{"type":"struct","fields":[{"name":"s","type":{{type}},"nullable":true,"metadata":{} }]}""";
        table.Commit(HandMadeTable.OldProtocol, JsonSerializer.Serialize(new { metaData = new { id = "a", format = new { provider = "parquet" }, schemaString = schema, partitionColumns = Array.Empty<string>() } }));
        var write = () => engine.Write($"SELECT {value} AS s", engine.Describe($"SELECT {value} AS s"), new SinkSpec("delta", table.Folder, "append", [], None));
        write.Should().Throw<EngineException>().WithMessage("*the table uses invariants (column 's.x')*");
    }

    [Test]
    public void Deletion_vectors_on_disk_are_read_wherever_they_lie_and_kept_as_long_as_they_are_needed()
    {
        // The vector of the protocol's example: rows 3, 4, 7, 11, 18 and 29.
        var bitmap = DeletedRows.DecodeBase85("wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L")[..40];
        byte[] file = [1, .. new byte[3], 0, 0, 0, 40, .. bitmap, 0x05, 0x99, 0xC9, 0xDF];
        Directory.CreateDirectory($"{table.Folder}/ab");
        string[] places = ["ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin", "deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin", "x y.bin"];
        foreach (var place in places) File.WriteAllBytes($"{table.Folder}/{place}", file);
        (string Kind, string Place)[] vectors = [("u", "ab^-aqEH.-t@S}K{vb[*k^"), ("u", "^-aqEH.-t@S}K{vb[*k^"), ("p", $"file://{table.Folder}/x%20y.bin")];
        var adds = vectors.Select((vector, i) =>
        {
            table.File($"f{i}.parquet", string.Create(CultureInfo.InvariantCulture, $"SELECT ({i} * 100 + range)::INTEGER AS id FROM range(40)"));
            return JsonSerializer.Serialize(new
            {
                add = new
                {
                    path = $"f{i}.parquet",
                    partitionValues = new { },
                    size = 194,
                    modificationTime = 0,
                    dataChange = true,
                    stats = """{"numRecords":40}""",
                    deletionVector = new { storageType = vector.Kind, pathOrInlineDv = vector.Place, offset = 4, sizeInBytes = 40, cardinality = 6 },
                },
            });
        });
        table.Commit(["""{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}}""", HandMadeTable.Columns(["id integer"]), .. adds]);
        var live = Enumerable.Range(0, 40).Except([3, 4, 7, 11, 18, 29]).ToList();
        var all = new[] { 0, 100, 200 }.SelectMany(first => live.Select(row => first + row)).ToList();
        Rows().Should().Equal(all);
        engine.SetConf("spark.databricks.delta.retentionDurationCheck.enabled", "false");
        engine.Delta.Vacuum(table.Folder, 0, dryRun: false).Should().BeEmpty("all vectors are needed");
        engine.Delta.Delete(table.Folder, "id = 0", None);
        Rows().Should().Equal(all.Skip(1));
        engine.Delta.RestoreToVersion(table.Folder, 0);
        Rows().Should().Equal(all);
        var source = engine.OpenSource(new SourceSpec("delta", [table.Folder], None, null, false));
        var clause = new MergeClause("matchedUpdate", null, new Dictionary<string, string> { ["id"] = "t.id + 1000" });
        engine.Delta.Merge(new MergeSpec(table.Folder, "t", $"SELECT id AS k FROM \"{source.Name}\" WHERE id < 100", "s", "t.id = s.k", [clause], None));
        Rows().Should().Equal(all.Skip(live.Count).Concat(live.Select(static row => row + 1000)));
        engine.Delta.Vacuum(table.Folder, 0, dryRun: false).Should().Contain(places[0]).And.NotContain(places[1..]);
        engine.Delta.Optimize(table.Folder, 1 << 20);
        Rows().Should().Equal(all.Skip(live.Count).Concat(live.Select(static row => row + 1000)));
        engine.Delta.Vacuum(table.Folder, 0, dryRun: false).Should().Contain(places[1..]);
        Rows().Should().HaveCount(3 * live.Count);
    }

    [TestCase("byte", "TINYINT", "integer", "7", "7")]
    [TestCase("short", "SMALLINT", "long", "-300", "-300")]
    [TestCase("float", "FLOAT", "double", "1.5", "1.5")]
    [TestCase("integer", "INTEGER", "decimal(12,2)", "7", "7.00")]
    [TestCase("long", "BIGINT", "decimal(21,1)", "5000000000", "5000000000.0")]
    [TestCase("decimal(5,2)", "DECIMAL(5,2)", "decimal(12,4)", "1.25", "1.2500")]
    public void A_widened_type_is_read_from_older_files_nested_too(string from, string duckDb, string to, string value, string read)
    {
        var nested = $$$"""{"type":"array","elementType":{"type":"struct","fields":[{"name":"y","type":"{{{to}}}","nullable":true,"metadata":{}}]},"containsNull":true}""";
        var changes = $$$"""{"delta.typeChanges":[{"fromType":"{{{from}}}","toType":"{{{to}}}"}]}""";
        var schema = $$$"""{"type":"struct","fields":[{"name":"x","type":"{{{to}}}","nullable":true,"metadata":{{{changes}}}},{"name":"s","type":{{{nested}}},"nullable":true,"metadata":{}},{"name":"p","type":"{{{to}}}","nullable":true,"metadata":{{{changes}}}}]}""";
        table.File("f.parquet", $"SELECT {value}::{duckDb} AS x, [{{'y': {value}::{duckDb}}}] AS s");
        table.Commit(
            """{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["typeWidening"],"writerFeatures":["typeWidening"]}}""",
            JsonSerializer.Serialize(new { metaData = new { id = "a", format = new { provider = "parquet" }, schemaString = schema, partitionColumns = new[] { "p" } } }),
            HandMadeTable.Add("f.parquet", null, ("p", value)));
        var view = engine.OpenSource(new SourceSpec("delta", [table.Folder], None, null, false));
        var sql = $"SELECT CAST(x AS VARCHAR) || '|' || CAST(s[1].y AS VARCHAR) || '|' || CAST(p AS VARCHAR) AS text FROM \"{view.Name}\"";
        engine.Query(sql, engine.Describe(sql)).Single().Values.Should().Equal($"{read}|{read}|{read}");
    }

    private static char Try(char name, Action act)
    {
        try
        {
            act();
            return name;
        }
        catch (EngineException error)
        {
            error.ErrorClass.Should().BeOneOf("DELTA_UNSUPPORTED_FEATURES_FOR_READ", "DELTA_FAILED_TO_MERGE_FIELDS");
            return '-';
        }
    }

    private List<int> Rows()
    {
        var view = engine.OpenSource(new SourceSpec("delta", [table.Folder], None, null, false));
        var sql = $"SELECT id FROM \"{view.Name}\" ORDER BY id";
        return [.. engine.Query(sql, engine.Describe(sql)).Select(static row => (int)row.Values[0]!)];
    }
}
