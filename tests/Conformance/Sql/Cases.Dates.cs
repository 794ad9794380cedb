using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Days and instants, before 1970 too, and formats.</summary>
internal sealed partial class Cases
{
    private void AddDates()
    {
        (string Name, Func<Column, Column> Function)[] parts =
            [("year", Year), ("quarter", Quarter), ("month", Month), ("week", WeekOfYear), ("dom", DayOfMonth), ("dow", DayOfWeek), ("weekday", WeekDay), ("doy", DayOfYear), ("last_day", LastDay)];
        foreach (var (name, function) in parts)
        {
            Value(name, function(day));
            Value($"{name} at", function(at));
        }
        Value("hour", Hour(at));
        Value("minute", Minute(at));
        Value("second", Second(at));
        Value("year s", Year(Lit("2020-05-06")));
        Value("date_add", DateAdd(day, 30));
        Value("date_add c", DateAdd(day, j));
        Value("date_sub", DateSub(day, 1));
        Value("datediff", DateDiff(day, day2));
        Value("add_months", AddMonths(day, 1));
        Value("add_months-", AddMonths(day, -13));
        Value("months_between", MonthsBetween(at, at2));
        Value("months_between d", MonthsBetween(day, day2));
        foreach (var u in new[] { "year", "quarter", "month", "week" })
            Value($"trunc {u}", TruncDate(day, u));
        foreach (var u in new[] { "year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond" })
            Value($"date_trunc {u}", DateTrunc(u, at));
        Value("next_day", NextDay(day, "Mon"));
        Value("next_day fri", NextDay(day, "FRIDAY"));
        Value("unix_ts", UnixTimestamp(at));
        Value("unix_micros", UnixMicros(at));
        Value("unix_millis", UnixMillis(at));
        Value("from_unixtime", FromUnixTime(j * 86400));
        Value("ts_seconds", TimestampSeconds(i));
        Value("ts_millis", TimestampMillis(i));
        Value("ts_micros", TimestampMicros(i));
        Value("make_date", MakeDate(Lit(2020), j, Lit(30)));
        Value("unix_date", UnixDate(day));
        Value("date_from_unix", DateFromUnixDate(j));
        foreach (var fm in new[] { "yyyy-MM-dd HH:mm:ss", "dd/MM/yy", "M/d/yyyy h:mm a", "EEE, dd MMM yyyy", "EEEE MMMM d", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "DDD HH", "yyyyMMddHHmmss.SSSSSS", "H:m:s" })
            Value($"date_format {fm}", DateFormat(at, fm));
        Value("date_format day", DateFormat(day, "yyyy/MM/dd"));
        foreach (var fm in new[] { "MM/dd/yyyy HH:mm:ss", "M/d/yyyy H:mm:ss", "yyyy-MM-dd", "MM/dd/yy HH:mm:ss" })
        {
            Value($"to_ts {fm}", ToTimestamp(dt, fm));
            Value($"to_date {fm}", ToDate(dt, fm));
        }
        Value("to_date", ToDate(dt));
        Value("to_ts", ToTimestamp(dt));
        Value("to_ts iso", ToTimestamp(Lit("2020-01-02T03:04:05+02:00"), "yyyy-MM-dd'T'HH:mm:ssXXX"));
        Value("window", Window(at, "10 minutes"));
        Value("window day", Window(at, "1 day"));
        Value("unix_ts fmt", UnixTimestamp(dt, "MM/dd/yyyy HH:mm:ss"));
    }
}
