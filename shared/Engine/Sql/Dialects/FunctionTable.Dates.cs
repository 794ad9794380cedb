using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

internal static partial class FunctionTable
{
    private static IEnumerable<Function> Dates() =>
    [
        new("current_date", "", Is(Date), "current_date()", "CAST(now() AT TIME ZONE 'UTC' AS DATE)") { NeverNull = true },
        new("to_date", ".", Is(Date), "to_date({0})", Spelling.By(call => call.Render(Typing.Convert(call.Argument(0), Date)))),
        new("to_date_format", "ss", Is(Date), "to_date({*})", Spelling.By(call => DatePatterns.Parse(call, Date))),
        Part("year"), Part("quarter"), Part("month"), Part("day"), Part("weekofyear"),
        new("dayofweek", "D", Is(Integer), "dayofweek({0})", "CAST(dayofweek({0}) + 1 AS INTEGER)"),
        new("weekday", "D", Is(Integer), "weekday({0})", "CAST(isodow({0}) - 1 AS INTEGER)"),
        Part("dayofyear"),
        new("date_add", "Di", Is(Date), "date_add({*})", "~{(0)} + {(1)}"),
        new("date_sub", "Di", Is(Date), "date_sub({*})", "~{(0)} - {(1)}"),
        new("datediff", "DD", Is(Integer), "datediff({*})", "CAST({(0)} - {(1)} AS INTEGER)"),
        new("add_months", "Di", Is(Date), "add_months({*})", "CAST({(0)} + to_months({1}) AS DATE)"),
        new("months_between", "tt", Is(Double), "months_between({*})", Spelling.By(MonthsBetween)),
        new("trunc", "Ds", Is(Date), "trunc({*})", Spelling.By(call => TruncatedDay(call))),
        new("last_day", "D", Is(Date), "last_day({0})", "last_day({0})"),
        new("next_day", "Ds", Is(Date), "next_day({*})", Spelling.By(NextDay)),
        new("make_date", "iii", Is(Date), "make_date({*})", "TRY(make_date({*}))"),
        new("date_from_unix_date", "i", Is(Date), "date_from_unix_date({0})", "(DATE '1970-01-01' + {(0)})"),
        new("unix_date", "D", Is(Integer), "unix_date({0})", "CAST({(0)} - DATE '1970-01-01' AS INTEGER)"),
        new("date_format", "Ts", Is(String), "date_format({*})", Spelling.By(call => $"strftime({Local(call, 0)}, {call.Quote(DatePatterns.ForPrinting(call.Constant<string>(1, "the format")))})")),
    ];

    private static IEnumerable<Function> Instants() =>
    [
        new("current_timestamp", "", Is(Timestamp), "current_timestamp()", "now()") { NeverNull = true },
        new("to_timestamp", ".", Is(Timestamp), "to_timestamp({0})", Spelling.By(call => call.Render(Typing.Convert(call.Argument(0), Timestamp)))),
        new("to_timestamp_format", "ss", Is(Timestamp), "to_timestamp({*})", Spelling.By(call => DatePatterns.Parse(call, Timestamp))),
        TimePart("hour"), TimePart("minute"), TimePart("second"),
        new("date_trunc", "st", TruncatedType, "date_trunc({*})", Spelling.By(TruncatedInstant)),
        new("unix_timestamp", "", Is(Long), "unix_timestamp()", "CAST(floor(epoch(now())) AS BIGINT)") { NeverNull = true },
        new("unix_timestamp_of", "t", Is(Long), "unix_timestamp({0})", "CAST(trunc(epoch({0})) AS BIGINT)"),
        new("unix_seconds", "t", Is(Long), "unix_seconds({0})", "CAST(floor(epoch({0})) AS BIGINT)"),
        new("from_unixtime", "l", Is(String), "from_unixtime({0})", "strftime(make_timestamp(CAST({(0)} AS BIGINT) * 1000000), '%Y-%m-%d %H:%M:%S')"),
        new("timestamp_seconds", ".", Is(Timestamp), "timestamp_seconds({0})", "to_timestamp({0})"),
        new("timestamp_millis", "l", Is(Timestamp), "timestamp_millis({0})", "make_timestamptz(CAST({(0)} AS BIGINT) * 1000)"),
        new("timestamp_micros", "l", Is(Timestamp), "timestamp_micros({0})", "make_timestamptz(CAST({0} AS BIGINT))"),
        new("unix_micros", "t", Is(Long), "unix_micros({0})", "epoch_us({0})"),
        new("unix_millis", "t", Is(Long), "unix_millis({0})", "CAST(floor(epoch_us({0}) / 1000) AS BIGINT)"),
        new("window", "ts", WindowType, "window({*})", Spelling.By(TumblingWindow)),
    ];

