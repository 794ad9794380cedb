using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>Cuts a CSV file into records and fields, as Spark's parser does: by lines, or with line breaks inside quotes where multiLine is set. UTF-8 out, whatever the file's encoding.</summary>
internal sealed class CsvRecords : IDisposable
{
    private const int LargestRecord = 256 << 20;
    private readonly CsvOptions options;
    private readonly Stream stream;
    private readonly byte separator;
    private readonly SearchValues<byte> stops;
    private byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 18);
    private int start;
    private int end;
    private bool atEnd;
    private byte[] record = [];
    private int recordStart;
    private int recordLength;
    private byte[] unescaped = new byte[1024];
    private int unescapedLength;

    public CsvRecords(Stream source, CsvOptions options)
    {
        this.options = options;
        separator = options.Separator[0];
        stops = SearchValues.Create([separator]);
        stream = options.Encoding is UTF8Encoding ? source : Encoding.CreateTranscodingStream(source, options.Encoding, Encoding.UTF8);
        Fill();
        if (buffer.AsSpan(start, end - start).StartsWith("\uFEFF"u8)) start += 3;
    }

    /// <summary>Number of the record's first line, from 1.</summary>
    public long Line { get; private set; }

    private long nextLine = 1;

    /// <summary>The raw text of the current record, without its line break.</summary>
    public ReadOnlySpan<byte> Raw => record.AsSpan(recordStart, recordLength);

    /// <summary>Fields of the current record.</summary>
    public List<Field> Fields { get; } = [];

    /// <summary>The text of a field; valid until the next record.</summary>
    public ReadOnlySpan<byte> Text(Field field) => field.IsUnescaped ? unescaped.AsSpan(field.Start, field.Length) : record.AsSpan(field.Start, field.Length);

    /// <summary>Goes to the next record that is neither empty nor a comment; false at the end.</summary>
    public bool Read()
    {
        while (Next())
        {
            var raw = Raw;
            if (raw.TrimStart(" \t"u8).IsEmpty || (options.Comment is { } comment && raw[0] == comment)) continue;
            if (!Utf8.IsValid(raw))
            {
                record = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(raw));
                (recordStart, recordLength) = (0, record.Length);
            }
            Cut();
            return true;
        }
        return false;
    }

    private bool Next()
    {
        Line = nextLine;
        var scanned = 0;
        var quotes = options.MultiLine && options.Quote is not null;
        while (true)
        {
            var span = buffer.AsSpan(start + scanned, end - start - scanned);
            var stop = quotes ? FindEnd(span, options.Quote!.Value) : span.IndexOfAny((byte)'\n', (byte)'\r');
            if (stop >= 0)
            {
                var at = start + scanned + stop;
                // A CR at the very end of the buffer may have its LF in the next part.
                if (buffer[at] == '\r' && at + 1 == end && !atEnd)
                {
                    scanned = quotes ? 0 : at - start;
                    Fill();
                    continue;
                }
                (record, recordStart, recordLength) = (buffer, start, at - start);
                start = at + (buffer[at] == '\r' && at + 1 < end && buffer[at + 1] == '\n' ? 2 : 1);
                nextLine++;
                return true;
            }
            if (!atEnd)
            {
                // Between quotes the state at the buffer's end is not kept: the record is looked through again.
                scanned = quotes ? 0 : end - start;
                Fill();
                continue;
            }
            if (end == start) return false;
            (record, recordStart, recordLength) = (buffer, start, end - start);
            start = end;
            return true;
        }
    }

    /// <summary>The line break that ends the record: one that is not between quotes.</summary>
    private int FindEnd(ReadOnlySpan<byte> span, byte quote)
    {
        nextLine = Line;
        var quoted = false;
        var closedAt = -1;
        for (var at = 0; at < span.Length; at++)
        {
            var found = quoted ? span[at..].IndexOfAny(quote, options.Escape ?? quote, (byte)'\n') : span[at..].IndexOfAny(quote, (byte)'\n', (byte)'\r');
            if (found < 0) return -1;
            at += found;
            var value = span[at];
            if (!quoted && value != quote) return at;
            if (!quoted)
            {
                // A quote opens only where a field begins; a doubled one re-opens what it closed.
                quoted = at == closedAt + 1 && closedAt >= 0 || BeginsField(span[..at]);
            }
            else if (value == '\n')
            {
                nextLine++;
            }
            else if (value != quote)
            {
                at++;
            }
            else
            {
                quoted = false;
                closedAt = at;
            }
        }
        return -1;
    }

    private bool BeginsField(ReadOnlySpan<byte> before)
    {
        if (options.TrimStart) before = before.TrimEnd(" \t"u8);
        return before.IsEmpty || before.EndsWith(options.Separator);
    }

    private void Cut()
    {
        Fields.Clear();
        unescapedLength = 0;
        var raw = Raw;
        var single = options.Separator.Length == 1;
        for (var at = 0; ;)
        {
            if (options.TrimStart)
                while (at < raw.Length && raw[at] is (byte)' ' or (byte)'\t' && raw[at] != separator) at++;
            if (at < raw.Length && raw[at] == options.Quote && CutQuoted(raw, ref at))
            {
                if (at >= raw.Length) return;
                at += options.Separator.Length;
                continue;
            }
            var length = single ? raw[at..].IndexOfAny(stops) : raw[at..].IndexOf(options.Separator);
            var last = length < 0;
            if (last) length = raw.Length - at;
            var kept = length;
            if (options.TrimEnd)
                while (kept > 0 && raw[at + kept - 1] is (byte)' ' or (byte)'\t') kept--;
            Fields.Add(new Field(recordStart + at, kept, false, false));
            if (last) return;
            at += length + options.Separator.Length;
        }
    }

    /// <summary>Reads a field in quotes; false, with nothing taken, where its closing quote is followed by something else, so that it is plain text.</summary>
    private bool CutQuoted(ReadOnlySpan<byte> raw, ref int at)
    {
        var quote = options.Quote!.Value;
        var from = at + 1;
        var copiedFrom = unescapedLength;
        var copied = false;
        for (var i = from; i < raw.Length; i++)
        {
            var value = raw[i];
            var escaped = i + 1 < raw.Length && value == options.Escape && (raw[i + 1] == quote || (raw[i + 1] == options.Escape && options.Escape != quote));
            if (escaped)
            {
                if (!copied) Append(raw[from..i]);
                copied = true;
                Append(raw.Slice(i + 1, 1));
                i++;
                continue;
            }
            if (value == quote)
            {
                var after = i + 1;
                while (after < raw.Length && raw[after] == ' ' && separator != ' ') after++;
                if (after < raw.Length && !raw[after..].StartsWith(options.Separator))
                {
                    unescapedLength = copiedFrom;
                    return false;
                }
                Fields.Add(copied ? new Field(copiedFrom, unescapedLength - copiedFrom, true, true) : new Field(recordStart + from, i - from, false, true));
                at = after;
                return true;
            }
            if (copied) Append(raw.Slice(i, 1));
        }
        // No closing quote: the rest of the record is the value.
        Fields.Add(copied ? new Field(copiedFrom, unescapedLength - copiedFrom, true, true) : new Field(recordStart + from, raw.Length - from, false, true));
        at = raw.Length;
        return true;
    }

    private void Append(ReadOnlySpan<byte> part)
    {
        if (unescapedLength + part.Length > unescaped.Length) Array.Resize(ref unescaped, Math.Max(unescaped.Length * 2, unescapedLength + part.Length));
        part.CopyTo(unescaped.AsSpan(unescapedLength));
        unescapedLength += part.Length;
    }

    private void Fill()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
        }
        if (end == buffer.Length)
        {
            if (buffer.Length >= LargestRecord) throw new EngineException($"A record of the CSV file is larger than {LargestRecord >> 20} MiB, from line {Line} on. Check the quotes and the line breaks.") { ErrorClass = "MALFORMED_RECORD_IN_PARSING", SqlState = "22000" };
            var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
            buffer.AsSpan(0, end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
        var read = stream.Read(buffer.AsSpan(end));
        if (read == 0) atEnd = true;
        end += read;
    }

    public void Dispose()
    {
        stream.Dispose();
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
    }

    /// <summary>Where a field's text lies.</summary>
    internal readonly record struct Field(int Start, int Length, bool IsUnescaped, bool IsQuoted);
}
