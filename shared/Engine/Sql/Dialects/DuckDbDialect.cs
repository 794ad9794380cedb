using System.Globalization;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Sql.Rendering;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

/// <summary>DuckDB's SQL, lowered to Spark's meaning. The session's zone is UTC.</summary>
/// <remarks>Spark's timestamp is TIMESTAMP WITH TIME ZONE here, timestamp_ntz is TIMESTAMP.</remarks>
public sealed class DuckDbDialect : SqlDialect
{
    /// <summary>Name of the function of the session that reads a number as the parse rule for numbers says; NULL where it does not.</summary>
    public const string NumberOfText = "__number_of_text";

    /// <summary>Name of the function of the session that reads a whole number as the parse rule for those says; NULL where it does not.</summary>
    public const string WholeNumberOfText = "__whole_number_of_text";

    /// <summary>Name of the function of the session that reads an instant as the parse rule for timestamps says; NULL where it does not.</summary>
    public const string InstantOfText = "__instant_of_text";

    /// <summary>Name of the function of the session that writes texts as a JSON object without those that are NULL: members' names as <c>"name":</c> a line, then the texts.</summary>
    public const string JsonOfTexts = "__json_of_texts";

    /// <summary>Name of the function of the session that reads the fields of a JSON object strictly (<see cref="Functions.JsonFields"/>): the text, then what is asked for as <c>json_transform</c> takes it.</summary>
    public const string JsonFields = "__json_fields";

    /// <summary>What stands before the text of an object, array or boolean where <see cref="Functions.JsonFields"/> was asked for a plain value.</summary>
    public const string WrongJsonKind = "\0\0";

    /// <summary>The most levels of objects and arrays that <see cref="Functions.JsonFields"/> reads.</summary>
    public const int DeepestJson = 16;

    /// <inheritdoc/>
    public override string Name => "DuckDB";

