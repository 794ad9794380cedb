using System.Globalization;
using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using Pipeline.Engine.Files;

namespace Pipeline.Producer.Generating;

/// <summary>Writes rows as a workbook of one sheet: numbers and dates as such in the columns that are named so, all else as text.</summary>
internal static class XlsxFile
{
    /// <summary>Rows of a sheet below its header.</summary>
    internal const long MostRows = 1_048_575;

    private const int LongestSheetName = 31;
    private const uint DateStyle = 1;
    private const uint DateTimeFormat = 164;

    internal static Task WriteAsync(string path, IRowSource rows, GeneratedFile description, CancellationToken cancellationToken) => Task.Run(() => Write(path, rows, description, cancellationToken), cancellationToken);

    private static void Write(string path, IRowSource rows, GeneratedFile description, CancellationToken cancellationToken)
    {
        using var document = SpreadsheetDocument.Create(path, SpreadsheetDocumentType.Workbook);
        var workbook = document.AddWorkbookPart();
        workbook.AddNewPart<WorkbookStylesPart>().Stylesheet = Styles();
        var sheet = workbook.AddNewPart<WorksheetPart>();
        using (var writer = OpenXmlWriter.Create(sheet))
        {
            writer.WriteStartElement(new Worksheet());
            writer.WriteStartElement(new SheetData());
            WriteRow(writer, rows.Columns.Count, (index, _) => TextCell(rows.Columns[index]));
            var cells = rows.Columns.Select(column => Kind(column, description)).ToArray();
            while (rows.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                WriteRow(writer, rows.FieldCount, (index, text) => text.Length == 0 ? null : cells[index](text), rows);
            }
            writer.WriteEndElement();
            writer.WriteEndElement();
        }
        var name = description.Stem.Length > LongestSheetName ? description.Stem[..LongestSheetName] : description.Stem;
        workbook.Workbook = new Workbook(new Sheets(new Sheet { Name = name, SheetId = 1, Id = workbook.GetIdOfPart(sheet) }));
    }

    private static void WriteRow(OpenXmlWriter writer, int count, Func<int, string, Cell?> cell, IRowSource? rows = null)
    {
        writer.WriteStartElement(new Row());
        for (var i = 0; i < count; i++)
            writer.WriteElement(cell(i, rows is null ? "" : Encoding.UTF8.GetString(rows.Field(i))) ?? new Cell());
        writer.WriteEndElement();
    }

    private static Func<string, Cell> Kind(string column, GeneratedFile description) =>
        description.NumericColumns.Contains(column) ? NumberCell : description.DateColumns.Contains(column) ? DateCell : TextCell;

    private static Cell TextCell(string text) => new() { DataType = CellValues.InlineString, InlineString = new InlineString(new Text(text) { Space = SpaceProcessingModeValues.Preserve }) };

    private static Cell NumberCell(string text)
    {
        var plain = text.Replace(" ", "", StringComparison.Ordinal).Replace("\u00A0", "", StringComparison.Ordinal).Replace(',', '.');
        return double.TryParse(plain, CultureInfo.InvariantCulture, out var number) ? new Cell { CellValue = new CellValue(number.ToString("R", CultureInfo.InvariantCulture)) } : TextCell(text);
    }

    private static Cell DateCell(string text) => DateTime.TryParseExact(text, "MM/dd/yyyy HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
        ? new Cell { StyleIndex = DateStyle, CellValue = new CellValue(time.ToOADate().ToString("R", CultureInfo.InvariantCulture)) }
        : TextCell(text);

    /// <summary>Style 0 is general, style 1 a date with its time; the fonts, fills and borders are those that every workbook must have.</summary>
    private static Stylesheet Styles() => new(
        new NumberingFormats(new NumberingFormat { NumberFormatId = DateTimeFormat, FormatCode = "yyyy\\-mm\\-dd hh:mm:ss" }),
        new Fonts(new Font()),
        new Fills(new Fill(new PatternFill { PatternType = PatternValues.None }), new Fill(new PatternFill { PatternType = PatternValues.Gray125 })),
        new Borders(new Border(new LeftBorder(), new RightBorder(), new TopBorder(), new BottomBorder(), new DiagonalBorder())),
        new CellStyleFormats(new CellFormat()),
        new CellFormats(new CellFormat(), new CellFormat { NumberFormatId = DateTimeFormat, ApplyNumberFormat = true }));
}
