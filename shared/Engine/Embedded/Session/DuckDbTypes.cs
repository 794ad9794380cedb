using DuckDB.NET.Native;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>Which DuckDB type stands for which Spark type, both ways.</summary>
/// <remarks>Spark's <c>timestamp</c> is an instant, so it is TIMESTAMPTZ (the session's zone is UTC); <c>timestamp_ntz</c> is TIMESTAMP.</remarks>
internal static class DuckDbTypes
{
    private static readonly DuckDbDialect Dialect = new();

    /// <summary>Spark's type for a column of DuckDB.</summary>
    /// <exception cref="EngineException">Spark has no such type; the message names the column and what to cast to.</exception>
    public static DataType ToSpark(DuckDBLogicalType type, string column)
    {
        var id = NativeMethods.LogicalType.DuckDBGetTypeId(type);
        switch (id)
        {
            case DuckDBType.List:
                {
                    using var child = NativeMethods.LogicalType.DuckDBListTypeChildType(type);
                    return new ArrayType(ToSpark(child, column));
                }
            case DuckDBType.Array:
                {
                    using var child = NativeMethods.LogicalType.DuckDBArrayTypeChildType(type);
                    return new ArrayType(ToSpark(child, column));
                }
            case DuckDBType.Map:
                {
                    using var key = NativeMethods.LogicalType.DuckDBMapTypeKeyType(type);
                    using var value = NativeMethods.LogicalType.DuckDBMapTypeValueType(type);
                    return new MapType(ToSpark(key, column), ToSpark(value, column));
                }
            case DuckDBType.Struct:
                {
                    var fields = new StructField[NativeMethods.LogicalType.DuckDBStructTypeChildCount(type)];
                    for (var i = 0; i < fields.Length; i++)
                    {
                        using var child = NativeMethods.LogicalType.DuckDBStructTypeChildType(type, i);
                        fields[i] = new StructField(NativeMethods.LogicalType.DuckDBStructTypeChildName(type, i), ToSpark(child, column));
                    }
                    return new StructType(fields);
                }
            case DuckDBType.Decimal:
                return new DecimalType(NativeMethods.LogicalType.DuckDBDecimalWidth(type), NativeMethods.LogicalType.DuckDBDecimalScale(type));
            default:
                return Atomic(id) ?? throw new EngineException(
                    $"Column '{column}' has DuckDB's type {id}, which Spark SQL does not have. Cast it in the query, for instance to VARCHAR.")
                { ErrorClass = "UNSUPPORTED_DATATYPE", SqlState = "0A000" };
        }
    }

    private static DataType? Atomic(DuckDBType id) => id switch
    {
        DuckDBType.Boolean => new BooleanType(),
        DuckDBType.TinyInt => new ByteType(),
        DuckDBType.SmallInt or DuckDBType.UnsignedTinyInt => new ShortType(),
        DuckDBType.Integer or DuckDBType.UnsignedSmallInt => new IntegerType(),
        DuckDBType.BigInt or DuckDBType.UnsignedInteger => new LongType(),
        DuckDBType.UnsignedBigInt => new DecimalType(20, 0),
        DuckDBType.HugeInt or DuckDBType.UnsignedHugeInt => new DecimalType(38, 0),
        DuckDBType.Float => new FloatType(),
        DuckDBType.Double => new DoubleType(),
        DuckDBType.Varchar or DuckDBType.Uuid or DuckDBType.Enum or DuckDBType.Time or DuckDBType.Interval => new StringType(),
        DuckDBType.Blob => new BinaryType(),
        DuckDBType.Date => new DateType(),
        DuckDBType.TimestampTz => new TimestampType(),
        DuckDBType.Timestamp or DuckDBType.TimestampS or DuckDBType.TimestampMs or DuckDBType.TimestampNs => new TimestampNTZType(),
        DuckDBType.SqlNull => new NullType(),
        _ => null,
    };

    /// <summary>DuckDB's spelling of a Spark type.</summary>
    public static string ToSql(DataType type) => Dialect.TypeName(type);

    /// <summary>The columns of a CREATE TABLE.</summary>
    public static string ToColumns(StructType schema) => string.Join(", ", schema.Select(field => $"{Quote(field.Name)} {ToSql(field.DataType)}"));

    /// <summary>A name as an identifier.</summary>
    public static string Quote(string name) => Dialect.Identifier(name);

    /// <summary>A path as a literal for functions that take patterns: its <c>*</c>, <c>?</c> and <c>[</c> stand for themselves.</summary>
    public static string FileLiteral(string path) => Literal(FilePattern(path));

    /// <summary>A path as a pattern that only it matches.</summary>
    public static string FilePattern(string path) =>
        path.AsSpan().IndexOfAny('*', '?', '[') < 0 ? path : string.Concat(path.Select(letter => letter is '*' or '?' or '[' ? $"[{letter}]" : letter.ToString()));

    /// <summary>Texts as a list: one literal that DuckDB splits, where a control character is in none of them; that takes a fraction of the time and memory that as many literals take.</summary>
    public static string TextList(IReadOnlyList<string> texts)
    {
        for (var separator = '\u0001'; separator < ' '; separator++)
            if (texts.Count > 1 && !texts.Any(text => text.Contains(separator, StringComparison.Ordinal)))
                return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"string_split({Literal(string.Join(separator, texts))}, chr({(int)separator}))");
        return $"[{string.Join(", ", texts.Select(Literal))}]";
    }

    /// <summary>A text as a literal; the one place that knows how DuckDB escapes is the dialect.</summary>
    public static string Literal(string text) => Dialect.Literal(text, new StringType());
}
