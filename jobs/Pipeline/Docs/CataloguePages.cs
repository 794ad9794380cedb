using System.Globalization;
using System.Xml.Linq;
using Pipeline.Engine.Sql;
using Pipeline.Jobs.Cli.Report;
using Pipeline.Suite.Export.Files;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Jobs.Cli.Docs;

/// <summary>A lake's tables as pages of HTML: no script, nothing from elsewhere, and texts that stay texts.</summary>
internal static class CataloguePages
{
    /// <summary>Characters of a cell of a sample at most.</summary>
    private const int LongestCell = 60;

    /// <summary>Words stay whole, and a table with many columns is scrolled.</summary>
    private const string WideTables = "th, td { overflow-wrap: break-word; } section { overflow-x: auto; }";

    /// <summary>File name of a table's page.</summary>
    public static string FileOf(string table) => $"{table}.html";

    /// <summary>The first page: all tables, and all columns for whoever searches in the page.</summary>
    /// <param name="lake">Root of the lake.</param>
    /// <param name="tables">The tables, ordered by name.</param>
    /// <param name="at">When the pages are made, UTC.</param>
    public static string Index(string lake, IReadOnlyList<CatalogTable> tables, DateTimeOffset at) => Page(
        "Tables of the lake",
        new XElement("p", lake),
        Section("Tables", ["table", "data set", "rows", "size", "changed", "a row is"], tables.Select(static table => Row(
            Link(table.Name), table.Dataset ?? "", Number(table.Rows), ByteSize.Of(table.SizeBytes), Time(table.ChangedAt), table.Grain ?? ""))),
        Section("Columns", ["column", "table", "type", "unit", "meaning"], tables
            .SelectMany(static table => table.Columns.Select(column => (Table: table, Column: column)))
            .OrderBy(static entry => entry.Column.Name, StringComparer.Ordinal).ThenBy(static entry => entry.Table.Name, StringComparer.Ordinal)
            .Select(static entry => Row(entry.Column.Name, Link(entry.Table.Name), entry.Column.Type, entry.Column.Unit ?? "", entry.Column.Description ?? ""))),
        new XElement("footer", $"Made {Time(at)} by 'pipeline docs'."));

    /// <summary>The page of a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="sample">Some of its rows; null where none are to be shown.</param>
    /// <param name="runs">Runs that touched it, the newest first.</param>
    public static string Of(CatalogTable table, IReadOnlyList<Row>? sample, IReadOnlyList<RunResult> runs) => Page(
        table.Name,
        new XElement("p", new XElement("a", new XAttribute("href", "index.html"), "All tables")),
        new XElement("dl",
            Fact("a row is", table.Grain), Fact("from", table.Lineage), Fact("data set", table.Dataset), Fact("rows", Text($"{table.Rows:N0}")),
            Fact("size", $"{ByteSize.Of(table.SizeBytes)} in {Counted.Of(table.Files, "file")}"), Fact("version", Text($"{table.Version}")), Fact("changed", Time(table.ChangedAt)), Fact("location", table.Location)),
        Section("Columns", ["column", "type", "unit", "key", "may be empty", "meaning"], table.Columns.Select(static column => Row(
            column.Name, column.Type, column.Unit ?? "", column.KeyPlace is null ? "" : "key", column.IsNullable ? "yes" : "no", column.Description ?? ""))),
        sample is null ? null : Section(Counted.Of(sample.Count, "row") + " of it", [.. table.Columns.Select(static column => column.Name)], sample.Select(static row => Row([.. row.Values.Select(static object (value) => Cell(value))]))),
        Section("Last runs", ["run", "job", "status", "started", "version after"], runs.Select(run => Row(
            run.RunId, run.Job, run.Status.ToString().ToLowerInvariant(), Time(run.StartedAt), Text($"{run.Tables.First(touched => touched.Name == table.Name).VersionAfter}")))));

    private static string Page(string title, params object?[] content)
    {
        var page = new XElement("html", new XAttribute("lang", "en"),
            new XElement("head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                new XElement("meta", new XAttribute("http-equiv", "Content-Security-Policy"), new XAttribute("content", "default-src 'none'; style-src 'unsafe-inline'")),
                new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
                new XElement("title", title),
                new XElement("style", ReportStyle.Css + WideTables)),
            new XElement("body", new XElement("h1", title), content));
        PageText.Escape(page);
        return "<!DOCTYPE html>\n" + page.ToString(SaveOptions.DisableFormatting) + "\n";
    }

    private static XElement? Section(string title, IReadOnlyList<string> columns, IEnumerable<XElement> rows)
    {
        var body = rows.ToList();
        return body.Count == 0 ? null : new XElement("section", new XElement("h2", title), new XElement("table",
            new XElement("thead", new XElement("tr", columns.Select(static column => new XElement("th", new XAttribute("scope", "col"), column)))), new XElement("tbody", body)));
    }

    private static XElement Row(params object[] cells) => new("tr", cells.Select(static cell => new XElement("td", cell)));

    private static XElement Link(string table) => new("a", new XAttribute("href", Uri.EscapeDataString(FileOf(table))), table);

    private static XElement? Fact(string name, string? value) => string.IsNullOrEmpty(value) ? null : new XElement("div", new XElement("dt", name), new XElement("dd", value));

    private static XElement Number(long? value) => new("span", new XAttribute("class", "number"), Text($"{value:N0}"));

    private static string Cell(object? value) => (ValueText.Of(value) ?? "∅") is var text && text.Length > LongestCell ? text[..(LongestCell - 1)] + "…" : text;

    private static string Time(DateTimeOffset? at) => at is { } time ? Text($"{time.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : "";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
