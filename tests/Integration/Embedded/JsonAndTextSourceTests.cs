using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Integration.Embedded;

[TestFixture]
public sealed class JsonAndTextSourceTests
{
    private EmbeddedEngine engine = null!;
    private string folder = null!;

    [SetUp]
    public void Start()
    {
        engine = EmbeddedEngine.Create(new EmbeddedSettings());
        folder = Directory.CreateTempSubdirectory("json-").FullName;
    }

    [TearDown]
    public void End()
    {
        engine?.Dispose();
        Directory.Delete(folder, true);
    }

    private (StructType Schema, List<object?[]> Rows) Read(string format, string content, StructType? schema, params (string Key, string Value)[] options)
    {
        var path = Path.Combine(folder, "file");
        File.WriteAllText(path, content);
        var view = engine.OpenSource(new SourceSpec(format, [path], options.ToDictionary(option => option.Key, option => option.Value), schema, false));
        return (view.Schema, [.. engine.Query($"SELECT * FROM \"{view.Name}\"", view.Schema).Select(row => row.Values)]);
    }

    private static readonly StructType Declared = new(
        new StructField("id", new LongType()), new StructField("at", new TimestampType()), new StructField("tags", new ArrayType(new StringType())),
        new StructField("inner", new StructType(new StructField("x", new DoubleType()))), new StructField("_corrupt_record", new StringType()));

    private const string Lines = """
        {"id":1,"at":"1959-12-31T23:59:59.5Z","tags":["a","é"],"inner":{"x":1.5},"other":0}
        {"id":"two","tags":[],"inner":null}

        {"id":3
        {"id":4}
        """;

    [Test]
    public void Lines_are_read_by_declared_columns_and_misfits_keep_their_text()
    {
        var (_, rows) = Read("json", Lines, Declared);
        rows.Should().HaveCount(4);
        rows[0][..2].Should().Equal(1L, new DateTime(1959, 12, 31, 23, 59, 59, 500, DateTimeKind.Utc));
        rows[0][2].Should().BeEquivalentTo(new object[] { "a", "é" });
        ((Row)rows[0][3]!).Values.Single().Should().Be(1.5);
        rows[0][4].Should().BeNull();
        rows[1][0].Should().BeNull();
        rows[1][4].Should().Be("{\"id\":\"two\",\"tags\":[],\"inner\":null}");
        rows[2].Should().BeEquivalentTo(new object?[] { null, null, null, null, "{\"id\":3" }, order => order.WithStrictOrdering());
        rows[3].Should().BeEquivalentTo(new object?[] { 4L, null, null, null, null }, order => order.WithStrictOrdering());
    }

    [Test]
    public void DropMalformed_and_FailFast_are_followed()
    {
        Read("json", Lines, Declared, ("mode", "DROPMALFORMED")).Rows.Select(row => row[0]).Should().Equal(1L, 4L);
        var fail = () => Read("json", Lines, Declared, ("mode", "FAILFAST"));
        fail.Should().Throw<EngineException>().WithMessage("A JSON record does not fit the declared columns*");
    }

    [Test]
    public void MultiLine_takes_an_object_or_an_array_a_file_and_columns_are_inferred_in_the_order_of_their_names()
    {
        var (schema, rows) = Read("json", "[\n {\"b\": 1, \"a\": {\"z\": [true]}},\n {\"c\": 1.5}\n]", null, ("multiLine", "true"));
        schema.SimpleString.Should().Be("struct<a:struct<z:array<boolean>>,b:bigint,c:double>");
        rows.Should().HaveCount(2);
        rows[1].Should().BeEquivalentTo(new object?[] { null, null, 1.5 }, order => order.WithStrictOrdering());
    }

    [Test]
    public void Text_is_a_row_a_line_or_a_row_a_file()
    {
        Read("text", "a\r\n\nb", null).Rows.Select(row => row[0]).Should().Equal("a", "", "b");
        Read("text", "a\r\n\nb", null, ("wholetext", "true")).Rows.Single().Should().Equal("a\r\n\nb");
    }
}
