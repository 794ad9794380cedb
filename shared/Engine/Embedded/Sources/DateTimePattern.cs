using System.Globalization;
using System.Text;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>A pattern of Java's DateTimeFormatter as .NET's, with optional parts as alternatives.</summary>
internal sealed class DateTimePattern
{
    private readonly string[] formats;

    private DateTimePattern(string[] formats) => this.formats = formats;

    /// <exception cref="EngineException">A letter has no counterpart.</exception>
    public static DateTimePattern Parse(string pattern) => new([.. Alternatives(pattern).Select(alternative => Translate(alternative, pattern))]);

    /// <summary>Reads a text; one without a zone is UTC.</summary>
    public bool TryRead(string text, out DateTimeOffset value) =>
        DateTimeOffset.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value);

    private static IEnumerable<string> Alternatives(string pattern)
    {
        var open = pattern.IndexOf('[', StringComparison.Ordinal);
        if (open < 0) return [pattern];
        var depth = 0;
        var close = open;
        for (; close < pattern.Length; close++)
        {
            if (pattern[close] == '[') depth++;
            if (pattern[close] == ']' && --depth == 0) break;
        }
        if (close == pattern.Length) throw new EngineException($"The pattern '{pattern}' has a '[' without its ']'.");
        return Alternatives(pattern[..open] + pattern[(open + 1)..close] + pattern[(close + 1)..]).Concat(Alternatives(pattern[..open] + pattern[(close + 1)..]));
    }

    private static string Translate(string pattern, string whole)
    {
        var format = new StringBuilder();
        for (var i = 0; i < pattern.Length;)
        {
            var letter = pattern[i];
            if (letter == '\'')
            {
                var end = pattern.IndexOf('\'', i + 1);
                if (end < 0) throw new EngineException($"The pattern '{whole}' has a quote without its end.");
                _ = end == i + 1 ? format.Append(@"\'") : format.Append('\'').Append(pattern, i + 1, end - i - 1).Append('\'');
                i = end + 1;
                continue;
            }
            var count = 1;
            while (i + count < pattern.Length && pattern[i + count] == letter) count++;
            i += count;
            _ = format.Append(letter switch
            {
                'y' or 'u' => count == 2 ? "yy" : "yyyy",
                'M' or 'L' => new string('M', Math.Min(count, 4)),
                'd' => count == 1 ? "d" : "dd",
                'H' => count == 1 ? "H" : "HH",
                'h' => count == 1 ? "h" : "hh",
                'm' => count == 1 ? "m" : "mm",
                's' => count == 1 ? "s" : "ss",
                'S' => new string('f', Math.Min(count, 7)),
                'a' => "tt",
                'E' => count >= 4 ? "dddd" : "ddd",
                'X' or 'x' or 'Z' => letter == 'X' ? "K" : "zzz",
                'V' or 'z' => "K",
                >= 'A' and <= 'Z' or >= 'a' and <= 'z' => throw new EngineException($"The pattern '{whole}' has the letter '{letter}', which the embedded engine does not read. It reads y M d H h m s S a E X x Z V.") { ErrorClass = "INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER", SqlState = "22007" },
                '/' or ':' => string.Concat(Enumerable.Repeat($@"\{letter}", count)),
                _ => string.Concat(Enumerable.Repeat(letter == '"' || letter == '\\' || letter == '%' ? $@"\{letter}" : letter.ToString(), count)),
            });
        }
        return format.Length == 1 ? "%" + format : format.ToString();
    }
}
