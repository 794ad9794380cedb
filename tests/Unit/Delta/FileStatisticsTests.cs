using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Unit.Delta;

public class FileStatisticsTests
{
    [Test]
    public void The_json_is_the_logs_and_comes_back()
    {
        const string json = """{"numRecords":3,"minValues":{"a":-1,"s":"é"},"maxValues":{"a":1.5,"s":"ü"},"nullCount":{"a":0,"s":2}}""";
        FileStatistics.Parse(json).ToJson().Should().Be(json);
    }

    [Test]
    public void Parts_of_columns_are_passed_over() =>
        FileStatistics.Parse("""{"numRecords":1,"minValues":{"x":null},"nullCount":{"s":{"y":1},"z":2},"tightBounds":true}""").ToJson()
            .Should().Be("""{"numRecords":1,"minValues":{},"maxValues":{},"nullCount":{"z":2}}""");

    [Test]
    public void Text_that_is_not_json_is_refused()
    {
        var parse = () => FileStatistics.Parse("{\"numRecords\":");
        parse.Should().Throw<FormatException>().WithMessage("Cannot read file statistics from '{\"numRecords\":': *");
    }

    [Test]
    public void Each_type_has_its_form()
    {
        var long40 = new string('x', 40);
        var json = Of(
            ("l", new LongType(), "-5", "7"),
            ("d", new DoubleType(), "-1.5", "1e+300"),
            ("dec", new DecimalType(10, 2), "-3.00", "1.50"),
            ("day", new DateType(), "1969-01-02", "2020-01-02"),
            ("at", new TimestampType(), "1960-01-02 03:04:05.123456+00", "2020-01-02 03:04:05.123456+00"),
            ("ntz", new TimestampNTZType(), "2020-01-02 03:04:05", "2020-01-02 03:04:05.1"),
            ("s", new StringType(), long40, long40),
            ("quote", new StringType(), "a\"b", "é"));
        json.Should().Be("""
            {"numRecords":9,"minValues":{"at":"1960-01-02T03:04:05.123Z","d":-1.5,"day":"1969-01-02","dec":-3.00,"l":-5,"ntz":"2020-01-02T03:04:05.000","quote":"a\"b","s":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},"maxValues":{"at":"2020-01-02T03:04:05.124Z","d":1e+300,"day":"2020-01-02","dec":1.50,"l":7,"ntz":"2020-01-02T03:04:05.100","quote":"é","s":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\uDBFF\uDFFF"},"nullCount":{"at":1,"d":1,"day":1,"dec":1,"l":1,"ntz":1,"quote":1,"s":1}}
            """.Trim());
    }

    [Test]
    public void What_has_no_order_in_json_has_no_bounds() =>
        Of(("b", new BooleanType(), "false", "true"), ("raw", new BinaryType(), "61", "62"), ("inf", new DoubleType(), "-inf", "inf"), ("old", new DateType(), "0044-03-15 (BC)", "2020-01-01"), ("cut", new StringType(), "a", "z\uFFFD"))
            .Should().Be("""{"numRecords":9,"minValues":{},"maxValues":{},"nullCount":{"b":1,"cut":1,"inf":1,"old":1,"raw":1}}""");

    [Test]
    public void A_column_with_a_nan_has_no_bounds()
    {
        var schema = new StructType(new StructField("x", new DoubleType()));
        var columns = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["\"x\""] = new Dictionary<string, string> { ["min"] = "1.0", ["max"] = "2.0", ["has_nan"] = "true", ["null_count"] = "0" } };
        ParquetStatistics.FromCopy(schema, 2, columns).ToJson().Should().Be("""{"numRecords":2,"minValues":{},"maxValues":{},"nullCount":{"x":0}}""");
    }

    [Test]
    public void Parts_of_columns_and_columns_beyond_the_first_have_none()
    {
        var schema = new StructType(new StructField("st", new StructType(new StructField("k", new LongType()))), new StructField("a\"b", new LongType()), new StructField("late", new LongType()), new StructField("key", new LongType(), false));
        var values = new Dictionary<string, string> { ["min"] = "1", ["max"] = "2", ["null_count"] = "0" };
        var columns = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["\"st\".\"k\""] = values, ["\"a\"\"b\""] = values, ["\"late\""] = values, ["\"key\""] = values, ["\"unknown\""] = values };
        ParquetStatistics.FromCopy(schema, 2, columns, maxColumns: 2).ToJson().Should().Be("""{"numRecords":2,"minValues":{"a\"b":1},"maxValues":{"a\"b":2},"nullCount":{"a\"b":0,"key":0}}""");
    }

    [TestCase(null, null)]
    [TestCase("", null)]
    [TestCase("a b", "a b")]
    [TestCase(5L, "5")]
    [TestCase(-1.5, "-1.5")]
    [TestCase(true, "true")]
    public void Partition_values_are_texts(object? value, string? text) => PartitionValue.Format(value).Should().Be(text);

    [Test]
    public void Partition_instants_are_in_utc_with_microseconds()
    {
        PartitionValue.Format(new DateTime(2020, 1, 2, 3, 4, 5, 6, 7, DateTimeKind.Utc)).Should().Be("2020-01-02T03:04:05.006007Z");
        PartitionValue.Format(new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Unspecified)).Should().Be("2020-01-02 03:04:05.000000");
        PartitionValue.Format(new DateOnly(1969, 7, 20)).Should().Be("1969-07-20");
    }

    [Test]
    public void Partition_folders_are_escaped_as_hive_does() =>
        PartitionValue.FolderOf(["a b", "c"], new Dictionary<string, string?> { ["a b"] = "x/y=50%:é", ["c"] = null }).Should().Be("a b=x%2Fy%3D50%25%3Aé/c=__HIVE_DEFAULT_PARTITION__");

    [TestCase("a/b=c,d-e_f.g~h", "a/b=c,d-e_f.g~h")]
    [TestCase("a b%20é", "a%20b%2520%C3%A9")]
    [TestCase("p=x%3Ay/😀", "p=x%253Ay/%F0%9F%98%80")]
    public void Paths_are_encoded_as_in_uris_and_come_back(string path, string encoded)
    {
        LogPath.Encode(path).Should().Be(encoded);
        LogPath.Decode(encoded).Should().Be(path);
    }

    private static string Of(params (string Name, DataType Type, string Min, string Max)[] columns)
    {
        var schema = new StructType(columns.Select(static column => new StructField(column.Name, column.Type)));
        var statistics = columns.ToDictionary(static column => $"\"{column.Name}\"", static column => (IReadOnlyDictionary<string, string>)new Dictionary<string, string> { ["min"] = column.Min, ["max"] = column.Max, ["null_count"] = "1" });
        return ParquetStatistics.FromCopy(schema, 9, statistics).ToJson();
    }

    [TestCase("""{"numRecords":7,"minValues":{"numRecords":1}}""", 7L)]
    [TestCase("""{"minValues":{"numRecords":1},"nullCount":[1],"numRecords":8}""", 8L)]
    [TestCase("""{"minValues":{"numRecords":1}}""", null)]
    [TestCase("""{"numRecords":null}""", null)]
    public void The_number_of_rows_is_found_without_reading_the_rest(string json, long? expected)
    {
        FileStatistics.CountOf(json).Should().Be(expected);
        FileStatistics.Parse(json).NumRecords.Should().Be(expected);
    }

    [TestCase("")]
    [TestCase("[1]")]
    [TestCase("{\"a\":")]
    public void A_number_of_rows_is_not_made_up(string json)
    {
        var count = () => FileStatistics.CountOf(json);
        count.Should().Throw<FormatException>();
    }
}
