using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Files;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Unit.Producer;

public sealed class CsvRowSourceTests
{
    private TestFiles _files = null!;

    [SetUp]
    public void MakeFolder() => _files = new TestFiles();

    [TearDown]
    public void RemoveFolder() => _files.Dispose();

    [Test]
    public void Values_are_kept_as_they_are_written() =>
        Read("ID;V\r\n01364959;1 002\r\nx;1\u00A0002\r\ny;41,936900\r\nz;-0.5\r\nw; padded \r\n")
            .Should().BeEquivalentTo([new[] { "01364959", "1 002" }, ["x", "1\u00A0002"], ["y", "41,936900"], ["z", "-0.5"], ["w", " padded "]], options => options.WithStrictOrdering());

    [Test]
    public void Mixed_line_breaks_and_quoted_ones_are_told_apart() =>
        Read("ID;V\r\na;\"two\nlines\"\nb;\"two\r\nlines\"\r\nc;\"say \"\"so\"\"; yes\"")
            .Should().BeEquivalentTo([new[] { "a", "two\nlines" }, ["b", "two\r\nlines"], ["c", "say \"so\"; yes"]], options => options.WithStrictOrdering());

    [TestCase("ID;V\na;1\n", false)]
    [TestCase("ID;V\r\na;\"1\"\r\n\"b\";\"x;y\"\r\n", false)]
    [TestCase("ID;V\na;\"say \"\"so\"\"\"\n", false)]
    [TestCase("ID;V\na;\"two\nlines\"\n", true)]
    [TestCase("ID;V\na;\"two\rlines\"\n", true)]
    [TestCase("ID;\"V\nW\"\na;1\n", true)]
    [TestCase("ID;V\na;5\" pipe\nb;1\n", true, Description = "quotes that are not in pairs")]
    public async Task A_line_break_between_quotes_is_found(string text, bool expected) =>
        (await CsvLayout.FindAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), "a.csv", ';', default)).HasQuotedLineBreaks.Should().Be(expected);

    [Test]
    public void A_byte_order_mark_is_no_part_of_the_first_column()
    {
        using var source = Open("\uFEFFID;V\r\na;b\r\n");
        source.Columns.Should().Equal("ID", "V");
    }

    [Test]
    public void A_rows_position_is_the_line_on_which_it_begins()
    {
        using var source = Open("ID;V\r\na;1\r\nb;\"x\ny\r\nz\"\r\nc;3\r\n\r\nd;4\n");
        SourceReading.Positions(source).Should().Equal("2", "3", "6", "8");
    }

    [Test]
    public void Rows_with_too_few_and_too_many_fields_keep_their_own_count() =>
        Read("A;B;C\n1;2\n1;2;3;4\n").Select(row => row.Length).Should().Equal(2, 4);

    [TestCase("A,B;C,D\n1,2;3,4\n", 3, TestName = "The_delimiter_that_the_header_has_most_of_is_taken")]
    [TestCase("A\tB\n1\t2\n", 2, TestName = "A_tab_is_found")]
    [TestCase("A;B,C\n1;2,3\n", 2, TestName = "The_contracts_delimiter_is_taken_where_it_is_among_the_most")]
    [TestCase("\"A;B;C\",D\n1,2\n", 2, TestName = "A_delimiter_inside_quotes_does_not_count")]
    [TestCase("A\n1\n", 1, TestName = "One_column_needs_no_delimiter")]
    public void The_delimiter_is_found(string text, int columns)
    {
        using var source = Open(text);
        source.Columns.Should().HaveCount(columns);
    }

    [Test]
    public void Bytes_that_are_not_UTF8_are_read_as_Windows_1252()
    {
        var path = _files.Write("a.csv", [.. "ID;V\r\na;"u8, 0xB5, 0xE9, 0x80, .. "\r\n"u8]);
        using var source = CsvRowSource.Open(path, ';', null);
        source.Encoding.WebName.Should().Be("windows-1252");
        SourceReading.Rows(source).Single()[1].Should().Be("µé€");
    }

    [Test]
    public void Bytes_of_Windows_1252_beside_UTF8_are_read_each_as_what_they_are()
    {
        var path = _files.Write("a.csv", [.. Encoding.UTF8.GetBytes("ID;V\r\né;€😀\r\n"), 0xE9, (byte)';', 0x80, 0xC3, .. "\r\n"u8, 0xE2, 0x82]);
        using var source = CsvRowSource.Open(path, ';', null);
        SourceReading.Rows(source).Select(row => string.Join('|', row)).Should().Equal("é|€😀", "é|€Ã", "â‚");
    }

    [Test]
    public void Mixed_bytes_are_the_same_wherever_a_buffer_ends()
    {
        var line = new byte[] { 0xE9, (byte)';', 0xC3, 0xA9, (byte)'\n' };
        var path = _files.Write("a.csv", [.. "ID;V\n"u8, .. Enumerable.Repeat(line, 40_000).SelectMany(bytes => bytes)]);
        using var source = CsvRowSource.Open(path, ';', null);
        SourceReading.Rows(source).Should().HaveCount(40_000).And.OnlyContain(row => row[0] == "é" && row[1] == "é");
    }

    [TestCase("sep=;\r\nID;V\r\na;b\r\n", "3")]
    [TestCase("\uFEFF\"sep=,\"\nID,V\na,b\n", "3")]
    [TestCase("SEP=\t\nID\tV\na\tb\n", "3")]
    [TestCase("\n;;\nID;V\na;b\n", "4")]
    public void What_stands_before_the_header_is_passed_over(string text, string line)
    {
        using var source = Open(text);
        source.Columns.Should().Equal("ID", "V");
        SourceReading.Positions(source).Should().Equal(line);
    }

    [Test]
    public void Rows_without_a_value_are_no_rows_and_empty_fields_beyond_the_header_no_fields() =>
        Read("A;B;;\n1;2;;\n;;;\n;\n3;\n4;;;;\n;5\n").Select(row => string.Join('|', row)).Should().Equal("1|2", "3|", "4|", "|5");

    [Test]
    public void Names_of_the_header_have_no_blanks_around()
    {
        using var source = Open(" ID ;V \na;b\n");
        source.Columns.Should().Equal("ID", "V");
    }

    [TestCase("ID;V;id\na;b;c\n")]
    [TestCase("ID;V; ID\na;b;c\n")]
    public void A_name_that_stands_twice_is_refused(string text)
    {
        var open = () => CsvLayout.Find(_files.Write("a.csv", text), ';', null);
        open.Should().Throw<DataException>().WithMessage("The header of '*a.csv' names the column 'ID' more than once, *");
    }

    [TestCase("ID;V\na;b\n", false)]
    [TestCase("ID;V\na\nb;c;d\n;\n", false, TestName = "Rows_that_are_broken_or_empty_are_left_to_the_engine")]
    [TestCase("ID;V\r\na;\"b;\r\n;;;\"\r\n", false, TestName = "Delimiters_inside_quotes_are_none")]
    [TestCase("ID;V\na;b;\n", true)]
    [TestCase("ID;V\r\na;b;;\r\n", true)]
    [TestCase("ID;V;\na;b\n", true)]
    [TestCase("sep=;\nID;V\na;b\n", true)]
    [TestCase(";\nID;V\na;b\n", true)]
    public void A_file_that_an_engine_would_read_otherwise_is_told(string text, bool needsRowSource) =>
        CsvLayout.Find(_files.Write("a.csv", text), ';', null).NeedsRowSource.Should().Be(needsRowSource);

    [Test]
    public async Task A_layout_is_the_same_from_a_stream_and_says_the_encoding()
    {
        var text = "ID,V\n" + string.Concat(Enumerable.Repeat("aaaa,bbbb\n", 150_000)) + "é,";
        byte[][] files = [Encoding.UTF8.GetBytes(text), Encoding.Latin1.GetBytes(text), [.. Encoding.UTF8.GetBytes(text), 0xE9], [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)]];
        foreach (var bytes in files)
        {
            var layout = await CsvLayout.FindAsync(new MemoryStream(bytes), "a.csv", ';', default);
            layout.Should().BeEquivalentTo(CsvLayout.Find(_files.Write("a.csv", bytes), ';', null));
            layout.Delimiter.Should().Be(',');
            layout.Columns.Should().Equal("ID", "V");
        }
        (await CsvLayout.FindAsync(new MemoryStream(files[0]), "a.csv", ';', default)).Should().Match<CsvLayout>(layout => layout.Encoding.WebName == "utf-8" && !layout.NeedsRowSource);
        (await CsvLayout.FindAsync(new MemoryStream(files[1]), "a.csv", ';', default)).Should().Match<CsvLayout>(layout => layout.Encoding.WebName == "windows-1252" && !layout.IsMixed && !layout.NeedsRowSource);
        (await CsvLayout.FindAsync(new MemoryStream(files[2]), "a.csv", ';', default)).Should().Match<CsvLayout>(layout => layout.Encoding.WebName == "windows-1252" && layout.IsMixed && layout.NeedsRowSource);
        (await CsvLayout.FindAsync(new MemoryStream(files[3]), "a.csv", ';', default)).Should().Match<CsvLayout>(layout => layout.Encoding.WebName == "utf-16" && layout.NeedsRowSource);
    }

    [Test]
    public void UTF8_is_found_also_where_a_character_crosses_the_ends_of_chunks()
    {
        var text = "ID;V\r\n" + string.Concat(Enumerable.Repeat("x;\u2082\u00A0\u00E9\r\n", 120_000));
        using var source = Open(text);
        source.Encoding.WebName.Should().Be("utf-8");
        SourceReading.Rows(source).Should().HaveCount(120_000).And.OnlyContain(row => row[1] == "\u2082\u00A0\u00E9");
    }

    [Test]
    public void A_wrong_byte_late_in_a_large_file_is_still_found()
    {
        var path = _files.Write("a.csv", [.. Encoding.UTF8.GetBytes("ID;V\r\n" + string.Concat(Enumerable.Repeat("aaaa;bbbb\r\n", 150_000))), .. "é"u8, (byte)';', 0xE9]);
        TextEncoding.Detect(path).WebName.Should().Be("windows-1252");
    }

    [Test]
    public void An_encoding_can_be_forced()
    {
        var path = _files.Write("a.csv", "ID;V\r\na;é\r\n");
        using var source = CsvRowSource.Open(path, ';', "cp1252");
        SourceReading.Rows(source).Single()[1].Should().Be("Ã©");
    }

    [Test]
    public void UTF16_with_its_mark_is_read()
    {
        var path = _files.Write("a.csv", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("ID;V\r\na;é\r\n")]);
        using var source = CsvRowSource.Open(path, ';', null);
        SourceReading.Rows(source).Single().Should().Equal("a", "é");
    }

    [Test]
    public void An_unknown_encoding_is_refused()
    {
        var open = () => TextEncoding.Named("utf-99");
        open.Should().Throw<UsageException>().WithMessage("'utf-99' is not a known encoding. Give --encoding utf-8, *");
    }

    [Test]
    public void An_empty_file_is_refused()
    {
        var open = () => Open("");
        open.Should().Throw<DataException>().WithMessage("'*a.csv' is empty: there is not even a header. Give a file with a header and rows.");
    }

    [Test]
    public void A_quote_that_is_never_closed_ends_in_a_sentence_and_not_in_memory()
    {
        using var source = Open("ID;V\na;1\nb;\"" + new string('x', 20 * 1024 * 1024));
        var read = () => SourceReading.Rows(source);
        read.Should().Throw<DataException>().WithMessage("'*a.csv' cannot be read on from about line *Look there for a quote that is opened and not closed.");
    }

    private CsvRowSource Open(string text) => CsvRowSource.Open(_files.Write("a.csv", text), ';', null);

    private List<string[]> Read(string text)
    {
        using var source = Open(text);
        return SourceReading.Rows(source);
    }
}
