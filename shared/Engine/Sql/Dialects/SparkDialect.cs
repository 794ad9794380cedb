using System.Globalization;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Sql.Rendering;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

/// <summary>Spark's SQL, 3.5 and 4, with <c>spark.sql.ansi.enabled=false</c> and the session's zone UTC.</summary>
public sealed class SparkDialect : SqlDialect
{
    /// <inheritdoc/>
    public override string Name => "Spark";

    /// <inheritdoc/>
    public override string Identifier(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";
    }

    /// <inheritdoc/>
    public override string TypeName(DataType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type switch
        {
            StructType fields => $"STRUCT<{string.Join(", ", fields.Select(field => $"{Identifier(field.Name)}: {TypeName(field.DataType)}"))}>",
            ArrayType array => $"ARRAY<{TypeName(array.ElementType)}>",
            MapType map => $"MAP<{TypeName(map.KeyType)}, {TypeName(map.ValueType)}>",
            _ => type.SimpleString.ToUpperInvariant(),
        };
    }

    internal override string Text(string text) => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\0", "\\u0000", StringComparison.Ordinal)}'";

    internal override string Value(object value, DataType type) => value switch
    {
        double number when !double.IsFinite(number) => $"CAST('{Special(number)}' AS DOUBLE)",
        float number when !float.IsFinite(number) => $"CAST('{Special(number)}' AS FLOAT)",
        double number => $"{number.ToString("R", CultureInfo.InvariantCulture)}D",
        float number => $"{number.ToString("R", CultureInfo.InvariantCulture)}F",
        decimal number => $"CAST({number.ToString(CultureInfo.InvariantCulture)}BD AS {TypeName(type)})",
        sbyte => $"{Whole(value)}Y",
        short => $"{Whole(value)}S",
        int => Whole(value),
        long.MinValue => "(-9223372036854775807L - 1L)",
        long => $"{Whole(value)}L",
        DateOnly day => $"DATE '{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}'",
        DateTime time when type is TimestampNTZType => $"TIMESTAMP_NTZ '{time.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}'",
        DateTime time => $"TIMESTAMP '{time.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}Z'",
        byte[] bytes => $"X'{Convert.ToHexString(bytes)}'",
        _ => throw new NotSupportedException($"Spark has no literal of the .NET type {value.GetType().Name}."),
    };

    internal override Spelling Spelling(Function function) => function.Spark;

    internal override Fragment Cast(Expr value, DataType target, ExprRenderer renderer) => new($"CAST({renderer.Render(value).Text} AS {TypeName(target)})", true);

    internal override string Lambda(IReadOnlyList<string> parameters, string body) =>
        parameters.Count == 1 ? $"{parameters[0]} -> {body}" : $"({string.Join(", ", parameters)}) -> {body}";

    internal override string Range(long start, long end, long step) => FormattableString.Invariant($"SELECT id FROM range({start}, {end}, {step})");

    internal override string Join(JoinKind kind) => kind switch
    {
        JoinKind.Cross => "CROSS JOIN",
        JoinKind.LeftOuter => "LEFT JOIN",
        JoinKind.RightOuter => "RIGHT JOIN",
        JoinKind.FullOuter => "FULL JOIN",
        JoinKind.LeftSemi => "LEFT SEMI JOIN",
        JoinKind.LeftAnti => "LEFT ANTI JOIN",
        _ => "JOIN",
    };

    internal override string Sampled(string relation, string alias, double percent, long? seed) =>
        FormattableString.Invariant($"{relation} TABLESAMPLE ({percent} PERCENT){(seed is null ? "" : $" REPEATABLE ({seed})")} AS {alias}");

    internal override string Hint(string hint) => $"/*+ {hint} */ ";

    internal override IEnumerable<string> Generated(Call generator, IReadOnlyList<(int Part, string Name)> parts, ExprRenderer renderer)
    {
        var names = string.Join(", ", parts.Select(part => Identifier(part.Name)));
        yield return $"{generator.Function}({renderer.Render(generator.Arguments[0]).Text}) AS {(parts.Count == 1 ? names : $"({names})")}";
    }

    internal override IEnumerable<string> Unpivoted(IReadOnlyList<(string Name, string Value)> columns, string nameColumn, string valueColumn)
    {
        yield return FormattableString.Invariant($"stack({columns.Count}, {string.Join(", ", columns.Select(column => $"{Text(column.Name)}, {column.Value}"))}) AS ({Identifier(nameColumn)}, {Identifier(valueColumn)})");
    }

    private static string Special(double number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
}
