using Pipeline.Schemas;
using Pipeline.Sql;
using static Pipeline.Sql.Functions;

namespace Pipeline.Jobs.Datasets.Parsing;

/// <summary>Parse rules as expressions over a column of text. Every rule answers null for text that it does not take, and never raises.</summary>
/// <remarks>A pattern decides what is taken before a cast sees it, so that engines whose casts differ at the edges (<c>1_000</c>, <c>12d</c>, <c>inf</c>, 24:00) read alike.</remarks>
internal static class RuleExpressions
{
    /// <summary>Digits, or groups of three parted by a space or U+00A0; then a fraction after a point or comma; then an exponent.</summary>
    internal const string NumberPattern = "^[+-]?([0-9]+|[0-9]{1,3}([ \u00A0][0-9]{3})+)?([.,][0-9]+)?([eE][+-]?[0-9]{1,3})?$";

    internal const string WholeNumberPattern = "^[+-]?([0-9]{1,18}|[0-9]{1,3}([ \u00A0][0-9]{3}){1,5})([.,]0+)?$";

    private const string TimePattern = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$";

    internal const string UsTimestampPattern = "^[0-9]{2}/[0-9]{2}/[0-9]{4} " + TimePattern;

    internal const string IsoTimestampPattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]" + TimePattern;

    internal const string InstantPattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?$";

    internal const string AgePattern = "(?i)^(1[0-4][0-9]|[0-9]{1,2})([.,]0+)?( ?(ans|an|years|year))?$";

    internal const string TimeOfDayPattern = "^([01]?[0-9]|2[0-3]):?[0-5][0-9]$";

    /// <summary>The typed value of <paramref name="text"/> (not empty) under the rule; null where the text breaks it.</summary>
    internal static Column Parse(ParseRule rule, Column text) => rule switch
    {
        TextRule => text,
        NumberRule => NumberOfText(text, Number(text)),
        WholeNumberRule => WholeNumberOfText(text, WholeNumber(text)),
        TimestampRule => InstantOfText(text, Instant(text)),
        TimeOfDayRule => When(text.RLike(TimeOfDayPattern), HoursAndMinutes(text)),
        AgeRule => When(text.RLike(AgePattern), RegexpExtract(text, "^([0-9]+)", 1).TryCast("int")),
        PatternRule pattern => When(text.RLike($"^(?:{pattern.Pattern})$"), text),
        InstantRule => When(text.RLike(InstantPattern), text.TryCast("timestamp")),
        _ => throw new NotSupportedException($"Parse rule '{rule.GetType().Name}' has no expression. Add one here beside the others."),
    };

    /// <summary>The number rule in plain functions.</summary>
    internal static Column Number(Column text) => When(text.RLike(NumberPattern), Plain(text).TryCast("double"));

    /// <summary>The whole-number rule in plain functions.</summary>
    internal static Column WholeNumber(Column text) => When(text.RLike(WholeNumberPattern), RegexpReplace(Plain(text), "[.]0+$", "").TryCast("bigint"));

    /// <summary>The timestamp rule in plain functions.</summary>
    internal static Column Instant(Column text) => When(text.RLike(UsTimestampPattern), IsoOfUsDate(text).TryCast("timestamp"))
        .When(text.RLike(IsoTimestampPattern), Functions.Replace(text, "T", " ").TryCast("timestamp"));

    /// <summary>No groups, and a decimal point.</summary>
    private static Column Plain(Column text) => Translate(text, ", \u00A0", ".");

    private static Column IsoOfUsDate(Column text) =>
        Concat(Substring(text, 7, 4), Lit("-"), Substring(text, 1, 2), Lit("-"), Substring(text, 4, 2), Substring(text, 11, 9));

    private static Column HoursAndMinutes(Column text)
    {
        var digits = Lpad(Functions.Replace(text, ":", ""), 4, "0");
        return Concat(Substring(digits, 1, 2), Lit(":"), Substring(digits, 3, 2));
    }
}
