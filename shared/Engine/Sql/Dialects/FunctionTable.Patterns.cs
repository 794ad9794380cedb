using System.Globalization;
using System.Text.RegularExpressions;

namespace Pipeline.Engine.Sql.Dialects;

internal static partial class FunctionTable
{
    private static IEnumerable<Function> Patterns() =>
    [
        new("like", "ss", Is(Boolean), "~{(0)} LIKE {1}", "~{(0)} LIKE {1} ESCAPE '\\'"),
        new("ilike", "ss", Is(Boolean), "~{(0)} ILIKE {1}", "~{(0)} ILIKE {1} ESCAPE '\\'"),
        new("rlike", "ss", Is(Boolean), "~{(0)} RLIKE {1}", Spelling.By(call => $"regexp_matches({call.Text(0)}, {Pattern(call, 1)})")),
        new("regexp_extract", "ssi", Is(String), "regexp_extract({*})", Spelling.By(call => $"CASE WHEN {call.Operand(0)} IS NOT NULL THEN regexp_extract({call.Text(0)}, {Pattern(call, 1)}, {call.Text(2)}) END")),
        new("regexp_extract_all", "ssi", Is(new Types.ArrayType(String)), "regexp_extract_all({*})", Spelling.By(call => $"regexp_extract_all({call.Text(0)}, {Pattern(call, 1)}, {call.Text(2)})")),
        new("regexp_replace", "sss", Is(String), "regexp_replace({*})", Spelling.By(call => $"regexp_replace({call.Text(0)}, {Pattern(call, 1)}, {call.Quote(Replacement(call.Constant<string>(2, "the replacement")))}, 'g')")),
        new("regexp_count", "ss", Is(Integer), "regexp_count({*})", Spelling.By(call => $"CAST(len(regexp_extract_all({call.Text(0)}, {Pattern(call, 1)})) AS INTEGER)")),
        new("split", "ssi", Is(new Types.ArrayType(String, false)), "split({*})", Spelling.By(Split)),
        // The second argument is the meaning in plain SQL: what Spark is given, and what the session's own function must equal.
        new("number_of_text", "sd", Is(Double), Spelling.By(call => call.Operand(1)), DuckDbDialect.NumberOfText + "({0})"),
        new("whole_number_of_text", "sl", Is(Long), Spelling.By(call => call.Operand(1)), DuckDbDialect.WholeNumberOfText + "({0})"),
        new("instant_of_text", "st", Is(Timestamp), Spelling.By(call => call.Operand(1)), DuckDbDialect.InstantOfText + "({0})"),
        new("split_part", "ssi", Is(String), "split_part({*})", "split_part({*})"),
    ];

    /// <summary>A Java pattern as RE2's, refused where RE2 has no such thing.</summary>
    private static string Pattern(CallText call, int index)
    {
        if (call.ConstantOrNull(index) is not string pattern) return call.Text(index);
        if (JavaOnly().Match(pattern) is { Success: true } match)
            throw new NotSupportedException($"DuckDB cannot say '{call.Name}' with the pattern '{pattern}': its engine (RE2) has no '{match.Value}' (look-around, back references, possessive and atomic groups are Java's).");
        return call.Quote(pattern);
    }

    /// <summary>Java's <c>$1</c> and <c>\$</c> as RE2's <c>\1</c> and <c>$</c>.</summary>
    private static string Replacement(string replacement) => JavaReplacement().Replace(replacement, match =>
        match.Groups["group"] is { Success: true } group ? $"\\{group.Value}"
        : match.Groups["escaped"] is { Success: true } escaped ? (escaped.Value == "\\" ? "\\\\" : escaped.Value)
        : "\\\\");

    private static string Split(CallText call)
    {
        var limit = call.Constant<int>(2, "the limit");
        if (limit > 0) throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture, $"DuckDB cannot say 'split' with the limit {limit}. Split without one and take parts by GetItem."));
        var pattern = call.Constant<string>(1, "the pattern");
        var isText = pattern.Length > 0 && !pattern.AsSpan().ContainsAny("\\^$.|?*+()[]{}");
        return isText ? $"string_split({call.Text(0)}, {call.Quote(pattern)})"
            : pattern.Length == 2 && pattern[0] == '\\' && !char.IsAsciiLetterOrDigit(pattern[1]) ? $"string_split({call.Text(0)}, {call.Quote(pattern[1..])})"
            : $"string_split_regex({call.Text(0)}, {Pattern(call, 1)})";
    }

    [GeneratedRegex(@"(?<!\\)\(\?(=|!|<=|<!|>)|(?<!\\)(?:\\\\)*\\[1-9]|(?<!\\)[*+?}]\+")]
    private static partial Regex JavaOnly();

    [GeneratedRegex(@"\$(?<group>[0-9])|\\(?<escaped>.)|\\")]
    private static partial Regex JavaReplacement();
}
