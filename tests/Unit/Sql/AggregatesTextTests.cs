using NUnit.Framework;
using static Pipeline.Engine.Sql.Functions;
using Window = Pipeline.Engine.Sql.Expressions.Window;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>Aggregates and windows.</summary>
public sealed class AggregatesTextTests
{
    private static IEnumerable<Said> All()
    {
        yield return new(Count("*"),
            "count(1)",
            "count(*)");
        yield return new(Count("i"), """count("i")""");
        yield return new(CountDistinct("s"), """count(DISTINCT "s")""");
        yield return new(CountDistinct("s", "i"),
            "count(DISTINCT `s`, `i`)",
            """count(DISTINCT CASE WHEN "s" IS NOT NULL AND "i" IS NOT NULL THEN row("s", "i") END)""");
        yield return new(CountIf(Col("i") > 1),
            "count_if(`i` > 1)",
            """count(*) FILTER (WHERE "i" > 1)""");
        yield return new(Sum("i"),
            "sum(`i`)",
            """CAST(sum("i") AS BIGINT)""");
        yield return new(Sum("n"),
            "sum(`n`)",
            """CAST(sum("n") AS DECIMAL(20,2))""");
        yield return new(Sum("d"), """sum("d")""");
        yield return new(Avg("n"),
            "avg(`n`)",
            """CAST(avg("n") AS DECIMAL(14,6))""");
        yield return new(Avg("s"),
            "avg(CAST(`s` AS DOUBLE))",
            """avg(TRY_CAST(replace(trim("s"), '_', '?') AS DOUBLE))""");
        yield return new(MaxBy("s", "d"),
            "max_by(`s`, `d`)",
            """arg_max_null("s", "d")""");
        yield return new(First("s", true),
            "first(`s`, true)",
            """first("s") FILTER (WHERE "s" IS NOT NULL)""");
        yield return new(CollectList("s"),
            "collect_list(`s`)",
            """coalesce(list("s") FILTER (WHERE "s" IS NOT NULL), [])""");
        yield return new(CollectSet("s"),
            "collect_set(`s`)",
            """coalesce(list(DISTINCT "s") FILTER (WHERE "s" IS NOT NULL), [])""");
        yield return new(Percentile("i", 0.05),
            "percentile(CAST(`i` AS DOUBLE), 0.05D)",
            """quantile_cont(CAST("i" AS DOUBLE), 0.05e0)""");
        yield return new(PercentileApprox("d", 0.5),
            "percentile_approx(`d`, 0.5D)",
            """quantile_disc("d", 0.5e0)""");
        yield return new(Median("d"), """median("d")""");
        yield return new(StddevSamp("i"), """stddev_samp(CAST("i" AS DOUBLE))""");
        yield return new(Skewness("d"),
            "skewness(`d`)",
            """CASE WHEN count("d") < 3 THEN (CASE WHEN var_pop("d") > 0 THEN 0e0 END) ELSE skewness("d") * (count("d") - 2) / sqrt(count("d") * (count("d") - 1)) END""");
        yield return new(Corr("d", "i"),
            "corr(`d`, CAST(`i` AS DOUBLE))",
            """nullif(corr("d", CAST("i" AS DOUBLE)), CAST('nan' AS DOUBLE))""");
        yield return new(RegrSlope("d", "i"),
            "regr_slope(`d`, CAST(`i` AS DOUBLE))",
            """nullif(regr_slope("d", CAST("i" AS DOUBLE)), CAST('nan' AS DOUBLE))""");
        yield return new(Sum("i").Over(Window.PartitionBy("s").OrderBy(Col("d").Desc(), Col("i"))),
            "sum(`i`) OVER (PARTITION BY `s` ORDER BY `d` DESC NULLS LAST, `i` ASC NULLS FIRST)",
            """CAST(sum("i") OVER (PARTITION BY "s" ORDER BY "d" DESC NULLS LAST, "i" ASC NULLS FIRST) AS BIGINT)""");
        yield return new(Sum("d").Over(Window.PartitionBy("s").RowsBetween(-2, 0)), """sum("d") OVER (PARTITION BY "s" ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)""");
        yield return new(Avg("d").Over(Window.OrderBy("l").RangeBetween(Window.UnboundedPreceding, Window.CurrentRow)), """avg("d") OVER (ORDER BY "l" ASC NULLS FIRST RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)""");
        yield return new(RowNumber().Over(Window.OrderBy(Col("d").DescNullsFirst())),
            "row_number() OVER (ORDER BY `d` DESC NULLS FIRST)",
            """CAST(row_number() OVER (ORDER BY "d" DESC NULLS FIRST) AS INTEGER)""");
        yield return new(Lag("d", 2).Over(Window.OrderBy("i")), """lag("d", 2) OVER (ORDER BY "i" ASC NULLS FIRST)""");
        yield return new(Lead("i", 1, 0).Over(Window.OrderBy("i")), """lead("i", 1, 0) OVER (ORDER BY "i" ASC NULLS FIRST)""");
        yield return new(Last("d", true).Over(Window.OrderBy("i")),
            "last(`d`, true) OVER (ORDER BY `i` ASC NULLS FIRST)",
            """last_value("d" IGNORE NULLS) OVER (ORDER BY "i" ASC NULLS FIRST)""");
        yield return new(CollectList("i").Over(Window.PartitionBy("s")),
            "collect_list(`i`) OVER (PARTITION BY `s`)",
            """coalesce(list("i") FILTER (WHERE "i" IS NOT NULL) OVER (PARTITION BY "s"), [])""");
    }

    [TestCaseSource(nameof(All))]
    public void An_expression_is_spelled_in_both_dialects(object said) => ((Said)said).Check();
}
