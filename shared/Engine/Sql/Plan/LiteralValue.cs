using System.Globalization;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>Values of .NET as literals.</summary>
internal static class LiteralValue
{
    /// <summary>The literal of a value, with Spark's type for it.</summary>
    /// <exception cref="ArgumentException">There is no SQL type for it.</exception>
    public static Literal Of(object? value) => value switch
    {
        null or DBNull => new Literal((object?)null) { Type = new NullType() },
        string or char => new Literal(value.ToString()) { Type = new StringType() },
        bool => new Literal(value) { Type = new BooleanType() },
        sbyte => new Literal(value) { Type = new ByteType() },
        byte number => new Literal((short)number) { Type = new ShortType() },
        short => new Literal(value) { Type = new ShortType() },
        ushort number => new Literal((int)number) { Type = new IntegerType() },
        int => new Literal(value) { Type = new IntegerType() },
        uint number => new Literal((long)number) { Type = new LongType() },
        long => new Literal(value) { Type = new LongType() },
        float => new Literal(value) { Type = new FloatType() },
        double => new Literal(value) { Type = new DoubleType() },
        decimal number => new Literal(value) { Type = DecimalOf(number) },
        byte[] => new Literal(value) { Type = new BinaryType() },
        DateOnly => new Literal(value) { Type = new DateType() },
        DateTime { Kind: DateTimeKind.Unspecified } => new Literal(value) { Type = new TimestampNTZType() },
        DateTime time => new Literal(time.ToUniversalTime()) { Type = new TimestampType() },
        DateTimeOffset time => new Literal(time.UtcDateTime) { Type = new TimestampType() },
        Guid => new Literal(value.ToString()) { Type = new StringType() },
        Enum => new Literal(value.ToString()) { Type = new StringType() },
        _ => throw new ArgumentException($"A value of the type {value.GetType().Name} has no SQL type. Give a string, bool, number, DateOnly, DateTime, DateTimeOffset, byte[] or null, or a Column."),
    };

    private static DecimalType DecimalOf(decimal value)
    {
        var digits = Math.Abs(value).ToString(CultureInfo.InvariantCulture);
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        var scale = point < 0 ? 0 : digits.Length - point - 1;
        var whole = point < 0 ? digits.TrimStart('0').Length : digits[..point].TrimStart('0').Length;
        return new DecimalType(Math.Max(1, whole + scale), scale);
    }
}
