using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark;
using Pipeline.Engine.Spark.Rows;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Spark;

[TestFixtureSource(typeof(SparkServer), nameof(SparkServer.Versions))]
public class RowsTests(string version)
{
    private SparkEngine spark = null!;

    private static readonly (string Sql, object? Value)[] Exact =
    [
        ("9007199254740993L", 9007199254740993L),
        ("cast(-5 as tinyint)", (sbyte)-5),
        ("cast(-500 as smallint)", (short)-500),
        ("7", 7),
        ("cast('NaN' as double)", double.NaN),
        ("cast('-Infinity' as double)", double.NegativeInfinity),
        ("cast(0.1 as double)", 0.1),
        ("cast(1.5 as float)", 1.5f),
        ("true", true),
        ("cast(null as bigint)", null),
        ("cast('1.50' as decimal(10,2))", 1.50m),
        ("cast('-12345678901234567890123456.789012345678' as decimal(38,12))", "-12345678901234567890123456.789012345678"),
        ("cast('0.5' as decimal(38,30))", 0.5m),
        ("cast('79228162514264337593543950335' as decimal(29,0))", decimal.MaxValue),
        ("date'1969-12-31'", new DateOnly(1969, 12, 31)),
        ("date'0001-01-01'", new DateOnly(1, 1, 1)),
        ("timestamp'1969-12-31 23:59:59.999999Z'", new DateTime(1969, 12, 31, 23, 59, 59, DateTimeKind.Utc).AddTicks(9999990)),
        ("timestamp'2024-03-31 02:30:00+02:00'", new DateTime(2024, 3, 31, 0, 30, 0, DateTimeKind.Utc)),
        ("timestamp_ntz'2024-03-31 02:30:00.123456'", new DateTime(2024, 3, 31, 2, 30, 0).AddTicks(1234560)),
        ("'tab\\t \"quote\" \\\\ back\\nline \\r µ° 😀'", "tab\t \"quote\" \\ back\nline \r µ° 😀"),
        ("''", ""),
        ("X'00ff10'", new byte[] { 0, 255, 16 }),
        ("array(1, null, 3)", new object?[] { 1, null, 3 }),
        ("array(array('a'), array())", new object?[] { new object?[] { "a" }, Array.Empty<object?>() }),
        ("map('k', 1.5BD, 'n', null)", new Dictionary<object, object?> { ["k"] = 1.5m, ["n"] = null }),
        ("cast(null as struct<a:int>)", null),
    ];

    [OneTimeSetUp]
    public void Connect() => spark = SparkServer.Engine(version);

    [TestCase("delta")]
    [TestCase("parquet")]
    public void Days_and_instants_of_all_years_are_written_and_read_as_they_are(string format)
    {
        using var folder = new TemporaryFolder();
        const string sql = "select * from values "
            + "(0, date'0001-01-01', timestamp'0001-01-01 00:00:00Z'), (1, date'1582-10-04', timestamp'1582-10-10 00:00:00Z'), (2, date'1582-10-15', timestamp'1899-12-31 23:59:59.999999Z'), "
            + "(3, date'9999-12-31', timestamp'9999-12-31 23:59:59.999999Z') as t(n, d, t)";
        var session = SparkSession.ForEngine(spark);
        session.Sql(sql).Write().Format(format).Save(folder["table"]);

        var rows = session.Read().Format(format).Load(folder["table"]).OrderBy("n").Collect().Select(static row => row.ToString());

        rows.Should().Equal(spark.Query($"{sql} order by n", spark.Describe(sql)).Select(static row => row.ToString()));
    }

    [Test]
    public void Every_type_comes_back_exact_in_its_NET_type()
    {
        var sql = "select " + string.Join(", ", Exact.Select((pair, place) => $"{pair.Sql} as c{place}"));
        var row = spark.Query(sql, spark.Describe(sql)).Single();
        for (var place = 0; place < Exact.Length; place++)
        {
            row.Get(place).Should().BeEquivalentTo(Exact[place].Value, options => options.WithStrictOrdering(), Exact[place].Sql);
            if (row.Get(place) is DateTime instant) instant.Kind.Should().Be(((DateTime)Exact[place].Value!).Kind);
            if (Exact[place].Value is { } value) row.Get(place).Should().BeOfType(value.GetType(), Exact[place].Sql);
        }
    }

    [Test]
    public void The_same_comes_by_JSON_where_there_is_no_Arrow()
    {
        var sql = "select " + string.Join(", ", Exact.Select(pair => $"{pair.Sql} as same"));
        var schema = spark.Describe(sql);
        using var scope = spark.Begin();
        var row = JsonCollect.Start(scope, scope.Object(spark.Session, "sql", sql), schema).Single();
        for (var place = 0; place < Exact.Length; place++)
            row.Get(place).Should().BeEquivalentTo(Exact[place].Value, options => options.WithStrictOrdering(), Exact[place].Sql);
    }

