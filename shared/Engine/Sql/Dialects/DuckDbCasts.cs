using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Sql.Rendering;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

/// <summary>Spark's casts (ANSI mode off) in DuckDB's SQL: NULL where one fails, fractions cut off and not rounded.</summary>
internal static class DuckDbCasts
{
    public static Fragment Write(Expr value, DataType target, ExprRenderer renderer, SqlDialect dialect)
    {
        var text = renderer.Render(value).Text;
        var operand = renderer.Render(value).AsOperand;
        var type = dialect.TypeName(target);
        string Try(string what) => $"TRY_CAST({what} AS {type})";
        return new Fragment((value.Type, target) switch
        {
            (StringType, IntegralType) => Try($"regexp_extract({text}, '^\\s*([+-]?[0-9]+)(?:\\.[0-9]*)?\\s*$', 1)"),
            (StringType, BooleanType) => $"CASE WHEN lower(trim({text})) IN ('t', 'true', 'y', 'yes', '1') THEN true WHEN lower(trim({text})) IN ('f', 'false', 'n', 'no', '0') THEN false END",
            (StringType, BinaryType) => $"encode({text})",
            // DuckDB takes 1_000 for a number.
            (StringType, NumericType) => Try($"replace(trim({text}), '_', '?')"),
            (StringType, _) => Try($"trim({text})"),
            (BinaryType, StringType) => $"TRY(decode({text}))",
            (FloatType or DoubleType, IntegerType) => Truncated(text, operand, type, "2147483647", "-2147483648"),
            (FloatType or DoubleType, LongType) => Truncated(text, operand, type, "9223372036854775807", "-9223372036854775808"),
            (FloatType or DoubleType, IntegralType) => Truncated(text, operand, type, target is ShortType ? "32767" : "127", target is ShortType ? "-32768" : "-128"),
            (DecimalType, IntegralType) => Try($"trunc({text})"),
            (TimestampType, DateType) => $"CAST({Clock(text)} AS DATE)",
            (TimestampType, StringType) => $"CAST({Clock(text)} AS VARCHAR)",
            (TimestampType, TimestampNTZType) => Clock(text),
            (TimestampType, IntegralType) => Try($"floor(epoch({text}))"),
            (TimestampType, DoubleType or FloatType) => $"CAST(epoch({text}) AS {type})",
            (TimestampNTZType, TimestampType) => Instant(text),
            (DateType, TimestampType) => Instant($"CAST({text} AS TIMESTAMP)"),
            (NumericType, TimestampType) => $"to_timestamp({text})",
            (FloatType or DoubleType, StringType) => TextForms.Real(operand),
            (BooleanType, StringType) or (DateType, StringType) or (IntegralType, StringType or DoubleType or FloatType) or (IntegerType or ShortType or ByteType, LongType) or (FloatType, DoubleType) => $"CAST({text} AS {type})",
            _ => Try(text),
        }, true);
    }

    /// <summary>An instant as the wall clock of UTC: the same microseconds by another type, a tenth of the time of AT TIME ZONE, which asks the zone's rules.</summary>
    public static string Clock(string instant) => $"make_timestamp(epoch_us({instant}))";

    /// <summary>A wall clock of UTC as an instant.</summary>
    public static string Instant(string clock) => $"make_timestamptz(epoch_us({clock}))";

    private static string Truncated(string text, string operand, string type, string greatest, string smallest) =>
        $"CASE WHEN isnan({text}) THEN 0 WHEN {operand} >= {greatest} THEN {greatest} WHEN {operand} <= {smallest} THEN {smallest} ELSE CAST(trunc({text}) AS {type}) END";
}
