using System.Text;
using System.Text.RegularExpressions;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

/// <summary>Java's date patterns as strftime's, and as a regular expression that says which texts fit as strictly as Spark does.</summary>
/// <remarks>Source: Spark SQL Reference, "Datetime Patterns for Formatting and Parsing"; DuckDB, "Date Format Functions".</remarks>
internal static class DatePatterns
{
    /// <summary>A format for strftime of a value in UTC; optional parts are printed.</summary>
    public static string ForPrinting(string pattern) =>
        Translate(pattern, static part => part.Print, static text => text is "[" or "]" ? "" : text.Replace("%", "%%", StringComparison.Ordinal));

    /// <summary>NULL where the text does not fit, as Spark without ANSI mode.</summary>
    public static string Parse(CallText call, DataType target)
    {
        var pattern = call.Constant<string>(1, "the format");
        var format = Translate(pattern, static part => part.Parse);
        var fits = $"^{Translate(pattern, static part => part.Regex, Regex.Escape)}$";
        var parsed = $"try_strptime({call.Text(0)}, {call.Quote(format)})";
        var value = target is DateType ? $"CAST({parsed} AS DATE)" : format.Contains("%z", StringComparison.Ordinal) ? parsed : DuckDbCasts.Instant(parsed);
        return $"CASE WHEN regexp_matches({call.Text(0)}, {call.Quote(fits)}) THEN {value} END";
    }

    private static string Translate(string pattern, Func<Part, string?> spell, Func<string, string>? literal = null)
    {
        literal ??= static text => text.Replace("%", "%%", StringComparison.Ordinal);
        var format = new StringBuilder();
        for (var i = 0; i < pattern.Length;)
        {
            if (pattern[i] == '\'')
            {
                var end = pattern.IndexOf('\'', i + 1);
                if (end < 0) throw new NotSupportedException($"The date format '{pattern}' has a quote without its end.");
                format.Append(literal(end == i + 1 ? "'" : pattern[(i + 1)..end]));
                i = end + 1;
                continue;
            }
            if (!char.IsAsciiLetter(pattern[i]))
            {
                format.Append(literal(pattern[i].ToString()));
                i++;
                continue;
            }
            var length = 1;
            while (i + length < pattern.Length && pattern[i + length] == pattern[i]) length++;
            var letters = pattern.Substring(i, length);
            format.Append(spell(Of(letters)) ?? throw Unknown(letters, pattern));
            i += length;
        }
        return format.ToString();
    }

    private static Part Of(string letters) => letters switch
    {
        "yyyy" or "y" or "uuuu" or "u" => new("%Y", "%Y", "[0-9]{4}"),
        "yy" => new("%y", null, null),
        "MM" => new("%m", "%m", "[0-9]{2}"),
        "M" => new("%-m", "%m", "[0-9]{1,2}"),
        "MMM" => new("%b", "%b", "[A-Z][a-z]{2}"),
        "MMMM" => new("%B", "%B", "[A-Z][a-z]+"),
        "dd" => new("%d", "%d", "[0-9]{2}"),
        "d" => new("%-d", "%d", "[0-9]{1,2}"),
        "DDD" => new("%j", "%j", "[0-9]{3}"),
        "HH" => new("%H", "%H", "[0-9]{2}"),
        "H" => new("%-H", "%H", "[0-9]{1,2}"),
        "hh" => new("%I", "%I", "[0-9]{2}"),
        "h" => new("%-I", "%I", "[0-9]{1,2}"),
        "mm" => new("%M", "%M", "[0-9]{2}"),
        "m" => new("%-M", "%M", "[0-9]{1,2}"),
        "ss" => new("%S", "%S", "[0-9]{2}"),
        "s" => new("%-S", "%S", "[0-9]{1,2}"),
        "SSS" => new("%g", "%g", "[0-9]{3}"),
        "SSSSSS" => new("%f", "%f", "[0-9]{6}"),
        "a" => new("%p", "%p", "(?:AM|PM|am|pm)"),
        "E" or "EE" or "EEE" => new("%a", null, null),
        "EEEE" => new("%A", null, null),
        "X" or "XX" => new("Z", null, null),
        "x" => new("+00", null, null),
        "xx" or "Z" or "ZZ" or "ZZZ" => new("+0000", null, null),
        "z" or "zz" or "zzz" => new("UTC", null, null),
        "XXX" => new("Z", "%z", "(?:Z|[+-][0-9]{2}:[0-9]{2})"),
        "xxx" => new("+00:00", "%z", "(?:Z|[+-][0-9]{2}:[0-9]{2})"),
        _ => new(null, null, null),
    };

    private static NotSupportedException Unknown(string letters, string pattern) => new(
        $"DuckDB cannot say the date format '{pattern}': '{letters}' has no counterpart. Known are yyyy, M to MMMM, d, dd, DDD, H, HH, h, hh, m, mm, s, ss, SSS, SSSSSS, a, XXX, for printing also yy, E to EEEE, X, x, Z and z, and text in quotes.");

    private sealed record Part(string? Print, string? Parse, string? Regex);
}
