using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;
using Pipeline.Tests.Support.Datasets;

namespace Pipeline.Tests.Conformance.Datasets;

/// <summary>Every parse rule at its edges, and on texts that were not made for it: the same values and the same broken rules on every engine.</summary>
[TestFixture("embedded")]
[TestFixture("spark")]
[TestFixture("spark35")]
public sealed class ParseRuleTests(string engineName)
{
    private IEngine engine = null!;

    [OneTimeSetUp]
    public void Start() => engine = Engines.Get(engineName);

    [Test]
    public void Every_rule_stands_in_the_table() =>
        ParseRuleTexts.Expected.Select(static text => text.Rule.GetType()).Distinct().Should().BeEquivalentTo(typeof(ParseRule).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(ParseRule)) && !type.IsAbstract));

    [Test]
    public void A_text_is_read_as_its_value_or_named_for_the_rule_that_it_breaks()
    {
        var differences = ParseRuleTexts.Expected.GroupBy(static text => text.Rule).SelectMany(group =>
        {
            var actual = Read(engine, group.Key, [.. group.Select(static text => text.Text)]);
            return group.Where(text => !Equals(actual[text.Text], text.Expected)).Select(text => $"{group.Key.GetType().Name} of {Shown(text.Text)}: should be {Shown(text.Expected)} and is {Shown(actual[text.Text])}");
        });
        string.Join("\n", differences).Should().BeEmpty();
    }

    [Test]
    public void What_a_rule_makes_of_any_text_is_a_value_that_every_table_can_hold()
    {
        foreach (var rule in ParseRuleTexts.Rules)
        {
            var values = Read(engine, rule, ParseRuleTexts.Extremes);
            values.Where(value => value.Value is not string { Length: > 0 } broken || broken[0] != '!').Where(value => !CanBeHeld(value.Value)).Select(value => $"{rule.GetType().Name} of {Shown(value.Key)} is {Shown(value.Value)}").Should().BeEmpty();
        }
    }

    [Test]
    public void Any_text_is_read_as_the_embedded_engine_reads_it()
    {
        var embedded = Engines.Get("embedded");
        foreach (var rule in ParseRuleTexts.Rules)
        {
            var expected = Read(embedded, rule, ParseRuleTexts.Extremes);
            var actual = Read(engine, rule, ParseRuleTexts.Extremes);
            string.Join("\n", expected.Where(text => !Equals(actual[text.Key], text.Value)).Select(text => $"{rule.GetType().Name} of {Shown(text.Key)}: is {Shown(actual[text.Key])}, and {Shown(text.Value)} on the embedded engine")).Should().BeEmpty();
        }
    }

    private static bool CanBeHeld(object value) => value switch
    {
        double number => double.IsFinite(number),
        string text => !text.Contains('\0', StringComparison.Ordinal) && text.Length <= 2 * ValueLimits.LongestText,
        DateTime instant => instant.Kind == DateTimeKind.Utc && instant >= ValueLimits.FirstInstant && instant <= ValueLimits.LastInstant,
        int or long => true,
        _ => false,
    };

    /// <summary>Values by text; the rule that is broken after an exclamation mark where there is none.</summary>
    private static Dictionary<string, object> Read(IEngine engine, ParseRule rule, IReadOnlyList<string> texts) =>
        ParsedTexts.Of(engine, rule, texts).Collect()
            .ToDictionary(row => texts[(int)row.GetAs<long>(ParsedTexts.Place)], static row => row.Get(ParsedTexts.Value) ?? "!" + ((System.Collections.IEnumerable)row.Get(StagedColumns.Broken)!).Cast<Row>().Single().Get("rule"));

    private static string Shown(object value)
    {
        var text = value is DateTime instant ? instant.ToString("O", CultureInfo.InvariantCulture) : Convert.ToString(value, CultureInfo.InvariantCulture)!;
        return string.Concat((text.Length > 60 ? text[..60] + "…" : text).Select(static letter => letter is >= ' ' and < '\u007F' ? letter.ToString() : string.Create(CultureInfo.InvariantCulture, $"<{(int)letter:X4}>")));
    }
}
