using System.Globalization;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Tests.Support.Datasets;

/// <summary>A text under a rule: the value that it is read as, or the name of the rule that it breaks.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Text">The text.</param>
/// <param name="Expected">The value, or the broken rule after an exclamation mark.</param>
public sealed record ParseRuleText(ParseRule Rule, string Text, object Expected);

/// <summary>Texts at the edges of every rule, and texts that every rule is given.</summary>
public static class ParseRuleTexts
{
    /// <summary>One of each rule.</summary>
    public static IReadOnlyList<ParseRule> Rules { get; } =
    [
        new TextRule(), new NumberRule(), new WholeNumberRule(), new TimestampRule(), new TimeOfDayRule(), new AgeRule(), new InstantRule(),
        new PatternRule("[0-9a-fA-F]{4}", "not_an_id", "an id") { IsCaseInsensitive = true }, new PatternRule("[^0-9]*\\p{L}[^0-9]*", "not_a_name", "a name"),
    ];

    /// <summary>Texts whose reading is known.</summary>
    public static IReadOnlyList<ParseRuleText> Expected { get; } =
    [
        .. Of<NumberRule>(
            ("0", 0.0), ("-0.5", -0.5), ("1 002", 1002.0), ("1\u00A0002,5", 1002.5), ("1\u202F234,5", 1234.5), ("1\u2009234\u2009567", 1234567.0), ("\u221212,5", -12.5), ("-12", -12.0), ("+7", 7.0), (" 12,5 ", 12.5), ("\u00A012\u202F", 12.0), ("\t3", 3.0),
            ("1e3", 1000.0), ("1E\u22123", 0.001), ("1.7976931348623157e308", double.MaxValue), ("-1.7976931348623157e308", double.MinValue), ("4.9e-324", double.Epsilon), ("1e-400", 0.0), ("9007199254740993", 9007199254740992.0),
            ("1e400", "!not_a_number"), ("-1e400", "!not_a_number"), ("1.8e308", "!not_a_number"), (new string('9', 400), "!not_a_number"), ("NaN", "!not_a_number"), ("Infinity", "!not_a_number"), ("inf", "!not_a_number"), ("1_000", "!not_a_number"),
            ("12\n", "!not_a_number"), ("\n12", "!not_a_number"), ("1 00", "!not_a_number"), ("1,234,567", "!not_a_number"), ("12 %", "!not_a_number"), ("--1", "!not_a_number"), ("\u2212", "!not_a_number"), ("12d", "!not_a_number"), ("0x10", "!not_a_number"),
            ("\u0661\u0662", "!not_a_number"), ("1\u00002", "!contains_nul"), (" ", "!not_a_number"), ("\u200912\u2009", 12.0), ("1\u2009", 1.0), ("\u2212\u00A01", "!not_a_number")),
        .. Of<WholeNumberRule>(
            ("9223372036854775807", long.MaxValue), ("-9223372036854775808", long.MinValue), ("\u22129223372036854775808", long.MinValue), ("9 223 372 036 854 775 807", long.MaxValue), ("6\u202F199\u2009754", 6199754L), ("2558.0", 2558L), ("2558,00", 2558L), (" 7 ", 7L), ("0000000000000000001", 1L), ("-0", 0L),
            ("9223372036854775808", "!not_a_whole_number"), ("-9223372036854775809", "!not_a_whole_number"), ("9999999999999999999", "!not_a_whole_number"), ("10000000000000000000", "!not_a_whole_number"), ("18446744073709551617", "!not_a_whole_number"),
            ("1.5", "!not_a_whole_number"), ("1e3", "!not_a_whole_number"), ("7\n", "!not_a_whole_number"), ("1 00", "!not_a_whole_number")),
        .. Of<TimestampRule>(
            ("11/06/2020 00:00:00", At(2020, 11, 6)), ("2020-11-06T01:02:03", At(2020, 11, 6, 1, 2, 3)), (" 2020-11-06 01:02:03\u00A0", At(2020, 11, 6, 1, 2, 3)), ("01/01/0001 00:00:00", At(1, 1, 1)), ("12/31/9999 23:59:59", At(9999, 12, 31, 23, 59, 59)), ("02/29/2000 00:00:00", At(2000, 2, 29)),
            ("01/01/0000 00:00:00", "!not_a_timestamp"), ("0000-12-31 00:00:00", "!not_a_timestamp"), ("02/29/1900 00:00:00", "!not_a_timestamp"), ("11/06/2020 24:00:00", "!not_a_timestamp"), ("11/06/2020 00:00:00\n", "!not_a_timestamp"), ("11/06/20 00:00:00", "!not_a_timestamp"), ("10000-01-01 00:00:00", "!not_a_timestamp")),
        .. Of<InstantRule>(
            ("2023-01-05T11:13:53.643364Z", At(2023, 1, 5, 11, 13, 53).AddMicroseconds(643364)), ("2023-01-05T12:13:53+01:00", At(2023, 1, 5, 11, 13, 53)), ("2023-01-05T11:13:53.6433649Z", At(2023, 1, 5, 11, 13, 53).AddMicroseconds(643364)), ("2023-01-05T11:13:53.123456789Z", At(2023, 1, 5, 11, 13, 53).AddMicroseconds(123456)),
            ("2023-01-05T11:13Z", At(2023, 1, 5, 11, 13)), ("2023-01-05T11:13+0100", At(2023, 1, 5, 10, 13)), ("2023-01-05 11:13:53+00", At(2023, 1, 5, 11, 13, 53)), ("2023-01-05t11:13:53z", At(2023, 1, 5, 11, 13, 53)), ("2023-01-05T11:13:53", At(2023, 1, 5, 11, 13, 53)), ("2023-01-05T11:13:53,5Z", At(2023, 1, 5, 11, 13, 53).AddMicroseconds(500000)),
            ("2023-01-05T11:13:53-09:30", At(2023, 1, 5, 20, 43, 53)), ("2023-01-05T11:13:53+14:00", At(2023, 1, 4, 21, 13, 53)), ("2023-01-05T11:13:53-18:00", At(2023, 1, 6, 5, 13, 53)), ("0001-01-01T00:00:00Z", At(1, 1, 1)), ("9999-12-31T23:59:59.999999Z", At(9999, 12, 31, 23, 59, 59).AddMicroseconds(999999)), ("1582-10-10T00:00:00Z", At(1582, 10, 10)),
            ("0000-01-01T00:00:00Z", "!not_an_instant"), ("0001-01-01T00:00:00+02:00", "!not_an_instant"), ("9999-12-31T23:59:59-05:00", "!not_an_instant"), ("2023-02-30T00:00:00Z", "!not_an_instant"), ("2023-01-05T24:00:00Z", "!not_an_instant"), ("2023-01-05T11:13:60Z", "!not_an_instant"),
            ("2023-01-05T11:13:53+18:30", "!not_an_instant"), ("2023-01-05T11:13:53Z\n", "!not_an_instant"), ("2023-01-05", "!not_an_instant"), ("2023-01-05T11:13:53 CET", "!not_an_instant"), ("1672917233", "!not_an_instant")),
        .. Of<TimeOfDayRule>(("930", "09:30"), ("0930", "09:30"), ("9:30", "09:30"), ("23:59", "23:59"), (" 11:30 ", "11:30"), ("24:00", "!not_a_time_of_day"), ("2400", "!not_a_time_of_day"), ("12:60", "!not_a_time_of_day"), ("11:30\n", "!not_a_time_of_day"), ("11:30:15", "!not_a_time_of_day")),
        .. Of<AgeRule>(
            ("22", 22), ("22.0", 22), ("22 ans", 22), ("22\u00A0ans", 22), ("22\u202Fans", 22), ("22ans", 22), ("22 ANS", 22), ("1 an", 1), ("1 year", 1), (" 22 ", 22), ("0", 0), ("149", 149),
            ("150", "!not_an_age"), ("-1", "!not_an_age"), ("22.5", "!not_an_age"), ("22\n", "!not_an_age"), ("22 an\u017F", "!not_an_age"), ("vingt", "!not_an_age"), ("1e1", "!not_an_age")),
        .. Of<TextRule>(("a", "a"), (" a ", " a "), ("\u0001", "\u0001"), ("\U0001F600", "\U0001F600"), (new string('é', ValueLimits.LongestText), new string('é', ValueLimits.LongestText)), (new string('é', ValueLimits.LongestText + 1), "!too_long"), ("J\u000016", "!contains_nul"), ("\0", "!contains_nul")),
        .. Of<PatternRule>(("00aF", "00af"), ("00af\n", "!not_an_id"), ("00a", "!not_an_id"), ("00\0f", "!contains_nul")),
    ];

