using System.Text;

namespace Pipeline.Jobs.Cli.Merging;

/// <summary>What a file is to the merge: its rows, or why it is left out.</summary>
/// <param name="Rows">Number of its rows below the header.</param>
/// <param name="BodyOffset">Byte at which its rows begin.</param>
/// <param name="Reason">Why it is left out, as an end of the sentence "it …"; null where it can be taken.</param>
internal sealed record CsvFileCheck(int Rows, int BodyOffset, string? Reason)
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>Judges a file by its bytes: whole, with exactly this header, each row with as many fields.</summary>
    public static CsvFileCheck Of(ReadOnlySpan<byte> content, IReadOnlyList<string> header)
    {
        if (content.IsEmpty) return LeftOut("is empty");
        var start = content.StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        if (start == content.Length) return LeftOut("is empty");
        if (content.Contains((byte)0)) return LeftOut("holds NUL bytes: it is half-written, or no CSV file");
        if (content[^1] != (byte)'\n') return LeftOut("does not end with a line break: it is half-written");

        var record = ReadRecord(content, start);
        if (record.End < 0) return LeftOut("ends inside quotes: it is half-written");
        var names = Fields(content[start..record.End]);
        if (!names.SequenceEqual(header, StringComparer.Ordinal)) return LeftOut(Otherwise(names, header));
        var body = record.End;
        var rows = 0;
        for (var at = body; at < content.Length; at = record.End)
        {
            record = ReadRecord(content, at);
            if (record.End < 0) return LeftOut("ends inside quotes: it is half-written");
            rows++;
            if (record.Fields != header.Count)
                return LeftOut(FormattableString.Invariant($"has {record.Fields} fields in its row {rows}, and its header has {header.Count}"));
        }
        return new CsvFileCheck(rows, body, null);
    }

    /// <summary>A header row as it stands in a file.</summary>
    public static string HeaderText(IReadOnlyList<string> header) => string.Join(',', header.Select(static name => name.AsSpan().ContainsAny(",\"\n\r") ? $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : name)) + "\n";

    /// <summary>A file that cannot be taken.</summary>
    /// <param name="reason">As an end of the sentence "it …".</param>
    public static CsvFileCheck LeftOut(string reason) => new(0, 0, reason);

    private static string Otherwise(List<string> names, IReadOnlyList<string> header) =>
        names.Count == header.Count && !names.Intersect(header, StringComparer.OrdinalIgnoreCase).Any()
            ? $"has no header: its first line is '{Short(string.Join(',', names))}'"
            : $"has another header: '{Short(string.Join(',', names))}' in place of '{string.Join(',', header)}'";

    private static string Short(string text) => text.Length <= 120 ? text : text[..120] + "…";

    /// <summary>Where the record that begins at a byte ends (after its line break; -1 where quotes are open), and its number of fields.</summary>
    private static (int End, int Fields) ReadRecord(ReadOnlySpan<byte> content, int start)
    {
        var isQuoted = false;
        var fields = 1;
        for (var at = start; at < content.Length; at++)
        {
            switch (content[at])
            {
                case (byte)'"': isQuoted = !isQuoted; break;
                case (byte)',' when !isQuoted: fields++; break;
                case (byte)'\n' when !isQuoted: return (at + 1, fields);
                default: break;
            }
        }
        return (-1, fields);
    }

    private static List<string> Fields(ReadOnlySpan<byte> record)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        foreach (var letter in Encoding.UTF8.GetString(record).TrimEnd('\n', '\r'))
        {
            if (letter == '"') isQuoted = !isQuoted;
            else if (letter == ',' && !isQuoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else field.Append(letter);
        }
        fields.Add(field.ToString());
        return fields;
    }
}
