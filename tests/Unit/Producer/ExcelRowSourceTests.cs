using System.Buffers;
using System.IO.Compression;
using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Files;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support.Files;

namespace Pipeline.Tests.Unit.Producer;

public sealed class ExcelRowSourceTests
{
    private TestFiles _files = null!;

    [SetUp]
    public void MakeFolder() => _files = new TestFiles();

    [TearDown]
    public void RemoveFolder() => _files.Dispose();

    [Test]
    public void Cells_become_the_text_that_a_CSV_would_hold()
    {
        // Styles: 1 is a date, 2 is eight digits with leading zeros, 3 is a time of day.
        var rows = Rows(TestWorkbook.Sheet("Data",
            TestWorkbook.Row(1, TestWorkbook.Text("A"), TestWorkbook.Text("B"), TestWorkbook.Text("C"), TestWorkbook.Text("D"), TestWorkbook.Text("E"), TestWorkbook.Text("F")),
            TestWorkbook.Row(2, TestWorkbook.Text("01364959"), TestWorkbook.Number("41.936900000000001"), TestWorkbook.Number("43867.400300925925", 1), TestWorkbook.Number("1364959", 2), TestWorkbook.Number("0.4375", 3), "<c t=\"b\"><v>1</v></c>"),
            TestWorkbook.Row(3, TestWorkbook.Text(" x "), TestWorkbook.Number("-1E-3"), TestWorkbook.Empty, TestWorkbook.Number("12345678901234567"), TestWorkbook.Number("2020"), TestWorkbook.Text("41,9"))));
        rows[0].Should().Equal("01364959", "41.9369", "2020-02-06 09:36:26", "01364959", "10:30", "TRUE");
        rows[1].Should().Equal(" x ", "-0.001", "", "12345678901234568", "2020", "41,9");
    }

    [Test]
    public void A_position_is_the_sheet_and_the_rows_first_cell_and_empty_rows_are_passed_over()
    {
        using var source = Open(null, TestWorkbook.Sheet("My Data", TestWorkbook.Row(2, TestWorkbook.Text("A")), TestWorkbook.Row(3, TestWorkbook.Text("x")), TestWorkbook.Row(5, TestWorkbook.Text("y"))));
        source.Columns.Should().Equal("A");
        SourceReading.Positions(source).Should().Equal("'My Data'!A3", "'My Data'!A5");
    }

    [Test]
    public void A_cell_to_the_right_of_the_header_is_a_field_beyond_it()
    {
        var rows = Rows(TestWorkbook.Sheet("A", TestWorkbook.Row(1, TestWorkbook.Text("A"), TestWorkbook.Text("B")), TestWorkbook.Row(2, TestWorkbook.Text("x"), TestWorkbook.Text("y"), TestWorkbook.Text("z")), TestWorkbook.Row(3, TestWorkbook.Empty, TestWorkbook.Text("y"), TestWorkbook.Empty)));
        rows.Select(row => string.Join('|', row)).Should().Equal("x|y|z", "|y");
    }

    [Test]
    public void A_name_that_stands_twice_is_refused()
    {
        var path = _files.Write("a.xlsx", TestWorkbook.Make(TestWorkbook.Sheet("A", TestWorkbook.Row(1, TestWorkbook.Text("ID"), TestWorkbook.Text("V"), TestWorkbook.Text(" id ")))));
        var open = () => RowSources.Open(path, SourceReading.Small.Main.Delimiter, null, null, _ => { });
        open.Should().Throw<DataException>().WithMessage("The header of '*a.xlsx' names the column 'ID' more than once, *");
    }

    [TestCase("41224.999988425923", 1, "2012-11-11 23:59:59")]
    [TestCase("41224.999988368058", 1, "2012-11-11 23:59:59")]
    [TestCase("41224.000081", 1, "2012-11-11 00:00:07")]
    [TestCase("41224.000162", 1, "2012-11-11 00:00:14")]
    [TestCase("41224.999999", 1, "2012-11-12 00:00:00")]
    [TestCase("2958465.999999", 1, "9999-12-31 23:59:59")]
    [TestCase("0.437499", 3, "10:30")]
    [TestCase("0.4375001", 3, "10:30")]
    public void A_time_is_the_second_that_Excel_shows(string days, int style, string text) =>
        Rows(TestWorkbook.Sheet("A", TestWorkbook.Row(1, TestWorkbook.Text("T")), TestWorkbook.Row(2, TestWorkbook.Number(days, style)))).Single().Should().Equal(text);

