using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Integration.Embedded;

[TestFixture]
public sealed class SessionTests
{
    private EmbeddedEngine engine = null!;

    [SetUp]
    public void Start() => engine = EmbeddedEngine.Create(new EmbeddedSettings { Threads = 2 });

    [TearDown]
    public void End() => engine?.Dispose();

    [Test]
    public void Describe_gives_Sparks_types_of_a_query_without_running_it()
    {
        var schema = engine.Describe("SELECT 1::TINYINT AS a, 'x' AS b, TIMESTAMPTZ '1960-01-01' AS c, TIMESTAMP '1960-01-01' AS d, 1.5::DECIMAL(30,2) AS e, [1] AS f, {'x': 1::BIGINT} AS g, map{'k': DATE '2020-01-01'} AS h, error('never') AS i");
        schema.SimpleString.Should().StartWith("struct<a:tinyint,b:string,c:timestamp,d:timestamp_ntz,e:decimal(30,2),f:array<int>,g:struct<x:bigint>,h:map<string,date>,i:");
    }

    [Test]
    public void Rows_given_come_back_with_the_same_values_of_every_type()
    {
        var nested = new StructType(new StructField("n", new LongType()), new StructField("t", new StringType()));
        var schema = new StructType(
            new StructField("text", new StringType()), new StructField("bytes", new BinaryType()), new StructField("flag", new BooleanType()),
            new StructField("tiny", new ByteType()), new StructField("small", new ShortType()), new StructField("number", new IntegerType()), new StructField("big", new LongType()),
            new StructField("real", new FloatType()), new StructField("double", new DoubleType()),
            new StructField("money", new DecimalType(18, 2)), new StructField("huge", new DecimalType(38, 3)),
            new StructField("day", new DateType()), new StructField("instant", new TimestampType()), new StructField("wall", new TimestampNTZType()),
            new StructField("list", new ArrayType(new StringType())), new StructField("map", new MapType(new StringType(), new IntegerType())), new StructField("nested", nested),
            new StructField("lists", new ArrayType(new ArrayType(new LongType()))), new StructField("structs", new ArrayType(nested)));
        object?[] full =
        [
            "é… a text of more than twelve bytes", new byte[] { 0, 255, 1 }, true, (sbyte)-128, short.MinValue, int.MinValue, long.MaxValue, 1.5f, double.NaN,
            -12.34m, "12345678901234567890123456789012345.678", new DateOnly(1, 1, 1), new DateTime(1959, 12, 31, 23, 59, 59, DateTimeKind.Utc).AddTicks(9999990), new DateTime(9999, 12, 31, 1, 2, 3),
            new object?[] { "a", null, "" }, new Dictionary<object, object?> { ["k"] = 1, ["n"] = null }, new Row(nested, [1L, null]),
            new object?[] { new object?[] { 1L, 2L }, null, Array.Empty<object?>() }, new object?[] { new Row(nested, [2L, "y"]), null },
        ];
        var empty = new object?[schema.Count];

        var view = engine.OpenRows(schema, Enumerable.Range(0, 5000).Select(i => i % 2 == 0 ? full : empty));
        var rows = engine.Query($"FROM \"{view.Name}\"", schema).ToList();

        rows.Should().HaveCount(5000);
        engine.Describe($"FROM \"{view.Name}\"").SimpleString.Should().Be(schema.SimpleString);
        foreach (var index in new[] { 0, 2048, 4998 })
        {
            for (var i = 0; i < schema.Count; i++) Plain(rows[index].Values[i]).Should().BeEquivalentTo(Plain(full[i]), options => options.WithStrictOrdering(), $"column {schema[i].Name} of row {index} is as it was given");
        }
        rows[4999].Values.Should().OnlyContain(value => value == null);
        rows[0].GetAs<DateTime>("instant").Kind.Should().Be(DateTimeKind.Utc);
    }

    private static object? Plain(object? value) => value switch
    {
        Row row => row.Values.Select(Plain).ToList(),
        object?[] array => array.Select(Plain).ToList(),
        _ => value,
    };

    [Test]
    public void A_value_of_another_type_is_refused_by_column_and_nothing_is_kept()
    {
        var schema = new StructType(new StructField("n", new IntegerType()));
        var open = () => engine.OpenRows(schema, [[1], ["one"]]);
        open.Should().Throw<EngineException>().WithMessage("Column 'n': A value of .NET's type String is not a value of a column of type int*");
    }

    [Test]
    public void Two_queries_may_stream_at_once_and_see_the_same_views()
    {
        engine.CreateTempView("numbers", "SELECT range AS n FROM range(100000)");
        var schema = engine.Describe("FROM numbers");
        using var first = engine.Query("FROM numbers ORDER BY n", schema).GetEnumerator();
        _ = first.MoveNext();
        engine.Query("SELECT count(*) AS n FROM numbers", schema).Single().Values[0].Should().Be(100000L);
        var last = 0L;
        while (first.MoveNext()) last = (long)first.Current.Values[0]!;
        last.Should().Be(99999);
    }

