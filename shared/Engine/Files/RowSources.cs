using Pipeline.Engine.Types;

namespace Pipeline.Engine.Files;

/// <summary>Opens a file as rows, by its ending and its first bytes.</summary>
public static class RowSources
{
    /// <summary>Opens a CSV file or a workbook and reads its header.</summary>
    /// <param name="path">The file; .xlsx, .xlsm and .xls are workbooks, as is any file that begins as a zip archive and is not called so; .gz, .zst and .zip are a compressed CSV file.</param>
    /// <param name="delimiter">What separates the fields of a CSV file that does not tell it itself.</param>
    /// <param name="sheet">The sheet of a workbook; null is its first visible one.</param>
    /// <param name="encoding">The encoding of a CSV file; null has it found.</param>
    /// <param name="note">Takes a sentence on how the file is read.</param>
    /// <exception cref="UsageException">The file or the sheet is not there, or the options do not fit the file.</exception>
    /// <exception cref="DataException">The file is unreadable or empty, or its header has a name twice.</exception>
    public static IRowSource Open(string path, char delimiter, string? sheet, string? encoding, Action<string> note)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(note);
        if (Directory.Exists(path))
            throw new UsageException($"'{path}' is a folder. Give --file the path of one CSV or Excel file.");
        if (!File.Exists(path))
            throw new UsageException($"The file '{path}' is not there. Give --file the path of a CSV or Excel file, or --generate N for generated rows.");
        try
        {
            return IsWorkbook(path) ? OpenWorkbook(path, sheet, encoding, note) : OpenText(path, delimiter, sheet, encoding, note);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new UsageException($"The file '{path}' cannot be opened: {exception.Message.TrimEnd('.')}. Check its permissions, and that no other program has it locked.", exception);
        }
    }

    private static ExcelRowSource OpenWorkbook(string path, string? sheet, string? encoding, Action<string> note)
    {
        if (encoding is not null)
            throw new UsageException($"--encoding is for CSV files, and '{path}' is a workbook. Leave it out.");
        var workbook = ExcelRowSource.Open(path, sheet, WorkbookLimits.Default);
        RefuseRepeated(workbook, path);
        note($"Reading '{path}', sheet '{workbook.Sheet}'.");
        return workbook;
    }

    private static CsvRowSource OpenText(string path, char delimiter, string? sheet, string? encoding, Action<string> note)
    {
        if (sheet is not null)
            throw new UsageException($"--sheet is for workbooks, and '{path}' is read as CSV. Leave it out.");
        var text = CsvRowSource.Open(path, delimiter, encoding);
        RefuseRepeated(text, path);
        note($"Reading '{path}' as {text.Encoding.WebName}{(encoding is null ? " (found)" : "")}, fields separated by '{(text.Delimiter == '\t' ? "tab" : text.Delimiter)}'.");
        return text;
    }

    private static void RefuseRepeated(IRowSource rows, string path)
    {
        try
        {
            CsvLayout.RefuseRepeated(rows.Columns, path);
        }
        catch (DataException)
        {
            rows.Dispose();
            throw;
        }
    }

    private static bool IsWorkbook(string path)
    {
        if (Path.GetExtension(path).ToUpperInvariant() is ".XLSX" or ".XLSM" or ".XLS" or ".XLSB")
            return true;
        if (CompressedFile.IsCompressed(path)) return false;
        using var stream = File.OpenRead(path);
        Span<byte> head = stackalloc byte[4];
        return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head is [(byte)'P', (byte)'K', 3, 4];
    }
}
