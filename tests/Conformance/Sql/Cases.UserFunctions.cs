using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>C# functions: types, nulls, casts of arguments, and where in a query they stand.</summary>
internal sealed partial class Cases
{
    private void AddUserFunctions()
    {
        Value("udf long", Udf<long, long>(x => x / 2)(l));
        Value("udf int", Udf<int, int>(x => x ^ 5)(i));
        Value("udf short", Udf<short, short>(x => (short)-x)(j.Cast("smallint")));
        Value("udf sbyte", Udf<sbyte, sbyte>(x => (sbyte)-x)(j.Cast("tinyint")));
        Value("udf double", Udf<double, double>(x => -x)(d));
        Value("udf float", Udf<float, float>(x => x * 2)(f));
        Value("udf bool", Udf<bool, bool>(x => !x)(b));
        Value("udf string", Udf<string, string>(text => text is null ? "was null" : $"<{text}>")(s));
        Value("udf string null", Udf<string, string?>(text => text is { Length: > 3 } ? text : null)(s));
        Value("udf binary", Udf<byte[], byte[]>(bytes => bytes is null ? [] : [.. bytes.Reverse()])(bin));
        Value("udf date", Udf<DateOnly, DateOnly>(x => x.AddDays(1))(day));
        Value("udf timestamp", Udf<DateTime, DateTime>(x => x.AddMilliseconds(1500))(at));
        Value("udf timestamp kind", Udf<DateTime, string>(x => x.Kind.ToString())(at));
        Value("udf timestamp_ntz", Udf<DateTime, DateTime>(x => x.AddHours(1), new UdfOptions { ParameterTypes = [new TimestampNTZType()], ReturnType = new TimestampNTZType() })(at.Cast("timestamp_ntz")).Cast("string"));
        Value("udf decimal", Udf<decimal, decimal>(x => x + 0.001m)(n));
        Value("udf decimal declared", Udf<decimal, decimal>(x => x / 3, new UdfOptions { ParameterTypes = [new DecimalType(10, 2)], ReturnType = new DecimalType(12, 4) })(n));
        Value("udf skips null", Udf<int, string>(x => $"called {x}")(i));
        Value("udf sees null", Udf<int?, string>(x => x is null ? "null" : $"{x}")(i));
        Value("udf answers null", Udf<int, int?>(x => x > 5 ? null : x)(i));
        Value("udf one null of two", Udf<int, int?, string>((x, y) => $"{x}/{y?.ToString() ?? "-"}")(i, When(j > 2, j)));
        Value("udf casts text", Udf<int, int>(x => x + 1)(Col("num")));
        Value("udf casts number", Udf<string, string>(x => x + "!")(l));
        Value("udf casts double", Udf<long, long>(x => x)(n));
        Value("udf of literal", Udf<int, string, string>((x, y) => x + y)(id, Lit("x")));
        Value("udf of udf", Udf<long, long>(x => x * 2)(Udf<int, long>(x => x + 1L)(id)));
        Value("udf in expression", Udf<int, int>(x => x * 2)(id) + 1);
        Value("udf ten", Udf<int, int, int, int, int, int, int, int, int, int, int>((p, q, r, s, t, u, v, w, x, y) => p + (q * r) - s + t + u + v + w + x + y)(id, id, id, id, id, id, id, id, id, id));
        var offset = 10L;
        var words = new[] { "zero", "one", "two" };
        Value("udf captures", Udf<int, string>(x => $"{words[x % 3]} {x + offset}")(id));
        var even = Udf<int, bool>(x => x % 2 == 0);
        Table("udf where", t => t.Filter(even("id")).OrderBy("id").Select("id"));
        Table("udf group by", t => t.GroupBy(even("id").As("k")).Agg(Count("*").As("c")).OrderBy("k").Select("k", "c"));
        Table("udf of aggregate", t => t.GroupBy("b").Agg(Udf<long, long>(x => x * 100)(Count("*")).As("x")).OrderBy("x").Select("x"));
        Table("udf order by", t => t.OrderBy(Udf<int, int>(x => -x)("id")).Select("id"));
        Table("udf join", t => t.Alias("a").Join(t.Alias("b"), Udf<int, int>(x => x + 1)("a.id") == Col("b.id")).OrderBy("a.id").Select(Col("b.id").As("x")));
        Table("udf over none", t => t.Filter(Col("id") > 99).Agg(Count(Udf<int, int>(x => x)("id")).As("x")));
        Table("udf by name", t =>
        {
            _ = t.SparkSession.Udf().Register<int, string, string>("conformance_join", (x, y) => $"{x}:{y}");
            return t.OrderBy("id").Select(CallUDF("conformance_join", id, s).As("x"));
        });
        Table("udf in SQL text", t =>
        {
            _ = t.SparkSession.Udf().Register<long, long>("conformance_double", x => x * 2);
            t.CreateOrReplaceTempView("conformance_samples");
            return t.SparkSession.Sql("SELECT conformance_double(id) AS x, count(*) AS c FROM conformance_samples WHERE conformance_double(id) > 4 GROUP BY conformance_double(id) ORDER BY x");
        });
        Table("udf named again", t =>
        {
            _ = t.SparkSession.Udf().Register<long, long>("conformance_again", x => x);
            _ = t.SparkSession.Udf().Register<long, long>("conformance_again", x => x + 1000);
            return t.OrderBy("id").SelectExpr("conformance_again(id) AS x");
        });
        Refused("udf throws", t => t.Select(Udf<int, int>(x => x == 7 ? throw new InvalidOperationException("seven") : x)("id")));
        Refused("udf decimal too wide", t => t.Select(Udf<int, decimal>(x => x * 1000m, new UdfOptions { ReturnType = new DecimalType(4, 1) })("id")));
    }
}
