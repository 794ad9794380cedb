using System.Globalization;

namespace Pipeline.Engine.UserFunctions.Columns;

/// <summary>Dates and timestamps between their stored numbers (days and microseconds since 1970) and .NET's types.</summary>
public static class TimeValues
{
    private const long TicksPerMicrosecond = 10;
    private const long MinMicroseconds = -62_135_596_800_000_000;
    private const long MaxMicroseconds = 253_402_300_799_999_999;
    private static readonly int EpochDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    /// <summary>The day of a number of days since 1970-01-01.</summary>
    /// <exception cref="OverflowException">It is not between the years 1 and 9999.</exception>
    public static DateOnly Day(int sinceEpoch)
    {
        var number = (long)sinceEpoch + EpochDay;
        return number >= 0 && number <= DateOnly.MaxValue.DayNumber ? DateOnly.FromDayNumber((int)number) : throw OutOfRange("date", sinceEpoch, "days");
    }

    /// <summary>Days since 1970-01-01.</summary>
    public static int Days(DateOnly day) => day.DayNumber - EpochDay;

    /// <summary>The time of a number of microseconds since 1970.</summary>
    /// <exception cref="OverflowException">It is not between the years 1 and 9999.</exception>
    public static DateTime Time(long microseconds, DateTimeKind kind) => microseconds is >= MinMicroseconds and <= MaxMicroseconds
        ? new DateTime(DateTime.UnixEpoch.Ticks + (microseconds * TicksPerMicrosecond), kind)
        : throw OutOfRange("timestamp", microseconds, "µs");

    /// <summary>Microseconds since 1970 of an instant: a local time is converted, one of no kind is taken as UTC; less than a microsecond is cut off.</summary>
    public static long Instant(DateTime time) => Clock(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time);

    /// <summary>Microseconds since 1970 of what a clock shows, whatever its zone.</summary>
    public static long Clock(DateTime time)
    {
        var ticks = time.Ticks - DateTime.UnixEpoch.Ticks;
        // Downwards, before 1970 too.
        return ticks >= 0 ? ticks / TicksPerMicrosecond : -((-ticks + TicksPerMicrosecond - 1) / TicksPerMicrosecond);
    }

    private static OverflowException OutOfRange(string what, long value, string unit) =>
        new(string.Create(CultureInfo.InvariantCulture, $"A {what} of {value} {unit} after 1970-01-01 is not between the years 1 and 9999, which .NET has. Filter it out, or give the function a text."));
}
