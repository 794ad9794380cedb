using System.Globalization;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.UserFunctions.Columns;

/// <summary>Dates and timestamps between their stored numbers (days and microseconds since 1970) and .NET's types.</summary>
public static class TimeValues
{
    /// <summary>The day of a number of days since 1970-01-01.</summary>
    /// <exception cref="OverflowException">It is not between the years 1 and 9999.</exception>
    public static DateOnly Day(int sinceEpoch) => StoredValues.TryDay(sinceEpoch, out var day) ? day : throw OutOfRange("date", sinceEpoch, "days");

    /// <summary>Days since 1970-01-01.</summary>
    public static int Days(DateOnly day) => StoredValues.DaysOf(day);

    /// <summary>The time of a number of microseconds since 1970.</summary>
    /// <exception cref="OverflowException">It is not between the years 1 and 9999.</exception>
    public static DateTime Time(long microseconds, DateTimeKind kind) =>
        StoredValues.TryTime(microseconds, kind, out var time) ? time : throw OutOfRange("timestamp", microseconds, "µs");

    /// <summary>Microseconds since 1970 of an instant: a local time is converted, one of no kind is taken as UTC; less than a microsecond is cut off.</summary>
    public static long Instant(DateTime time) => Clock(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time);

    /// <summary>Microseconds since 1970 of what a clock shows, whatever its zone.</summary>
    public static long Clock(DateTime time) => StoredValues.MicrosecondsOf(time.Ticks - DateTime.UnixEpoch.Ticks);

    private static OverflowException OutOfRange(string what, long value, string unit) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"A {what} of {value} {unit} after 1970-01-01 is not between the years 1 and 9999, which .NET has. Filter it out, or give the function a text."));
}
