using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using CsCheck;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark.Rows;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Columns;

namespace Pipeline.Tests.Unit.Spark;

public class ArrowTests
{
    [Test]
    public void What_is_written_is_read_again_in_every_type()
    {
        var point = new StructType(new StructField("x", new IntegerType()), new StructField("y", new StringType()));
        var schema = new StructType(
            new StructField("flag", new BooleanType()), new StructField("b", new ByteType()), new StructField("s", new ShortType()), new StructField("l", new LongType()),
            new StructField("d", new DoubleType()), new StructField("f", new FloatType()), new StructField("m", new DecimalType(38, 2)), new StructField("text", new StringType()),
            new StructField("bytes", new BinaryType()), new StructField("day", new DateType()), new StructField("at", new TimestampType()), new StructField("wall", new TimestampNTZType()),
            new StructField("list", new ArrayType(point)), new StructField("map", new MapType(new StringType(), new LongType())), new StructField("nothing", new NullType()));
        object?[] row =
        [
            true, (sbyte)-1, (short)-2, long.MinValue, double.NaN, 1.5f, "123456789012345678901234567890123456.78", "µ\n", new byte[] { 0, 255 }, new DateOnly(1899, 12, 31),
            new DateTime(1969, 12, 31, 23, 59, 59, DateTimeKind.Utc).AddTicks(9999990), new DateTime(9999, 12, 31), new object?[] { new Row(point, [1, null]), null }, new Dictionary<object, object?> { ["k"] = 1L, ["n"] = null }, null,
        ];
        var answered = Through(schema, [row, new object?[schema.Count], row]);
        answered[0].Values.Should().BeEquivalentTo(row, options => options.WithStrictOrdering().ComparingByMembers<Row>());
        answered[1].Values.Should().OnlyContain(value => value == null);
        answered[2].Values[6].Should().Be("123456789012345678901234567890123456.78");
        ((DateTime)answered[2].Get("at")!).Kind.Should().Be(DateTimeKind.Utc);
        ((DateTime)answered[2].Get("wall")!).Kind.Should().Be(DateTimeKind.Unspecified);
    }

    [Test]
    public void Every_decimal_that_NET_has_survives() =>
        Gen.Decimal.Sample(value =>
        {
            Span<byte> bytes = stackalloc byte[DecimalValue.Width];
            var scale = Math.Min((int)value.Scale, 9);
            var shortened = decimal.Round(value, scale, MidpointRounding.ToZero);
            DecimalValue.Write(bytes, shortened, 38, scale);
            return DecimalValue.Read(bytes, scale) is decimal read && read == shortened;
        });

    [TestCase("0", 38, 38, true)]
    [TestCase("-0.5", 38, 30, true)]
    [TestCase("7.10", 10, 2, true)]
    [TestCase("99999999999999999999999999999999999999", 38, 0, false)]
    [TestCase("-0.00000000000000000000000000000000000001", 38, 38, false)]
    public void A_decimal_is_a_number_where_NET_holds_it_and_text_where_not(string text, int precision, int scale, bool isNumber)
    {
        var bytes = new byte[DecimalValue.Width];
        DecimalValue.Write(bytes, text, precision, scale);
        DecimalValue.Read(bytes, scale).Should().Be(isNumber ? decimal.Parse(text, CultureInfo.InvariantCulture) : text);
    }

    [TestCase("100", 2, 0, "100 does not fit decimal(2,0) without loss.*")]
    [TestCase("0.001", 5, 2, "0.001 does not fit decimal(5,2) without loss.*")]
    [TestCase("a1", 5, 2, "'a1' is not a decimal number.*")]
    public void A_decimal_that_does_not_fit_is_refused(string text, int precision, int scale, string message) =>
        FluentActions.Invoking(() => DecimalValue.Write(new byte[DecimalValue.Width], text, precision, scale)).Should().Throw<ArgumentException>().WithMessage(message);

    [Test]
    public void Numbers_of_a_narrower_type_are_taken_and_wider_ones_refused()
    {
        var schema = new StructType(new StructField("n", new LongType()), new StructField("small", new ByteType()));
        Through(schema, [[7, 1]])[0].Values.Should().Equal(7L, (sbyte)1);
        FluentActions.Invoking(() => Through(schema, [[7, 300]])).Should().Throw<ArgumentException>().WithMessage("Column 'small' is tinyint, and a value is not: *");
        FluentActions.Invoking(() => Through(schema, [["x", 1]])).Should().Throw<ArgumentException>().WithMessage("Column 'n' is bigint, and a value is not: *");
    }

    [Test]
    public void A_column_that_came_in_another_type_widens_or_is_refused_by_name()
    {
        var array = new Int32Array.Builder().Append(5).Build();
        ArrowValues.Reader(new LongType(), array, "n")(0).Should().Be(5L);
        FluentActions.Invoking(() => ArrowValues.Reader(new StringType(), array, "n")).Should().Throw<EngineException>()
            .WithMessage("Column 'n' is string in the plan, and Spark answered with int32. Cast it to the type that is wanted.");
    }

    [Test]
    public void A_day_outside_of_NETs_years_is_refused_with_its_value()
    {
        var days = new Date32Array(new ArrowBuffer(BitConverter.GetBytes(3_000_000)), ArrowBuffer.Empty, 1, 0, 0);
        FluentActions.Invoking(() => ArrowValues.Reader(new DateType(), days, "d")(0)).Should().Throw<EngineException>()
            .WithMessage("Column 'd' has a date of 3000000 days after 1970-01-01; .NET's years are 1 to 9999. Select it as a string or a number.");
    }

    private static List<Row> Through(StructType schema, IEnumerable<object?[]> rows)
    {
        using var file = new ArrowFile();
        file.Write(schema, rows);
        using var stream = File.OpenRead(file.Path);
        using var reader = new ArrowStreamReader(stream);
        var answered = new List<Row>();
        while (reader.ReadNextRecordBatch() is { } batch) answered.AddRange(ArrowCollect.Rows(batch, schema));
        return answered;
    }
}