    private static Function Part(string name) => new(name, "D", Is(Integer), $"{name}({{0}})", $"CAST({name}({{0}}) AS INTEGER)");

    private static Function TimePart(string name) => new(name, "t", Is(Integer), $"{name}({{0}})", Spelling.By(call => $"CAST({name}({Local(call, 0)}) AS INTEGER)"));

    /// <summary>An instant as the wall clock of UTC, which needs no zone's rules and cannot fail.</summary>
    private static string Local(CallText call, int index) => call.Type(index) is TimestampType ? DuckDbCasts.Clock(call.Text(index)) : call.Text(index);

    private static DataType? TruncatedType(Call call) => call.Arguments[1].Type is TimestampNTZType ? call.Arguments[1].Type : Timestamp;

    private static string Unit(CallText call, int index)
    {
        var unit = call.Constant<string>(index, "the unit").ToLowerInvariant();
        return unit switch
        {
            "year" or "yyyy" or "yy" => "year",
            "quarter" => "quarter",
            "month" or "mon" or "mm" => "month",
            "week" => "week",
            "day" or "dd" => "day",
            "hour" or "minute" or "second" or "millisecond" or "microsecond" => unit,
            _ => throw new NotSupportedException($"'{call.Name}' does not know the unit '{unit}'. Known are year, quarter, month, week, day, hour, minute, second, millisecond and microsecond."),
        };
    }

    private static string TruncatedDay(CallText call) => Unit(call, 1) is "year" or "quarter" or "month" or "week"
        ? $"CAST(date_trunc('{Unit(call, 1)}', {call.Text(0)}) AS DATE)"
        : throw new NotSupportedException($"'trunc' of a date knows year, quarter, month and week, not {call.Text(1)}.");

    private static string TruncatedInstant(CallText call)
    {
        var truncated = $"date_trunc('{Unit(call, 0)}', {Local(call, 1)})";
        return call.Type(1) is TimestampNTZType ? truncated : DuckDbCasts.Instant(truncated);
    }

    private static string MonthsBetween(CallText call)
    {
        var (a, b) = (Local(call, 0), Local(call, 1));
        var months = $"((year({a}) - year({b})) * 12 + month({a}) - month({b}))";
        string Seconds(string at) => $"(day({at}) * 86400e0 + floor(epoch({at} - date_trunc('day', {at}))))";
        return $"CASE WHEN day({a}) = day({b}) OR (CAST({a} AS DATE) = last_day({a}) AND CAST({b} AS DATE) = last_day({b})) THEN CAST({months} AS DOUBLE) ELSE round({months} + ({Seconds(a)} - {Seconds(b)}) / 2678400e0, 8) END";
    }

    private static string NextDay(CallText call)
    {
        var day = call.Constant<string>(1, "the day of the week").ToUpperInvariant();
        string[] days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        var number = day.Length < 2 ? -1 : Array.IndexOf(days, day[..2]);
        if (number < 0) throw new NotSupportedException($"'next_day' does not know the day {call.Text(1)}. Write MON, TUE, WED, THU, FRI, SAT or SUN.");
        return FormattableString.Invariant($"CAST({call.Operand(0)} + 1 + CAST(({number + 14} - isodow({call.Text(0)})) % 7 AS INTEGER) AS DATE)");
    }

    private static DataType? WindowType(Call call) => call.Arguments[0].Type is { } type ? new StructType(new StructField("start", type), new StructField("end", type)) : null;

    private static string TumblingWindow(CallText call)
    {
        var duration = $"INTERVAL {call.Quote(call.Constant<string>(1, "the duration"))}";
        var bucket = $"time_bucket({duration}, {Local(call, 0)}, TIMESTAMP '1970-01-01 00:00:00')";
        var (start, end) = call.Type(0) is TimestampNTZType ? (bucket, $"{bucket} + {duration}") : (DuckDbCasts.Instant(bucket), DuckDbCasts.Instant($"{bucket} + {duration}"));
        return $"CASE WHEN {call.Operand(0)} IS NOT NULL THEN struct_pack(\"start\" := {start}, \"end\" := {end}) END";
    }
}
