using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.UserFunctions.Columns;

/// <summary>Decimals of up to 38 digits between Arrow's 16 bytes and .NET: <see cref="decimal"/> where it holds the value exactly, else text.</summary>
public static class DecimalValue
{
    /// <summary>Bytes of one value.</summary>
    public const int Width = 16;

    /// <summary>The value of 16 bytes, little endian, two's complement, times 10^-scale.</summary>
    public static object Read(ReadOnlySpan<byte> bytes, int scale)
    {
        var unscaled = BinaryPrimitives.ReadInt128LittleEndian(bytes);
        return StoredValues.TryDecimal(unscaled, scale, out var number)
            ? number
            : Text(unscaled < 0, (UInt128)(unscaled < 0 ? -unscaled : unscaled), scale);
    }

    /// <summary>Writes a value as 16 bytes.</summary>
    /// <exception cref="ArgumentException">It is no number, or has more digits than the type.</exception>
    public static void Write(Span<byte> bytes, object value, int precision, int scale)
    {
        var text = value as string ?? Convert.ToDecimal(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        BinaryPrimitives.WriteInt128LittleEndian(bytes, Unscaled(text, precision, scale));
    }

    private static Int128 Unscaled(string text, int precision, int scale)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var fraction = point < 0 ? "" : text[(point + 1)..].TrimEnd('0');
        var whole = point < 0 ? text : text[..point];
        if (!BigInteger.TryParse(whole + fraction, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            throw new ArgumentException($"'{text}' is not a decimal number.", nameof(text));
        if (fraction.Length > scale) throw TooWide(text, precision, scale);
        number *= BigInteger.Pow(10, scale - fraction.Length);
        return BigInteger.Abs(number) < BigInteger.Pow(10, precision) ? (Int128)number : throw TooWide(text, precision, scale);
    }

    private static ArgumentException TooWide(string text, int precision, int scale) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{text} does not fit decimal({precision},{scale}) without loss."), nameof(text));

    private static string Text(bool negative, UInt128 magnitude, int scale)
    {
        var digits = magnitude.ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var text = scale == 0 ? digits : $"{digits[..^scale]}.{digits[^scale..]}";
        return negative ? "-" + text : text;
    }
}
