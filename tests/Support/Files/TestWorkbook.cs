using System.IO.Compression;
using System.Text;

namespace Pipeline.Tests.Support.Files;

/// <summary>The smallest workbooks that Excel would open, cell by cell as XML.</summary>
public static class TestWorkbook
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    /// <summary>An empty cell.</summary>
    public static string Empty => "<c/>";

    /// <summary>A cell with a text, as XML.</summary>
    public static string Text(string text) => $"<c t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>";

    /// <summary>A cell with a number; the style is one of the workbook's four (plain, date and time, eight digits, time).</summary>
    public static string Number(string value, int style = 0) => $"<c s=\"{style}\"><v>{value}</v></c>";

    /// <summary>A row of cells, from column A on.</summary>
    public static string Row(int number, params string[] cells) => $"<row r=\"{number}\">{string.Concat(cells.Select((cell, index) => cell.Replace("<c", $"<c r=\"{Column(index)}{number}\"", StringComparison.Ordinal)))}</row>";

    /// <summary>A sheet of rows; one of the name Hidden is hidden.</summary>
    public static string Sheet(string name, params string[] rows) => name + "\n" + string.Concat(rows);

    /// <summary>The workbook's bytes.</summary>
    public static byte[] Make(params string[] sheets) => Make(sheets, "");

    /// <summary>The same with a document type before each sheet, or another main namespace.</summary>
    public static byte[] Make(string[] sheets, string documentType, string main = Main)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            Add(archive, "[Content_Types].xml", $"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>");
            Add(archive, "_rels/.rels", $"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"{Relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
            Add(archive, "xl/workbook.xml", $"<workbook xmlns=\"{main}\" xmlns:r=\"{Relations}\"><sheets>{string.Concat(sheets.Select((sheet, index) => $"<sheet name=\"{Name(sheet)}\" sheetId=\"{index + 1}\" {(Name(sheet) == "Hidden" ? "state=\"hidden\" " : "")}r:id=\"s{index + 1}\"/>"))}</sheets></workbook>");
            Add(archive, "xl/_rels/workbook.xml.rels", $"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{string.Concat(sheets.Select((_, index) => $"<Relationship Id=\"s{index + 1}\" Type=\"{Relations}/worksheet\" Target=\"worksheets/sheet{index + 1}.xml\"/>"))}<Relationship Id=\"st\" Type=\"{Relations}/styles\" Target=\"styles.xml\"/></Relationships>");
            Add(archive, "xl/styles.xml", $"<styleSheet xmlns=\"{main}\"><numFmts count=\"3\"><numFmt numFmtId=\"164\" formatCode=\"yyyy-mm-dd hh:mm:ss\"/><numFmt numFmtId=\"165\" formatCode=\"00000000\"/><numFmt numFmtId=\"166\" formatCode=\"hh:mm\"/></numFmts><cellXfs count=\"4\"><xf numFmtId=\"0\"/><xf numFmtId=\"164\" applyNumberFormat=\"1\"/><xf numFmtId=\"165\" applyNumberFormat=\"1\"/><xf numFmtId=\"166\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>");
            for (var i = 0; i < sheets.Length; i++)
                Add(archive, $"xl/worksheets/sheet{i + 1}.xml", $"{documentType}<worksheet xmlns=\"{main}\"><sheetData>{sheets[i][(sheets[i].IndexOf('\n', StringComparison.Ordinal) + 1)..]}</sheetData></worksheet>");
        }
        return bytes.ToArray();
    }

    private static string Column(int index) => index < 26 ? $"{(char)('A' + index)}" : $"{(char)('A' + (index / 26) - 1)}{(char)('A' + (index % 26))}";

    private static string Name(string sheet) => sheet[..sheet.IndexOf('\n', StringComparison.Ordinal)];

    private static void Add(ZipArchive archive, string name, string xml)
    {
        using var stream = archive.CreateEntry(name).Open();
        stream.Write(Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + xml));
    }
}
