using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;
using Window = Pipeline.Engine.Sql.Expressions.Window;

namespace Pipeline.Suite.Loading;

/// <summary>Keys that stand more than once in one file.</summary>
public static class RepeatedKeys
{
    /// <summary>Splits the staged rows of one file into those that can be used and those that cannot.</summary>
    /// <returns>Good: the rows that break no rule, the first of each key. Bad: all others, each with the rules that it breaks, <c>repeated_key</c> among them.</returns>
    public static (DataFrame Good, DataFrame Bad) Mark(DataFrame staged, TableContract contract)
    {
        ArgumentNullException.ThrowIfNull(staged);
        ArgumentNullException.ThrowIfNull(contract);
        Column[] columns = [.. staged.Columns().Select(name => Col(name))];
        var order = Window.PartitionBy([.. contract.Key.Select(name => Col(name))]).OrderBy(Col(StagedColumns.Line).TryCast("bigint"), Col(StagedColumns.Line), Col(StagedColumns.Raw));
        var ranked = StagedRows.Good(staged).WithColumn("_place", RowNumber().Over(order));
        var repeated = ranked.Filter(Col("_place") > Lit(1)).WithColumn(StagedColumns.Broken, Functions.Array(Rule(contract.Key, Lit("repeated_key")))).Select(columns);
        return (ranked.Filter(Col("_place") == Lit(1)).Select(columns), StagedRows.Broken(staged).Union(repeated));
    }

    /// <summary>A rule that a row breaks by its key.</summary>
    internal static Column Rule(IReadOnlyList<string> key, Column rule) =>
        Struct(Lit(string.Join(", ", key)).As("column"), rule.As("rule"), ConcatWs(", ", [.. key.Select(name => Col(name).Cast("string"))]).As("value"));
}
