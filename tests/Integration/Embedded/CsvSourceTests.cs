using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Integration.Embedded;

[TestFixture]
public sealed class CsvSourceTests
{
    private EmbeddedEngine engine = null!;
    private string folder = null!;

    [SetUp]
    public void Start()
    {
        engine = EmbeddedEngine.Create(new EmbeddedSettings());
        folder = Directory.CreateTempSubdirectory("csv-").FullName;
    }

    [TearDown]
    public void End()
    {
        engine?.Dispose();
        Directory.Delete(folder, true);
    }

    private List<object?[]> Read(byte[] content, StructType? schema, params (string Key, string Value)[] options)
    {
        var path = Path.Combine(folder, "file.csv");
        File.WriteAllBytes(path, content);
        var view = engine.OpenSource(new SourceSpec("csv", [path], options.ToDictionary(option => option.Key, option => option.Value), schema, false));
        return [.. engine.Query($"SELECT * FROM \"{view.Name}\"", view.Schema).Select(row => row.Values)];
    }

    private List<object?[]> Read(string content, StructType? schema, params (string Key, string Value)[] options) => Read(Encoding.UTF8.GetBytes(content), schema, options);

    private static StructType Strings(params string[] names) => new(names.Select(name => new StructField(name, new StringType())));

    [Test]
    public void Quotes_escapes_separators_nulls_and_blank_lines_are_Sparks()
    {
        Read("a;b\r\n1;\"x;y\"\r\n\r\n  \n2;\"say \"\"hi\"\"\"\n;-\n", Strings("a", "b"), ("header", "true"), ("sep", ";"), ("escape", "\""), ("nullValue", "-"))
            .Should().BeEquivalentTo(new object?[][] { ["1", "x;y"], ["2", "say \"hi\""], [null, null] }, options => options.WithStrictOrdering());
    }

    [Test]
    public void Line_breaks_inside_quotes_are_kept_with_multiLine_and_a_BOM_is_not_data()
    {
        Read("\uFEFFid,text\r\n1,\"two\r\nlines, \"\"quoted\"\"\"\r\n2,\"a\nb\"\n3,plain \"inside\" text\n", Strings("id", "text"), ("header", "true"), ("multiLine", "true"), ("escape", "\""))
            .Should().BeEquivalentTo(new object?[][] { ["1", "two\r\nlines, \"quoted\""], ["2", "a\nb"], ["3", "plain \"inside\" text"] }, options => options.WithStrictOrdering());
    }

    [Test]
    public void A_quoted_record_over_the_edge_of_the_read_buffer_stays_whole()
    {
        var text = string.Concat(Enumerable.Range(0, 40_000).Select(i => $"{i},\"line one of {i}\nline \"\"two\"\"\"\n"));
        var rows = Read(text, Strings("id", "text"), ("multiLine", "true"), ("escape", "\""));
        rows.Should().HaveCount(40_000);
        rows.Select((row, i) => (string)row[0]! == $"{i}" && (string)row[1]! == $"line one of {i}\nline \"two\"").Should().OnlyContain(same => same);
    }

    [Test]
    public void Permissive_keeps_a_bad_record_with_nulls_and_its_raw_text()
    {
        var schema = new StructType(new StructField("n", new IntegerType()), new StructField("d", new DateType()), new StructField("_corrupt_record", new StringType()));
        Read("1,2020-01-31\nx,2020-13-01\n2\n3,2020-02-29,extra\n 4,2020-01-01\n", schema)
            .Should().BeEquivalentTo(new object?[][]
            {
                [1, new DateOnly(2020, 1, 31), null],
                [null, null, "x,2020-13-01"],
                [2, null, "2"],
                [3, new DateOnly(2020, 2, 29), "3,2020-02-29,extra"],
                [null, new DateOnly(2020, 1, 1), " 4,2020-01-01"],
            }, options => options.WithStrictOrdering());
    }

