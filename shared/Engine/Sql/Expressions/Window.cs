using System.Collections.Immutable;
using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql.Expressions;

/// <summary>Starts the description of a window: <c>Window.PartitionBy("site").OrderBy("day")</c>.</summary>
public static class Window
{
    /// <summary>From the first row of the partition.</summary>
    public static long UnboundedPreceding => long.MinValue;

    /// <summary>To the last row of the partition.</summary>
    public static long UnboundedFollowing => long.MaxValue;

    /// <summary>The current row.</summary>
    public static long CurrentRow => 0;

    /// <summary>Rows with equal values are a partition.</summary>
    public static WindowSpec PartitionBy(params Column[] columns) => WindowSpec.Empty.PartitionBy(columns);

    /// <summary>Rows with equal values are a partition.</summary>
    public static WindowSpec PartitionBy(string column, params string[] columns) => WindowSpec.Empty.PartitionBy(column, columns);

    /// <summary>The order within the whole.</summary>
    public static WindowSpec OrderBy(params Column[] columns) => WindowSpec.Empty.OrderBy(columns);

    /// <summary>The order within the whole.</summary>
    public static WindowSpec OrderBy(string column, params string[] columns) => WindowSpec.Empty.OrderBy(column, columns);

    /// <summary>The rows from so many before to so many after.</summary>
    public static WindowSpec RowsBetween(long start, long end) => WindowSpec.Empty.RowsBetween(start, end);

    /// <summary>The rows whose order value is within these distances.</summary>
    public static WindowSpec RangeBetween(long start, long end) => WindowSpec.Empty.RangeBetween(start, end);
}

/// <summary>A window: partition, order and frame. Immutable.</summary>
public sealed class WindowSpec
{
    internal static readonly WindowSpec Empty = new([], [], null);

    private WindowSpec(ImmutableArray<Expr> partitioning, ImmutableArray<SortKey> ordering, Frame? frame)
    {
        Partitioning = partitioning;
        Ordering = ordering;
        Frame = frame;
    }

    internal ImmutableArray<Expr> Partitioning { get; }

    internal ImmutableArray<SortKey> Ordering { get; }

    internal Frame? Frame { get; }

    /// <summary>Rows with equal values are a partition.</summary>
    public WindowSpec PartitionBy(params Column[] columns) => new(Column.Nodes(columns), Ordering, Frame);

    /// <summary>Rows with equal values are a partition.</summary>
    public WindowSpec PartitionBy(string column, params string[] columns) => PartitionBy([column, .. columns.Select(name => new Column(name))]);

    /// <summary>The order within a partition; ascending with NULL first unless a key says otherwise.</summary>
    public WindowSpec OrderBy(params Column[] columns) => new(Partitioning, [.. columns.Select(KeyOf)], Frame);

    /// <summary>The order within a partition.</summary>
    public WindowSpec OrderBy(string column, params string[] columns) => OrderBy([column, .. columns.Select(name => new Column(name))]);

    /// <summary>The rows from <paramref name="start"/> to <paramref name="end"/>, counted from the current row (negative is before).</summary>
    public WindowSpec RowsBetween(long start, long end) => new(Partitioning, Ordering, new Frame(true, start, end));

    /// <summary>The rows whose order value is from <paramref name="start"/> to <paramref name="end"/> away from the current row's.</summary>
    public WindowSpec RangeBetween(long start, long end) => new(Partitioning, Ordering, new Frame(false, start, end));

    internal static SortKey KeyOf(Column column) => column.Node as SortKey ?? new SortKey(column.Node, true, true);
}
