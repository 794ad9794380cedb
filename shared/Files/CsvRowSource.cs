using System.Buffers;
using System.Globalization;
using System.Text;
using CsvHelper;

namespace Pipeline.Files;

/// <summary>Rows of a CSV file: <c>;</c>, <c>,</c> or tab, byte order mark, CRLF and LF mixed, quoted line breaks, UTF-8 or another encoding.</summary>
internal sealed class CsvRowSource : IRowSource
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>No message of this size could be sent; what is longer is a quote that was never closed.</summary>
    private const int LargestRowBytes = 8 * 1024 * 1024;
    private const int LongestHeader = 64 * 1024;

    private static readonly char[] Delimiters = [';', ',', '\t'];
    private readonly CsvReader _reader;
    private readonly string _path;

    private CsvRowSource(CsvReader reader, string path, Encoding encoding, char delimiter)
    {
        _reader = reader;
        _path = path;
        Encoding = encoding;
        Delimiter = delimiter;
        Total = new FileInfo(path).Length;
        Columns = [.. reader.Headers];
    }

    public string Name => Path.GetFileName(_path);

    public IReadOnlyList<string> Columns { get; }

    public RowPosition PositionKind => RowPosition.Line;

    public long? Total { get; }

    // In bytes of UTF-8, so a little off for another encoding: it only draws the bar.
    public long Done => Math.Min(_reader.ByteOffset, Total ?? 0);

    public int FieldCount => _reader.FieldCount;

    internal Encoding Encoding { get; }

    internal char Delimiter { get; }

    /// <summary>Opens a file and reads its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="usualDelimiter">The contract's delimiter, taken unless the header plainly has another.</param>
    /// <param name="encodingName">The encoding, or null to have it found.</param>
    internal static CsvRowSource Open(string path, char usualDelimiter, string? encodingName)
    {
        var encoding = encodingName is null ? TextEncoding.Detect(path) : TextEncoding.Named(encodingName);
        var delimiter = Sniff(path, encoding, usualDelimiter);
        var reader = CsvReader.FromFile(path, new CsvReaderOptions
        {
            Separator = delimiter,
            Encoding = encoding is UTF8Encoding ? null : encoding,
            TrackLineNumbers = true,
            BufferSize = BufferBytes,
            MaxRecordSize = LargestRowBytes,
        });
        try
        {
            reader.ReadHeader();
            return reader.Headers.Count > 0 ? new CsvRowSource(reader, path, encoding, delimiter) : throw new DataException($"'{path}' is empty: there is not even a header. Give a file with a header and rows.");
        }
        catch (CsvFormatException exception)
        {
            reader.Dispose();
            throw Broken(path, 1, exception);
        }
        catch (DataException)
        {
            reader.Dispose();
            throw;
        }
    }

    public bool Read()
    {
        try
        {
            return _reader.Read();
        }
        catch (CsvFormatException exception)
        {
            throw Broken(_path, _reader.LineNumber + 1, exception);
        }
    }

    public ReadOnlySpan<byte> Field(int index) => _reader.GetSpan(index);

    public void WritePosition(IBufferWriter<byte> output)
    {
        const int longestNumber = 20;
        _ = _reader.LineNumber.TryFormat(output.GetSpan(longestNumber), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    public void Dispose() => _reader.Dispose();

    private static DataException Broken(string path, long line, CsvFormatException exception) =>
        new($"'{path}' cannot be read on from about line {line}: {exception.Message.TrimEnd('.')}. Look there for a quote that is opened and not closed.", exception);

    /// <summary>The delimiter that the header has most of, outside quotes; the usual one where none or it is among the most.</summary>
    private static char Sniff(string path, Encoding encoding, char usual)
    {
        using var reader = new StreamReader(path, encoding, detectEncodingFromByteOrderMarks: true);
        var counts = new int[Delimiters.Length];
        var quoted = false;
        var left = LongestHeader;
        for (var next = reader.Read(); next >= 0 && left-- > 0 && (quoted || next is not ('\n' or '\r')); next = reader.Read())
        {
            if (next == '"')
                quoted = !quoted;
            else if (!quoted && Array.IndexOf(Delimiters, (char)next) is var index and >= 0)
                counts[index]++;
        }
        var most = counts.Max();
        var usualIndex = Array.IndexOf(Delimiters, usual);
        return most == 0 || usualIndex < 0 || counts[usualIndex] == most ? usual : Delimiters[Array.IndexOf(counts, most)];
    }
}
