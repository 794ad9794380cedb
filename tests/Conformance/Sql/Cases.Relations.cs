using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Frames: windows, joins, generators, sets, orders.</summary>
internal sealed partial class Cases
{
    private void AddRelations()
    {
        var w = Pipeline.Engine.Sql.Expressions.Window.PartitionBy("b").OrderBy(Col("e").Desc(), Col("id"));
        var byFlag = Pipeline.Engine.Sql.Expressions.Window.PartitionBy("b");
        Table("windows", t => t.Select(
            Col("id"), RowNumber().Over(w).As("rn"), Rank().Over(w).As("rk"), DenseRank().Over(w).As("dr"), PercentRank().Over(w).As("pr"), CumeDist().Over(w).As("cd"), Ntile(2).Over(w).As("nt"),
            Lag("i").Over(w).As("lg"), Lead("i", 1, 0).Over(w).As("ld"), NthValue("i", 2).Over(w).As("nv"), First("i").Over(w).As("fv"), Last("i").Over(w).As("lv"), Sum("j").Over(w).As("sm"),
            Sum("j").Over(w.RowsBetween(-1, 1)).As("sm2"), CollectList("j").Over(w).As("cl"), Last("i", true).Over(w).As("lnn"), First("i", true).Over(w).As("fnn")).OrderBy("id"));
        foreach (var kind in new[] { "inner", "left", "right", "full" })
            Table($"join {kind}", t => Joined(t, kind).Select("id", "uid").OrderBy("id", "uid"));
        foreach (var kind in new[] { "left_semi", "left_anti" })
            Table($"join {kind}", t => Joined(t, kind).Select("id").OrderBy("id"));
        Table("join cross", t => t.CrossJoin(t.Filter(Col("id") < 6).Select(Col("id").As("uid"))).Select("id", "uid").OrderBy("id", "uid"));
        foreach (var kind in new[] { "inner", "left", "right", "full", "left_semi", "left_anti" })
            Table($"join using {kind}", t => t.Select("id", "b", "t").Join(t.Filter(Col("id") > 3).Select(Col("id"), Col("s")), ["id"], kind).OrderBy("id"));
        Table("explode", t => t.Select(Col("id"), Explode("list").As("v")).OrderBy("id", "v"));
        Table("explode outer", t => t.Select(Col("id"), ExplodeOuter("names").As("v")).OrderBy("id", "v"));
        Table("posexplode", t => t.Select(Col("id"), PosExplode("list")).OrderBy("id", "pos"));
        Table("posexplode outer", t => t.Select(Col("id"), PosExplodeOuter("list")).OrderBy("id", "pos"));
        Table("explode map", t => t.Select(Col("id"), Explode(Map(Lit("a"), Col("i"), Lit("b"), Col("j")))).OrderBy("id", "key"));
        Table("unpivot", t => t.Unpivot([Col("id")], [Col("i"), Col("l")], "k", "v").OrderBy("id", "k"));
        Table("one row", t => OneRowEach(t.SparkSession).OrderBy("id"));
        Table("union", t => t.Select("i").Union(t.Select("d")).OrderBy("i"));
        Table("union str", t => t.Select("i").Union(t.Select("t")).OrderBy("i"));
        Table("intersect rows", t => t.Select("t").Intersect(t.Select(Col("t"))).OrderBy("t"));
        Table("except rows", t => t.Select("t").Except(t.Filter(Col("id") > 3).Select("t")).OrderBy("t"));
        Table("unionbyname", t => t.Select("id", "t").UnionByName(t.Select("t", "i"), true).OrderBy("id", "t", "i"));
        Table("order desc", t => t.OrderBy(Col("d").Desc(), Col("id")).Select("id", "d"));
        Table("order asc", t => t.OrderBy(Col("d"), Col("id")).Select("id", "d"));
        Table("order nl", t => t.OrderBy(Col("t").AscNullsLast(), Col("id")).Select("id", "t"));
        Table("order str", t => t.OrderBy(Col("s")).Select("s"));
        Table("distinct rows", t => t.Select("b").Distinct().OrderBy("b"));
        Table("distinct d", t => t.Select((Col("d") * 0).As("d")).Distinct().OrderBy("d"));
        Table("limit", t => t.OrderBy("id").Limit(3).Offset(1).Select("id"));
        Table("na drop", t => t.Na().Drop(["d", "b"]).Select("id").OrderBy("id"));
        Table("na fill", t => t.Na().Fill(0.5, ["d"]).Na().Fill("?").Select("id", "d", "s").OrderBy("id"));
        Table("describe", t => t.Select("id", "j").Describe());
        Table("groupby nan", t => t.GroupBy("d").Agg(Count("*").As("n")).OrderBy("d"));
        Table("filter after window", t => t.Select(Col("id"), Sum("j").Over(byFlag).As("n")).Filter(Col("id") > 2).OrderBy("id"));
        Table("window after filter", t => t.Filter(Col("id") > 2).Select(Col("id"), Sum("j").Over(byFlag).As("n")).OrderBy("id"));
        Table("window after limit", t => t.OrderBy("id").Limit(3).Select(Col("id"), Count("*").Over().As("n")).OrderBy("id"));
        Table("window of a window", t => t.Select(Col("id"), RowNumber().Over(byFlag.OrderBy("id")).As("r")).Select(Col("id"), Sum("r").Over().As("n")).OrderBy("id"));
        Table("filter after limit", t => t.OrderBy("id").Limit(3).Filter(Col("id") > 2).Select("id"));
        Table("filter after group", t => t.GroupBy("b").Agg(Count("*").As("n")).Filter(Col("n") > 2).OrderBy("b"));
        Table("group after group", t => t.GroupBy("b", "t").Agg(Count("*").As("n")).GroupBy("b").Agg(Max("n").As("m")).OrderBy("b"));
        Table("self join by alias", t => t.Alias("x").Join(t.Alias("y"), Col("x.id") == Col("y.j")).Select(Col("x.id"), Col("y.id").As("other")).OrderBy("id", "other"));
        Table("frame used twice", t => Twice(t.GroupBy("b").Agg(Sum("j").As("n"))).OrderBy("b", "n"));
        Table("chain of joins", t => t.Select("id", "i").Join(t.Select("id", "j"), ["id"]).Join(t.Select("id", "l").Filter(Col("id") > 1), ["id"], "left").OrderBy("id"));
        Table("drop duplicates", t => t.Select("b").DropDuplicates("b").OrderBy("b"));
        Table("replaced column", t => t.Select("id", "i", "j").WithColumn("i", Col("j")).WithColumn("j", Col("i") + 1).Filter(Col("i") > 1).OrderBy("id"));
        Table("difference both ways", t => Difference(t.Select("id", "b", "j"), t.Filter(Col("id") > 2).Select(Col("id"), Col("b"), (Col("j") + When(Col("id") == 5, 1).Otherwise(0)).As("j"))).OrderBy("id", "side"));
        Table("order by what is dropped", t => t.OrderBy(Col("j").Desc(), Col("id")).Select((Col("id") * 10).As("id")));
    }

