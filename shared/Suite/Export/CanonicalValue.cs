using System.Globalization;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Export;

/// <summary>Values in the one .NET form that sinks write and compare, whatever the engine or driver gave.</summary>
internal static class CanonicalValue
{
    /// <summary>null, long, double, decimal (or text where it is wider), string, bool, DateOnly, DateTime to the microsecond, or bytes.</summary>
    public static object? Of(DataType type, object? value)
    {
        if (value is null or DBNull) return null;
        return type switch
        {
            IntegralType => value is long ? value : Convert.ToInt64(value, CultureInfo.InvariantCulture),
            // -0 and 0 are one number in every database; float widens exactly.
            DoubleType or FloatType => value is double and not 0.0 ? value : Convert.ToDouble(value, CultureInfo.InvariantCulture) + 0.0,
            DecimalType => value is string wide ? wide : Convert.ToDecimal(value, CultureInfo.InvariantCulture),
            BooleanType => value is bool truth ? truth : Convert.ToInt64(value, CultureInfo.InvariantCulture) != 0,
            DateType => value is DateOnly day ? day : value is DateTime instant ? DateOnly.FromDateTime(instant) : DateOnly.Parse((string)value, CultureInfo.InvariantCulture),
            TimestampType => Microseconds(value, DateTimeKind.Utc),
            TimestampNTZType => Microseconds(value, DateTimeKind.Unspecified),
            BinaryType => (byte[])value,
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
    }

    private static DateTime Microseconds(object value, DateTimeKind kind)
    {
        var instant = value switch
        {
            DateTime time => time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time,
            DateTimeOffset offset => offset.UtcDateTime,
            _ => DateTime.Parse((string)value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
        };
        return DateTime.SpecifyKind(new DateTime(instant.Ticks - instant.Ticks % TimeSpan.TicksPerMicrosecond), kind);
    }
}
