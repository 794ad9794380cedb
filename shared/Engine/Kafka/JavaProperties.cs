using System.Globalization;
using System.Text;

namespace Pipeline.Engine.Kafka;

/// <summary>One entry of a .properties file, with the line on which it starts.</summary>
internal readonly record struct JavaProperty(string Key, string Value, int Line);

/// <summary>Reads Java's .properties format: <c>=</c>, <c>:</c> or blanks between key and value, <c>#</c> and <c>!</c> comments, <c>\</c> at a line's end, <c>\uXXXX</c>.</summary>
/// <remarks>Source: java.util.Properties.load. The last of two entries with one key wins, as there.</remarks>
internal static class JavaProperties
{
    internal static List<JavaProperty> Parse(string text)
    {
        var entries = new List<JavaProperty>();
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            var line = lines[index].TrimStart(' ', '\t', '\f');
            if (line.Length == 0 || line[0] is '#' or '!')
                continue;
            var first = index + 1;
            var logical = new StringBuilder(line);
            while (EndsInContinuation(logical) && index + 1 < lines.Length)
            {
                logical.Length--;
                _ = logical.Append(lines[++index].TrimStart(' ', '\t', '\f'));
            }
            entries.Add(Split(logical.ToString(), first));
        }
        return entries;
    }

    private static bool EndsInContinuation(StringBuilder line)
    {
        var slashes = 0;
        while (slashes < line.Length && line[line.Length - 1 - slashes] == '\\')
            slashes++;
        return slashes % 2 == 1;
    }

    private static JavaProperty Split(string line, int number)
    {
        var end = 0;
        while (end < line.Length && line[end] is not ('=' or ':' or ' ' or '\t' or '\f'))
            end += line[end] == '\\' ? 2 : 1;
        end = Math.Min(end, line.Length);
        var start = end;
        while (start < line.Length && line[start] is ' ' or '\t' or '\f')
            start++;
        if (start < line.Length && line[start] is '=' or ':')
            start++;
        while (start < line.Length && line[start] is ' ' or '\t' or '\f')
            start++;
        return new JavaProperty(Unescape(line.AsSpan(0, end)), Unescape(line.AsSpan(start)), number);
    }

    private static string Unescape(ReadOnlySpan<char> text)
    {
        if (!text.Contains('\\'))
            return text.ToString();
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                _ = result.Append(text[i]);
                continue;
            }
            i++;
            if (text[i] == 'u' && i + 4 < text.Length && ushort.TryParse(text.Slice(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            {
                _ = result.Append((char)unit);
                i += 4;
                continue;
            }
            _ = result.Append(text[i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'f' => '\f', var other => other });
        }
        return result.ToString();
    }
}