    /// <inheritdoc/>
    public override string Identifier(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <inheritdoc/>
    public override string TypeName(DataType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type switch
        {
            StringType => "VARCHAR",
            BinaryType => "BLOB",
            BooleanType => "BOOLEAN",
            DateType => "DATE",
            TimestampType => "TIMESTAMPTZ",
            TimestampNTZType => "TIMESTAMP",
            DoubleType => "DOUBLE",
            FloatType => "FLOAT",
            ByteType => "TINYINT",
            ShortType => "SMALLINT",
            IntegerType => "INTEGER",
            LongType => "BIGINT",
            DecimalType => type.SimpleString.ToUpperInvariant(),
            NullType => "INTEGER",
            ArrayType array => $"{TypeName(array.ElementType)}[]",
            MapType map => $"MAP({TypeName(map.KeyType)}, {TypeName(map.ValueType)})",
            StructType fields => $"STRUCT({string.Join(", ", fields.Select(field => $"{Identifier(field.Name)} {TypeName(field.DataType)}"))})",
            _ => throw new NotSupportedException($"DuckDB has no type for Spark's {type.SimpleString}."),
        };
    }

    internal override string Text(string text)
    {
        // No spelling of a literal holds NUL; the function that makes the character does.
        if (text.Contains('\0', StringComparison.Ordinal)) return $"({string.Join(" || chr(0) || ", text.Split('\0').Select(Text))})";
        var quoted = text.Replace("'", "''", StringComparison.Ordinal);
        return text.AsSpan().IndexOfAny('\n', '\r') < 0 ? $"'{quoted}'"
            : $"E'{quoted.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal)}'";
    }

    internal override string Value(object value, DataType type) => value switch
    {
        double number when !double.IsFinite(number) => $"CAST('{Special(number)}' AS DOUBLE)",
        float number when !float.IsFinite(number) => $"CAST('{Special(number)}' AS FLOAT)",
        double number => Exponent(number.ToString("R", CultureInfo.InvariantCulture)),
        float number => $"CAST({number.ToString("R", CultureInfo.InvariantCulture)} AS FLOAT)",
        decimal number => $"CAST({number.ToString(CultureInfo.InvariantCulture)} AS {TypeName(type)})",
        int => Whole(value),
        long.MinValue => "CAST('-9223372036854775808' AS BIGINT)",
        sbyte or short or long => $"CAST({Whole(value)} AS {TypeName(type)})",
        DateOnly day => $"DATE '{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}'",
        DateTime time when type is TimestampNTZType => $"TIMESTAMP '{time.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}'",
        DateTime time => $"TIMESTAMPTZ '{time.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}+00'",
        byte[] bytes => $"'{string.Concat(bytes.Select(one => $"\\x{one:X2}"))}'::BLOB",
        _ => throw new NotSupportedException($"DuckDB has no literal of the .NET type {value.GetType().Name}."),
    };

    internal override Spelling Spelling(Function function) => function.DuckDb;

    internal override Fragment Cast(Expr value, DataType target, ExprRenderer renderer) => DuckDbCasts.Write(value, target, renderer, this);

    internal override string Lambda(IReadOnlyList<string> parameters, string body) => $"lambda {string.Join(", ", parameters)}: {body}";

    internal override string Range(long start, long end, long step) => FormattableString.Invariant($"SELECT range AS id FROM range(CAST({start} AS BIGINT), CAST({end} AS BIGINT), CAST({step} AS BIGINT))");

    internal override string Join(JoinKind kind) => kind switch
    {
        JoinKind.Cross => "CROSS JOIN",
        JoinKind.LeftOuter => "LEFT JOIN",
        JoinKind.RightOuter => "RIGHT JOIN",
        JoinKind.FullOuter => "FULL JOIN",
        JoinKind.LeftSemi => "SEMI JOIN",
        JoinKind.LeftAnti => "ANTI JOIN",
        _ => "JOIN",
    };

    internal override string Sampled(string relation, string alias, double percent, long? seed) =>
        FormattableString.Invariant($"{relation} AS {alias} TABLESAMPLE bernoulli({percent} PERCENT){(seed is null ? "" : $" REPEATABLE ({Math.Abs(seed.Value % int.MaxValue)})")}");

    internal override string Hint(string hint) => "";

    internal override IEnumerable<string> Generated(Call generator, IReadOnlyList<(int Part, string Name)> parts, ExprRenderer renderer)
    {
        var source = renderer.Render(generator.Arguments[0]).Text;
        var isMap = generator.Arguments[0].Type is MapType;
        var hasPlace = generator.Function.StartsWith("pos", StringComparison.Ordinal);
        var isOuter = generator.Function.EndsWith("_outer", StringComparison.Ordinal);
        var size = isMap ? $"cardinality({source})" : $"len({source})";
        string[] lists = isMap ? [$"map_keys({source})", $"map_values({source})"] : [source];
        if (hasPlace) lists = [$"range({size})", .. lists];
        foreach (var (part, name) in parts)
        {
            var list = isOuter ? $"CASE WHEN {size} > 0 THEN {lists[part]} ELSE [NULL] END" : lists[part];
            yield return $"{(hasPlace && part == 0 ? $"CAST(unnest({list}) AS INTEGER)" : $"unnest({list})")} AS {Identifier(name)}";
        }
    }

    internal override IEnumerable<string> Unpivoted(IReadOnlyList<(string Name, string Value)> columns, string nameColumn, string valueColumn)
    {
        yield return $"unnest([{string.Join(", ", columns.Select(column => Text(column.Name)))}]) AS {Identifier(nameColumn)}";
        yield return $"unnest([{string.Join(", ", columns.Select(column => column.Value))}]) AS {Identifier(valueColumn)}";
    }

    private static string Special(double number) => double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";

    /// <summary>With an exponent, or the number would be a decimal.</summary>
    private static string Exponent(string digits) => digits.Contains('E', StringComparison.Ordinal) ? digits : digits + "e0";
}
