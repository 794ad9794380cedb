using System.Text;
using CsCheck;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded.Sources;

namespace Pipeline.Tests.Unit.Embedded;

[TestFixture]
public sealed class CsvRecordsTests
{
    private static List<string[]> Read(string text, params (string Key, string Value)[] options) => Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), options);

    private static List<string[]> Read(Stream stream, params (string Key, string Value)[] options)
    {
        using var records = new CsvRecords(stream, CsvOptions.From(new SourceOptions(options.ToDictionary(option => option.Key, option => option.Value))));
        var rows = new List<string[]>();
        while (records.Read()) rows.Add([.. records.Fields.Select(field => Encoding.UTF8.GetString(records.Text(field)))]);
        return rows;
    }

    [TestCase("a,b", "a|b")]
    [TestCase("a,,", "a||")]
    [TestCase(",", "|")]
    [TestCase("\"a,b\",c", "a,b|c")]
    [TestCase("\"a\" ,b", "a|b")]
    [TestCase("\"a\"x,b", "\"a\"x|b")]
    [TestCase("a\"b\",c", "a\"b\"|c")]
    [TestCase("\"a\\\"b\",c", "a\"b|c")]
    [TestCase("\"a\\nb\"", "a\\nb")]
    [TestCase("\"open,b", "open,b")]
    [TestCase("\"\",x", "|x")]
    public void Fields_are_cut_as_Sparks_parser_cuts_them(string record, string fields) => string.Join('|', Read(record).Single()).Should().Be(fields);

    [TestCase("sep", "||", "a||b", "a,b")]
    [TestCase("sep", "\\t", "a\tb", "a,b")]
    [TestCase("quote", "'", "'a,b',\"c", "a,b;\"c")]
    [TestCase("quote", "", "\"a,b\"", "\"a;b\"")]
    [TestCase("comment", "#", "#no\na", "a")]
    [TestCase("ignoreLeadingWhiteSpace", "true", "  a, \"b\"", "a;b")]
    [TestCase("ignoreTrailingWhiteSpace", "true", "a  ,b ", "a;b")]
    public void Options_are_followed(string option, string value, string text, string fields) => string.Join(option is "sep" ? ',' : ';', Read(text, (option, value)).Single()).Should().Be(fields);

    [Test]
    public void Records_end_at_any_kind_of_line_break_and_empty_ones_are_none() =>
        Read("a\r\nb\nc\rd\r\n\r\n \n\ne").Select(row => row[0]).Should().Equal("a", "b", "c", "d", "e");

    [Test]
    public void With_multiLine_breaks_between_quotes_belong_to_the_field_and_lines_are_still_counted()
    {
        using var records = new CsvRecords(new MemoryStream("h\n\"a\nb\"\"\n\",x\n\"\"\ny\"z\n"u8.ToArray()), CsvOptions.From(new SourceOptions(new Dictionary<string, string> { ["multiLine"] = "true", ["escape"] = "\"" })));
        var seen = new List<(long, string)>();
        while (records.Read()) seen.Add((records.Line, string.Join('|', records.Fields.Select(field => Encoding.UTF8.GetString(records.Text(field))))));
        seen.Should().Equal((1L, "h"), (2L, "a\nb\"\n|x"), (5L, ""), (6L, "y\"z"));
    }

    [Test]
    public void What_is_written_with_quotes_is_read_back_whatever_the_sizes_of_the_reads() =>
        Gen.Select(Gen.String[Gen.Char["ab,\"\n\r \\é€"], 0, 12].Array[1, 4].Array[1, 30], Gen.Int[1, 40]).Sample((rows, size) =>
        {
            var text = string.Concat(rows.Select(row => string.Join(',', row.Select(field => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\n"));
            return Read(new Drops(Encoding.UTF8.GetBytes(text), size), ("multiLine", "true"), ("escape", "\"")).Select(row => string.Join('\u0001', row)).SequenceEqual(rows.Select(row => string.Join('\u0001', row)));
        });

    /// <summary>Gives some bytes a read.</summary>
    private sealed class Drops(byte[] content, int size) : MemoryStream(content)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(size, buffer.Length)]);
    }
}
