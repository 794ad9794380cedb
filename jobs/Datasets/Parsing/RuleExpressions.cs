using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Contracts;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Datasets.Parsing;

/// <summary>Parse rules as expressions over a column of text. Every rule answers null for text that it does not take, and never raises.</summary>
/// <remarks>
/// A pattern decides what is taken before a cast sees it, so that engines whose casts differ at the edges (<c>1_000</c>, <c>12d</c>, <c>inf</c>, 24:00) read alike. Patterns end in <c>\z</c>: Java's <c>$</c> also stands before a last line break.
/// Every rule ends with a check of the value: numbers are finite, instants lie in <see cref="ValueLimits.FirstInstant"/> to <see cref="ValueLimits.LastInstant"/>, texts hold no U+0000 and at most <see cref="ValueLimits.LongestText"/> characters.
/// </remarks>
internal static class RuleExpressions
{
    /// <summary>Characters that part thousands: space, U+00A0, U+2009 and U+202F.</summary>
    private const string Gaps = " \u00A0\u2009\u202F";

    /// <summary>Characters around a value that do not count.</summary>
    private const string Padding = "[\\t" + Gaps + "]*";

    private const string Sign = "[-+\u2212]?";

    /// <summary>Digits, or groups of three with a gap between; then a fraction after a point or comma; then an exponent.</summary>
    internal const string NumberPattern = "^" + Padding + Sign + "([0-9]+|[0-9]{1,3}([" + Gaps + "][0-9]{3})+)?([.,][0-9]+)?([eE]" + Sign + "[0-9]{1,3})?" + Padding + "\\z";

    internal const string WholeNumberPattern = "^" + Padding + Sign + "([0-9]{1,19}|[0-9]{1,3}([" + Gaps + "][0-9]{3}){1,6})([.,]0+)?" + Padding + "\\z";

    private const string Year = "([0-9]{3}[1-9]|[0-9]{2}[1-9][0-9]|[0-9][1-9][0-9]{2}|[1-9][0-9]{3})";

    private const string Minutes = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";

    private const string Time = Minutes + ":[0-5][0-9]";

    internal const string UsTimestampPattern = "^" + Padding + "[0-9]{2}/[0-9]{2}/" + Year + " " + Time + Padding + "\\z";

    internal const string IsoTimestampPattern = "^" + Padding + Year + "-[0-9]{2}-[0-9]{2}[ T]" + Time + Padding + "\\z";

    private const string Offset = "[Zz]|[+-](?:(?:0[0-9]|1[0-7])(?::?[0-5][0-9])?|18(?::?00)?)";

    /// <summary>Groups: 1 the day, 3 hours and minutes, 4 seconds, 5 six digits of their fraction, 6 the offset.</summary>
    internal const string InstantPattern = "^" + Padding + "(" + Year + "-[0-9]{2}-[0-9]{2})[Tt ](" + Minutes + ")(?::([0-5][0-9])(?:[.,]([0-9]{1,6})[0-9]{0,3})?)?(" + Offset + ")?" + Padding + "\\z";

    // Letters are named in both cases: where case is ignored, Java and RE2 do not take the same letters for one.
    internal const string AgePattern = "^" + Padding + "(1[0-4][0-9]|[0-9]{1,2})([.,]0+)?([" + Gaps + "]?([aA][nN][sS]?|[yY][eE][aA][rR][sS]?))?" + Padding + "\\z";

    internal const string TimeOfDayPattern = "^" + Padding + "([01]?[0-9]|2[0-3]):?[0-5][0-9]" + Padding + "\\z";

