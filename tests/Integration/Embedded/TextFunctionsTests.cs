using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets.Parsing;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Integration.Embedded;

public sealed class TextFunctionsTests
{
    private static readonly string?[] Numbers =
    [
        null, "", "0", "-0", "+5", "12", "1 002", "1\u00A0002", "1 002 003,5", "12 34", "1234 567", "1 0021", "0,5", ".5", "5.", ",", "+", "-", "e5", "1e5", "1E-3", "1e400", "1e-400", "1e1234", "1e", "1e+", "1_000", "12d", "inf", "NaN", "0x1F", " 1", "1 ",
        "123456789012345", "1234567890123456", "0.1", "0.30000000000000004", "9007199254740993", "123456789012345678901234567890.5", "41,936900", "1.5e3", "1,5E+003", "١", "1\n", "--1", "1.2.3", "\u221212", "1\u202F234,5", "1\u2009234", "\u00A01 ", "1.8e308", "1e\u22123", "\t1", "\u2212", "999 999", "1  002", "000 001",
    ];

    private static readonly string?[] WholeNumbers =
    [
        "7,0", "7.000", "7.", "7,", "7.01", "7,0 ", "999999999999999999", "1000000000000000000", "-999999999999999999", "000000000000000000", "0000000000000000000", "123 456 789 012 345 678", "1 123 456 789 012 345 678", "1 234 567 890 123 456,00", "-1\u00A0000", "12 3456", " 7", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "\u22129223372036854775808", "10000000000000000000", "18446744073709551617", "9 223 372 036 854 775 807",
    ];

    private static readonly string?[] Instants =
    [
        null, "", "11/06/2020 00:00:00", "02/29/2020 23:59:59", "02/29/2019 00:00:00", "02/29/1900 00:00:00", "13/01/2020 00:00:00", "00/01/2020 00:00:00", "01/00/2020 00:00:00", "01/31/2020 24:00:00", "01/31/2020 00:60:00", "1/31/2020 00:00:00",
        "2020-11-06 01:02:03", "2020-11-06T01:02:03", "1969-12-31 23:59:59", "0001-01-01 00:00:00", "2020-02-30 00:00:00", "2020-11-06", "2020-11-06 01:02:03Z", "9999-12-31 23:59:59", "2020/11/06 01:02:03", "11-06-2020 00:00:00", "11/06/2020T00:00:00", "01/01/0000 00:00:00", "0000-01-01 00:00:00", " 2020-11-06 01:02:03\u00A0", "2020-11-06 01:02:03\n",
    ];

    private EmbeddedEngine engine = null!;
    private SparkSession spark = null!;

    [OneTimeSetUp]
    public void Start()
    {
        engine = EmbeddedEngine.Create(new EmbeddedSettings());
        spark = SparkSession.ForEngine(engine);
    }

    [OneTimeTearDown]
    public void Stop() => engine.Dispose();

    [Test]
    public void A_number_is_read_as_the_rule_in_plain_functions_reads_it() =>
        Differences(Numbers.Concat(Mixed("0123456789.,+-eE \u00A0\u2009\u202F\u2212\t\n", 8000)), NumberOfText(Col("text"), RuleExpressions.Number(Col("text"))), RuleExpressions.Number(Col("text"))).Should().BeEmpty();

    [Test]
    public void A_whole_number_is_read_as_the_rule_in_plain_functions_reads_it() =>
        Differences(Numbers.Concat(WholeNumbers).Concat(Mixed("0123.,+- \u00A0\u2009\u202F\u2212\t", 8000)).Concat(Mixed("000123 ", 5000)), WholeNumberOfText(Col("text"), RuleExpressions.WholeNumber(Col("text"))), RuleExpressions.WholeNumber(Col("text"))).Should().BeEmpty();

    [Test]
    public void An_instant_is_read_as_the_rule_in_plain_functions_reads_it() =>
        Differences(Instants.Concat(Days()), InstantOfText(Col("text"), RuleExpressions.Timestamp(Col("text"))), RuleExpressions.Timestamp(Col("text"))).Should().BeEmpty();

    [Test]
    public void Texts_are_written_as_JSON_as_a_struct_of_them_is()
    {
        var texts = Mixed("a\"\\/\b\f\n\r\t\u0001\u001f\u007fé€😀 {}", 3000).Select(text => new object?[] { text.Length % 5 == 0 ? null : text, text.Length > 6 ? null : text + new string('x', text.Length * 400) });
        var rows = spark.CreateDataFrame(texts, new StructType(new StructField("one", new StringType()), new StructField("the \"other\"", new StringType())));
        var fast = ToJson(Struct(Col("one"), Col("the \"other\"")));
        var slow = ToJson(Col("both"));
        rows.WithColumn("both", Struct(Col("one"), Col("the \"other\""))).Select(fast.As("fast"), slow.As("slow")).Collect().Where(row => !Equals(row.Get(0), row.Get(1))).Select(row => $"{row.Get(0)} for {row.Get(1)}").Should().BeEmpty();
    }

    private List<string> Differences(IEnumerable<string?> texts, Column fast, Column meaning)
    {
        var rows = spark.CreateDataFrame(texts.Select(text => new object?[] { text }), new StructType(new StructField("text", new StringType())));
        return [.. rows.Select(Col("text"), fast.As("fast"), meaning.As("meaning")).Collect()
            .Where(row => !Equals(row.Get(1), row.Get(2)))
            .Select(row => string.Create(CultureInfo.InvariantCulture, $"'{row.Get(0)}': {row.Get(1) ?? "null"} for {row.Get(2) ?? "null"}"))];
    }

    private static IEnumerable<string> Mixed(string characters, int count)
    {
        var random = new Random(7);
        for (var i = 0; i < count; i++) yield return new string([.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => characters[random.Next(characters.Length)])]);
    }

    /// <summary>Every day of some years, leap ones among them.</summary>
    private static IEnumerable<string> Days()
    {
        foreach (var year in new[] { 4, 1899, 1900, 1970, 2000, 2020 })
            for (var day = new DateOnly(year, 1, 1); day.Year == year; day = day.AddDays(1)) yield return day.ToString("MM/dd/yyyy", CultureInfo.InvariantCulture) + " 12:34:56";
    }
}
