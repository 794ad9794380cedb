using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Aggregates over all rows, by group, over none and as windows.</summary>
internal sealed partial class Cases
{
    private void AddAggregates()
    {
        Aggregated("count", Count(i));
        Aggregated("count*", Count("*"));
        Aggregated("count1", Count(Lit(1)));
        Aggregated("countd", CountDistinct(tt), hasWindow: false);
        Aggregated("countd2", CountDistinct(tt, i), hasWindow: false);
        Aggregated("countif", CountIf(i > 0));
        Aggregated("sum i", Sum(j));
        Aggregated("sum d", Sum(e));
        Aggregated("sum n", Sum(n));
        Aggregated("avg i", Avg(i));
        Aggregated("avg d", Avg(e));
        Aggregated("avg n", Avg(n));
        Aggregated("min d", Min(d));
        Aggregated("max d", Max(d));
        Aggregated("min s", Min(s));
        Aggregated("max at", Max(at));
        Aggregated("minby", MinBy(s, j));
        Aggregated("maxby", MaxBy(s, j));
        Column fin = When(Col("id") < 8, e);
        Aggregated("stddev", Stddev(fin));
        Aggregated("stddevpop", StddevPop(fin));
        Aggregated("var", Variance(fin));
        Aggregated("varpop", VarPop(fin));
        Aggregated("skew", Skewness(fin));
        Aggregated("kurt", Kurtosis(fin));
        Aggregated("median", Median(j));
        Aggregated("median d", Median(d));
        Aggregated("median n", Median(n));
        Aggregated("pct", Percentile(j, 0.3));
        Aggregated("pct d", Percentile(fin, 0.9));
        Aggregated("corr", Corr(j, fin));
        Aggregated("covp", CovarPop(j, fin));
        Aggregated("covs", CovarSamp(j, fin));
        Aggregated("slope", RegrSlope(j, fin));
        Aggregated("icpt", RegrIntercept(j, fin));
        Aggregated("r2", RegrR2(j, fin));
        Aggregated("rcount", RegrCount(j, fin));
        Aggregated("list", SortArray(CollectList(j)), hasWindow: false);
        Aggregated("set", SortArray(CollectSet(tt)), hasWindow: false);
        Aggregated("bool_and", BoolAnd(i > -100));
        Aggregated("bool_or", BoolOr(i > 50));
        Aggregated("max list", Max(list));
        Aggregated("approx", ApproxCountDistinct(tt), hasWindow: false);
        Aggregated("sum distinct", SumDistinct(j), hasWindow: false);
        Aggregated("pctapprox", PercentileApprox(j, 0.5));
        Table("rollup", t => t.Rollup("b", "t").Agg(Count("*").As("n"), Grouping("b").As("g")).OrderBy("b", "t", "n").Select("b", "t", "n", "g"));
        Table("cube", t => t.Cube("b", "t").Agg(Sum("j").As("n")).OrderBy("b", "t", "n"));
        Table("pivot", t => t.GroupBy("t").Pivot("b", [true, false, null]).Agg(Sum("j")).OrderBy("t"));
        Table("agg lit key", t => t.GroupBy(Lit("all").As("k"), Lit(1).As("one")).Agg(Count("*").As("n")));
        Table("group expr", t => t.GroupBy((Col("i") % 2).As("p")).Agg(Count("*").As("n")).OrderBy("p"));
    }
}
