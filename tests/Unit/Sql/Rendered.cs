using FluentAssertions;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>The same expression or frame in both dialects, side by side.</summary>
internal static class Rendering
{
    public static readonly StructType Columns = new(
        new StructField("s", new StringType()),
        new StructField("i", new IntegerType()),
        new StructField("l", new LongType()),
        new StructField("d", new DoubleType()),
        new StructField("b", new BooleanType()),
        new StructField("n", new DecimalType(10, 2)),
        new StructField("day", new DateType()),
        new StructField("at", new TimestampType()),
        new StructField("bin", new BinaryType()),
        new StructField("list", new ArrayType(new IntegerType())),
        new StructField("names", new ArrayType(new StringType())),
        new StructField("m", new MapType(new StringType(), new IntegerType())),
        new StructField("p", new StructType(new StructField("x", new IntegerType()), new StructField("y", new StringType()))));

    /// <summary>An expression over the columns above, as it stands in a SELECT, the table's alias left out.</summary>
    public static Both Rendered(Column expression) => new(OneItem(FakeEngine.Spark(), expression), OneItem(FakeEngine.DuckDb(), expression));

    /// <summary>A frame made from the table of the columns above.</summary>
    public static Both Rendered(Func<DataFrame, DataFrame> make) => new(Whole(FakeEngine.Spark(), make), Whole(FakeEngine.DuckDb(), make));

    public static DataFrame Table(FakeEngine engine) => SparkSession.ForEngine(engine).Read().Schema(Columns).Csv("/in");

    /// <summary>The type that the expression has.</summary>
    public static DataType TypeOf(Column expression) => Table(FakeEngine.Spark()).Select(expression.As("x")).Schema()[0].DataType;

    private static string OneItem(FakeEngine engine, Column expression)
    {
        var sql = Table(engine).Select(expression.As("x")).ToSql();
        var body = sql["SELECT ".Length..sql.LastIndexOf("\nFROM ", StringComparison.Ordinal)];
        return body[..body.LastIndexOf(" AS ", StringComparison.Ordinal)].Replace("t1.", "", StringComparison.Ordinal);
    }

    private static string Whole(FakeEngine engine, Func<DataFrame, DataFrame> make) => make(Table(engine)).ToSql().Replace("\n", " ", StringComparison.Ordinal);
}

/// <summary>Text in both dialects.</summary>
internal sealed record Both(string Spark, string DuckDb)
{
    public void Is(string spark, string duckdb)
    {
        Spark.Should().Be(spark);
        DuckDb.Should().Be(duckdb);
    }

    /// <summary>The same but for quotes.</summary>
    public void Is(string both)
    {
        Spark.Replace('`', '"').Should().Be(both);
        DuckDb.Should().Be(both);
    }
}

/// <summary>An expression and what it is in each dialect; <paramref name="DuckDb"/> null where both say the same but for quotes.</summary>
internal sealed record Said(Column Expression, string Spark, string? DuckDb = null)
{
    public void Check()
    {
        if (DuckDb is null) Rendering.Rendered(Expression).Is(Spark);
        else Rendering.Rendered(Expression).Is(Spark, DuckDb);
    }

    public override string ToString() => Expression.ToString();
}
