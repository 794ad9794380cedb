using NUnit.Framework;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>Days and instants.</summary>
public sealed class DatesTextTests
{
    private static IEnumerable<Said> All()
    {
        yield return new(CurrentTimestamp(),
            "current_timestamp()",
            "now()");
        yield return new(Year("day"),
            "year(`day`)",
            """CAST(year("day") AS INTEGER)""");
        yield return new(Year("at"),
            "year(CAST(`at` AS DATE))",
            """CAST(year(CAST(make_timestamp(epoch_us("at")) AS DATE)) AS INTEGER)""");
        yield return new(Year("s"),
            "year(CAST(`s` AS DATE))",
            """CAST(year(TRY_CAST(trim("s") AS DATE)) AS INTEGER)""");
        yield return new(DayOfWeek("day"),
            "dayofweek(`day`)",
            """CAST(dayofweek("day") + 1 AS INTEGER)""");
        yield return new(Hour("at"),
            "hour(`at`)",
            """CAST(hour(make_timestamp(epoch_us("at"))) AS INTEGER)""");
        yield return new(DateAdd("day", 30),
            "date_add(`day`, 30)",
            "\"day\" + 30");
        yield return new(DateSub("day", "i"),
            "date_sub(`day`, `i`)",
            "\"day\" - \"i\"");
        yield return new(DateDiff("day", "at"),
            "datediff(`day`, CAST(`at` AS DATE))",
            """CAST("day" - CAST(make_timestamp(epoch_us("at")) AS DATE) AS INTEGER)""");
        yield return new(AddMonths("day", 1),
            "add_months(`day`, 1)",
            """CAST("day" + to_months(1) AS DATE)""");
        yield return new(TruncDate("day", "month"),
            "trunc(`day`, 'month')",
            """CAST(date_trunc('month', "day") AS DATE)""");
        yield return new(DateTrunc("hour", "at"),
            "date_trunc('hour', `at`)",
            """make_timestamptz(epoch_us(date_trunc('hour', make_timestamp(epoch_us("at")))))""");
        yield return new(LastDay("day"), """last_day("day")""");
        yield return new(NextDay("day", "Mon"),
            "next_day(`day`, 'Mon')",
            """CAST("day" + 1 + CAST((14 - isodow("day")) % 7 AS INTEGER) AS DATE)""");
        yield return new(UnixTimestamp("at"),
            "unix_timestamp(`at`)",
            """CAST(trunc(epoch("at")) AS BIGINT)""");
        yield return new(FromUnixTime("l"),
            "from_unixtime(`l`)",
            """strftime(make_timestamp(CAST("l" AS BIGINT) * 1000000), '%Y-%m-%d %H:%M:%S')""");
        yield return new(MakeDate("i", Lit(2), Lit(30)),
            "make_date(`i`, 2, 30)",
            """TRY(make_date("i", 2, 30))""");
        yield return new(DateFormat("at", "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'"),
            """date_format(`at`, 'yyyy-MM-dd\'T\'HH:mm:ss.SSS\'Z\'')""",
            """strftime(make_timestamp(epoch_us("at")), '%Y-%m-%dT%H:%M:%S.%gZ')""");
        yield return new(DateFormat("day", "d MMM yy"),
            "date_format(`day`, 'd MMM yy')",
            """strftime("day", '%-d %b %y')""");
        yield return new(ToDate("s"),
            "to_date(`s`)",
            """TRY_CAST(trim("s") AS DATE)""");
        yield return new(ToDate("s", "dd/MM/yyyy"),
            "to_date(`s`, 'dd/MM/yyyy')",
            """CASE WHEN regexp_matches("s", '^[0-9]{2}/[0-9]{2}/[0-9]{4}$') THEN CAST(try_strptime("s", '%d/%m/%Y') AS DATE) END""");
        yield return new(ToTimestamp("s", "MM/dd/yyyy HH:mm:ss"),
            "to_timestamp(`s`, 'MM/dd/yyyy HH:mm:ss')",
            """CASE WHEN regexp_matches("s", '^[0-9]{2}/[0-9]{2}/[0-9]{4}\ [0-9]{2}:[0-9]{2}:[0-9]{2}$') THEN make_timestamptz(epoch_us(try_strptime("s", '%m/%d/%Y %H:%M:%S'))) END""");
        yield return new(ToTimestamp("s", "yyyy-MM-dd'T'HH:mm:ssXXX"),
            """to_timestamp(`s`, 'yyyy-MM-dd\'T\'HH:mm:ssXXX')""",
            """CASE WHEN regexp_matches("s", '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})$') THEN try_strptime("s", '%Y-%m-%dT%H:%M:%S%z') END""");
    }

    [TestCaseSource(nameof(All))]
    public void An_expression_is_spelled_in_both_dialects(object said) => ((Said)said).Check();
}
