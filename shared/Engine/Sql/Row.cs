using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql;

/// <summary>One row of a result: values by place or name.</summary>
/// <param name="schema">The row's columns.</param>
/// <param name="values">A value a column; null is SQL's NULL.</param>
public sealed class Row(StructType schema, object?[] values)
{
    /// <summary>The row's columns.</summary>
    public StructType Schema { get; } = schema;

    /// <summary>The values in the columns' order. Not a copy: do not change it.</summary>
    public object?[] Values { get; } = values;

    /// <summary>Number of columns.</summary>
    public int Size() => Values.Length;

    /// <summary>The value at a place.</summary>
    public object? Get(int index) => Values[index];

    /// <summary>The value of a column.</summary>
    /// <exception cref="ArgumentException">There is no such column; the message names those there are.</exception>
    public object? Get(string columnName)
    {
        var index = Schema.IndexOf(columnName);
        return index >= 0 ? Values[index] : throw new ArgumentException($"Column '{columnName}' is not in the row. It has: {string.Join(", ", Schema.FieldNames)}.", nameof(columnName));
    }

    /// <summary>The value at a place as <typeparamref name="T"/>.</summary>
    public T GetAs<T>(int index) => (T)Values[index]!;

    /// <summary>The value of a column as <typeparamref name="T"/>.</summary>
    public T GetAs<T>(string columnName) => (T)Get(columnName)!;

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", Values.Select(value => value?.ToString() ?? "null"))}]";
}