    [TestCase("<row r=\"1\"><c r=\"ZZZZZZ999999999\"><v>1</v></c></row>", "'ZZZZZZ999999999', and a sheet ends at XFD1048576")]
    [TestCase("<row r=\"1\"><c r=\"XFE1\"><v>1</v></c></row>", "'XFE1'")]
    [TestCase("<row r=\"1\"><c r=\"A1048577\"><v>1</v></c></row>", "'A1048577'")]
    [TestCase("<row r=\"999999999\"><c><v>1</v></c></row>", "'999999999'")]
    [TestCase("<row r=\"99999999999999999999\"/>", "'99999999999999999999'")]
    public void A_cell_outside_of_a_sheet_is_refused(string row, string place) =>
        Refusal(_files.Write("a.xlsx", TestWorkbook.Make(TestWorkbook.Sheet("A", row))), WorkbookLimits.Default).Should().Contain("is refused as a workbook: its part 'xl/worksheets/sheet1.xml' names the cell, row or column " + place);

    [Test]
    public void A_text_longer_than_a_cell_holds_is_refused() =>
        Refusal(_files.Write("a.xlsx", TestWorkbook.Make(TestWorkbook.Sheet("A", TestWorkbook.Row(1, TestWorkbook.Text(new string('A', 1_000_000)))))), WorkbookLimits.Default).Should().Contain("has more than the 32767 characters that a cell holds");

    [Test]
    public void A_row_of_more_cells_than_a_sheet_has_is_refused() =>
        Refusal(_files.Write("a.xlsx", TestWorkbook.Make(TestWorkbook.Sheet("A", $"<row>{string.Concat(Enumerable.Repeat("<c/>", 16_385))}</row>"))), WorkbookLimits.Default).Should().Contain("has more than 16384 cells");

    [Test]
    public void A_single_cell_at_the_end_of_a_sheet_is_refused_for_what_is_before_it() =>
        Refusal(_files.Write("a.xlsx", TestWorkbook.Make(TestWorkbook.Sheet("A", TestWorkbook.Row(1, TestWorkbook.Text("A")), "<row r=\"1048576\"><c r=\"XFD1048576\"/></row>"))), WorkbookLimits.Default)
            .Should().Contain("spans 1,048,576 rows and 16,384 columns, of which 100,000,000 cells are read at most");

    [Test]
    public void The_last_row_and_the_last_column_of_a_sheet_are_read()
    {
        Rows(TestWorkbook.Sheet("A", TestWorkbook.Row(1, TestWorkbook.Text("A")), "<row r=\"40000\"><c r=\"A40000\"><v>1</v></c></row>")).Should().HaveCount(1);
        Rows(TestWorkbook.Sheet("A", TestWorkbook.Row(1, TestWorkbook.Text("A")), "<row r=\"2\"><c r=\"XFD2\"><v>1</v></c></row>")).Single().Should().HaveCount(16_384);
    }

    [Test]
    public void Strict_Open_XML_is_refused_by_its_name()
    {
        var path = _files.Write("strict.xlsx", TestWorkbook.Make([TestWorkbook.Sheet("A", TestWorkbook.Row(1, TestWorkbook.Text("A")))], "", "http://purl.oclc.org/ooxml/spreadsheetml/main"));
        var open = () => ExcelRowSource.Open(path, null, WorkbookLimits.Default);
        open.Should().Throw<DataException>().WithMessage("*it has the format 'Strict Open XML', which is not read here. Open it in Excel and save it as 'Excel Workbook (*.xlsx)' or as CSV.");
    }

    [TestCase("Data_1", "Data_1")]
    [TestCase("Bob's", "'Bob''s'")]
    public void A_sheets_name_is_quoted_as_formulas_do(string sheet, string reference) => ExcelRowSource.SheetReference(sheet).Should().Be(reference);

    [Test]
    public void A_sheet_is_found_by_name_and_the_first_visible_one_otherwise()
    {
        string[] sheets =
        [
            TestWorkbook.Sheet("Hidden", TestWorkbook.Row(1, TestWorkbook.Text("H"))),
            TestWorkbook.Sheet("One", TestWorkbook.Row(1, TestWorkbook.Text("A"))),
            TestWorkbook.Sheet("Two", TestWorkbook.Row(1, TestWorkbook.Text("B"))),
        ];
        using var first = Open(null, sheets);
        using var second = Open("two", sheets);
        (first.Columns.Single(), second.Columns.Single()).Should().Be(("A", "B"));
        var third = () => Open("Three", sheets);
        third.Should().Throw<UsageException>().WithMessage("'*.xlsx' has no sheet 'Three'. It has: 'Hidden', 'One', 'Two'.");
    }