    /// <summary>Texts that every rule is given: none of them may raise, and what a rule makes of one must be a value that every table can hold.</summary>
    public static IReadOnlyList<string> Extremes { get; } = [.. Expected.Select(static text => text.Text).Concat(Made()).Distinct()];

    private static IEnumerable<string> Made()
    {
        string[] parts = ["0", "1", "-1", "12", "999", "e", "E5", ".", ",", " ", "\u00A0", "\u2009", "\u202F", "\u2212", "+", ":", "T", "Z", "/", "2020-01-01", "0000-00-00", "9999-12-31", "23:59:59", "24:00", "+18:00", "ans", "\n", "\r", "\0", "\u0085", "\u2028", "é", "\u017F", "\u212A", "_", "%", "'", "\"", "\\", "null", "NaN"];
        var random = new Random(23);
        foreach (var part in parts) yield return part;
        for (var i = 0; i < 1500; i++) yield return string.Concat(Enumerable.Range(0, random.Next(2, 6)).Select(_ => parts[random.Next(parts.Length)]));
        for (var digits = 1; digits < 40; digits++) yield return string.Create(CultureInfo.InvariantCulture, $"{new string('9', digits)}");
    }

    private static IEnumerable<ParseRuleText> Of<TRule>(params (string Text, object Expected)[] texts) where TRule : ParseRule =>
        texts.Select(static text => new ParseRuleText(Rules.OfType<TRule>().First(), text.Text, text.Expected));

    private static DateTime At(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) => new(year, month, day, hour, minute, second, DateTimeKind.Utc);
}
