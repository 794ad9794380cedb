using System.Buffers;
using System.Globalization;
using System.Text;
using CsvHelper;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Files;

/// <summary>Rows of a CSV file: <c>;</c>, <c>,</c> or tab, byte order mark, Excel's <c>sep=</c> line, CRLF and LF mixed, quoted line breaks, UTF-8 or another encoding.</summary>
/// <remarks>Rows without any value are passed over, and empty fields beyond the header are no fields, as in workbooks.</remarks>
internal sealed class CsvRowSource : IRowSource
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>No message of this size could be sent; what is longer is a quote that was never closed.</summary>
    private const int LargestRowBytes = 8 * 1024 * 1024;
    private readonly CsvReader _reader;
    private readonly string _path;

    private CsvRowSource(CsvReader reader, string path, CsvLayout layout, List<string> columns)
    {
        _reader = reader;
        _path = path;
        Encoding = layout.Encoding;
        Delimiter = layout.Delimiter;
        Total = CompressedFile.IsCompressed(path) ? null : new FileInfo(path).Length;
        Columns = columns;
    }

    public string Name => Path.GetFileName(_path);

    public IReadOnlyList<string> Columns { get; }

    public RowPosition PositionKind => RowPosition.Line;

    public long? Total { get; }

    // In bytes of UTF-8, so a little off for another encoding: it only draws the bar.
    public long Done => Math.Min(_reader.ByteOffset, Total ?? 0);

    public int FieldCount { get; private set; }

    internal Encoding Encoding { get; }

    internal char Delimiter { get; }

    /// <summary>Opens a file and reads its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="usualDelimiter">The contract's delimiter, taken unless the header plainly has another.</param>
    /// <param name="encodingName">The encoding, or null to have it found.</param>
    internal static CsvRowSource Open(string path, char usualDelimiter, string? encodingName)
    {
        var given = encodingName is null ? null : TextEncoding.Named(encodingName);
        var layout = CsvLayout.Find(path, usualDelimiter, given);
        var reader = CsvReader.Create(layout.Open(path, given is not null), new CsvReaderOptions
        {
            Separator = layout.Delimiter,
            HasHeader = false,
            DetectSeparatorHint = false,
            TrackLineNumbers = true,
            BufferSize = BufferBytes,
            MaxRecordSize = LargestRowBytes,
        });
        try
        {
            if (layout.HasSeparatorLine) _ = reader.Read();
            while (reader.Read())
            {
                var columns = Enumerable.Range(0, Filled(reader)).Select(index => reader.GetString(index).Trim()).ToList();
                if (columns.Count > 0) return new CsvRowSource(reader, path, layout, columns);
            }
            throw new DataException($"'{path}' is empty: there is not even a header. Give a file with a header and rows.");
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
            while (_reader.Read())
            {
                var filled = Filled(_reader);
                if (filled == 0) continue;
                FieldCount = Math.Max(filled, Math.Min(_reader.FieldCount, Columns.Count));
                return true;
            }
            return false;
        }
        catch (CsvFormatException exception)
        {
            throw Broken(_path, _reader.LineNumber + 1, exception);
        }
    }

    /// <summary>The number of fields up to the last one that is not empty.</summary>
    private static int Filled(CsvReader reader)
    {
        var count = reader.FieldCount;
        while (count > 0 && reader.GetSpan(count - 1).IsEmpty) count--;
        return count;
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
}