    [Test]
    public void A_file_that_is_no_workbook_is_one_sentence()
    {
        foreach (var bytes in new[] { "not a workbook"u8.ToArray(), [.. "PK\x03\x04"u8, 1, 2, 3], [] })
        {
            var path = _files.Write("bad.xlsx", bytes);
            var open = () => ExcelRowSource.Open(path, null, WorkbookLimits.Default);
            open.Should().Throw<DataException>().WithMessage($"'{path}' is not a readable Excel workbook: *. Open it in Excel and save it again as .xlsx*");
        }
    }

    [Test]
    public void A_workbook_that_breaks_off_is_one_sentence()
    {
        var whole = File.ReadAllBytes(_files.Write("whole.xlsx", TestWorkbook.Make(TestWorkbook.Sheet("A", TestWorkbook.Row(1, TestWorkbook.Text("A"))))));
        var path = _files.Write("cut.xlsx", whole[..(whole.Length / 2)]);
        var open = () => ExcelRowSource.Open(path, null, WorkbookLimits.Default);
        open.Should().Throw<DataException>().WithMessage($"'{path}' is not a readable Excel workbook: *");
    }

    [Test]
    public void External_entities_are_not_resolved()
    {
        var secret = _files.Write("secret.txt", "top secret");
        var path = _files.Write("xxe.xlsx", TestWorkbook.Make([TestWorkbook.Sheet("A", TestWorkbook.Row(1, TestWorkbook.Text("&x;")))], $"<!DOCTYPE a [<!ENTITY x SYSTEM \"file://{secret}\">]>"));
        var open = () => ExcelRowSource.Open(path, null, WorkbookLimits.Default);
        open.Should().Throw<DataException>().WithMessage("*is not a readable Excel workbook*").Where(error => !error.Message.Contains("top secret"));
    }

    [Test]
    public void A_workbook_that_inflates_beyond_reason_is_refused()
    {
        var path = Zip(("xl/big.xml", 30_000_000));
        Refusal(path, WorkbookLimits.Default).Should().Be($"'{path}' is refused as a workbook: its part 'xl/big.xml' inflates to more than 200 times its size. If the data really are that large, send them as CSV.");
        Refusal(path, new WorkbookLimits(10, 20_000_000, 2000)).Should().Contain("it inflates to more than 20,000,000 bytes");
    }

    [Test]
    public void A_workbook_of_too_many_parts_is_refused() =>
        Refusal(Zip([.. Enumerable.Range(0, 12).Select(part => ($"part{part}", 1))]), new WorkbookLimits(10, 1000, 10)).Should().Contain("it has 12 parts, and 10 are allowed");

    [Test]
    public void An_error_in_a_cell_is_sent_as_empty()
    {
        using var source = Open(null, TestWorkbook.Sheet("A", TestWorkbook.Row(1, TestWorkbook.Text("A"), TestWorkbook.Text("B")), TestWorkbook.Row(2, "<c t=\"e\"><v>#N/A</v></c>", TestWorkbook.Text("x"))));
        SourceReading.Rows(source).Single().Should().Equal("", "x");
    }

    [TestCase(0.1, "0.1")]
    [TestCase(1.0, "1")]
    [TestCase(-74.375, "-74.375")]
    [TestCase(6199754.0, "6199754")]
    public void A_number_is_its_shortest_round_trip_form(double number, string text) => Number(number, 0).Should().Be(text);

    [TestCase("00000000", 8)]
    [TestCase("0", 0)]
    [TestCase("General", 0)]
    [TestCase("0.00", 0)]
    [TestCase(null, 0)]
    public void A_format_of_zeros_asks_for_leading_ones(string? format, int digits) => CellText.LeadingZeros(format).Should().Be(digits);

    private static string Number(double number, int digits)
    {
        var output = new ArrayBufferWriter<byte>();
        CellText.WriteNumber(number, digits, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Refusal(string path, WorkbookLimits limits)
    {
        var verify = () => limits.Verify(path);
        return verify.Should().Throw<DataException>().Which.Message;
    }

    private string Zip(params (string Name, int Zeros)[] parts)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            foreach (var (name, zeros) in parts)
            {
                using var stream = archive.CreateEntry(name).Open();
                stream.Write(new byte[zeros]);
            }
        }
        return _files.Write("zip.xlsx", bytes.ToArray());
    }

    private ExcelRowSource Open(string? sheet, params string[] sheets) => ExcelRowSource.Open(_files.Write("a.xlsx", TestWorkbook.Make(sheets)), sheet, WorkbookLimits.Default);

    private List<string[]> Rows(params string[] sheets)
    {
        using var source = Open(null, sheets);
        return SourceReading.Rows(source);
    }
}
