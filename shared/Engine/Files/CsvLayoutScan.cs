using System.Text;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Files;

/// <summary>The work of <see cref="CsvLayout"/>: takes a file's bytes as they come.</summary>
internal sealed class CsvLayoutScan(string path, char usualDelimiter, Encoding? encoding)
{
    private const int LongestHeader = 64 * 1024;
    private const string SeparatorLine = "sep=";

    private static readonly char[] Delimiters = [';', ',', '\t'];

    private readonly TextScan text = new();
    private readonly MemoryStream head = new();
    private Head? found;
    private bool isQuoted;
    private int delimiters;
    private byte last;
    private bool hasSurplus;
    private bool hasQuotedLineBreaks;

    /// <summary>Takes the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        text.Append(bytes);
        if (found is null)
        {
            head.Write(bytes);
            if (head.Length < LongestHeader) return;
            ReadHead();
            bytes = head.GetBuffer().AsSpan(0, (int)head.Length);
        }
        Count(bytes);
    }

    /// <summary>What was found.</summary>
    /// <exception cref="DataException">There is no header, or a name stands in it twice.</exception>
    public CsvLayout Finish()
    {
        text.Finish();
        if (found is null)
        {
            ReadHead();
            Count(head.GetBuffer().AsSpan(0, (int)head.Length));
        }
        EndRecord();
        var columns = found!.Names;
        CsvLayout.RefuseRepeated(columns, path);
        return new CsvLayout
        {
            Encoding = Encoding,
            IsMixed = text.IsMixed,
            HasSeparatorLine = found.HasSeparatorLine,
            Delimiter = found.Delimiter,
            Columns = columns,
            HasQuotedLineBreaks = hasQuotedLineBreaks,
            NeedsRowSource = text.IsMixed || IsWide || found.IsSpecial || hasSurplus,
        };
    }

    private Encoding Encoding => encoding ?? text.Encoding;

    private bool IsWide => Encoding is UnicodeEncoding or UTF32Encoding;

    private void ReadHead()
    {
        var bytes = head.GetBuffer().AsSpan(0, (int)Math.Min(head.Length, LongestHeader));
        // What is no UTF-8 in the head is Windows-1252, whatever the rest turns out to be.
        var letters = Encoding is UTF8Encoding or { CodePage: 1252 } && encoding is null ? Decoded(bytes.ToArray()) : Encoding.GetString(bytes);
        found = Head.Of(letters.TrimStart('\uFEFF'), usualDelimiter) ?? throw new DataException($"'{path}' is empty: there is not even a header. Give a file with a header and rows.");
    }

    private static string Decoded(byte[] bytes)
    {
        using var reader = new StreamReader(new MixedTextStream(new MemoryStream(bytes)), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Whether a record ends with fields beyond the header that are empty: engines take such a record for a broken one.</summary>
    private void Count(ReadOnlySpan<byte> bytes)
    {
        if (hasSurplus || IsWide) return;
        var delimiter = (byte)found!.Delimiter;
        while (!bytes.IsEmpty)
        {
            var at = isQuoted ? bytes.IndexOf((byte)'"') : bytes.IndexOfAny((byte)'"', (byte)'\n', (byte)'\r');
            var part = at < 0 ? bytes : bytes[..at];
            if (!isQuoted) delimiters += part.Count(delimiter);
            else hasQuotedLineBreaks = hasQuotedLineBreaks || part.ContainsAny((byte)'\n', (byte)'\r');
            if (!part.IsEmpty) last = part[^1];
            if (at < 0) return;
            if (bytes[at] == '"')
            {
                isQuoted = !isQuoted;
                last = (byte)'"';
            }
            else
            {
                EndRecord();
            }
            bytes = bytes[(at + 1)..];
        }
    }

    private void EndRecord()
    {
        hasSurplus |= found is not null && delimiters >= found.Fields && last == (byte)found.Delimiter;
        (delimiters, last) = (0, 0);
    }

    /// <summary>What stands before the first row.</summary>
    private sealed record Head(char Delimiter, bool HasSeparatorLine, List<string> Names, int Fields, bool IsSpecial)
    {
        public static Head? Of(string text, char usual)
        {
            var separator = SeparatorOf(text, out var after);
            var isSpecial = separator is not null;
            var rest = text.AsSpan(after);
            while (true)
            {
                var delimiter = separator ?? Sniff(rest, usual);
                var (fields, length) = Record(rest, delimiter);
                if (length == 0) return null;
                rest = rest[length..];
                if (fields.TrueForAll(static field => field.Length == 0))
                {
                    isSpecial = true;
                    continue;
                }
                var names = fields.ConvertAll(static field => field.Trim());
                while (names.Count > 0 && names[^1].Length == 0) names.RemoveAt(names.Count - 1);
                return names.Count == 0 ? null : new Head(delimiter, separator is not null, names, names.Count, isSpecial || names.Count < fields.Count);
            }
        }

        /// <summary>The delimiter of Excel's first line <c>sep=;</c>, quoted or not; null where there is no such line.</summary>
        private static char? SeparatorOf(string text, out int after)
        {
            after = 0;
            var end = text.AsSpan().IndexOfAny('\n', '\r');
            var line = (end < 0 ? text : text[..end]).Trim(' ', '"');
            if (line.Length != SeparatorLine.Length + 1 || !line.StartsWith(SeparatorLine, StringComparison.OrdinalIgnoreCase) || !char.IsAscii(line[^1])) return null;
            after = end < 0 ? text.Length : end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1);
            return line[^1];
        }

        /// <summary>The delimiter that the line has most of, outside quotes; the usual one where none or it is among the most.</summary>
        private static char Sniff(ReadOnlySpan<char> text, char usual)
        {
            var counts = new int[Delimiters.Length];
            var quoted = false;
            foreach (var letter in text)
            {
                if (!quoted && letter is '\n' or '\r') break;
                if (letter == '"') quoted = !quoted;
                else if (!quoted && Array.IndexOf(Delimiters, letter) is var index and >= 0) counts[index]++;
            }
            var most = counts.Max();
            var usualIndex = Array.IndexOf(Delimiters, usual);
            return most == 0 || usualIndex < 0 || counts[usualIndex] == most ? usual : Delimiters[Array.IndexOf(counts, most)];
        }

        /// <summary>The first record's fields, and its length with its line break.</summary>
        private static (List<string> Fields, int Length) Record(ReadOnlySpan<char> text, char delimiter)
        {
            var fields = new List<string>();
            var field = new StringBuilder();
            var quoted = false;
            for (var at = 0; at < text.Length; at++)
            {
                var letter = text[at];
                if (letter == '"' && quoted && at + 1 < text.Length && text[at + 1] == '"')
                {
                    field.Append(letter);
                    at++;
                }
                else if (letter == '"')
                {
                    quoted = !quoted;
                }
                else if (quoted || (letter != delimiter && letter is not ('\n' or '\r')))
                {
                    field.Append(letter);
                }
                else
                {
                    fields.Add(field.ToString());
                    field.Clear();
                    if (letter != delimiter) return (fields, at + (letter == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1));
                }
            }
            fields.Add(field.ToString());
            return (fields, text.Length);
        }
    }
}