    [Test]
    public void Structs_are_rows_of_their_own()
    {
        const string sql = "select named_struct('a', 1, 'b', array(named_struct('c', 'x'))) as s";
        var row = spark.Query(sql, spark.Describe(sql)).Single().GetAs<Row>("s");
        row.Get("a").Should().Be(1);
        ((Row)((object?[])row.Get("b")!)[0]!).Get("c").Should().Be("x");
    }

    [Test]
    public void Rows_given_come_back_as_they_were()
    {
        var types = Exact.Select(pair => spark.Describe($"select {pair.Sql} as c")[0].DataType).ToList();
        var schema = new StructType(types.Select((type, place) => new StructField($"c{place}", type)));
        object?[][] rows = [[.. Exact.Select(pair => pair.Value)], new object?[Exact.Length], [.. Exact.Select(pair => pair.Value)]];
        var view = spark.OpenRows(schema, rows);
        var answered = spark.Query($"select * from {view.Name}", schema).ToList();
        answered.Should().HaveCount(3);
        for (var place = 0; place < Exact.Length; place++)
        {
            answered[0].Get(place).Should().BeEquivalentTo(Exact[place].Value, options => options.WithStrictOrdering(), Exact[place].Sql);
            answered[1].Get(place).Should().BeNull();
        }
        spark.Unpersist(view);
        FluentActions.Invoking(() => spark.Describe($"select * from {view.Name}")).Should().Throw<EngineException>();
    }

    [Test]
    public void Rows_given_keep_their_structs_and_no_rows_are_a_view_too()
    {
        var schema = new StructType(new StructField("s", new StructType(new StructField("a", new IntegerType()), new StructField("t", new ArrayType(new TimestampType())))));
        var at = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var view = spark.OpenRows(schema, [[new object?[] { 1, new object?[] { at, null } }], [null]]);
        var rows = spark.Query($"select s.a, s.t from {view.Name}", new StructType(new StructField("a", new IntegerType()), new StructField("t", new ArrayType(new TimestampType())))).ToList();
        rows[0].Values.Should().BeEquivalentTo(new object?[] { 1, new object?[] { at, null } });
        rows[1].Values.Should().AllBeEquivalentTo((object?)null);
        var empty = spark.OpenRows(schema, []);
        spark.Query($"select * from {empty.Name}", schema).Should().BeEmpty();
    }

    [Test]
    public void A_value_that_is_not_of_its_columns_type_is_refused_by_name()
    {
        var schema = new StructType(new StructField("amount", new DecimalType(5, 2)));
        FluentActions.Invoking(() => spark.OpenRows(schema, [[1.005m]])).Should().Throw<ArgumentException>().WithMessage("Column 'amount' is decimal(5,2), and a value is not: 1.005 does not fit decimal(5,2) without loss*");
        FluentActions.Invoking(() => spark.OpenRows(schema, [[1m, 2m]])).Should().Throw<ArgumentException>().WithMessage("A row has 2 values, and the schema has 1 columns: amount.*");
    }

    [Test]
    public void Many_batches_come_in_the_querys_order()
    {
        const string sql = "select id, cast(id as string) as text from range(0, 100000, 1, 8) order by id desc";
        var ids = spark.Query(sql, spark.Describe(sql)).Select(row => row.GetAs<long>(0)).ToList();
        ids.Should().HaveCount(100_000).And.BeInDescendingOrder();
        const string unordered = "select id from range(0, 50000, 1, 16)";
        spark.Query(unordered, spark.Describe(unordered)).Select(row => row.GetAs<long>(0)).Should().Equal(Enumerable.Range(0, 50_000).Select(number => (long)number));
    }

    [Test]
    public void A_failed_job_is_an_error_and_not_fewer_rows()
    {
        const string sql = "select if(id = 40000, raise_error('row forty thousand'), id) as x from range(0, 50000, 1, 8)";
        FluentActions.Invoking(() => spark.Query(sql, new StructType(new StructField("x", new LongType()))).Count()).Should().Throw<EngineException>().WithMessage("*row forty thousand*");
    }

    [Test]
    public void Types_that_widen_do_and_others_are_refused_by_column()
    {
        spark.Query("select 1 as n", new StructType(new StructField("n", new LongType()))).Single().Get(0).Should().Be(1L);
        FluentActions.Invoking(() => spark.Query("select 'a' as n", new StructType(new StructField("n", new LongType()))).Single()).Should().Throw<EngineException>().WithMessage("Column 'n' is bigint in the plan, and Spark answered with utf8. Cast it*");
        FluentActions.Invoking(() => spark.Describe("select interval 1 day as d")).Should().Throw<EngineException>().WithMessage("*cast it in the query*");
    }

    [Test]
    public void Kept_rows_are_read_once()
    {
        const string sql = "select rand() as r";
        var schema = spark.Describe(sql);
        var kept = spark.Persist(sql, schema);
        var first = spark.Query($"select r from {kept.Name}", schema).Single().Get(0);
        spark.Query($"select r from {kept.Name}", schema).Single().Get(0).Should().Be(first);
        spark.Unpersist(kept);
        FluentActions.Invoking(() => spark.Describe($"select * from {kept.Name}")).Should().Throw<EngineException>();
    }
}
