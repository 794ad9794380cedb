using NUnit.Framework;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>Expressions as Spark's SQL text, parsed to the same.</summary>
public sealed class SqlTextTextTests
{
    private static IEnumerable<Said> All()
    {
        yield return new(Expr("i + 1 > 2 AND NOT b OR s IS NULL"), """((("i" + 1) > 2) AND (NOT "b")) OR ("s" IS NULL)""");
        yield return new(Expr("s LIKE 'a%' or s rlike '^b'"),
            "(`s` LIKE 'a%') OR (`s` RLIKE '^b')",
            """("s" LIKE 'a%' ESCAPE '\') OR regexp_matches("s", '^b')""");
        yield return new(Expr("i NOT IN (1, 2)"), """NOT ("i" IN (1, 2))""");
        yield return new(Expr("i not between 1 and 2"), """NOT ("i" BETWEEN 1 AND 2)""");
        yield return new(Expr("CASE WHEN i > 1 THEN 'a' ELSE 'b' END"), """CASE WHEN "i" > 1 THEN 'a' ELSE 'b' END""");
        yield return new(Expr("case i when 1 then 'one' end"), """CASE WHEN "i" = 1 THEN 'one' END""");
        yield return new(Expr("cast(s AS decimal(10, 2))"),
            "CAST(`s` AS DECIMAL(10,2))",
            """TRY_CAST(replace(trim("s"), '_', '?') AS DECIMAL(10,2))""");
        yield return new(Expr("p.x + list[0]"),
            "`p`.`x` + `list`[0]",
            """struct_extract("p", 'x') + list_extract("list", 1)""");
        yield return new(Expr("count(distinct s)"), """count(DISTINCT "s")""");
        yield return new(Expr("sum(i) OVER (PARTITION BY s ORDER BY d DESC NULLS LAST)"),
            "sum(`i`) OVER (PARTITION BY `s` ORDER BY `d` DESC NULLS LAST)",
            """CAST(sum("i") OVER (PARTITION BY "s" ORDER BY "d" DESC NULLS LAST) AS BIGINT)""");
        yield return new(Expr("transform(list, x -> x * 2)"),
            "transform(`list`, x1 -> x1 * 2)",
            """list_transform("list", lambda x1: x1 * 2)""");
        yield return new(Expr("round(d)"), """round("d", 0)""");
        yield return new(Expr("to_date(s, 'yyyy-MM-dd')"),
            "to_date(`s`, 'yyyy-MM-dd')",
            """CASE WHEN regexp_matches("s", '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') THEN CAST(try_strptime("s", '%Y-%m-%d') AS DATE) END""");
        yield return new(Expr("nvl(s, \"none\") || `s`"),
            "concat(coalesce(`s`, 'none'), `s`)",
            """(coalesce("s", 'none') || "s")""");
        yield return new(Expr("extract(year FROM day)"),
            "year(`day`)",
            """CAST(year("day") AS INTEGER)""");
        yield return new(Expr("date '2020-01-31' < day"), "DATE '2020-01-31' < \"day\"");
        yield return new(Expr("some_own_function(i)"), """some_own_function("i")""");
        yield return new(Expr("i + interval '1' day"), "i + interval '1' day");
    }

    [TestCaseSource(nameof(All))]
    public void An_expression_is_spelled_in_both_dialects(object said) => ((Said)said).Check();
}