    [Test]
    public void DropMalformed_leaves_bad_records_out_whichever_columns_are_read()
    {
        var path = Path.Combine(folder, "drop.csv");
        File.WriteAllText(path, "1,a\nx,b\n2\n3,c\n");
        var schema = new StructType(new StructField("n", new IntegerType()), new StructField("t", new StringType()));
        var view = engine.OpenSource(new SourceSpec("csv", [path], new Dictionary<string, string> { ["mode"] = "DROPMALFORMED" }, schema, false));
        engine.Query($"SELECT t FROM \"{view.Name}\"", Strings("t")).Select(row => row.Values[0]).Should().Equal("a", "c");
        engine.Query($"SELECT count(*) AS n FROM \"{view.Name}\"", new StructType(new StructField("n", new LongType()))).Single().Values[0].Should().Be(2L);
    }

    [Test]
    public void FailFast_names_the_line_and_the_file()
    {
        var schema = new StructType(new StructField("n", new IntegerType()));
        var read = () => Read("n\n1\nten\n", schema, ("header", "true"), ("mode", "FAILFAST"));
        read.Should().Throw<EngineException>().WithMessage($"The record at line 3 of '{folder}/file.csv' does not fit the declared columns*").Which.ErrorClass.Should().Be("MALFORMED_RECORD_IN_PARSING");
    }

    [Test]
    public void Latin_1_and_windows_1252_become_UTF_8_and_broken_UTF_8_is_marked()
    {
        Read([0x80, (byte)',', 0xE9, (byte)'\n'], Strings("a", "b"), ("encoding", "windows-1252")).Single().Should().Equal("€", "é");
        Read([0xA3, (byte)',', 0xE9, (byte)'\n'], Strings("a", "b"), ("encoding", "ISO-8859-1")).Single().Should().Equal("£", "é");
        Read([(byte)'a', (byte)',', 0xE9, (byte)'\n'], Strings("a", "b")).Single().Should().Equal("a", "\uFFFD");
    }

    [Test]
    public void Typed_values_are_read_by_Sparks_rules()
    {
        var schema = new StructType(
            new StructField("b", new BooleanType()), new StructField("l", new LongType()), new StructField("d", new DoubleType()), new StructField("m", new DecimalType(10, 2)),
            new StructField("t", new TimestampType()), new StructField("day", new DateType()));
        var rows = Read("TRUE,-9223372036854775808,NaN,1.005,1959-12-31T23:59:59.5Z,1-1-1\nfalse,1.0,-Inf,12345678901,2020-01-01 10:00:00+02:00,1959-1-2\n", schema);
        rows[0].Should().Equal(true, long.MinValue, double.NaN, 1.01m, new DateTime(1959, 12, 31, 23, 59, 59, 500, DateTimeKind.Utc), null);
        rows[1].Should().Equal(false, null, double.NegativeInfinity, null, new DateTime(2020, 1, 1, 8, 0, 0, DateTimeKind.Utc), new DateOnly(1959, 1, 2));
        Read("31/12/2019 23:59,1", new StructType(new StructField("t", new TimestampType()), new StructField("n", new IntegerType())), ("timestampFormat", "dd/MM/yyyy HH:mm"))
            .Single().Should().Equal(new DateTime(2019, 12, 31, 23, 59, 0, DateTimeKind.Utc), 1);
    }

    [Test]
    public void Columns_are_taken_from_the_header_and_inferred_where_asked()
    {
        Read("a,b\n1,x\n", null, ("header", "true")).Single().Should().Equal("1", "x");
        var path = Path.Combine(folder, "infer.csv");
        File.WriteAllText(path, "i,l,d,t,b,s\n1,1,1,2020-01-01 00:00:00,true,a\n2,3000000000,1.5,,false,1\n");
        engine.OpenSource(new SourceSpec("csv", [path], new Dictionary<string, string> { ["header"] = "true", ["inferSchema"] = "true" }, null, false))
            .Schema.SimpleString.Should().Be("struct<i:int,l:bigint,d:double,t:timestamp,b:boolean,s:string>");
    }

