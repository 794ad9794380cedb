using System.Globalization;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.UserFunctions.Columns;

/// <summary>Decimals between a column's whole number times 10^-scale and <see cref="decimal"/>.</summary>
public static class DecimalValues
{
    private static readonly Int128[] Powers = [.. Enumerable.Range(0, 39).Select(static power => Enumerable.Repeat((Int128)10, power).Aggregate(Int128.One, static (all, ten) => all * ten))];

    /// <summary>The decimal of a stored number.</summary>
    /// <exception cref="OverflowException">It has more digits than a decimal holds.</exception>
    public static decimal Read(Int128 unscaled, int scale) => StoredValues.TryDecimal(unscaled, scale, out var number)
        ? number
        : throw new OverflowException(string.Create(
            CultureInfo.InvariantCulture,
            $"The number {unscaled}e-{scale} has more digits than .NET's decimal holds. Round it, or give the function a text."));

    /// <summary>The stored number of a decimal; digits beyond the scale are rounded half up.</summary>
    /// <exception cref="OverflowException">It has more digits than the type.</exception>
    public static Int128 Unscaled(decimal number, DecimalType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        Span<int> bits = stackalloc int[4];
        _ = decimal.GetBits(number, bits);
        var digits = (Int128)new UInt128((uint)bits[2], ((ulong)(uint)bits[1] << 32) | (uint)bits[0]);
        var scale = (bits[3] >> 16) & 0xff;
        if (scale > type.Scale)
        {
            var (quotient, rest) = Int128.DivRem(digits, Powers[scale - type.Scale]);
            digits = rest * 2 >= Powers[scale - type.Scale] ? quotient + 1 : quotient;
        }
        else
        {
            // No product below can pass 38 digits unnoticed: what is too large for the type is refused before it is multiplied.
            var factor = Powers[type.Scale - scale];
            digits = digits < Powers[type.Precision] / factor + 1 ? digits * factor : Powers[type.Precision];
        }
        if (digits >= Powers[type.Precision])
            throw new OverflowException($"The number {number.ToString(CultureInfo.InvariantCulture)} does not fit in {type.SimpleString}. Declare a result type with more digits: new UdfOptions {{ ReturnType = … }}.");
        return bits[3] < 0 ? -digits : digits;
    }
}