    private static DataFrame Difference(DataFrame a, DataFrame b) =>
        a.ExceptAll(b).WithColumn("side", Lit("only in the first")).Union(b.ExceptAll(a).WithColumn("side", Lit("only in the second")));

    private static DataFrame Twice(DataFrame t) => t.Filter(Col("n") > 5).Union(t.Filter(Col("n") <= 5));

    private static DataFrame Joined(DataFrame t, string kind)
    {
        var u = t.Filter(Col("id") < 6).Select(Col("id").As("uid"), Col("t").As("ut"), Col("b"));
        return t.Join(u, t["t"] == u["ut"] & u["uid"] <= 3, kind);
    }

    /// <summary>Frames of a row each, of all columns that have literals.</summary>
    private static DataFrame OneRowEach(SparkSession session)
    {
        string[] columns = ["id", "s", "t", "l", "d", "e", "b", "day", "day2", "at", "at2"];
        var places = columns.Select(name => Samples.Schema.FieldNames.Index().First(field => field.Item == name).Index).ToArray();
        var schema = new StructType(places.Select(place => Samples.Schema[place]));
        return Samples.Rows.Select(row => session.CreateDataFrame([[.. places.Select(place => row[place])]], schema)).Aggregate(static (rows, row) => rows.Union(row));
    }
}
