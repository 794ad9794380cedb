using System.Globalization;
using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Integration.Embedded;

/// <summary>Texts of every Unicode class, and every control character, through each format, as literals, as names and as options.</summary>
public sealed class TextRoundTripTests
{
    private const int SamplesOfClass = 3;

    private static readonly string[] Written =
    [
        "v", "vera", "viv", "\\v", "\\n", "\\", "a\\", "\\a", "a\\\\", "\\\"", "\"", "\"\"", "a\"b", "a,b", "a,\\", "a;b", "a|b", "'", "it's", "''", "E'x'", "$$", "%", "{0}", "{", "[a]", "a=b", "a/b", "..", ":", "#x", "--x", "/*x*/",
        "x\r\ny", "x\ry", "x\ny", "NULL", "null", "__HIVE_DEFAULT_PARTITION__", "\\N", "NaN", "true", "0", "00", "1e5", "2020-01-01", "%25", "%2F", "x%", "\U0001F600", "e\u0301", "\u00E9",
    ];

    private static readonly StructType Columns = new(new StructField("n", new IntegerType()), new StructField("text", new StringType()));

    private EmbeddedEngine engine = null!;
    private SparkSession spark = null!;
    private string folder = null!;

    [OneTimeSetUp]
    public void Start()
    {
        engine = EmbeddedEngine.Create(new EmbeddedSettings { Threads = 1 });
        spark = SparkSession.ForEngine(engine);
        folder = Directory.CreateTempSubdirectory("text-round-trip-").FullName;
    }

