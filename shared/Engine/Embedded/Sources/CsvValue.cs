using System.Globalization;
using System.Text;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>Reads the text of a field as a value of its column's type, by Spark's rules, straight into a vector.</summary>
internal static class CsvValue
{
    /// <summary>Writes the value; false, with null written, where the text is not one of the type.</summary>
    public static bool TryWrite(VectorWriter column, DataType type, ulong row, ReadOnlySpan<byte> text, CsvOptions options)
    {
        var culture = CultureInfo.InvariantCulture;
        switch (type)
        {
            case StringType or BinaryType:
                column.WriteBytes(row, text);
                return true;
            case IntegerType when int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number):
                column.WriteFixed(row, number);
                return true;
            case LongType when long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number):
                column.WriteFixed(row, number);
                return true;
            case ShortType when short.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number):
                column.WriteFixed(row, number);
                return true;
            case ByteType when sbyte.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number):
                column.WriteFixed(row, number);
                return true;
            case DoubleType when TryReal(text, out var number):
                column.WriteFixed(row, number);
                return true;
            case FloatType when TryReal(text, out var number):
                column.WriteFixed(row, (float)number);
                return true;
            case DecimalType fixedPoint:
                return TryDecimal(column, fixedPoint, row, text);
            case BooleanType when Ascii.EqualsIgnoreCase(text, "true"u8) || Ascii.EqualsIgnoreCase(text, "false"u8):
                column.WriteFixed(row, (byte)(text.Length == 4 ? 1 : 0));
                return true;
            case DateType when TryDay(text, options.DatePattern, out var day):
                column.WriteFixed(row, day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber);
                return true;
            case TimestampType or TimestampNTZType when TryInstant(text, options.TimestampPattern, out var instant):
                var ticks = (type is TimestampType ? instant.UtcTicks : instant.Ticks) - DateTime.UnixEpoch.Ticks;
                column.WriteFixed(row, ticks >= 0 ? ticks / 10 : -((-ticks + 9) / 10));
                return true;
            default:
                column.WriteNull(row);
                return false;
        }
    }

    private static bool TryReal(ReadOnlySpan<byte> text, out double number)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number)) return true;
        number = Encoding.UTF8.GetString(text) switch
        {
            "NaN" => double.NaN,
            "Inf" or "+Inf" or "Infinity" or "+Infinity" => double.PositiveInfinity,
            "-Inf" or "-Infinity" => double.NegativeInfinity,
            _ => number,
        };
        // 1e999 is infinite in Java too; a text without digits is not a number.
        return text.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0 ? double.IsInfinity(number) : !double.IsFinite(number);
    }

    private static bool TryDecimal(VectorWriter column, DecimalType type, ulong row, ReadOnlySpan<byte> text)
    {
        try
        {
            if (decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number) && text.Length <= 29)
                column.WriteDecimal(row, type, number);
            else if (text.Length > 0 && text.IndexOfAnyExcept("+-.0123456789"u8) < 0)
                column.WriteDecimal(row, type, Encoding.ASCII.GetString(text));
            else
                throw new Pipeline.Engine.Sql.Engines.EngineException("not a number");
            return true;
        }
        catch (Exception error) when (error is Pipeline.Engine.Sql.Engines.EngineException or OverflowException)
        {
            column.WriteNull(row);
            return false;
        }
    }

    internal static bool TryDay(ReadOnlySpan<byte> text, DateTimePattern? pattern, out DateOnly day)
    {
        if (pattern is not null)
        {
            var read = pattern.TryRead(Encoding.UTF8.GetString(text), out var value);
            day = DateOnly.FromDateTime(value.DateTime);
            return read;
        }
        // yyyy, yyyy-M, yyyy-M-d, and yyyy-M-d with anything after a T or a blank.
        text = text.Trim(" \t"u8);
        var end = text.IndexOfAny((byte)'T', (byte)' ');
        if (end >= 0) text = text[..end];
        day = default;
        Span<int> parts = [0, 1, 1];
        var count = 0;
        while (count < 3)
        {
            var dash = text.IndexOf((byte)'-');
            var part = dash < 0 ? text : text[..dash];
            if (part.Length is 0 || (count == 0 ? part.Length != 4 : part.Length > 2) || !int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out parts[count])) return false;
            count++;
            if (dash < 0) break;
            if (count == 3) return false;
            text = text[(dash + 1)..];
        }
        if (parts[0] is < 1 or > 9999 || parts[1] is < 1 or > 12 || parts[2] < 1 || parts[2] > DateTime.DaysInMonth(parts[0], parts[1])) return false;
        day = new DateOnly(parts[0], parts[1], parts[2]);
        return true;
    }

    internal static bool TryInstant(ReadOnlySpan<byte> text, DateTimePattern? pattern, out DateTimeOffset instant)
    {
        if (pattern is not null) return pattern.TryRead(Encoding.UTF8.GetString(text), out instant);
        instant = default;
        text = text.Trim(" \t"u8);
        var split = text.IndexOfAny((byte)'T', (byte)' ');
        if (!TryDay(split < 0 ? text : text[..split], null, out var day)) return false;
        if (split < 0)
        {
            instant = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            return true;
        }
        var time = text[(split + 1)..];
        var zoneAt = time.IndexOfAny((byte)'Z', (byte)'+', (byte)'-');
        var zone = TimeSpan.Zero;
        if (zoneAt >= 0)
        {
            if (!TryZone(time[zoneAt..], out zone)) return false;
            time = time[..zoneAt];
        }
        if (!TimeOnly.TryParseExact(Encoding.ASCII.GetString(time.TrimEnd(" "u8)), TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock)) return false;
        var wall = day.ToDateTime(clock);
        if (wall.Ticks - zone.Ticks < 0 || wall.Ticks - zone.Ticks > DateTime.MaxValue.Ticks) return false;
        instant = new DateTimeOffset(wall, zone);
        return true;
    }

    private static readonly string[] TimeFormats = ["HH:mm:ss", "HH:mm", "HH:mm:ss.FFFFFFF", "H:m:s", "H:m", "H:m:s.FFFFFFF", "HH"];

    private static bool TryZone(ReadOnlySpan<byte> text, out TimeSpan zone)
    {
        zone = TimeSpan.Zero;
        if (text.SequenceEqual("Z"u8)) return true;
        var sign = text[0] == '-' ? -1 : 1;
        var digits = Encoding.ASCII.GetString(text[1..]).Replace(":", "", StringComparison.Ordinal);
        if (text[0] == 'Z' || digits.Length is not (1 or 2 or 4) || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        var (hours, minutes) = digits.Length == 4 ? (number / 100, number % 100) : (number, 0);
        zone = new TimeSpan(sign * hours, sign * minutes, 0);
        return hours <= 14 && minutes < 60;
    }
}
