using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Eight rows with what goes wrong: NULL, NaN, infinities, negatives, extremes, accents, quotes, line breaks, days before 1970, broken texts.</summary>
internal static class Samples
{
    public static StructType Schema { get; } = new(
        new StructField("id", new IntegerType()), new StructField("s", new StringType()), new StructField("t", new StringType()), new StructField("i", new IntegerType()),
        new StructField("j", new IntegerType()), new StructField("l", new LongType()), new StructField("d", new DoubleType()), new StructField("e", new DoubleType()),
        new StructField("f", new FloatType()), new StructField("b", new BooleanType()), new StructField("n", new DecimalType(10, 2)), new StructField("n2", new DecimalType(5, 3)),
        new StructField("day", new DateType()), new StructField("day2", new DateType()), new StructField("at", new TimestampType()), new StructField("at2", new TimestampType()),
        new StructField("bin", new BinaryType()), new StructField("list", new ArrayType(new IntegerType())), new StructField("list2", new ArrayType(new IntegerType())),
        new StructField("names", new ArrayType(new StringType())), new StructField("num", new StringType()), new StructField("js", new StringType()), new StructField("dt", new StringType()));

    public static IReadOnlyList<object?[]> Rows { get; } =
    [
        [1, "Hello World", "b", 5, 3, 5000000000L, 2.5, 1.0, 1.5f, true, 12.34m, 1.005m, new DateOnly(2020, 1, 31), new DateOnly(2019, 12, 15), Utc(2020, 1, 31, 13, 45, 59, 123456), Utc(2019, 12, 15, 1, 2, 3),
            new byte[] { 0x48, 0x69 }, new object?[] { 3, 1, 2, 1 }, new object?[] { 1, 9 }, new object?[] { "x", "y" }, "12", "{\"a\":1,\"b\":\"x\",\"c\":[1,2],\"d\":{\"e\":2.5}}", "01/31/2020 13:45:59"],
        [2, "  été à Paris ", "a", -7, 2, -3L, -2.5, 0.0, -0.25f, false, -0.05m, -2.345m, new DateOnly(1965, 3, 1), new DateOnly(2024, 2, 29), Utc(1965, 3, 1, 23, 59, 59, 999999), Utc(2024, 2, 29),
            new byte[] { 0xff, 0xfe }, new object?[] { null, 5 }, new object?[] { 5 }, new object?[] { "z", null }, "-3.7", "{\"a\":null}", "3/1/1965 1:02:03"],
        [3, "", "",  0, 0, 0L, 0.0, 3.0, 0f, null, 0m, 0m, new DateOnly(1970, 1, 1), new DateOnly(1970, 1, 1), Utc(1970, 1, 1), Utc(1970, 1, 1),
            new byte[] { }, new object?[] { }, new object?[] { }, new object?[] { }, " 42 ", "not json", "02/30/2020 00:00:00"],
        [4, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null],
        [5, "a.b.c", "a.b", 2147483647, 10, 9223372036854775807L, double.NaN, 2.0, float.NaN, true, 99999999.99m, 9.999m, new DateOnly(2024, 12, 30), new DateOnly(2025, 1, 1), Utc(2024, 12, 30, 12), Utc(2025, 1, 1, 6, 30),
            new byte[] { 0x00, 0xC3, 0xA9 }, new object?[] { 2147483647 }, new object?[] { 7, 7 }, new object?[] { "a.b" }, "1e3", "{\"a\":\"5\",\"b\":7}", "12/30/2024 12:00:00"],
        [6, "it's 100% \\ ok\nnew", "100%", 7, -2, 12L, 1e10, -4.0, 3.25f, false, 1.50m, 0.125m, new DateOnly(2023, 7, 4), new DateOnly(2023, 7, 3), Utc(2023, 7, 4, 0, 0, 0), Utc(2023, 7, 3, 23, 59, 59, 1),
            new byte[] { 1 }, new object?[] { 1, 2, 3, 4, 5 }, new object?[] { 2, 4 }, new object?[] { "q", "r", "s" }, "abc", "[1,2,3]", "2023-07-04"],
        [7, "ABC abc", "abc", 1, 1, 1L, 0.001, 1e-3, 0.5f, true, 0.01m, 1m, new DateOnly(2000, 2, 29), new DateOnly(1999, 2, 28), Utc(2000, 2, 29, 5, 5, 5, 500000), Utc(1999, 2, 28),
            new byte[] { 0x41 }, new object?[] { 7, 7, 7 }, new object?[] { 8 }, new object?[] { "A" }, "true", "{\"a\":1.9,\"b\":true}", "02/29/2000 05:05:05"],
        [8, "Ünïcödé ß", "é", 100, 7, 100L, double.PositiveInfinity, double.NegativeInfinity, 1f, null, 5.55m, 2.5m, new DateOnly(1900, 1, 1), new DateOnly(1582, 10, 15), Utc(1900, 1, 1, 0, 0, 1), Utc(1899, 12, 31, 23, 59, 59),
            new byte[] { 0xE9 }, new object?[] { 0, -1 }, new object?[] { 0 }, new object?[] { "é" }, "+7.", "{\"a\":123456789012}", "12/31/99 00:00:00"],
    ];

    public static DataFrame Of(SparkSession session) => session.CreateDataFrame(Rows, Schema);

    private static DateTime Utc(int year, int month, int day, int hour = 0, int minute = 0, int second = 0, int microsecond = 0) =>
        new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).AddMicroseconds(microsecond);
}