    [OneTimeTearDown]
    public void Stop()
    {
        engine?.Dispose();
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Every control character, and some characters of every class that a text can hold, each first, within and last.</summary>
    private static List<string> Texts()
    {
        var characters = Enumerable.Range(0, 0xA0).Select(static code => new Rune(code))
            .Concat(Enumerable.Range(0xA0, 0x10FFFF - 0x9F).Where(Rune.IsValid).Select(static code => new Rune(code)).GroupBy(Rune.GetUnicodeCategory).SelectMany(static group => group.Take(SamplesOfClass).Append(group.Last())))
            .Concat(new[] { 0x1680, 0x2007, 0x2009, 0x2028, 0x2029, 0x202F, 0x3000, 0x200B, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x10FFFF }.Select(static code => new Rune(code)));
        return [.. characters.Distinct().SelectMany(static one => new[] { $"{one}", $"{one}a", $"a{one}", $"a{one}b" }).Concat(Written).Distinct()];
    }

    private static List<string> WithoutNul() => [.. Texts().Where(static text => !text.Contains('\0', StringComparison.Ordinal))];

    [Test]
    public void A_CSV_file_that_keeps_blanks_gives_back_every_text([Values(",", ";", "\t", "|", "\u0001")] string separator, [Values("\\", "\"")] string escape, [Values] bool quoteAll)
    {
        var path = Save(Texts(), writer => writer.Format("csv").Option("header", true).Option("sep", separator).Option("escape", escape).Option("quoteAll", quoteAll)
            .Option("ignoreLeadingWhiteSpace", false).Option("ignoreTrailingWhiteSpace", false));
        Differences(Texts(), spark.Read().Schema(Columns).Option("header", true).Option("multiLine", true).Option("sep", separator).Option("escape", escape).Csv(path), static text => text).Should().BeEmpty();
    }

    [Test]
    public void A_CSV_file_gives_back_every_text_without_the_blanks_and_controls_at_its_ends()
    {
        var path = Save(Texts(), static writer => writer.Format("csv").Option("header", true));
        Differences(Texts(), spark.Read().Schema(Columns).Option("header", true).Option("multiLine", true).Csv(path), Trimmed).Should().BeEmpty();

        static string? Trimmed(string text)
        {
            var from = 0;
            var to = text.Length;
            while (from < to && text[from] <= ' ') from++;
            while (to > from && text[to - 1] <= ' ') to--;
            // An empty text is read as null where no other value stands for null.
            return from == to ? null : text[from..to];
        }
    }

    [Test]
    public void JSON_Parquet_and_Delta_give_back_every_text([Values("json", "parquet", "delta")] string format) =>
        Differences(Texts(), Reader(format).Load(Save(Texts(), writer => writer.Format(format))), static text => text).Should().BeEmpty();

    [Test]
    public void A_Delta_table_gives_back_every_text_as_a_partition_value()
    {
        var texts = WithoutNul();
        var path = Save(texts, static writer => writer.Format("delta").PartitionBy("text"));
        Differences(texts, spark.Read().Format("delta").Load(path), static text => text).Should().BeEmpty();
    }

    [Test]
    public void A_literal_is_the_text_that_it_was_made_of()
    {
        foreach (var texts in Texts().Chunk(200))
        {
            var row = spark.CreateDataFrame([[0, ""]], Columns).Select([.. texts.Select((text, i) => Lit(text).As($"c{i}"))]).Collect().Single();
            texts.Where((text, i) => !Equals(row.Get(i), text)).Select(Shown).Should().BeEmpty();
        }
    }

    [Test]
    public void A_name_of_a_column_may_hold_any_character_but_NUL([Values("json", "parquet", "csv")] string format)
    {
        foreach (var names in WithoutNul().Where(static text => text.Length > 1).DistinctBy(static text => text.ToUpperInvariant()).Chunk(150))
        {
            var schema = new StructType(names.Select(static name => new StructField(name, new StringType())));
            var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
            var values = names.Select(static (_, i) => (object?)i.ToString(CultureInfo.InvariantCulture)).ToArray();
            var rows = spark.CreateDataFrame([values], schema);
            rows.Columns().Should().Equal(names);
            rows.Write().Format(format).Option("header", true).Save(path);
            var reader = spark.Read().Format(format).Option("header", true).Option("multiLine", format == "csv");
            var row = (format == "json" ? reader.Schema(schema) : reader).Load(path).Collect().Single();
            if (format != "csv") row.Schema.FieldNames.Should().Equal(names);
            row.Values.Should().Equal(values);
        }
    }

    [Test]
    public void A_value_for_null_may_be_any_text()
    {
        var texts = new StructType(new StructField("n", new StringType()), new StructField("text", new StringType()));
        foreach (var nothing in WithoutNul().Where(static text => text.Length == 1 && text is not ("," or "\"" or "\\" or "\r" or "\n") && !char.IsWhiteSpace(text[0])))
        {
            var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
            spark.CreateDataFrame([["first", null], ["second", "other"]], texts).Write().Format("csv").Option("nullValue", nothing).Save(path);
            spark.Read().Schema(texts).Option("nullValue", nothing).Csv(path).OrderBy("n").Collect().Select(static row => row.Get(1)).Should().Equal([null, "other"], Shown(nothing));
            Directory.Delete(path, recursive: true);
        }
    }

    private DataFrameReader Reader(string format)
    {
        var reader = spark.Read().Format(format);
        return format == "json" ? reader.Schema(Columns) : reader;
    }

    private string Save(List<string> texts, Func<DataFrameWriter, DataFrameWriter> with)
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        with(spark.CreateDataFrame(texts.Select(static (text, i) => new object?[] { i, text }), Columns).Write()).Save(path);
        return path;
    }

    private static List<string> Differences(List<string> texts, DataFrame rows, Func<string, string?> expected)
    {
        var found = rows.Select("n", "text").Collect().ToDictionary(static row => row.GetAs<int>("n"), static row => (string?)row.Get(1));
        found.Should().HaveCount(texts.Count);
        return [.. texts.Index().Where(text => found[text.Index] != expected(text.Item)).Select(text => $"{Shown(text.Item)} became {Shown(found[text.Index])}")];
    }

    private static string Shown(string? text) => text is null ? "null" : string.Concat(text.Select(static letter => letter is > ' ' and < '\u007F' ? letter.ToString() : $"<{(int)letter:X4}>"));
}
