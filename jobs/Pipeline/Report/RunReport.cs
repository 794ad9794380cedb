using System.Globalization;
using System.Xml.Linq;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Jobs.Cli.Report;

/// <summary>A picture that a run left.</summary>
internal sealed record RunPlot(string Name, byte[] Png);

/// <summary>A run as one page of HTML: no script, nothing from elsewhere, and texts that stay texts.</summary>
internal static class RunReport
{
    /// <summary>Batches that are shown; a stream's run can have many thousands.</summary>
    private const int MostBatches = 500;

    /// <summary>Share of a bar's width that any number of rows has.</summary>
    private const double LeastWidth = 0.008;

    /// <summary>The page.</summary>
    /// <param name="run">The run.</param>
    /// <param name="plots">What it drew.</param>
    /// <param name="earlier">Runs of the same job and data set before it, the newest first.</param>
    public static string Html(RunResult run, IReadOnlyList<RunPlot> plots, IReadOnlyList<RunResult> earlier)
    {
        var title = run.Dataset is null ? run.Job : $"{run.Job} · {run.Dataset}";
        var page = new XElement("html", new XAttribute("lang", "en"),
            new XElement("head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("http-equiv", "Content-Security-Policy"), new XAttribute("content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                new XElement("title", $"{title} · {run.RunId}"),
                new XElement("style", ReportStyle.Css)),
            new XElement("body",
                new XElement("h1", title, " ", Badge(run.Status)),
                new XElement("p", Class("message"), run.Message),
                Facts(run),
                Section("Rows by outcome", run.Counts.Read == 0 ? null : Fates(run.Counts)),
                Section("Why rows were rejected", Table(["column", "rule", "rows", "sample"], run.Rejected.Select(static rule => Row(rule.Column ?? "whole row", rule.Rule, Number(rule.Count), rule.Sample ?? "")))),
                Section("Warnings", List(run.Warnings)),
                Section("Tables", Table(["table", "version before", "after", "where"], run.Tables.Select(static table => Row(table.Name, Version(table.VersionBefore), Version(table.VersionAfter), table.Uri)))),
                Section(run.Batches.Count <= MostBatches ? "Batches" : Text($"Batches: the last {MostBatches} of {run.Batches.Count:N0}"), Table(
                    ["batch", "status", "read", "written", "quarantined", "duplicate", "late", ""],
                    run.Batches.TakeLast(MostBatches).Select(static batch => Row([batch.BatchId, batch.Status, .. Numbers(batch.Counts), Bar(batch.Counts)])))),
                Section("Outputs", List(run.Outputs)),
                Section("Plots", plots.Count == 0 ? null : plots.Select(static plot => new XElement("figure",
                    new XElement("img", new XAttribute("alt", plot.Name), new XAttribute("src", $"data:image/png;base64,{Convert.ToBase64String(plot.Png)}")),
                    new XElement("figcaption", plot.Name)))),
                Section("Runs before it", Table(
                    ["started", "status", "took", "read", "written", "quarantined", "duplicate", "late", ""],
                    earlier.Select(static other => Row([Time(other.StartedAt), Badge(other.Status), Took(other), .. Numbers(other.Counts), Bar(other.Counts)])))),
                new XElement("footer", $"From {run.RunId}/result.json.")));
        PageText.Escape(page);
        return "<!DOCTYPE html>\n" + page.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static XElement Facts(RunResult run) => new("dl",
        Fact("run", run.RunId), Fact("started", Time(run.StartedAt)), Fact("took", Took(run)), Fact("exit code", Text($"{run.ExitCode}")),
        run.Engine is { } engine ? Fact("engine", $"{engine.Name} {engine.Version}") : null);

    private static XElement Fact(string name, string value) => new("div", new XElement("dt", name), new XElement("dd", value));

    private static IEnumerable<XElement> Fates(RunCounts counts) =>
    [
        Table(["read", "written", "quarantined", "duplicate", "late"], [Row([.. Numbers(counts)])])!,
        Bar(counts),
        new XElement("p", Class("legend"), Parts(counts).Where(static part => part.Rows > 0).Select(part => new XElement("span", new XElement("i", Class(part.Name), ""), $"{part.Name} {Share(part.Rows, counts.Read)}"))),
    ];

    /// <summary>The shares of the rows read, side by side; the smallest can still be seen.</summary>
    private static XElement Bar(RunCounts counts)
    {
        var parts = Parts(counts).Where(static part => part.Rows > 0).Select(part => (part.Name, part.Rows, Width: Math.Max(LeastWidth, (double)part.Rows / Math.Max(counts.Read, 1)))).ToList();
        var whole = parts.Sum(static part => part.Width);
        var at = 0.0;
        var bar = new XElement("svg", Class("bar"), new XAttribute("viewBox", "0 0 1 1"), new XAttribute("preserveAspectRatio", "none"), new XAttribute("role", "img"), "");
        foreach (var (name, rows, width) in parts)
        {
            bar.Add(new XElement("rect", Class(name), new XAttribute("x", Text($"{at:0.####}")), new XAttribute("width", Text($"{width / whole:0.####}")), new XAttribute("height", "1"), new XElement("title", Text($"{name} {rows:N0}"))));
            at += width / whole;
        }
        return bar;
    }

    private static string Share(long rows, long read) => (double)rows / read is var share && share < 0.001 ? "under 0.1 %" : Text($"{share:P1}");

    private static IEnumerable<(string Name, long Rows)> Parts(RunCounts counts) =>
        [("written", counts.Written), ("quarantined", counts.Quarantined), ("duplicate", counts.Duplicate), ("late", counts.Late)];

    private static IEnumerable<object> Numbers(RunCounts counts) =>
        new[] { counts.Read, counts.Written, counts.Quarantined, counts.Duplicate, counts.Late }.Select(static object (number) => Number(number));

    private static XElement Number(long value) => new("span", Class("number"), Text($"{value:N0}"));

    private static XElement Badge(RunStatus status) => new("span", Class("badge " + status.ToString().ToLowerInvariant()), status.ToString().ToLowerInvariant());

    /// <summary>A part of the page, or null where it would be empty.</summary>
    private static XElement? Section(string title, object? content) => content is null ? null : new XElement("section", new XElement("h2", title), content);

    private static XElement? List(IReadOnlyList<string> items) => items.Count == 0 ? null : new XElement("ul", items.Select(static item => new XElement("li", item)));

    private static XElement? Table(IReadOnlyList<string> columns, IEnumerable<XElement> rows)
    {
        var body = rows.ToList();
        return body.Count == 0 ? null : new XElement("table", new XElement("thead", new XElement("tr", columns.Select(static column => new XElement("th", column is "rows" or "read" or "written" or "quarantined" or "duplicate" or "late" ? Class("number") : null, column)))), new XElement("tbody", body));
    }

    private static XElement Row(params object[] cells) => new("tr", cells.Select(static cell => new XElement("td", cell)));

    private static XAttribute Class(string name) => new("class", name);

    private static string Version(long? version) => version is { } number ? Text($"{number}") : "none";

    private static string Time(DateTimeOffset at) => Text($"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC");

    private static string Took(RunResult run) => Text($"{(run.EndedAt - run.StartedAt).TotalSeconds:N1} s");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
