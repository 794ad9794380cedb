using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Files;
using Pipeline.Engine.Types;
using Pipeline.Producer.Messages;

namespace Pipeline.Tests.Unit.Producer;

public sealed class JsonRowMessagesTests
{
    private TestFiles _files = null!;

    [SetUp]
    public void MakeFolder() => _files = new TestFiles();

    [TearDown]
    public void RemoveFolder() => _files.Dispose();

    [Test]
    public void A_row_is_an_object_of_texts_with_the_sources_names() =>
        Messages("ID;NAME;VALUE\n007;Rondout Creek;1 002\n").Should().Equal(("007", """{"ID":"007","NAME":"Rondout Creek","VALUE":"1 002"}""", "2"));

    [Test]
    public void An_empty_field_is_an_empty_text_and_a_row_without_key_has_none() =>
        Messages("ID;NAME;VALUE\n;x;\n").Should().Equal(("", """{"ID":"","NAME":"x","VALUE":""}""", "2"));

    [Test]
    public void Missing_fields_are_left_out_and_counted()
    {
        using var source = Open("ID;NAME;VALUE\na;b\nc\n");
        SourceReading.Messages(source).Select(message => message.Value).Should().Equal("""{"ID":"a","NAME":"b"}""", """{"ID":"c"}""");
        source.Warnings.Sentences.Should().Equal("2 rows have too few fields; what is missing is left out of the message (first at 2, 3).");
    }

    [Test]
    public void Fields_too_many_are_kept_under_extra_and_counted()
    {
        using var source = Open("ID;NAME;VALUE\na;b;1;x;y\n");
        SourceReading.Messages(source).Single().Value.Should().Be("""{"ID":"a","NAME":"b","VALUE":"1","_extra":["x","y"]}""");
        source.Warnings.Sentences.Should().Equal("1 row has too many fields; the rest is in the message's \"_extra\" (first at 2).");
    }

    [Test]
    public void Special_characters_are_escaped_or_kept_as_UTF8() =>
        Messages("ID;NAME;VALUE\na;\"µ é \u2082 \"\"q\"\" \\ \n\t<&>\";1\n").Single().Value
            .Should().Be("{\"ID\":\"a\",\"NAME\":\"µ é \u2082 \\\"q\\\" \\\\ \\n\\t<&>\",\"VALUE\":\"1\"}");

    [Test]
    public void Bytes_that_are_wrong_under_a_forced_encoding_become_replacement_characters()
    {
        var path = _files.Write("bad.csv", [.. "ID;NAME;VALUE\na;x"u8, 0xE9, .. "y;1\n"u8]);
        using var source = new JsonRowMessages(CsvRowSource.Open(path, ';', "utf-8"), SourceReading.Small);
        SourceReading.Messages(source).Single().Value.Should().Be("""{"ID":"a","NAME":"x\uFFFDy","VALUE":"1"}""");
    }

    [Test]
    public void The_columns_may_stand_in_any_order_and_case() =>
        Messages("value;id; name \n1;a;b\n").Single().Should().Be(("a", """{"VALUE":"1","ID":"a","NAME":"b"}""", "2"));

    [Test]
    public void A_header_that_lacks_columns_is_refused_with_what_is_missing_and_what_is_there()
    {
        var open = () => Open("ID;OTHER\na;b\n");
        open.Should().Throw<DataException>().WithMessage("'a.csv' lacks 2 columns 'NAME', 'VALUE' of small. Its header has: 'ID', 'OTHER'. Give the right file, sheet or delimiter.");
    }

    [Test]
    public void A_name_that_stands_twice_is_refused()
    {
        var open = () => Open("ID;NAME;VALUE;name\na;b;1;c\n");
        open.Should().Throw<DataException>().WithMessage("The header of '*a.csv' names the column 'NAME' more than once*");
    }

    [Test]
    public void Columns_that_the_contract_does_not_know_are_sent_and_noted()
    {
        using var source = Open("ID;NAME;VALUE;NOTE\na;b;1;c\n");
        SourceReading.Messages(source).Single().Value.Should().Be("""{"ID":"a","NAME":"b","VALUE":"1","NOTE":"c"}""");
        source.Warnings.Sentences.Should().Equal("'a.csv' has columns that small does not know; they are sent as they are: 'NOTE'.");
    }

    private JsonRowMessages Open(string text) => new(CsvRowSource.Open(_files.Write("a.csv", text), ';', null), SourceReading.Small);

    private List<(string Key, string Value, string Position)> Messages(string text)
    {
        using var source = Open(text);
        return SourceReading.Messages(source);
    }
}
