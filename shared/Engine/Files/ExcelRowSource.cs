using System.Buffers;
using System.Globalization;
using System.Text;
using System.Xml;
using ExcelDataReader;
using ExcelDataReader.Exceptions;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Files;

/// <summary>Rows of one sheet of a workbook (.xlsx, .xls), as text: what a CSV of the same sheet would hold.</summary>
/// <remarks>The header is the first row with a value; rows without any value are passed over, and cells with a value to the right of the header are fields beyond it, as in a CSV file. Cells become text by <see cref="CellText"/>.</remarks>
internal sealed class ExcelRowSource : IRowSource
{
    private readonly IExcelDataReader _reader;
    private readonly string _path;
    private readonly ArrayBufferWriter<byte> _text = new(1024);
    private readonly List<int> _starts = [0];
    private readonly byte[] _prefix;
    private int _row;

    private ExcelRowSource(IExcelDataReader reader, string path, string sheet, List<string> columns, int row)
    {
        (_reader, _path, Columns, _row) = (reader, path, columns, row);
        _prefix = Encoding.UTF8.GetBytes(SheetReference(sheet) + "!A");
        Sheet = sheet;
    }

    public string Name => Path.GetFileName(_path);

    public IReadOnlyList<string> Columns { get; }

    public RowPosition PositionKind => RowPosition.Cell;

    public long? Total => Math.Max(_reader.RowCount, 0);

    public long Done => _row;

    public int FieldCount { get; private set; }

    internal string Sheet { get; }

    /// <summary>Opens a workbook at a sheet, or at its first visible one.</summary>
    /// <exception cref="UsageException">There is no sheet of this name; those there are, are named.</exception>
    /// <exception cref="DataException">The workbook is unreadable, protected, over the limits or empty.</exception>
    internal static ExcelRowSource Open(string path, string? sheet, WorkbookLimits limits)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        if (StartsAsZip(path))
            limits.Verify(path);
        IExcelDataReader? reader = null;
        try
        {
            var opened = reader = ExcelReaderFactory.CreateReader(File.OpenRead(path));
            GoTo(opened, path, sheet);
            var row = 0;
            while (opened.Read())
            {
                row++;
                var columns = Header(opened);
                if (columns.Count == 0)
                    continue;
                reader = null;
                return new ExcelRowSource(opened, path, opened.Name, columns, row);
            }
            throw new DataException($"The sheet '{opened.Name}' of '{path}' is empty: there is not even a header. Name another with --sheet.");
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            throw Unreadable(path, exception);
        }
        finally
        {
            reader?.Dispose();
        }
    }

    public bool Read()
    {
        try
        {
            while (_reader.Read())
            {
                _row++;
                if (Fill())
                    return true;
            }
            return false;
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            throw Unreadable(_path, exception);
        }
    }

    public ReadOnlySpan<byte> Field(int index) => _text.WrittenSpan[_starts[index].._starts[index + 1]];

    public void WritePosition(IBufferWriter<byte> output)
    {
        output.Write(_prefix);
        const int longestNumber = 10;
        _ = _row.TryFormat(output.GetSpan(longestNumber), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>A sheet's name as formulas write it, quoted where it has more than letters, digits and underscores.</summary>
    internal static string SheetReference(string sheet) => sheet.All(character => char.IsLetterOrDigit(character) || character == '_') ? sheet : $"'{sheet.Replace("'", "''", StringComparison.Ordinal)}'";

    private bool Fill()
    {
        _text.ResetWrittenCount();
        _starts.RemoveRange(1, _starts.Count - 1);
        var filled = 0;
        for (var i = 0; i < Math.Max(Columns.Count, _reader.FieldCount); i++)
        {
            if (i < _reader.FieldCount)
                CellText.Write(_reader, i, _text);
            if (_text.WrittenCount > _starts[i])
                filled = i + 1;
            _starts.Add(_text.WrittenCount);
        }
        FieldCount = Math.Max(filled, Columns.Count);
        return filled > 0;
    }

    private static void GoTo(IExcelDataReader reader, string path, string? sheet)
    {
        var names = new List<string>();
        do
        {
            if (sheet is null ? reader.VisibleState == "visible" : string.Equals(reader.Name, sheet, StringComparison.OrdinalIgnoreCase))
                return;
            names.Add($"'{reader.Name}'");
        }
        while (reader.NextResult());
        throw sheet is null
            ? new DataException($"'{path}' has no visible sheet. Name a hidden one with --sheet: {string.Join(", ", names)}.")
            : new UsageException($"'{path}' has no sheet '{sheet}'. It has: {string.Join(", ", names)}.");
    }

    /// <summary>The row's texts up to its last one.</summary>
    private static List<string> Header(IExcelDataReader reader)
    {
        var text = new ArrayBufferWriter<byte>();
        var columns = new List<string>();
        for (var i = 0; i < reader.FieldCount; i++)
        {
            text.ResetWrittenCount();
            CellText.Write(reader, i, text);
            columns.Add(Encoding.UTF8.GetString(text.WrittenSpan).Trim());
        }
        while (columns.Count > 0 && columns[^1].Length == 0)
            columns.RemoveAt(columns.Count - 1);
        return columns;
    }

    private static bool StartsAsZip(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> head = stackalloc byte[2];
        return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head is [(byte)'P', (byte)'K'];
    }

    // ExcelDataReader meets damaged XML and records with whatever its parsing runs into.
    private static bool IsUnreadable(Exception exception) => exception is ExcelReaderException or XmlException or InvalidDataException or EndOfStreamException
        or FormatException or OverflowException or NullReferenceException or ArgumentException or InvalidOperationException or IndexOutOfRangeException or KeyNotFoundException;

    private static DataException Unreadable(string path, Exception exception) => exception is InvalidPasswordException
        ? new($"'{path}' is protected by a password. Save it without one.", exception)
        : new($"'{path}' is not a readable Excel workbook: {exception.Message.TrimEnd('.')}. Open it in Excel and save it again as .xlsx, or send it as CSV.", exception);
}
