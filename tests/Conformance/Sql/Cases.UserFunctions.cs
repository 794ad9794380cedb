using Apache.Arrow;
using Pipeline.Engine.Sql;
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
        AddNestedUserFunctions();
        AddTableFunctions();
        Refused("udf throws", t => t.Select(Udf<int, int>(x => x == 7 ? throw new InvalidOperationException("seven") : x)("id")));
        Refused("udf decimal too wide", t => t.Select(Udf<int, decimal>(x => x * 1000m, new UdfOptions { ReturnType = new DecimalType(4, 1) })("id")));
    }

    /// <summary>Arrays, maps and structs as arguments and results.</summary>
    private void AddNestedUserFunctions()
    {
        var pair = new StructType(new StructField("n", new IntegerType()), new StructField("text", new StringType()));
        var parts = Struct(id, s, list, Struct(n, at, day).As("inner"));
        var byName = Map(Coalesce(s, Lit("-")), i, Lit("k"), id);
        Value("udf array", Udf<int?[], int>(x => x is null ? -1 : x.Sum(one => one ?? 1000))(list));
        Value("udf array reversed", Udf<int?[], int?[]?>(x => x is null or [] ? null : [.. x.Reverse(), null])(list));
        Value("udf array widened", Udf<long?[], long>(x => x?.Sum(one => one ?? 0L) ?? 0L)(list));
        Value("udf array of none", Udf<int, string[]>(x => x > 4 ? [] : ["é", $"{x}"])(id));
        Value("udf list", Udf<List<string?>, List<string?>>(x => x is null ? [] : [.. x.Select(one => one is null ? null : one + "!")])(names));
        Value("udf array of arrays", Udf<int?[][], int?[][]>(x => [.. x.Where(one => one is not null).Select(one => one[..Math.Min(2, one.Length)])])(Array(list, list2)));
        Value("udf array of decimals", Udf<decimal?[], decimal?[]>(x => [.. x.Select(one => one * 2)], new UdfOptions { ParameterTypes = [new ArrayType(new DecimalType(12, 3))], ReturnType = new ArrayType(new DecimalType(14, 1)) })(Array(n, n2)));
        Value("udf array of times", Udf<DateTime?[], DateTime?[]>(x => [.. x.Select(one => one?.AddDays(1))])(Array(at, at2)));
        Value("udf map", Udf<Dictionary<string, int?>, string>(x => string.Join(",", x.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}")))(byName));
        Value("udf map answered", Udf<int, Dictionary<string, long?>?>(x => x == 4 ? null : new Dictionary<string, long?> { ["a"] = x, ["b"] = null })(id));
        Value("udf row", Udf<Row, string>(x => $"{x.GetAs<int>("id")}/{x.Get("s")}/{x.Size()}/{((object?[]?)x.Get("list"))?.Length}/{((Row)x.Get("inner")!).Get(0)}")(parts));
        Value("udf row in array", Udf<Row[], long>(x => x.Sum(one => (int?)one.Get(0) ?? 0L))(Array(Struct(i, s), Struct(j.As("i"), s))));
        Value("udf row declared", Udf<Row, string>(x => string.Join("|", x.Schema.FieldNames) + x.Get("n"), new UdfOptions { ParameterTypes = [pair] })(Struct(id.As("n"), s.As("text"))));
        Value("udf values of row", Udf<GenericRow, int>(x => x.GetAs<int>(0) + 1)(Struct(id, s)));
        Value("udf answers row", Udf<int, string>((x, y) => x == 4 ? null! : new GenericRow([x, y]), pair)(id, s));
        Value("udf answers row of rows", Udf<int>(x => new GenericRow([new GenericRow([x, null]), new[] { new GenericRow([-x, "é"]), null }, new Dictionary<string, double> { ["half"] = x / 2.0 }]), new StructType(
            new StructField("one", pair), new StructField("many", new ArrayType(pair)), new StructField("by", new MapType(new StringType(), new DoubleType()))))(id));
        Value("udf field of row", Udf<int>(x => new GenericRow([x * 2, "t"]), pair)(id).GetField("n"));
        Table("udf row in SQL text", t =>
        {
            _ = t.SparkSession.Udf().Register<Row, string>("conformance_row", x => $"{x.Get("id")}:{x.Get("s")}");
            _ = t.SparkSession.Udf().Register<int?[], int>("conformance_length", x => x?.Length ?? -1);
            return t.OrderBy("id").Select(Struct(id, s).As("r"), list).SelectExpr("concat(conformance_row(r), conformance_length(list)) AS x");
        });
        Table("udf array where", t => t.Filter(Udf<int?[], bool>(x => x is { Length: > 1 })(list)).OrderBy("id").Select("id"));
        Refused("udf array of null", t => t.Select(Udf<int[], int>(x => x.Length)(list)));
        Refused("udf row of another type", t => t.Select(Udf<int>(x => new GenericRow(["text", x]), pair)(id)));
        Refused("udf row too short", t => t.Select(Udf<int>(x => new GenericRow([x]), pair)(id)));
    }

    /// <summary>Functions from rows to rows: of partitions and of groups.</summary>
    private void AddTableFunctions()
    {
        var counted = new StructType(new StructField("n", new IntegerType()), new StructField("total", new LongType()));
        var pair = new StructType(new StructField("x", new IntegerType()), new StructField("text", new StringType()));
        var nested = new StructType(new StructField("x", new IntegerType()), new StructField("many", new ArrayType(pair)), new StructField("one", pair), new StructField("by", new MapType(new StringType(), new DecimalType(8, 3))));
        Table("map partitions", t => t.MapPartitions(pair, rows => rows.Where(row => row.Get("i") is not null).Select(row => new GenericRow([row.Get("id"), $"{row.Get("i")}:{row.Get("s")}"]))).OrderBy("x"));
        Table("map partitions unchanged", t => t.MapPartitions(Samples.Schema, rows => rows.Where(row => row.Size() > 0)).OrderBy("id"));
        Table("map partitions nested", t => t.MapPartitions(nested, rows => rows.Select(row => new GenericRow([
            row.Get("id"), new[] { new GenericRow([row.Get("i"), "é"]), null }, row.Get("s") is null ? null : new GenericRow([1, row.Get("s")]), new Dictionary<string, decimal?> { ["n"] = (decimal?)row.Get("n2") }]))).OrderBy("x"));
        Table("map partitions to more rows", t => t.MapPartitions(pair, rows => rows.SelectMany(row => Enumerable.Range(0, row.GetAs<int>("id") % 3).Select(i => new GenericRow([row.Get("id"), $"{i}"])))).OrderBy("x", "text"));
        Table("map partitions reads the first", t => t.OrderBy("id").Coalesce(1).MapPartitions(pair, rows => rows.Take(3).Select(row => new GenericRow([row.Get("id"), row.Get("s")]))).OrderBy("x"));
        Table("map partitions of partitions", t => t.MapPartitions(Samples.Schema, rows => rows.Where(row => row.GetAs<int>("id") > 2)).Filter(Col("id") < 7)
            .MapPartitions(pair, rows => rows.Select(row => new GenericRow([row.Get("id"), null]))).GroupBy("text").Agg(Sum("x").As("x")).Select("x"));
        Table("map partitions joined", t => t.Join(t.MapPartitions(pair, rows => rows.Select(row => new GenericRow([row.Get("id"), "t"]))), Col("id") == Col("x")).OrderBy("id").Select("id", "text"));
        Table("map in arrow", t => t.Select("i", "l").MapInArrow(counted, batches => batches.Select(static batch => Totals(batch, 0, 1))));
        Table("map in arrow unchanged", t => t.MapInArrow(Samples.Schema, batches => batches).OrderBy("id"));
        Table("apply", t => t.Select("b", "i", "l").GroupBy("b").Apply(counted, static batch => Totals(batch, 1, 2)).OrderBy("n", "total"));
        Table("apply by expressions", t => t.Select("id", "l").GroupBy((Col("id") % 3).As("k"), Col("id") > 4).Apply(counted, static batch => Totals(batch, 0, 1)).OrderBy("n", "total"));
        Table("apply by numbers of floating point", t => t.Select("i", "l", "d").GroupBy("d").Apply(counted, static batch => Totals(batch, 0, 1)).Agg(Count("*").As("groups"), Sum("n").As("n")));
        Table("apply unchanged", t => t.GroupBy("b", "i").Apply(Samples.Schema, static batch => batch).OrderBy("id"));
        Table("apply to none", t => t.Filter(Col("id") > 99).Select("i", "l").GroupBy("i").Apply(counted, static batch => Totals(batch, 0, 1)));
        Refused("map partitions throws", t => t.MapPartitions(pair, rows => rows.Select(row => row.GetAs<int>("id") == 7 ? throw new InvalidOperationException("seven") : new GenericRow([1, "x"]))));
        Refused("map partitions to another type", t => t.MapPartitions(pair, rows => rows.Select(row => new GenericRow(["1", "x"]))));
        Refused("apply throws", t => t.Select("i", "l").GroupBy("i").Apply(counted, static batch => throw new InvalidOperationException("no")));
        Refused("apply to another type", t => t.Select("i", "l").GroupBy("i").Apply(counted, static batch => new RecordBatch(batch.Schema, [batch.Column(1), batch.Column(0)], batch.Length)));
    }

    /// <summary>One row: how many rows have a number in the column at <paramref name="count"/>, and the sum of those at <paramref name="sum"/>.</summary>
    private static RecordBatch Totals(RecordBatch batch, int count, int sum)
    {
        var numbers = (Int64Array)batch.Column(sum);
        var total = 0L;
        for (var row = 0; row < numbers.Length; row++) total ^= numbers.GetValue(row) ?? 0;
        var n = batch.Length - batch.Column(count).NullCount;
        return new RecordBatch.Builder().Append("n", true, new Int32Array.Builder().Append(n).Build()).Append("total", true, new Int64Array.Builder().Append(total).Build()).Build();
    }
}
