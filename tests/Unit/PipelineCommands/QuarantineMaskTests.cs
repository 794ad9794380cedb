using System.Collections.Immutable;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Cli.Commands;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Tests.Unit.PipelineCommands;

public sealed class QuarantineMaskTests
{
    private static readonly TableContract Patients = new("patients", "one patient", [
        new("name", "Name", new TextRule(), "Who it is") { IsMasked = true },
        new("age", "Age", new WholeNumberRule(), "In years"),
    ]);

    private static readonly QuarantineMask Mask = new([
        new DatasetContract("patients", "Patients", "patients", 1, 1, new SourceFile("patients", ',', Patients), ImmutableDictionary<string, SourceFile>.Empty) { MessageKey = "Name" },
    ]);

    private static readonly StructType Columns = new(
        new StructField("table_name", new StringType()), new StructField("message_key", new StringType()), new StructField("raw_text", new StringType()),
        new StructField("raw_base64", new StringType()), new StructField(Quarantine.RulesBroken, new ArrayType(Quarantine.BrokenRule)), new StructField("source_file", new StringType()));

    [Test]
    public void A_masked_value_is_hidden_in_the_text_the_key_and_the_rules_and_nothing_else_is()
    {
        var shown = Mask.Apply(Of("patients", "Ada", """{"Name":"Ada","Age":"old"}""", Rule("Age", "old"), Rule("Name", "Ada")));

        shown.Get("message_key").Should().Be("***");
        shown.Get("raw_text").Should().Be("""{"Name":"***","Age":"old"}""");
        Rules(shown).Should().Equal("Age: old", "Name: ***");
        shown.Get("source_file").Should().Be("patients.csv");
    }

    [TestCase("Ada,old")]
    [TestCase("[\"Ada\"]")]
    [TestCase("{\"Name\":\"Ada\"")]
    public void A_text_that_cannot_be_parted_into_columns_is_hidden_whole(string text)
    {
        var shown = Mask.Apply(Of("patients", null, text, Rule(null, text)));

        shown.Get("raw_text").Should().Be("***");
        Rules(shown).Should().Equal("row: ***");
        shown.Get("message_key").Should().BeNull("what is not there is not hidden");
    }

    [Test]
    public void Tables_without_masked_columns_are_shown_as_they_are()
    {
        var row = Of("devices", "D001", "{\"Name\":\"D001\"}", Rule("Name", "D001"));

        Mask.Apply(row).Should().BeSameAs(row);
    }

    private static Row Of(string table, string? key, string text, params object?[] rules) => new(Columns, [table, key, text, null, rules, "patients.csv"]);

    private static Row Rule(string? column, string value) => new(Quarantine.BrokenRule, [column, "broken", value]);

    private static IEnumerable<string> Rules(Row row) => ((IEnumerable<object?>)row.Get(Quarantine.RulesBroken)!).Cast<Row>().Select(static rule => $"{rule.Get(0) ?? "row"}: {rule.Get(2)}");
}
