using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Unit.Embedded;

[TestFixture]
public sealed class ValuesTests
{
    [TestCase("2020", "2020-01-01")]
    [TestCase("2020-2", "2020-02-01")]
    [TestCase("2020-02-29", "2020-02-29")]
    [TestCase("2020-2-9T10:00", "2020-02-09")]
    [TestCase("2021-02-29", null)]
    [TestCase("20-02-01", null)]
    [TestCase("2020-13-01", null)]
    [TestCase("2020-01-01-01", null)]
    [TestCase("", null)]
    [TestCase("x", null)]
    public void Days_are_read_as_Spark_casts_them(string text, string? day)
    {
        CsvValue.TryDay(Encoding.UTF8.GetBytes(text), null, out var value).Should().Be(day is not null);
        if (day is not null) value.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture).Should().Be(day);
    }

    [TestCase("2020-01-31 12:00:00", "2020-01-31T12:00:00.0000000Z")]
    [TestCase("2020-01-31T12:00:00.123456Z", "2020-01-31T12:00:00.1234560Z")]
    [TestCase("1959-12-31T23:30:00+01:00", "1959-12-31T22:30:00.0000000Z")]
    [TestCase("2020-01-31 1:02", "2020-01-31T01:02:00.0000000Z")]
    [TestCase("2020-01-31", "2020-01-31T00:00:00.0000000Z")]
    [TestCase("2020-01-31 25:00:00", null)]
    [TestCase("2020-01-31 12:00:00+19:00", null)]
    [TestCase("0001-01-01 00:00:00+01:00", null)]
    [TestCase("12:00", null)]
    public void Instants_are_read_as_Spark_casts_them(string text, string? instant)
    {
        CsvValue.TryInstant(Encoding.UTF8.GetBytes(text), null, out var value).Should().Be(instant is not null);
        if (instant is not null) value.UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture).Should().Be(instant);
    }

    [TestCase("dd/MM/yyyy HH:mm", "31/12/2019 23:59", "2019-12-31T23:59:00.0000000+00:00")]
    [TestCase("yyyy-MM-dd'T'HH:mm:ss[.SSS]XXX", "2019-12-31T23:59:58Z", "2019-12-31T23:59:58.0000000+00:00")]
    [TestCase("yyyy-MM-dd'T'HH:mm:ss[.SSS]XXX", "2019-12-31T23:59:58.120+01:00", "2019-12-31T23:59:58.1200000+01:00")]
    [TestCase("MMM d, yyyy h:mm a", "Jan 5, 2020 3:07 PM", "2020-01-05T15:07:00.0000000+00:00")]
    public void Javas_patterns_are_read(string pattern, string text, string value)
    {
        DateTimePattern.Parse(pattern).TryRead(text, out var read).Should().BeTrue();
        read.ToString("O", System.Globalization.CultureInfo.InvariantCulture).Should().Be(value);
    }

    [Test]
    public void A_letter_without_a_counterpart_is_refused_by_name()
    {
        var parse = () => DateTimePattern.Parse("yyyy-QQ");
        parse.Should().Throw<EngineException>().WithMessage("The pattern 'yyyy-QQ' has the letter 'Q', which the embedded engine does not read.*");
    }

    [TestCase("Catalog Error: Table with name x does not exist!\nDid you mean \"y\"?", "Catalog", "Table with name x does not exist!\nDid you mean \"y\"?")]
    [TestCase("IO Error: No space left on device", "IO", "No space left on device")]
    [TestCase("something else", "", "something else")]
    public void DuckDBs_errors_are_cut_into_kind_and_sentence(string text, string kind, string message) => DuckDbError.Split(text).Should().Be((kind, message));

    [Test]
    public void An_error_stays_what_it_is_on_its_way_through_DuckDB()
    {
        var error = new EngineException("It is cut | in two.") { ErrorClass = "A_CLASS", SqlState = "22000", IsTransient = true };
        var back = DuckDbError.Create(DuckDB.NET.Native.DuckDBErrorType.InvalidInput, "Invalid Input Error: " + DuckDbError.Carry(error), "SELECT 1");
        (back.Message, back.ErrorClass, back.SqlState, back.IsTransient).Should().Be((error.Message, error.ErrorClass, error.SqlState, true));
    }

    [TestCase("No space left on device", true)]
    [TestCase("No files found that match the pattern \"x\"", false)]
    public void A_full_disk_may_be_tried_again(string message, bool isTransient) =>
        DuckDbError.Create(DuckDB.NET.Native.DuckDBErrorType.Io, "IO Error: " + message, null).IsTransient.Should().Be(isTransient);

    [Test]
    public void Memory_that_does_not_suffice_is_told_with_the_setting_for_it()
    {
        var error = DuckDbError.Create(DuckDB.NET.Native.DuckDBErrorType.OutOfMemory, "Out of Memory Error: could not allocate block of size 256.0 KiB (255.8 MiB/256.0 MiB used)\n\nPossible solutions:\n* Reducing the number of threads (SET threads=X)", null);
        error.Message.Should().Be("The embedded engine's memory does not suffice: could not allocate block of size 256.0 KiB (255.8 MiB/256.0 MiB used). Give it more with the setting spark.driver.memory, or run again; nothing is lost.");
        error.IsTransient.Should().BeTrue();
    }

    [Test]
    public void A_full_disk_is_said_first_and_what_to_do() =>
        DuckDbError.Create(DuckDB.NET.Native.DuckDBErrorType.Io, "IO Error: Could not write file \"/lake/x\": No space left on device", null).Message
            .Should().Be("The disk is full: Could not write file \"/lake/x\": No space left on device. Free some room and run again; nothing is lost.");

    [Test]
    public void Statistics_are_the_logs_JSON()
    {
        ColumnStatistics.Json(new LongType(), "-5", false).Should().Be("-5");
        ColumnStatistics.Json(new DoubleType(), "inf", true).Should().BeNull();
        ColumnStatistics.Json(new DateType(), "1582-10-15", false).Should().Be("\"1582-10-15\"");
        ColumnStatistics.Json(new DateType(), "44-03-15 (BC)", false).Should().BeNull();
        ColumnStatistics.Json(new TimestampType(), "1959-12-31 23:59:59.999999+00", true).Should().Be("\"1959-12-31T23:59:59.999Z\"");
        ColumnStatistics.Json(new TimestampNTZType(), "2020-01-01 00:00:00", true).Should().Be("\"2020-01-01T00:00:00.000\"");
        ColumnStatistics.Json(new StringType(), "é\"", false).Should().Be("\"é\\\"\"");
        ColumnStatistics.Json(new StringType(), new string('a', 40), false).Should().Be($"\"{new string('a', 32)}\"");
        ColumnStatistics.Json(new StringType(), new string('a', 40), true).Should().Contain(new string('a', 32)).And.NotBe($"\"{new string('a', 32)}\"");
        ColumnStatistics.Json(new BinaryType(), "x", false).Should().BeNull();
    }

    [Test]
    public void Names_of_tables_are_found_wherever_they_stand_in_the_syntax_tree() =>
        QueryNames.Read("""{"statements":[{"node":{"from_table":{"type":"JOIN","left":{"type":"BASE_TABLE","table_name":"a"},"right":{"type":"SUBQUERY","subquery":{"node":{"from_table":{"type":"BASE_TABLE","table_name":"A"}}}}}}},{"x":{"type":"BASE_TABLE","table_name":"b"}}]}""")
            .Should().BeEquivalentTo("a", "b");
}
