using System.Globalization;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>Values of texts by the parse rules of data contracts, over UTF-8 bytes: what those rules say in SQL, a tenth of the time.</summary>
internal static class TextValues
{
    private const int ExactDigits = 15;
    private const int MostWholeDigits = 19;
    private const long MicrosecondsPerDay = 86_400_000_000;
    private static readonly double[] Powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

    /// <summary>A finite number: digits, or groups of three with a gap between (space, U+00A0, U+2009, U+202F); a fraction after a point or comma; an exponent of at most three digits. Padding does not count.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        text = Unpadded(text);
        Span<byte> plain = stackalloc byte[text.Length <= 64 ? text.Length : 0];
        if (text.Length > plain.Length) plain = new byte[text.Length];
        var length = 0;
        var at = TakeSign(text, out var isNegative);
        if (isNegative) plain[length++] = (byte)'-';
        long digits = 0;
        var whole = TakeDigits(text, ref at, plain, ref length, ref digits);
        if (whole is >= 1 and <= 3)
        {
            while (TakeGap(text, at) is > 0 and var gap)
            {
                at += gap;
                var before = at;
                whole += TakeDigits(text, ref at, plain, ref length, ref digits);
                if (at - before != 3) return false;
            }
        }
        var fraction = 0;
        if (at < text.Length && text[at] is (byte)'.' or (byte)',')
        {
            at++;
            plain[length++] = (byte)'.';
            fraction = TakeDigits(text, ref at, plain, ref length, ref digits);
            if (fraction == 0) return false;
        }
        if (whole + fraction == 0) return false;
        if (at == text.Length && whole + fraction <= ExactDigits)
        {
            // Both are exact in a double, so their quotient is the nearest one.
            value = digits / Powers[fraction];
            if (isNegative) value = -value;
            return true;
        }
        if (at < text.Length && !TakeExponent(text, ref at, plain, ref length)) return false;
        return at == text.Length && double.TryParse(plain[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    /// <summary>A whole number of 64 bits: a sign, up to 19 digits, or groups of three with a gap between; a fraction of zeros after a point or comma. Padding does not count.</summary>
    public static bool TryWholeNumber(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        text = Unpadded(text);
        var at = TakeSign(text, out var isNegative);
        // 19 digits always fit without their sign.
        long digits = 0;
        var whole = TakeDigits(text, ref at, ref digits);
        if (whole is >= 1 and <= 3)
        {
            while (TakeGap(text, at) is > 0 and var gap)
            {
                at += gap;
                var group = TakeDigits(text, ref at, ref digits);
                whole += group;
                if (group != 3) return false;
            }
        }
        if (whole is < 1 or > MostWholeDigits) return false;
        var hasRest = at < text.Length;
        if (hasRest && !(text[at] is (byte)'.' or (byte)',' && at + 1 < text.Length && text[(at + 1)..].IndexOfAnyExcept((byte)'0') < 0)) return false;
        var magnitude = (ulong)digits;
        if (magnitude > (isNegative ? 1UL << 63 : long.MaxValue)) return false;
        value = isNegative ? unchecked(-digits) : digits;
        return true;
    }

    /// <summary>Microseconds since 1970 of <c>MM/dd/yyyy HH:mm:ss</c>, or of the ISO form with a space or T between, in UTC and the years 1 to 9999. Padding does not count.</summary>
    public static bool TryInstant(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        text = Unpadded(text);
        if (text.Length != 19 || text[13] != ':' || text[16] != ':') return false;
        int year, month, day;
        bool isDate;
        if (text[2] == '/')
        {
            isDate = Number(text, 0, 2, out month) & Number(text, 3, 2, out day) & Number(text, 6, 4, out year) & text[5] == '/' & text[10] == ' ';
        }
        else
        {
            isDate = Number(text, 0, 4, out year) & Number(text, 5, 2, out month) & Number(text, 8, 2, out day) & text[4] == '-' & text[7] == '-' & text[10] is (byte)' ' or (byte)'T';
        }
        if (!isDate || !Number(text, 11, 2, out var hour) || !Number(text, 14, 2, out var minute) || !Number(text, 17, 2, out var second) || hour > 23 || minute > 59 || second > 59) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DaysIn(year, month)) return false;
        microseconds = (DaysSince1970(year, month, day) * MicrosecondsPerDay) + ((((hour * 60L) + minute) * 60) + second) * 1_000_000;
        return true;
    }

    private static int TakeDigits(ReadOnlySpan<byte> text, ref int at, ref long digits)
    {
        var from = at;
        for (; at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9'; at++) digits = unchecked((digits * 10) + (text[at] - '0'));
        return at - from;
    }

    private static int TakeDigits(ReadOnlySpan<byte> text, ref int at, Span<byte> plain, ref int length, ref long digits)
    {
        var from = at;
        for (; at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9'; at++)
        {
            plain[length++] = text[at];
            digits = unchecked((digits * 10) + (text[at] - '0'));
        }
        return at - from;
    }

    /// <summary>Length of the sign that stands first, which may be U+2212; 0 is none.</summary>
    private static int TakeSign(ReadOnlySpan<byte> text, out bool isNegative)
    {
        isNegative = false;
        if (text.IsEmpty || text[0] == '+') return text.Length > 0 ? 1 : 0;
        isNegative = text[0] == '-' || text.StartsWith("\u2212"u8);
        return !isNegative ? 0 : text[0] == '-' ? 1 : 3;
    }

    /// <summary>Length of a gap between groups of digits (space, U+00A0, U+2009, U+202F) that stands here; 0 is none.</summary>
    private static int TakeGap(ReadOnlySpan<byte> text, int at)
    {
        if (at >= text.Length) return 0;
        if (text[at] == ' ') return 1;
        if (text[at] is not (0xC2 or 0xE2)) return 0;
        var rest = text[at..];
        return rest.StartsWith("\u00A0"u8) ? 2 : rest.StartsWith("\u2009"u8) || rest.StartsWith("\u202F"u8) ? 3 : 0;
    }

    /// <summary>The text without gaps and tabs at its ends.</summary>
    private static ReadOnlySpan<byte> Unpadded(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty && (text[0] == '\t' ? 1 : TakeGap(text, 0)) is > 0 and var length) text = text[length..];
        while (!text.IsEmpty)
        {
            var last = text[^1];
            // Bytes that end a gap: an own character, or the last of a longer one.
            if (last is (byte)' ' or (byte)'\t') text = text[..^1];
            else if (last == 0xA0 && text.EndsWith("\u00A0"u8)) text = text[..^2];
            else if ((last == 0x89 && text.EndsWith("\u2009"u8)) || (last == 0xAF && text.EndsWith("\u202F"u8))) text = text[..^3];
            else break;
        }
        return text;
    }

    private static bool TakeExponent(ReadOnlySpan<byte> text, ref int at, Span<byte> plain, ref int length)
    {
        if (text[at] is not ((byte)'e' or (byte)'E')) return false;
        plain[length++] = text[at++];
        at += TakeSign(text[at..], out var isNegative);
        if (isNegative) plain[length++] = (byte)'-';
        long unused = 0;
        return TakeDigits(text, ref at, plain, ref length, ref unused) is >= 1 and <= 3;
    }

    private static bool Number(ReadOnlySpan<byte> text, int from, int count, out int value)
    {
        value = 0;
        foreach (var digit in text.Slice(from, count))
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            value = (value * 10) + (digit - '0');
        }
        return true;
    }

    private static int DaysIn(int year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>Days of the proleptic Gregorian calendar, the year counted from March so that the leap day is its last.</summary>
    private static long DaysSince1970(int year, int month, int day)
    {
        long y = month <= 2 ? year - 1 : year;
        var era = (y >= 0 ? y : y - 399) / 400;
        var yearOfEra = y - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        return (era * 146_097) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - 719_468;
    }
}
