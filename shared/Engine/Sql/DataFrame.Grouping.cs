using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql;

public sealed partial class DataFrame
{
    /// <summary>Groups of equal keys; without keys one of all.</summary>
    public RelationalGroupedDataset GroupBy(params Column[] columns) => new(this, GroupingKind.Plain, Column.Nodes(columns));

    /// <summary>Groups of equal keys.</summary>
    public RelationalGroupedDataset GroupBy(string column, params string[] columns) => GroupBy([column, .. columns.Select(name => new Column(name))]);

    /// <summary>Groups by all keys, by all but the last, and so on to none; keys summed over are NULL.</summary>
    public RelationalGroupedDataset Rollup(params Column[] columns) => new(this, GroupingKind.Rollup, Column.Nodes(columns));

    /// <summary>Groups by all keys, by all but the last, and so on to none; keys summed over are NULL.</summary>
    public RelationalGroupedDataset Rollup(string column, params string[] columns) => Rollup([column, .. columns.Select(name => new Column(name))]);

    /// <summary>Groups by every choice of the keys; keys summed over are NULL.</summary>
    public RelationalGroupedDataset Cube(params Column[] columns) => new(this, GroupingKind.Cube, Column.Nodes(columns));

    /// <summary>Groups by every choice of the keys; keys summed over are NULL.</summary>
    public RelationalGroupedDataset Cube(string column, params string[] columns) => Cube([column, .. columns.Select(name => new Column(name))]);

    /// <summary>Aggregates over all rows: one row.</summary>
    public DataFrame Agg(Column expr, params Column[] exprs) => GroupBy(Array.Empty<Column>()).Agg(expr, exprs);

    /// <summary>What to do about NULL and NaN.</summary>
    public DataFrameNaFunctions Na() => new(this);

    /// <summary>How late rows may come, by a column of event time.</summary>
    /// <param name="eventTime">A timestamp column.</param>
    /// <param name="delayThreshold">Such as <c>10 minutes</c>.</param>
    public DataFrame WithWatermark(string eventTime, string delayThreshold)
    {
        var column = Planner.PlainColumn(new NamedColumn(eventTime), Scope.Of(Root), "WithWatermark");
        if (!IsStreaming()) return this;
        var view = SparkSession.Engine.WithWatermark(ToSql(), Schema(), column.Name, delayThreshold);
        return With(new SourceNode(view, Root.Output));
    }
}
