using System.Text;

namespace Pipeline.Runtime;

/// <summary>Java's properties files, as Kafka's tools read them.</summary>
/// <remarks>Source: java.util.Properties, "load(Reader)": comments with # or !, separators =, : or blank, a backslash escapes and joins lines.</remarks>
internal static class PropertiesFile
{
    public static Dictionary<string, string> Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new UsageException($"Cannot read the Kafka properties '{path}': {(error is UnauthorizedAccessException ? "access is denied" : "there is no such file")}. Give a readable file with --kafka-config.", error);
        }
        return Parse(lines);
    }

    internal static Dictionary<string, string> Parse(IEnumerable<string> lines)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        var pending = new StringBuilder();
        foreach (var line in lines)
        {
            var text = line.TrimStart();
            if (pending.Length == 0 && (text.Length == 0 || text[0] is '#' or '!')) continue;
            pending.Append(text);
            if (EndsInOpenBackslash(text))
            {
                pending.Length--;
                continue;
            }
            Add(properties, pending.ToString());
            pending.Clear();
        }
        if (pending.Length > 0) Add(properties, pending.ToString());
        return properties;
    }

    private static bool EndsInOpenBackslash(string text) => text.Reverse().TakeWhile(static letter => letter == '\\').Count() % 2 == 1;

    private static void Add(Dictionary<string, string> properties, string line)
    {
        var end = 0;
        while (end < line.Length && !(line[end] is '=' or ':' or ' ' or '\t')) end += line[end] == '\\' ? 2 : 1;
        end = Math.Min(end, line.Length);
        var value = line[end..].TrimStart();
        if (value.Length > 0 && value[0] is '=' or ':') value = value[1..].TrimStart();
        properties[Unescape(line[..end])] = Unescape(value);
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\')) return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                plain.Append(text[i]);
                continue;
            }
            i++;
            if (text[i] == 'u' && i + 4 < text.Length && ushort.TryParse(text.AsSpan(i + 1, 4), System.Globalization.NumberStyles.HexNumber, null, out var code))
            {
                plain.Append((char)code);
                i += 4;
                continue;
            }
            plain.Append(text[i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'f' => '\f', var other => other });
        }
        return plain.ToString();
    }
}
