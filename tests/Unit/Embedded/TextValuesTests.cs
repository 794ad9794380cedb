using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded.Session;

namespace Pipeline.Tests.Unit.Embedded;

public sealed class TextValuesTests
{
    [TestCase("1 002", 1002)]
    [TestCase("1\u00A0002 003,25", 1002003.25)]
    [TestCase("-0.5", -0.5)]
    [TestCase("41,936900", 41.9369)]
    [TestCase("0.30000000000000004", 0.30000000000000004)]
    [TestCase("1e-3", 0.001)]
    [TestCase("1\u202F234,5", 1234.5)]
    [TestCase("1\u2009234", 1234)]
    [TestCase("\u221212", -12)]
    [TestCase(" \u00A012,5\t", 12.5)]
    public void A_number_is_read_exactly(string text, double expected)
    {
        TextValues.TryNumber(Encoding.UTF8.GetBytes(text), out var value).Should().BeTrue();
        value.Should().Be(expected);
    }

    [TestCase("")]
    [TestCase("12 34")]
    [TestCase("1234 567")]
    [TestCase("5.")]
    [TestCase("1_000")]
    [TestCase("inf")]
    [TestCase("1e400")]
    [TestCase("\u2212")]
    public void What_is_no_number_is_refused(string text) => TextValues.TryNumber(Encoding.UTF8.GetBytes(text), out _).Should().BeFalse();

    [TestCase("9223372036854775807", long.MaxValue)]
    [TestCase("-9223372036854775808", long.MinValue)]
    [TestCase("9\u202F223 372\u2009036\u00A0854 775 807,0", long.MaxValue)]
    public void A_whole_number_has_64_bits(string text, long expected)
    {
        TextValues.TryWholeNumber(Encoding.UTF8.GetBytes(text), out var value).Should().BeTrue();
        value.Should().Be(expected);
    }

    [TestCase("9223372036854775808")]
    [TestCase("-9223372036854775809")]
    [TestCase("10000000000000000000")]
    [TestCase("18446744073709551617")]
    public void What_is_beyond_64_bits_is_refused(string text) => TextValues.TryWholeNumber(Encoding.UTF8.GetBytes(text), out _).Should().BeFalse();

    [TestCase("11/06/2020 00:00:00", 2020, 11, 6, 0)]
    [TestCase("02/29/2000 23:00:00", 2000, 2, 29, 23)]
    [TestCase("1969-12-31T01:00:00", 1969, 12, 31, 1)]
    public void An_instant_is_read_in_UTC(string text, int year, int month, int day, int hour)
    {
        TextValues.TryInstant(Encoding.UTF8.GetBytes(text), out var microseconds).Should().BeTrue();
        DateTime.UnixEpoch.AddMicroseconds(microseconds).Should().Be(new DateTime(year, month, day, hour, 0, 0, DateTimeKind.Utc));
    }

    [TestCase("02/29/2019 00:00:00")]
    [TestCase("01/31/2020 24:00:00")]
    [TestCase("2020-13-01 00:00:00")]
    [TestCase("01/01/0000 00:00:00")]
    [TestCase("2020-01-01")]
    public void What_is_no_instant_is_refused(string text) => TextValues.TryInstant(Encoding.UTF8.GetBytes(text), out _).Should().BeFalse();
}
