using Microsoft.Data.Sqlite;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Suite.Runtime.Settings;
using Spectre.Console;

namespace Pipeline.Jobs.Cli.Demo;

/// <summary>What the demo prints at its end: rows by outcome, tables, what the data say, where everything lies, what to try next.</summary>
internal static class DemoSummary
{
    public static async Task WriteAsync(JobContext context, IDatasetFlow flow, RunCounts counts, string metrics, IEnumerable<string> files, TimeSpan elapsed)
    {
        var output = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(context.Output), ColorSystem = ColorSystemSupport.NoColors, Ansi = AnsiSupport.No });
        output.Profile.Width = 120;
        output.WriteLine();
        output.WriteLine($"{flow.Dataset.Title}, from files to answers in {elapsed.TotalSeconds.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)} s");
        output.WriteLine();
        WriteRows(output, "Rows by outcome", ["read", "written", "quarantined", "duplicate"], [[Number(counts.Read), Number(counts.Written), Number(counts.Quarantined), Number(counts.Duplicate)]]);
        if (counts is { Written: 0, Duplicate: > 0 })
            output.WriteLine("Nothing was added: every row was in the lake already.\n");
        WriteRows(output, "Tables", ["table", "version", "rows", "where"], [.. Tables(context, flow)]);

        await using var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = metrics, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        await database.OpenAsync().ConfigureAwait(false);
        foreach (var highlight in DemoHighlights.Of(flow.Dataset.Name))
            WriteRows(output, highlight.Title, highlight.Columns, await ReadAsync(database, highlight.Sql).ConfigureAwait(false));

        // Paths and commands are to be copied: never broken into lines.
        var text = context.Output;
        text.WriteLine("Where everything lies");
        (string Name, string Path, string What)[] places =
        [
            ("tables", $"{context.Lake.Root}/tables", "Delta, for Spark, DuckDB, delta-rs"),
            .. DeltaTable.IsDeltaTable(context.Spark, context.Lake.Quarantine(flow.Dataset.Main.Contract.Name)) ? [("quarantine", $"{context.Lake.Root}/quarantine", "rejected rows, each with its reason")] : Array.Empty<(string, string, string)>(),
            ("raw", $"{context.Lake.Root}/raw", "messages as received"),
            ("metrics", metrics, "SQLite"),
            .. files.Select(file => ("file", file, file.StartsWith($"{context.Lake.Root}/runs/", StringComparison.Ordinal) ? "of this run" : "replaced whole by each run")),
            ("result", $"{context.Lake.Root}/runs/{context.RunId}/result.json", "this run, for programs"),
        ];
        var width = places.Max(static place => place.Path.Length);
        foreach (var (name, path, what) in places) text.WriteLine($"  {name,-10}  {path.PadRight(width)}  {what}");
        text.WriteLine();
        text.WriteLine("What to try next");
        var lake = context.Settings.IsGiven(CommonOptions.Lake) ? $" --lake {context.Get(CommonOptions.Lake)}" : "";
        var dataset = flow.Dataset.Name == DemoJob.First ? "" : $" --dataset {flow.Dataset.Name}";
        var input = string.Concat(DemoJob.Input.Where(option => context.Settings.IsGiven(option.Name)).Select(option => $" --{option.Name} {context.Get(option.Name)}"));
        text.WriteLine($"  dotnet run --project jobs/Pipeline -- demo{dataset}{input}{lake}    the same again: all duplicates, nothing added");
        text.WriteLine($"  dotnet run --project jobs/Pipeline -- query \"{DemoHighlights.Query(flow.Dataset.Name)}\"{lake}");
        text.WriteLine($"  dotnet run --project jobs/Pipeline -- versions {flow.Dataset.Main.Contract.Name}{lake}");
    }

    private static IEnumerable<string[]> Tables(JobContext context, IDatasetFlow flow)
    {
        (string Name, string Uri)[] tables =
        [
            (flow.Dataset.Main.Contract.Name, context.Lake.Table(flow.Dataset.Main.Contract.Name)),
            .. flow.Enrichment is { } enrichment ? [(enrichment.Table, context.Lake.Table(enrichment.Table))] : Array.Empty<(string, string)>(),
            (flow.Dataset.Main.Contract.Name + "_quarantine", context.Lake.Quarantine(flow.Dataset.Main.Contract.Name)),
            ("batches", context.Lake.Batches),
        ];
        foreach (var (name, uri) in tables)
            if (DeltaTable.IsDeltaTable(context.Spark, uri))
                yield return [name, Number(DeltaTable.ForPath(context.Spark, uri).LatestVersion()), Number(context.Spark.Read().Format("delta").Load(uri).Count()), uri];
    }

    private static async Task<IReadOnlyList<string[]>> ReadAsync(SqliteConnection database, string sql)
    {
        await using var command = database.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        var rows = new List<string[]>();
        while (await reader.ReadAsync().ConfigureAwait(false))
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture)!)]);
        return rows;
    }

    private static void WriteRows(IAnsiConsole output, string title, IReadOnlyList<string> columns, IReadOnlyList<string[]> rows)
    {
        output.WriteLine(title);
        var table = new Table { Border = TableBorder.Simple, UseSafeBorder = true };
        foreach (var column in columns) table.AddColumn(new TableColumn(Markup.Escape(column)));
        foreach (var row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        output.Write(table);
    }

    private static string Number(long value) => value.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
}
