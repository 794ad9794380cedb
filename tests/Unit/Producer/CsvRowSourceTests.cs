using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Files;

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
