using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;

namespace Pipeline.Tests.Unit.Kafka;

public sealed class JavaPropertiesTests
{
    [TestCase("a=b", "a", "b")]
    [TestCase("  a = b ", "a", "b ")]
    [TestCase("a:b=c", "a", "b=c")]
    [TestCase("a b", "a", "b")]
    [TestCase("a", "a", "")]
    [TestCase("a\\=b=c", "a=b", "c")]
    [TestCase("a=\\u00e9\\t|", "a", "é\t|")]
    [TestCase("a=C:\\\\keys", "a", "C:\\keys")]
    [TestCase("a=one\\\n   two", "a", "onetwo")]
    [TestCase("a=one\\\\\nb", "a", "one\\")]
    public void An_entry_is_read_as_Java_reads_it(string text, string key, string value) => JavaProperties.Parse(text)[0].Should().Be(new JavaProperty(key, value, 1));

    [Test]
    public void Comments_and_empty_lines_are_passed_over_and_lines_counted() =>
        JavaProperties.Parse("# one\r\n! two\r\n\r\na=1\r\nb=2\\\r\n3\rc=4").Should().Equal(new JavaProperty("a", "1", 4), new JavaProperty("b", "23", 5), new JavaProperty("c", "4", 7));
}
