using NUnit.Framework;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>Mathematics.</summary>
public sealed class NumbersTextTests
{
    private static IEnumerable<Said> All()
    {
        yield return new(Abs("i"), """abs("i")""");
        yield return new(Ceil("d"),
            "ceil(`d`)",
            """CASE WHEN isnan(ceil("d")) THEN 0 WHEN ceil("d") >= 9223372036854775807 THEN 9223372036854775807 WHEN ceil("d") <= -9223372036854775808 THEN -9223372036854775808 ELSE CAST(trunc(ceil("d")) AS BIGINT) END""");
        yield return new(Floor("n"),
            "floor(`n`)",
            """CAST(floor("n") AS DECIMAL(9,0))""");
        yield return new(Round("d"), """round("d", 0)""");
        yield return new(Round("d", 2),
            "round(`d`, 2)",
            """coalesce(CAST(round(TRY_CAST(CAST("d" AS VARCHAR) AS DECIMAL(38, 18)), 2) AS DOUBLE), round("d", 2))""");
        yield return new(Round("n", 1),
            "round(`n`, 1)",
            """CAST(round("n", 1) AS DECIMAL(10,1))""");
        yield return new(BRound("d"),
            "bround(`d`, 0)",
            """round_even("d", 0)""");
        yield return new(Sqrt("d"),
            "sqrt(`d`)",
            """CASE WHEN "d" < 0 THEN CAST('nan' AS DOUBLE) ELSE sqrt("d") END""");
        yield return new(Pow("d", 2),
            "pow(`d`, 2D)",
            """pow("d", 2e0)""");
        yield return new(Pow("d", "i"), """pow("d", CAST("i" AS DOUBLE))""");
        yield return new(Log("d"),
            "ln(`d`)",
            """CASE WHEN "d" > 0 THEN ln("d") END""");
        yield return new(Log(2, "d"),
            "log(2D, `d`)",
            """CASE WHEN 2e0 > 0 AND "d" > 0 THEN ln("d") / ln(2e0) END""");
        yield return new(Log1p("d"),
            "log1p(`d`)",
            """CASE WHEN "d" > -1 THEN ln(1 + "d") END""");
        yield return new(Sin("d"),
            "sin(`d`)",
            """CASE WHEN isinf("d") THEN CAST('nan' AS DOUBLE) ELSE sin("d") END""");
        yield return new(Asin("d"),
            "asin(`d`)",
            """CASE WHEN abs("d") > 1 THEN CAST('nan' AS DOUBLE) ELSE asin("d") END""");
        yield return new(Signum("d"),
            "signum(`d`)",
            """CASE WHEN isnan("d") THEN "d" ELSE CAST(sign("d") AS DOUBLE) END""");
        yield return new(Hypot("d", 3),
            "hypot(`d`, 3D)",
            """sqrt("d" * "d" + 3e0 * 3e0)""");
        yield return new(ShiftLeft("i", 2),
            "shiftleft(`i`, 2)",
            """CASE WHEN "i" < 0 THEN -((-"i") << 2) ELSE "i" << 2 END""");
        yield return new(Rand(),
            "rand()",
            "random()");
    }

    [TestCaseSource(nameof(All))]
    public void An_expression_is_spelled_in_both_dialects(object said) => ((Said)said).Check();
}
