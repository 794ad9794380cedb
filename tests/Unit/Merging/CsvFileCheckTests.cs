using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Jobs.Cli.Merging;

namespace Pipeline.Tests.Unit.Merging;

public sealed class CsvFileCheckTests
{
    private static readonly string[] Header = ["id", "name", "note"];

    [TestCase("id,name,note\n1,a,x\n2,b,y\n", 2)]
    [TestCase("id,name,note\r\n1,a,x\r\n", 1)]
    [TestCase("\uFEFFid,name,note\n1,a,x\n", 1)]
    [TestCase("\"id\",\"name\",note\n1,\"a, b\nand \"\"c\"\"\",x\n", 1)]
    [TestCase("id,name,note\n", 0)]
    [TestCase("id,name,note\n,,\n", 1)]
    public void A_whole_file_with_the_header_is_taken(string text, int rows)
    {
        var check = CsvFileCheck.Of(Encoding.UTF8.GetBytes(text), Header);
        check.Reason.Should().BeNull();
        check.Rows.Should().Be(rows);
    }

    [TestCase("", "is empty")]
    [TestCase("\uFEFF", "is empty")]
    [TestCase("id,name,note\n1,a,", "does not end with a line break: it is half-written")]
    [TestCase("id,na", "does not end with a line break: it is half-written")]
    [TestCase("id,name,note\n1,\"a\n", "ends inside quotes: it is half-written")]
    [TestCase("id,name,note\n1,a\n", "has 2 fields in its row 1, and its header has 3")]
    [TestCase("id,name,note\n1,a,x\n1,a,x,y\n", "has 4 fields in its row 2, and its header has 3")]
    [TestCase("1,a,x\n2,b,y\n", "has no header: its first line is '1,a,x'")]
    [TestCase("id,note,name\n1,x,a\n", "has another header: 'id,note,name' in place of 'id,name,note'")]
    [TestCase("id,name\n1,a\n", "has another header: 'id,name' in place of 'id,name,note'")]
    [TestCase("id,name,note\n1,a,\0\n", "holds NUL bytes: it is half-written, or no CSV file")]
    public void Another_file_is_left_out_with_the_reason(string text, string reason) =>
        CsvFileCheck.Of(Encoding.UTF8.GetBytes(text), Header).Reason.Should().Be(reason);
}
