using System.Xml.Linq;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Jobs.Cli.Report;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Tests.Unit.PipelineCommands;

public sealed class RunReportTests
{
    private static readonly RunResult Run = new()
    {
        RunId = "20261124T193000000Z-abcdef",
        Job = "batch-etl",
        Dataset = "water-quality",
        Status = RunStatus.Succeeded,
        ExitCode = 0,
        Message = "Done.",
        StartedAt = new DateTimeOffset(2026, 11, 24, 19, 30, 0, TimeSpan.Zero),
        EndedAt = new DateTimeOffset(2026, 11, 24, 19, 30, 7, TimeSpan.Zero),
        Counts = new RunCounts(0, 0, 0, 0, 0),
    };

    [Test]
    public void Control_characters_are_written_as_codes()
    {
        var html = RunReport.Html(Run with { Message = "a\e[31m", Warnings = ["b\0\u0007"], Outputs = ["c\uFFFEd"] }, [new RunPlot("e\u001Bf", [])], []);

        html.Should().Contain("a\\u001B[31m").And.Contain("b\\u0000\\u0007").And.Contain("e\\u001Bf").And.NotContain("\e");
    }

    [Test]
    public void Texts_stay_texts_whatever_they_hold()
    {
        var html = RunReport.Html(Run with { Message = "</p><script>alert(1)</script>", Warnings = ["<img src=x onerror=alert(1)>"], Outputs = ["a & b"] }, [], []);
        html.Should().NotContain("<script").And.NotContain("<img").And.Contain("&lt;script&gt;").And.Contain("a &amp; b");
    }

    [Test]
    public void Rejected_rows_are_told_by_column_and_rule_with_a_sample_that_stays_text()
    {
        var html = RunReport.Html(Run with { Rejected = [new RejectedRule("Age", "not_a_whole_number", 1234, "<b>vingt</b>"), new RejectedRule(null, "malformed_json", 1, null)] }, [], []);

        Titles(html).Should().Equal("Why rows were rejected");
        html.Should().Contain("<td>Age</td><td>not_a_whole_number</td>").And.Contain("1,234").And.Contain("&lt;b&gt;vingt&lt;/b&gt;").And.Contain("<td>whole row</td><td>malformed_json</td>");
    }

    [Test]
    public void What_a_run_does_not_have_is_not_there() =>
        Titles(RunReport.Html(Run, [], [])).Should().BeEmpty();

    [Test]
    public void Every_fate_has_its_share_and_the_smallest_is_seen()
    {
        var page = Page(RunReport.Html(Run with { Counts = new RunCounts(100_000, 99_898, 1, 100, 1) }, [], []));
        var widths = page.Descendants("rect").ToDictionary(static rect => rect.Attribute("class")!.Value, static rect => (double)rect.Attribute("width")!);
        widths.Keys.Should().Equal("written", "quarantined", "duplicate", "late");
        widths.Values.Sum().Should().BeApproximately(1, 0.001);
        widths["quarantined"].Should().BeGreaterThan(0.005);
        page.ToString().Should().Contain("written 99.9 %").And.Contain("quarantined under 0.1 %");
    }

    [Test]
    public void Of_very_many_batches_the_last_are_shown_and_all_are_counted()
    {
        var batches = Enumerable.Range(0, 1234).Select(static i => new RunBatch($"b{i:D4}", "committed", new RunCounts(1, 1, 0, 0, 0))).ToList();
        var html = RunReport.Html(Run with { Batches = batches }, [new RunPlot("sites", [1, 2, 3])], [Run with { RunId = "before" }]);
        Titles(html).Should().Equal("Batches: the last 500 of 1,234", "Plots", "Runs before it");
        html.Should().Contain("b1233").And.NotContain("b0733<").And.Contain("data:image/png;base64,AQID");
    }

    private static IEnumerable<string> Titles(string html) => Page(html).Descendants("h2").Select(static title => title.Value);

    private static XElement Page(string html) => XElement.Parse(html["<!DOCTYPE html>\n".Length..]);
}