    /// <summary>The typed value of <paramref name="text"/> (not empty) under the rule; null where the text breaks it.</summary>
    internal static Column Parse(ParseRule rule, Column text) => rule switch
    {
        TextRule => When(CanBeKept(text), text),
        NumberRule => NumberOfText(text, Number(text)),
        WholeNumberRule => WholeNumberOfText(text, WholeNumber(text)),
        TimestampRule => InstantOfText(text, Timestamp(text)),
        TimeOfDayRule => When(text.RLike(TimeOfDayPattern), HoursAndMinutes(Unpadded(text))),
        AgeRule => When(text.RLike(AgePattern), RegexpExtract(text, "([0-9]+)", 1).TryCast("int")),
        PatternRule pattern => When(text.RLike($"^(?:{pattern.Pattern})\\z") & CanBeKept(text), pattern.IsCaseInsensitive ? Lower(text) : text),
        InstantRule => InRange(When(text.RLike(InstantPattern), Instant(text).TryCast("timestamp"))),
        _ => throw new NotSupportedException($"Parse rule '{rule.GetType().Name}' has no expression. Add one here beside the others."),
    };

    /// <summary>Whether a table may hold the text.</summary>
    private static Column CanBeKept(Column text) => !HasNul(text) & !IsTooLong(text);

    /// <summary>Whether U+0000 is in the text.</summary>
    internal static Column HasNul(Column text) => text.Contains("\0");

    /// <summary>Whether the text has more characters than a table may hold.</summary>
    internal static Column IsTooLong(Column text) => Length(text) > ValueLimits.LongestText;

    /// <summary>The number rule in plain functions.</summary>
    internal static Column Number(Column text)
    {
        var number = Plain(text).TryCast("double");
        return When(text.RLike(NumberPattern) & (Abs(number) <= Lit(double.MaxValue)), number);
    }

    /// <summary>The whole-number rule in plain functions.</summary>
    internal static Column WholeNumber(Column text) => When(text.RLike(WholeNumberPattern), RegexpReplace(Plain(text), "[.]0+\\z", "").TryCast("bigint"));

    /// <summary>The timestamp rule in plain functions.</summary>
    internal static Column Timestamp(Column text) => When(text.RLike(UsTimestampPattern), IsoOfUsDate(Unpadded(text)).TryCast("timestamp"))
        .When(text.RLike(IsoTimestampPattern), Functions.Replace(Unpadded(text), "T", " ").TryCast("timestamp"));

    /// <summary>No groups and padding, a decimal point, a minus of ASCII.</summary>
    private static Column Plain(Column text) => Translate(text, ",\u2212\t" + Gaps, ".-");

    private static Column Unpadded(Column text) => RegexpReplace(text, "^" + Padding + "|" + Padding + "\\z", "");

    private static Column IsoOfUsDate(Column text) =>
        Concat(Substring(text, 7, 4), Lit("-"), Substring(text, 1, 2), Lit("-"), Substring(text, 4, 2), Substring(text, 11, 9));

    /// <summary>An instant as every engine's cast takes it: seconds, at most six digits of their fraction, and an offset of hours and minutes.</summary>
    private static Column Instant(Column text)
    {
        Column Group(int number) => RegexpExtract(text, InstantPattern, number);
        var fraction = When(Group(5) != Lit(""), Concat(Lit("."), Group(5))).Otherwise("");
        var seconds = When(Group(4) != Lit(""), Concat(Lit(":"), Group(4), fraction)).Otherwise(":00");
        var digits = Rpad(Functions.Replace(Group(6), ":", ""), 5, "0");
        var offset = When(Group(6).IsIn("", "Z", "z"), Lit("+00:00")).Otherwise(Concat(Substring(digits, 1, 3), Lit(":"), Substring(digits, 4, 2)));
        return Concat(Group(1), Lit(" "), Group(3), seconds, offset);
    }

    private static Column InRange(Column instant) => When(instant.Between(Lit(ValueLimits.FirstInstant), Lit(ValueLimits.LastInstant)), instant);

    private static Column HoursAndMinutes(Column text)
    {
        var digits = Lpad(Functions.Replace(text, ":", ""), 4, "0");
        return Concat(Substring(digits, 1, 2), Lit(":"), Substring(digits, 3, 2));
    }
}
