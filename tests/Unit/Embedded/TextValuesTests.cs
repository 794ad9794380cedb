using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Embedded.Session;

namespace Pipeline.Tests.Unit.Embedded;

public sealed class TextValuesTests
{
    [TestCase("1 002", 1002)]
    [TestCase("1\u00A0002 003,25", 1002003.25)]
    [TestCase("-0.5", -0.5)]
    [TestCase("41,936900", 41.9369)]
    [TestCase("0.30000000000000004", 0.30000000000000004)]
    [TestCase("1e-3", 0.001)]
    [TestCase("1e400", double.PositiveInfinity)]
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
    public void What_is_no_number_is_refused(string text) => TextValues.TryNumber(Encoding.UTF8.GetBytes(text), out _).Should().BeFalse();

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
    [TestCase("2020-01-01")]
    public void What_is_no_instant_is_refused(string text) => TextValues.TryInstant(Encoding.UTF8.GetBytes(text), out _).Should().BeFalse();
}
