using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>A frame made of the samples; what it answers must be what Spark answers.</summary>
/// <param name="Name">Unique, and the key of the recorded answer.</param>
/// <param name="Make">Makes the frame.</param>
/// <param name="IsRefused">Whether Spark refuses it.</param>
internal sealed record Case(string Name, Func<DataFrame, DataFrame> Make, bool IsRefused = false)
{
    public override string ToString() => Name;
}

/// <summary>What every engine must answer alike. To add one: a line in its chapter, then record Spark's answer (README).</summary>
internal sealed partial class Cases
{
    private static readonly Column id = Col("id"), s = Col("s"), tt = Col("t"), i = Col("i"), j = Col("j"), l = Col("l"), d = Col("d"), e = Col("e"), f = Col("f"), b = Col("b"), n = Col("n"), n2 = Col("n2");
    private static readonly Column day = Col("day"), day2 = Col("day2"), at = Col("at"), at2 = Col("at2"), bin = Col("bin"), list = Col("list"), list2 = Col("list2"), names = Col("names");
    private static readonly Column num = Col("num"), js = Col("js"), dt = Col("dt");

    private readonly List<Case> all = [];

    private Cases()
    {
        AddOperators();
        AddCasts();
        AddTexts();
        AddNumbers();
        AddDates();
        AddCollections();
        AddAggregates();
        AddRelations();
        AddSqlText();
        AddFiles();
        AddUserFunctions();
    }

    public static IReadOnlyList<Case> All { get; } = new Cases().all;

    /// <summary>An expression over each sample.</summary>
    private void Value(string name, Column value) => Table(name, t => t.OrderBy("id").Select(value.As("x")));

    private void Parsed(string sql) => Table($"sql {sql}", t => t.OrderBy("id").SelectExpr(sql));

    /// <summary>An aggregate over all samples, by group, over none, and as a window.</summary>
    private void Aggregated(string name, Column value, bool hasWindow = true)
    {
        Table($"{name}/all", t => t.Agg(value.As("x")));
        Table($"{name}/grp", t => t.GroupBy("b").Agg(value.As("x")).OrderBy(Col("b")).Select("x"));
        Table($"{name}/empty", t => t.Filter(Col("id") > 99).Agg(value.As("x")));
        if (hasWindow) Table($"{name}/over", t => t.Select(Col("id"), value.Over(Pipeline.Engine.Sql.Expressions.Window.PartitionBy("b")).As("x")).OrderBy("id").Select("x"));
    }

    /// <summary>What every engine refuses.</summary>
    private void Refused(string name, Func<DataFrame, DataFrame> make) => all.Add(new Case(name, make, IsRefused: true));

    private void Table(string name, Func<DataFrame, DataFrame> make) => all.Add(new Case(name, make));
}
