namespace Pipeline.Engine.Sql;

// Functions over a window: they need Over(…).
public static partial class Functions
{
    /// <summary>Number of the row in its partition, from 1.</summary>
    public static Column RowNumber() => Of("row_number");

    /// <summary>Rank with gaps.</summary>
    public static Column Rank() => Of("rank");

    /// <summary>Rank without gaps.</summary>
    public static Column DenseRank() => Of("dense_rank");

    /// <summary>Rank as a share from 0 to 1.</summary>
    public static Column PercentRank() => Of("percent_rank");

    /// <summary>Share of the rows up to this one.</summary>
    public static Column CumeDist() => Of("cume_dist");

    /// <summary>Number of the part, of <paramref name="n"/> equal ones.</summary>
    public static Column Ntile(int n) => Of("ntile", Value(n));

    /// <summary>The value so many rows before, or the default.</summary>
    public static Column Lag(Column column, int offset = 1, object? defaultValue = null) => Of("lag", column.Node, Value(offset), Operand(defaultValue));

    /// <summary>The value so many rows after, or the default.</summary>
    public static Column Lead(Column column, int offset = 1, object? defaultValue = null) => Of("lead", column.Node, Value(offset), Operand(defaultValue));

    /// <summary>The value of the nth row of the frame.</summary>
    public static Column NthValue(Column column, int offset) => Of("nth_value", column.Node, Value(offset));

    /// <summary>The value of the first row of the frame.</summary>
    public static Column FirstValue(Column column, bool ignoreNulls = false) => First(column, ignoreNulls);

    /// <summary>The value of the last row of the frame.</summary>
    public static Column LastValue(Column column, bool ignoreNulls = false) => Last(column, ignoreNulls);
}