    [Test]
    public void A_large_plain_file_gives_the_same_rows_by_the_parallel_reader_as_record_by_record()
    {
        var text = new StringBuilder("id;x;y;z\r\n");
        for (var i = 0; i < 400_000; i++) _ = text.Append(i % 7 == 0 ? $"{i};é{i}\r\n" : i % 11 == 0 ? $"{i};;{i / 3.0};z;more\r\n" : i % 13 == 0 ? $"\r\n{i};a b ;c;NA\r\n" : $"{i};text {i};1 002,5;{i}\r\n");
        var path = Path.Combine(folder, "plain.csv");
        File.WriteAllText(path, text.ToString());
        new FileInfo(path).Length.Should().BeGreaterThan(8 << 20);
        var schema = Strings("id", "x", "y", "z");
        var options = new Dictionary<string, string> { ["header"] = "true", ["sep"] = ";", ["nullValue"] = "NA" };
        var fast = engine.OpenSource(new SourceSpec("csv", [path], options, schema, false));
        options["comment"] = "#";
        var exact = engine.OpenSource(new SourceSpec("csv", [path], options, schema, false));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        long Count(string sql) => (long)engine.Query($"SELECT count(*) AS n FROM ({sql})", new StructType(new StructField("n", new LongType()))).Single().Values[0]!;
        Count($"FROM \"{fast.Name}\" WHERE x IS NOT NULL OR y IS NOT NULL").Should().BeGreaterThan(300_000);
        TestContext.Out.WriteLine($"parallel: {new FileInfo(path).Length / 1e6 / clock.Elapsed.TotalSeconds:N0} MB/s");
        clock.Restart();
        Count($"FROM \"{exact.Name}\"").Should().Be(400_000);
        Count($"FROM \"{exact.Name}\" WHERE x IS NOT NULL OR y IS NOT NULL").Should().BeGreaterThan(300_000);
        TestContext.Out.WriteLine($"record by record: {2 * new FileInfo(path).Length / 1e6 / clock.Elapsed.TotalSeconds:N0} MB/s");
        Count($"FROM \"{fast.Name}\" EXCEPT ALL FROM \"{exact.Name}\"").Should().Be(0);
        Count($"FROM \"{exact.Name}\" EXCEPT ALL FROM \"{fast.Name}\"").Should().Be(0);
    }

    [TestCase("")]
    [TestCase("7;cut\r\n")]
    [TestCase("7;a;b;c;more\r\n")]
    public void A_large_plain_file_gives_records_that_do_not_fit_as_they_are(string odd)
    {
        var text = new StringBuilder("id;x;y;z\r\n");
        for (var i = 0; i < 400_000; i++) _ = text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{i};text {i};1 002,5;{i % 3}\r\n");
        var path = Path.Combine(folder, "plain-fields.csv");
        File.WriteAllText(path, text.Append(odd).ToString());
        new FileInfo(path).Length.Should().BeGreaterThan(8 << 20);
        var schema = Strings("id", "x", "y", "z", "_corrupt_record");
        var view = engine.OpenSource(new SourceSpec("csv", [path], new Dictionary<string, string> { ["header"] = "true", ["sep"] = ";", ["columnNameOfCorruptRecord"] = "_corrupt_record" }, schema, false));
        var row = engine.Query($"SELECT count(*), sum(id::BIGINT), count(x), max(_corrupt_record) FROM \"{view.Name}\"", new StructType(new StructField("n", new LongType()), new StructField("sum", new DecimalType(38, 0)), new StructField("x", new LongType()), new StructField("corrupt", new StringType()))).Single();
        row.Values[0].Should().Be(odd.Length == 0 ? 400_000L : 400_001L);
        row.Values[3].Should().Be(odd.Length == 0 ? null : odd.TrimEnd());
    }

    [Test]
    public void A_path_that_is_not_there_is_named_and_a_folder_is_all_its_files()
    {
        var none = () => engine.OpenSource(new SourceSpec("csv", [folder + "/none.csv"], new Dictionary<string, string>(), Strings("a"), false));
        none.Should().Throw<EngineException>().WithMessage($"The path '{folder}/none.csv' does not exist.*").Which.ErrorClass.Should().Be("PATH_NOT_FOUND");
        File.WriteAllText(folder + "/b.csv", "2\n");
        File.WriteAllText(folder + "/a.csv", "1\n");
        File.WriteAllText(folder + "/_SUCCESS", "");
        File.WriteAllText(folder + "/.hidden", "3\n");
        foreach (var path in new[] { folder, "file:" + folder, "file://" + folder, folder + "/*.csv" })
        {
            var view = engine.OpenSource(new SourceSpec("csv", [path], new Dictionary<string, string>(), Strings("a"), false));
            engine.Query($"FROM \"{view.Name}\"", view.Schema).Select(row => row.Values[0]).Should().Equal("1", "2");
        }
    }
}
