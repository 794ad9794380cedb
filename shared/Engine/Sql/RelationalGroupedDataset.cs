using Apache.Arrow;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql;

/// <summary>Rows in groups, to be aggregated.</summary>
public sealed class RelationalGroupedDataset
{
    private readonly DataFrame frame;
    private readonly GroupingKind kind;
    private readonly IReadOnlyList<Expr> keys;
    private readonly (Expr Column, object?[] Values)? pivot;

    internal RelationalGroupedDataset(DataFrame frame, GroupingKind kind, IReadOnlyList<Expr> keys, (Expr, object?[])? pivot = null)
    {
        this.frame = frame;
        this.kind = kind;
        this.keys = keys;
        this.pivot = pivot;
    }

    /// <summary>One row a group: the keys, then the aggregates.</summary>
    public DataFrame Agg(Column expr, params Column[] exprs)
    {
        ArgumentNullException.ThrowIfNull(expr);
        var aggregates = Column.Nodes([expr, .. exprs]);
        if (pivot is { } wide) aggregates = Plan.Pivot.Spread(wide.Column, wide.Values, aggregates);
        return frame.With(Planner.Aggregate(frame.Root, kind, keys, aggregates, frame.Describe));
    }

    /// <summary>What a C# function makes of each group: all its rows as one Arrow batch in, a batch out. The function runs when the frame is read.</summary>
    /// <param name="returnType">The columns of the answer. Those of an answered batch are taken by their places and have to be of these types.</param>
    /// <param name="func">
    /// A static method or a lambda that captures simple values only. It is given all columns of the frame that was grouped, in their order, and has to hold a group in memory; the rows of a group are in no order.
    /// </param>
    /// <exception cref="EngineException">The engine cannot run the function; the message says why.</exception>
    public DataFrame Apply(StructType returnType, Func<RecordBatch, RecordBatch> func) => kind == GroupingKind.Plain && pivot is null
        ? frame.Grouped(keys, returnType, func)
        : throw new NotSupportedException("Apply takes the groups of GroupBy, and not those of Rollup, Cube or Pivot.");

    /// <summary>Number of rows a group, as <c>count</c>.</summary>
    public DataFrame Count() => Agg(Functions.Count("*").As("count"));

    /// <summary>Means of number columns; of all that are not keys where none is named.</summary>
    public DataFrame Avg(params string[] colNames) => Each("avg", colNames);

    /// <summary>As <see cref="Avg"/>.</summary>
    public DataFrame Mean(params string[] colNames) => Avg(colNames);

    /// <summary>Sums of number columns; of all that are not keys where none is named.</summary>
    public DataFrame Sum(params string[] colNames) => Each("sum", colNames);

    /// <summary>Smallest values of number columns; of all that are not keys where none is named.</summary>
    public DataFrame Min(params string[] colNames) => Each("min", colNames);

    /// <summary>Greatest values of number columns; of all that are not keys where none is named.</summary>
    public DataFrame Max(params string[] colNames) => Each("max", colNames);

    /// <summary>A column for each of the values, which the aggregates are computed for.</summary>
    public RelationalGroupedDataset Pivot(string pivotColumn, IEnumerable<object?> values) =>
        new(frame, kind, keys, (new NamedColumn(pivotColumn), [.. values]));

    /// <summary>A column for each value that the column has: runs a query for them.</summary>
    public RelationalGroupedDataset Pivot(string pivotColumn) =>
        Pivot(pivotColumn, frame.Select(pivotColumn).Distinct().OrderBy(pivotColumn).Collect(CancellationToken.None).Select(row => row.Values[0]).ToArray());

    private DataFrame Each(string function, string[] names)
    {
        var chosen = names.Length > 0 ? names : [.. frame.Root.Output
            .Where(column => column.Type is NumericType && !keys.Any(key => Naming.NameOf(key).Equals(column.Name, StringComparison.OrdinalIgnoreCase)))
            .Select(column => column.Name)];
        if (chosen.Length == 0) throw new ArgumentException($"'{function}' finds no number column beside the keys. The frame has: {string.Join(", ", frame.Columns())}.");
        var aggregates = chosen.Select(name => new Column(new Aliased(new Call(function, new NamedColumn(name)), [$"{function}({name})"]))).ToArray();
        return Agg(aggregates[0], aggregates[1..]);
    }
}
