using System.Globalization;
using System.IO.Compression;
using System.Xml;

namespace Pipeline.Engine.Files;

/// <summary>Looks through a workbook's sheets and shared texts for what no workbook of Excel has, before a parser makes room for it.</summary>
internal static class WorkbookScan
{
    private const int Columns = 16_384;
    private const int Rows = 1_048_576;
    private const int LongestText = 32_767;

    /// <summary>Rows times columns up to the last cell: each of them is looked at, empty or not.</summary>
    private const long LargestArea = 100_000_000;

    // A character that XML cannot hold stands as seven (_x000D_).
    private const int LongestEscape = 7;
    private const string StrictNamespace = "http://purl.oclc.org/ooxml/";

    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true };

    /// <summary>What is wrong with a part, as the end of a sentence; null where nothing is.</summary>
    /// <exception cref="XmlException">The part is no XML.</exception>
    internal static string? Complaint(ZipArchiveEntry part)
    {
        if (!part.FullName.EndsWith(".xml", StringComparison.OrdinalIgnoreCase)) return null;
        using var stream = part.Open();
        using var reader = XmlReader.Create(stream, Settings);
        if (reader.MoveToContent() != XmlNodeType.Element) return null;
        if (reader.LocalName == "workbook" && reader.NamespaceURI.StartsWith(StrictNamespace, StringComparison.Ordinal))
            return "it has the format 'Strict Open XML', which is not read here. Open it in Excel and save it as 'Excel Workbook (*.xlsx)' or as CSV";
        return reader.LocalName is "worksheet" or "sst" ? Complaint(reader, part.FullName) : null;
    }

    private static string? Complaint(XmlReader reader, string part)
    {
        var buffer = new char[4096];
        var cells = 0;
        var letters = 0;
        var (lastRow, lastColumn) = (1L, 1L);
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element)
            {
                if (reader.LocalName is "si" or "is" or "v" or "f") letters = 0;
                if (reader.LocalName == "row")
                {
                    cells = 0;
                    lastRow = Math.Max(lastRow + 1, RowOf(reader));
                }
                if (reader.LocalName == "c" && ++cells > Columns) return $"a row of its part '{part}' has more than {Columns.ToString(CultureInfo.InvariantCulture)} cells";
                if (OutOfBounds(reader) is { } place) return $"its part '{part}' names the cell, row or column '{Short(place)}', and a sheet ends at XFD1048576";
                if (reader.LocalName == "c") lastColumn = Math.Max(lastColumn, Math.Max(cells, ColumnOf(reader.GetAttribute("r"))));
                if (lastRow * lastColumn > LargestArea) return string.Create(CultureInfo.InvariantCulture, $"its part '{part}' spans {lastRow:N0} rows and {lastColumn:N0} columns, of which {LargestArea:N0} cells are read at most");
            }
            else if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace)
            {
                for (var read = reader.ReadValueChunk(buffer, 0, buffer.Length); read > 0; read = reader.ReadValueChunk(buffer, 0, buffer.Length))
                {
                    letters += read;
                    if (letters > LongestText * LongestEscape) return $"a text of its part '{part}' has more than the {LongestText.ToString(CultureInfo.InvariantCulture)} characters that a cell holds";
                }
            }
        }
        return null;
    }

    /// <summary>The place that an element names outside of a sheet, or null.</summary>
    private static string? OutOfBounds(XmlReader reader) => reader.LocalName switch
    {
        "c" => Outside(reader.GetAttribute("r")),
        "dimension" or "mergeCell" => Outside(reader.GetAttribute("ref")),
        "row" => TooGreat(reader.GetAttribute("r"), Rows),
        "col" => TooGreat(reader.GetAttribute("min"), Columns) ?? TooGreat(reader.GetAttribute("max"), Columns),
        _ => null,
    };

    private static string? TooGreat(string? number, int most) =>
        number is null || (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= most) ? null : number;

    private static string? Outside(string? reference)
    {
        if (reference is null) return null;
        foreach (var range in reference.AsSpan().Split(':'))
            if (!IsInside(reference.AsSpan(range))) return reference;
        return null;
    }

    /// <summary>The number of a row that is inside of a sheet, 0 where the row has none.</summary>
    private static long RowOf(XmlReader row) => long.TryParse(row.GetAttribute("r"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= Rows ? number : 0;

    /// <summary>The number of the column that a reference begins with, from 1; 0 for none, and one more than a sheet has for any beyond it.</summary>
    private static int ColumnOf(ReadOnlySpan<char> cell)
    {
        var column = 0;
        foreach (var letter in cell)
        {
            if (!char.IsAsciiLetter(letter) || column > Columns) break;
            column = (column * 26) + (letter & 0x1F);
        }
        return Math.Min(column, Columns + 1);
    }

    private static bool IsInside(ReadOnlySpan<char> cell)
    {
        if (ColumnOf(cell) is 0 or > Columns) return false;
        var at = cell.IndexOfAnyInRange('0', '9');
        return at > 0 && int.TryParse(cell[at..], NumberStyles.None, CultureInfo.InvariantCulture, out var row) && row is >= 1 and <= Rows;
    }

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
