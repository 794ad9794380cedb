using System.Globalization;
using System.Text;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>Brings a .NET value to the one that a Spark type stands for, where nothing is lost by it.</summary>
internal static class ValueConversion
{
    /// <exception cref="EngineException">The value is not one of the type.</exception>
    public static object To(DataType type, object value)
    {
        var culture = CultureInfo.InvariantCulture;
        try
        {
            return type switch
            {
                StringType => value switch
                {
                    string text => text,
                    byte[] bytes => Encoding.UTF8.GetString(bytes),
                    IFormattable formattable => formattable.ToString(null, culture),
                    _ => value.ToString() ?? "",
                },
                BinaryType => value switch
                {
                    byte[] bytes => bytes,
                    string text => Encoding.UTF8.GetBytes(text),
                    ReadOnlyMemory<byte> memory => memory.ToArray(),
                    _ => throw Mismatch(type, value),
                },
                BooleanType => value is bool flag ? flag : throw Mismatch(type, value),
                ByteType => Convert.ToSByte(Whole(type, value), culture),
                ShortType => Convert.ToInt16(Whole(type, value), culture),
                IntegerType => Convert.ToInt32(Whole(type, value), culture),
                LongType => Convert.ToInt64(Whole(type, value), culture),
                FloatType => value is float number ? number : Convert.ToSingle(value, culture),
                DoubleType => value is double number ? number : Convert.ToDouble(value, culture),
                DecimalType => value is decimal or string ? value : Convert.ToDecimal(value, culture),
                DateType => value switch
                {
                    DateOnly day => day,
                    DateTime instant => DateOnly.FromDateTime(instant),
                    DateTimeOffset instant => DateOnly.FromDateTime(instant.UtcDateTime),
                    string text => DateOnly.ParseExact(text, "yyyy-MM-dd", culture),
                    _ => throw Mismatch(type, value),
                },
                TimestampType => value switch
                {
                    DateTime { Kind: DateTimeKind.Local } instant => instant.ToUniversalTime(),
                    DateTime instant => DateTime.SpecifyKind(instant, DateTimeKind.Utc),
                    DateTimeOffset instant => instant.UtcDateTime,
                    DateOnly day => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc),
                    string text => DateTimeOffset.Parse(text, culture, DateTimeStyles.AssumeUniversal).UtcDateTime,
                    _ => throw Mismatch(type, value),
                },
                TimestampNTZType => value switch
                {
                    DateTime instant => DateTime.SpecifyKind(instant, DateTimeKind.Unspecified),
                    DateOnly day => day.ToDateTime(TimeOnly.MinValue),
                    _ => throw Mismatch(type, value),
                },
                _ => value,
            };
        }
        catch (Exception error) when (error is InvalidCastException or FormatException or OverflowException)
        {
            throw Mismatch(type, value, error);
        }
    }

    private static object Whole(DataType type, object value) => value switch
    {
        sbyte or byte or short or ushort or int or uint or long or ulong => value,
        decimal number when decimal.Truncate(number) == number => number,
        Int128 or UInt128 => decimal.Parse(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        double number when Math.Truncate(number) == number => number,
        _ => throw Mismatch(type, value),
    };

    private static EngineException Mismatch(DataType type, object value, Exception? inner = null) =>
        new($"A value of .NET's type {value.GetType().Name} is not a value of a column of type {type.SimpleString}, or is out of its range. Give values of the type that the schema declares.", inner)
        { ErrorClass = "DATATYPE_MISMATCH", SqlState = "42K09" };
}