    [Test]
    public void An_error_in_the_middle_of_the_rows_is_thrown_and_not_taken_for_the_end()
    {
        var schema = new StructType(new StructField("n", new LongType()));
        var read = () => engine.Query("SELECT CASE WHEN range = 90000 THEN error('row 90000 is bad') ELSE range END::BIGINT AS n FROM range(100000)", schema).Count();
        read.Should().Throw<EngineException>().WithMessage("row 90000 is bad").Which.ErrorClass.Should().Be("USER_RAISED_EXCEPTION");
    }

    [Test]
    public void Cancelling_ends_a_running_query_and_the_session_goes_on()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        var run = () => engine.Query("SELECT sum(a.range * b.range)::DOUBLE AS s FROM range(10000000) a, range(1000000) b", new StructType(new StructField("s", new DoubleType())), cancel.Token).ToList();
        run.Should().Throw<OperationCanceledException>();
        engine.Query("SELECT 1 AS a", engine.Describe("SELECT 1 AS a")).Single().Values[0].Should().Be(1);
    }

    [TestCase("SELECT * FROM nowhere", "TABLE_OR_VIEW_NOT_FOUND", "Table with name nowhere does not exist!*")]
    [TestCase("SELECT b FROM (SELECT 1 AS a)", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "Referenced column \"b\" not found*")]
    [TestCase("SELEC 1", "PARSE_SYNTAX_ERROR", "syntax error*")]
    [TestCase("SELECT CAST('x' AS INTEGER)", "CAST_INVALID_INPUT", "Could not convert string 'x' to INT32*")]
    public void Errors_begin_with_the_sentence_and_carry_Sparks_class(string sql, string errorClass, string message)
    {
        var run = () => engine.Query(sql, new StructType(new StructField("a", new IntegerType()))).ToList();
        run.Should().Throw<EngineException>().WithMessage(message).Which.ErrorClass.Should().Be(errorClass);
    }

    [Test]
    public void Settings_are_given_back_and_those_that_cannot_be_followed_are_refused()
    {
        using var set = EmbeddedEngine.Create(new EmbeddedSettings { Conf = new Dictionary<string, string> { ["spark.app.name"] = "a", ["pipeline.embedded.threads"] = "1" } });
        set.GetConf("spark.app.name").Should().Be("a");
        set.GetConf("spark.sql.session.timeZone").Should().Be("UTC");
        set.GetConf("spark.none").Should().BeNull();
        set.Query("SELECT current_setting('threads')::BIGINT AS n", set.Describe("SELECT 1::BIGINT AS n")).Single().Values[0].Should().Be(1L);
        var zone = () => EmbeddedEngine.Create(new EmbeddedSettings { Conf = new Dictionary<string, string> { ["spark.sql.session.timeZone"] = "Europe/Paris" } });
        zone.Should().Throw<EngineException>().WithMessage("The session's time zone is UTC on the embedded engine; 'Europe/Paris' is not supported.*");
        var memory = () => set.SetConf("pipeline.embedded.memoryLimit", "much");
        memory.Should().Throw<EngineException>();
    }

    [Test]
    public void A_view_is_replaced_only_when_asked_and_dropped_once()
    {
        engine.CreateTempView("v", "SELECT 1 AS a");
        engine.CreateTempView("V", "SELECT 2 AS a");
        var again = () => engine.CreateTempView("v", "SELECT 3 AS a", replace: false);
        again.Should().Throw<EngineException>().Which.ErrorClass.Should().Be("TEMP_TABLE_OR_VIEW_ALREADY_EXISTS");
        engine.Query("FROM v", engine.Describe("FROM v")).Single().Values[0].Should().Be(2);
        engine.DropTempView("v").Should().BeTrue();
        engine.DropTempView("v").Should().BeFalse();
    }

    [Test]
    public void What_is_persisted_is_computed_once_and_given_back()
    {
        var schema = engine.Describe("SELECT random() AS r");
        var kept = engine.Persist("SELECT random() AS r", schema);
        var first = engine.Query($"FROM \"{kept.Name}\"", schema).Single().Values[0];
        engine.Query($"FROM \"{kept.Name}\"", schema).Single().Values[0].Should().Be(first);
        engine.Unpersist(kept);
        var gone = () => engine.Describe($"FROM \"{kept.Name}\"");
        gone.Should().Throw<EngineException>();
    }

    [Test]
    public void A_million_rows_of_the_caller_are_taken_in_seconds()
    {
        var schema = new StructType(new StructField("id", new LongType()), new StructField("text", new StringType()), new StructField("value", new DoubleType()));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var view = engine.OpenRows(schema, Enumerable.Range(0, 1_000_000).Select(i => new object?[] { (long)i, "a text of some forty bytes in each row …", i / 3.0 }));
        TestContext.Out.WriteLine($"rows in: {1_000_000 / clock.Elapsed.TotalSeconds:N0} a second");
        clock.Restart();
        engine.Query($"FROM \"{view.Name}\"", schema).Count().Should().Be(1_000_000);
        TestContext.Out.WriteLine($"rows out: {1_000_000 / clock.Elapsed.TotalSeconds:N0} a second");
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
    }
}
