using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql;

// Days and instants. The session's zone is UTC. Formats are Java's patterns.
public static partial class Functions
{
    /// <summary>The day on which the query starts.</summary>
    public static Column CurrentDate() => Of("current_date");

    /// <summary>The instant at which the query starts.</summary>
    public static Column CurrentTimestamp() => Of("current_timestamp");

    /// <summary>The day of a text in ISO form or of an instant; NULL where it is none.</summary>
    public static Column ToDate(Column column) => Of("to_date", column.Node);

    /// <summary>The day of a text in the format; NULL where it does not fit.</summary>
    public static Column ToDate(Column column, string format) => Of("to_date_format", column.Node, Value(format));

    /// <summary>The instant of a text in ISO form; NULL where it is none.</summary>
    public static Column ToTimestamp(Column column) => Of("to_timestamp", column.Node);

    /// <summary>The instant of a text in the format; NULL where it does not fit.</summary>
    public static Column ToTimestamp(Column column, string format) => Of("to_timestamp_format", column.Node, Value(format));

    /// <summary>As <see cref="ToTimestamp(Column, string)"/>: it never fails here.</summary>
    public static Column TryToTimestamp(Column column, string format) => ToTimestamp(column, format);

    /// <summary>A day or instant as text in the format.</summary>
    public static Column DateFormat(Column column, string format) => Of("date_format", column.Node, Value(format));

    /// <summary>Year.</summary>
    public static Column Year(Column column) => Of("year", column.Node);

    /// <summary>Quarter, 1 to 4.</summary>
    public static Column Quarter(Column column) => Of("quarter", column.Node);

    /// <summary>Month, 1 to 12.</summary>
    public static Column Month(Column column) => Of("month", column.Node);

    /// <summary>Week of the year by ISO 8601.</summary>
    public static Column WeekOfYear(Column column) => Of("weekofyear", column.Node);

    /// <summary>Day of the month, 1 to 31.</summary>
    public static Column DayOfMonth(Column column) => Of("day", column.Node);

    /// <summary>Day of the week, 1 is Sunday.</summary>
    public static Column DayOfWeek(Column column) => Of("dayofweek", column.Node);

    /// <summary>Day of the week, 0 is Monday.</summary>
    public static Column WeekDay(Column column) => Of("weekday", column.Node);

    /// <summary>Day of the year, 1 to 366.</summary>
    public static Column DayOfYear(Column column) => Of("dayofyear", column.Node);

    /// <summary>Hour.</summary>
    public static Column Hour(Column column) => Of("hour", column.Node);

    /// <summary>Minute.</summary>
    public static Column Minute(Column column) => Of("minute", column.Node);

    /// <summary>Second, whole.</summary>
    public static Column Second(Column column) => Of("second", column.Node);

    /// <summary>So many days later.</summary>
    public static Column DateAdd(Column start, Column days) => Of("date_add", start.Node, days.Node);

    /// <summary>So many days later.</summary>
    public static Column DateAdd(Column start, int days) => Of("date_add", start.Node, Value(days));

    /// <summary>So many days earlier.</summary>
    public static Column DateSub(Column start, Column days) => Of("date_sub", start.Node, days.Node);

    /// <summary>So many days earlier.</summary>
    public static Column DateSub(Column start, int days) => Of("date_sub", start.Node, Value(days));

    /// <summary>Days from <paramref name="start"/> to <paramref name="end"/>.</summary>
    public static Column DateDiff(Column end, Column start) => Of("datediff", end.Node, start.Node);

    /// <summary>So many months later; the last day of the month where it has no such day.</summary>
    public static Column AddMonths(Column startDate, Column numMonths) => Of("add_months", startDate.Node, numMonths.Node);

    /// <summary>So many months later; the last day of the month where it has no such day.</summary>
    public static Column AddMonths(Column startDate, int numMonths) => Of("add_months", startDate.Node, Value(numMonths));

    /// <summary>Months from <paramref name="start"/> to <paramref name="end"/>, parts by 31 days, rounded to 8 places.</summary>
    public static Column MonthsBetween(Column end, Column start) => Of("months_between", end.Node, start.Node);

    /// <summary>The first day of its year, quarter, month or week (Monday).</summary>
    public static Column TruncDate(Column column, string format) => Of("trunc", column.Node, Value(format));

    /// <summary>The first day of its year, quarter, month or week (Monday).</summary>
    public static Column Trunc(Column column, string format) => Of("trunc", column.Node, Value(format));

    /// <summary>The instant at which its year, month, week, day, hour, minute … began.</summary>
    public static Column DateTrunc(string format, Column column) => Of("date_trunc", Value(format), column.Node);

    /// <summary>The last day of its month.</summary>
    public static Column LastDay(Column column) => Of("last_day", column.Node);

    /// <summary>The next day of the week after it.</summary>
    public static Column NextDay(Column date, string dayOfWeek) => Of("next_day", date.Node, Value(dayOfWeek));

    /// <summary>Seconds since 1970 at which the query starts.</summary>
    public static Column UnixTimestamp() => Of("unix_timestamp");

    /// <summary>Seconds since 1970 of an instant or a text <c>yyyy-MM-dd HH:mm:ss</c>.</summary>
    public static Column UnixTimestamp(Column column) => Of("unix_timestamp_of", column.Node);

    /// <summary>Seconds since 1970 of a text in the format; NULL where it does not fit.</summary>
    public static Column UnixTimestamp(Column column, string format) => UnixTimestamp(ToTimestamp(column, format));

    /// <summary>Seconds since 1970 as text <c>yyyy-MM-dd HH:mm:ss</c>.</summary>
    public static Column FromUnixTime(Column column) => Of("from_unixtime", column.Node);

    /// <summary>The instant so many seconds after 1970.</summary>
    public static Column TimestampSeconds(Column column) => Of("timestamp_seconds", column.Node);

    /// <summary>The instant so many milliseconds after 1970.</summary>
    public static Column TimestampMillis(Column column) => Of("timestamp_millis", column.Node);

    /// <summary>The instant so many microseconds after 1970.</summary>
    public static Column TimestampMicros(Column column) => Of("timestamp_micros", column.Node);

    /// <summary>Microseconds since 1970.</summary>
    public static Column UnixMicros(Column column) => Of("unix_micros", column.Node);

    /// <summary>Milliseconds since 1970.</summary>
    public static Column UnixMillis(Column column) => Of("unix_millis", column.Node);

    /// <summary>Seconds since 1970.</summary>
    public static Column UnixSeconds(Column column) => Of("unix_seconds", column.Node);

    /// <summary>The day of a year, month and day; NULL where there is none.</summary>
    public static Column MakeDate(Column year, Column month, Column day) => Of("make_date", year.Node, month.Node, day.Node);

    /// <summary>The day so many days after 1970-01-01.</summary>
    public static Column DateFromUnixDate(Column column) => Of("date_from_unix_date", column.Node);

    /// <summary>Days since 1970-01-01.</summary>
    public static Column UnixDate(Column column) => Of("unix_date", column.Node);

    /// <summary>The tumbling window in which an instant lies: a struct of <c>start</c> and <c>end</c>. Duration as <c>10 minutes</c>.</summary>
    public static Column Window(Column timeColumn, string windowDuration) => new(new Aliased(new Call("window", timeColumn.Node, Value(windowDuration)), ["window"]));
}
