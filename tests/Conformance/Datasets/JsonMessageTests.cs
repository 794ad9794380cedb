using System.Globalization;
using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets.DeviceEvents;
using Pipeline.Jobs.Datasets.Parsing;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Conformance.Datasets;

/// <summary>JSON messages by one definition: each becomes the same row, or breaks the same rule, on every engine.</summary>
[TestFixture("embedded")]
[TestFixture("spark")]
[TestFixture("spark35")]
public sealed class JsonMessageTests(string engineName)
{
    private static readonly TableContract Contract = new("rows", "one message",
    [
        new ColumnContract("id", "id", new TextRule(), "Key") { IsRequired = true }, new ColumnContract("n", "n", new NumberRule(), "Number"), new ColumnContract("note", "note", new TextRule(), "Text"),
    ]);

    private IEngine engine = null!;

    [OneTimeSetUp]
    public void Start() => engine = Engines.Get(engineName);

    [Test]
    public void A_message_becomes_its_row_or_is_named_for_what_it_breaks() =>
        string.Join("\n", Differences(JsonMessageTexts.All, messages => ContractParser.Parse(MessageReader.FromKafka(messages, Contract), Contract), ["id", "n", "note"], "|")).Should().BeEmpty();

    [Test]
    public void An_event_becomes_a_row_for_each_device_or_is_named_for_what_it_breaks() =>
        string.Join("\n", Differences(JsonMessageTexts.Events, messages => new DeviceEventsFlow().StageMessages(messages), ["device_id", "temperature"], ",")).Should().BeEmpty();

    private IEnumerable<string> Differences(IReadOnlyList<JsonMessageText> texts, Func<DataFrame, DataFrame> stage, string[] columns, string between)
    {
        var schema = new StructType(new StructField("value", new BinaryType()), new StructField("offset", new LongType()));
        var messages = SparkSession.ForEngine(engine).CreateDataFrame(texts.Index().Select(static text => new object?[] { Encoding.UTF8.GetBytes(text.Item.Json), (long)text.Index }), schema).Select(
            Lit(null).Cast("binary").As("key"), Col("value"), Lit("topic").As("topic"), Lit(0).As("partition"), Col("offset"), Lit(null).Cast("array<struct<key:string,value:binary>>").As("headers"));
        var actual = stage(messages).OrderBy(Col(StagedColumns.Offset), Col(StagedColumns.Item)).Collect()
            .GroupBy(static row => row.GetAs<long>(StagedColumns.Offset)).ToDictionary(static rows => rows.Key, rows => string.Join("|", rows.Select(row => Text(row, columns, between))));
        return texts.Index().Where(text => actual.GetValueOrDefault(text.Index, "") != text.Item.Expected)
            .Select(text => $"{Short(text.Item.Json)}: should be {Short(text.Item.Expected)} and is {Short(actual.GetValueOrDefault(text.Index, ""))}");
    }

    private static string Text(Row row, string[] columns, string between)
    {
        var broken = ((System.Collections.IEnumerable)row.Get(StagedColumns.Broken)!).Cast<Row>().ToList();
        return broken.Count > 0
            ? "!" + string.Join(",", broken.Select(static rule => $"{rule.Get("column")}:{rule.Get("rule")}"))
            : string.Join(between, columns.Select(column => Convert.ToString(row.Get(column), CultureInfo.InvariantCulture)));
    }

    private static string Short(string text) => text.Length > 160 ? text[..160] + "…" : text;
}
