namespace Pipeline.Engine.Types;

/// <summary>Dates, timestamps and decimals between the numbers that Arrow, Parquet and DuckDB store and the types of .NET, where .NET has the value.</summary>
/// <remarks>Who asks says what an absent value means: an error in its own words, or a text.</remarks>
public static class StoredValues
{
    private const long TicksPerMicrosecond = 10;
    private const long MinMicroseconds = -62_135_596_800_000_000;
    private const long MaxMicroseconds = 253_402_300_799_999_999;
    private const int MaxDecimalScale = 28;
    private static readonly UInt128 MaxDecimalDigits = (UInt128.One << 96) - 1;
    private static readonly int EpochDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    /// <summary>The day of a number of days since 1970-01-01; false where it is not in the years 1 to 9999.</summary>
    public static bool TryDay(int sinceEpoch, out DateOnly day)
    {
        var number = (long)sinceEpoch + EpochDay;
        var isDay = number >= DateOnly.MinValue.DayNumber && number <= DateOnly.MaxValue.DayNumber;
        day = isDay ? DateOnly.FromDayNumber((int)number) : default;
        return isDay;
    }

    /// <summary>Days since 1970-01-01.</summary>
    public static int DaysOf(DateOnly day) => day.DayNumber - EpochDay;

    /// <summary>The time of a number of microseconds since 1970; false where it is not in the years 1 to 9999.</summary>
    public static bool TryTime(long microseconds, DateTimeKind kind, out DateTime time)
    {
        var isTime = microseconds is >= MinMicroseconds and <= MaxMicroseconds;
        time = isTime ? new DateTime(DateTime.UnixEpoch.Ticks + (microseconds * TicksPerMicrosecond), kind) : default;
        return isTime;
    }

    /// <summary>Microseconds of .NET's ticks since 1970, rounded down, before 1970 too.</summary>
    public static long MicrosecondsOf(long ticks) =>
        ticks >= 0 ? ticks / TicksPerMicrosecond : -((-ticks + TicksPerMicrosecond - 1) / TicksPerMicrosecond);

    /// <summary>The decimal of a whole number times 10^-scale; false where .NET's decimal cannot hold it. Zeros at the end go only where it cannot hold them.</summary>
    public static bool TryDecimal(Int128 unscaled, int scale, out decimal number)
    {
        var (digits, places) = (unscaled < 0 ? (UInt128)(-unscaled) : (UInt128)unscaled, scale);
        while ((digits > MaxDecimalDigits || places > MaxDecimalScale) && places > 0 && digits % 10 == 0) (digits, places) = (digits / 10, places - 1);
        var isDecimal = digits <= MaxDecimalDigits && places <= MaxDecimalScale;
        number = isDecimal ? new decimal((int)(uint)digits, (int)(uint)(digits >> 32), (int)(uint)(digits >> 64), unscaled < 0, (byte)places) : default;
        return isDecimal;
    }
}
