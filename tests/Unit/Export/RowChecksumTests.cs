using CsCheck;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Types;
using Pipeline.Suite.Export;

namespace Pipeline.Tests.Unit.Export;

public class RowChecksumTests
{
    private static readonly StructType Columns = new(new StructField("site", new StringType()), new StructField("n", new LongType()), new StructField("mean", new DoubleType()));

    [Test]
    public void Rows_in_another_order_have_the_same_checksum() =>
        Gen.Select(Gen.String[0, 12], Gen.Long, Gen.Double).Select(static (site, n, mean) => new object?[] { site, n, mean }).Array[0, 20].Sample(rows =>
        {
            var (forward, backward) = (Of(rows), Of(rows.Reverse()));
            return forward.Matches(backward) && forward.Text == backward.Text;
        });

    [Test]
    public void A_value_that_differs_in_its_last_bit_changes_it() =>
        Of([["a", 1L, 0.1 + 0.2]]).Matches(Of([["a", 1L, 0.3]])).Should().BeFalse();

    [Test]
    public void A_row_that_stands_twice_changes_it() =>
        Of([["a", 1L, 1.0], ["a", 1L, 1.0]]).Matches(Of([["a", 1L, 1.0]])).Should().BeFalse();

    [Test]
    public void Values_that_trade_places_change_it() =>
        Of([["a", 1L, 2.0], ["b", 2L, 1.0]]).Matches(Of([["a", 2L, 1.0], ["b", 1L, 2.0]])).Should().BeFalse();

    [Test]
    public void Null_and_empty_text_are_two_values() =>
        Of([[null, 1L, 1.0]]).Matches(Of([["", 1L, 1.0]])).Should().BeFalse();

    [Test]
    public void Text_of_eight_bytes_and_more_is_told_apart_at_each_place()
    {
        const string Text = "0123456789abcdef";
        for (var i = 0; i < Text.Length; i++)
            Of([[Text, 1L, 1.0]]).Matches(Of([[Text[..i] + "x" + Text[(i + 1)..], 1L, 1.0]])).Should().BeFalse($"place {i} differs");
    }

    [Test]
    public void Minus_zero_is_zero_and_an_int_is_a_long() =>
        Of([["a", 1, -0.0]]).Matches(Of([["a", 1L, 0.0]])).Should().BeTrue();

    [Test]
    public void Text_and_drivers_forms_of_a_day_an_instant_and_a_decimal_agree()
    {
        var columns = new StructType(new StructField("day", new DateType()), new StructField("at", new TimestampType()), new StructField("price", new DecimalType(10, 2)));
        var typed = new RowChecksum(columns);
        typed.Add([new DateOnly(1969, 12, 31), new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc), 1.50m]);
        var text = new RowChecksum(columns);
        text.Add(["1969-12-31", "2020-01-02 03:04:05.000000", 1.5m]);

        text.Matches(typed).Should().BeTrue();
    }

    private static RowChecksum Of(IEnumerable<object?[]> rows)
    {
        var checksum = new RowChecksum(Columns);
        foreach (var row in rows) checksum.Add(row);
        return checksum;
    }
}
