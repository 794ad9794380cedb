namespace Pipeline.Engine.Sql;

/// <summary>A row of values without names, for <see cref="SparkSession.CreateDataFrame(IEnumerable{GenericRow}, Types.StructType)"/>.</summary>
/// <param name="values">A value a column.</param>
public sealed class GenericRow(object?[] values)
{
    /// <summary>The values. Not a copy.</summary>
    public object?[] Values { get; } = values;

    /// <summary>Number of values.</summary>
    public int Size() => Values.Length;

    /// <summary>The value at a place.</summary>
    public object? this[int index] => Values[index];

    /// <summary>The value at a place.</summary>
    public object? Get(int index) => Values[index];

    /// <summary>The value at a place as <typeparamref name="T"/>.</summary>
    public T GetAs<T>(int index) => (T)Values[index]!;

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", Values.Select(value => value?.ToString() ?? "null"))}]";
}
