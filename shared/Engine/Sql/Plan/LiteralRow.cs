using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>One row of values as a query: the engine then makes no table for it, which costs more than all that is done with the row.</summary>
internal static class LiteralRow
{
    /// <summary>The query, with the schema's columns; null where a value has no literal of just its column's type, so that the engine's own check says what is wrong with it.</summary>
    /// <param name="dialect">The engine's dialect.</param>
    /// <param name="schema">The columns, at least one.</param>
    /// <param name="values">A value a column.</param>
    public static string? Query(SqlDialect dialect, StructType schema, IReadOnlyList<object?> values)
    {
        if (schema.Count == 0 || values.Count != schema.Count) return null;
        var items = new string[schema.Count];
        for (var i = 0; i < items.Length; i++)
        {
            if (Of(values[i], schema[i]) is not { } literal) return null;
            items[i] = $"{dialect.Literal(literal.Value, schema[i].DataType)} AS {dialect.Identifier(schema[i].Name)}";
        }
        return $"SELECT {string.Join(", ", items)}";
    }

    private static Literal? Of(object? value, StructField field)
    {
        if (value is null) return field.IsNullable ? new Literal((object?)null) : null;
        // DuckDB's literals cannot hold NUL; a decimal has as many digits as its value, not as its column.
        if (value is not (string or bool or int or long or double or DateOnly or DateTime or DateTimeOffset) || value is string text && text.Contains('\0', StringComparison.Ordinal)) return null;
        var literal = LiteralValue.Of(value);
        return literal.Type!.Equals(field.DataType) ? literal : null;
    }
}
