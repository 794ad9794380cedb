using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Schemas.Contracts;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline quarantine fix ID --set COLUMN=VALUE | --file F</c>: what a rejected row should have been. The row as it came stays beside it.</summary>
internal sealed class QuarantineFixCommand : IJob
{
    private const string Set = "set";
    private const string FileOption = "file";
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly StructType Fixes = new(new StructField("fixed_row_id", new StringType(), false), new StructField("new_text", new StringType(), false));

    public string Name => "quarantine fix";

    public string Purpose => "Corrects a row in quarantine, or all that wait of a batch, for the next replay; the row as it came stays on record.";

    public IReadOnlyList<string> Examples =>
    [
        "pipeline quarantine fix 3fe1a90c77d2 --set DATE_SMP=\"07/14/1999 00:00:00\"",
        "pipeline quarantine fix 3fe1a90c77d2 --set SITE_ID=01364959 --set SO4_UEQ_L=98.2",
        "pipeline quarantine fix 3fe1a90c77d2 --file corrected.json",
    ];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("id", "A row, by the beginning of its id; or a batch, for its rows"),
        new(Set, "A column, as the source or the table names it, and its right value") { IsRepeatable = true, ValueName = "COLUMN=VALUE" },
        new(FileOption, "File with the whole row as it should have come") { ValueName = "FILE" },
    ];

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var (id, sets, file) = (context.Get("id"), context.Settings.GetAll(Set), context.Find(FileOption));
        if ((sets.Count == 0) == (file is null)) throw new UsageException("Say what the row should have been: with --set COLUMN=VALUE, once or more, or with --file FILE.");
        var quarantine = await QuarantineTables.OpenAsync(context, cancellationToken);
        var (tables, condition) = quarantine.Find(id);
        var rows = quarantine.Rows(tables).Filter(condition).Select("table_name", Quarantine.RowId, "status", "raw_text", "fixed_text", "replay_batch_id").Collect(cancellationToken);
        var open = rows.Where(static row => row.GetAs<string>("status") is QuarantineStatus.Waiting or QuarantineStatus.Fixed).ToList();
        if (open.Count == 0) throw new UsageException($"'{id}' does not wait any more: its status is {string.Join(" and ", rows.Select(static row => row.GetAs<string>("status")).Distinct(StringComparer.Ordinal))}. Only rows that wait can be corrected.");
        if (open.Exists(static row => row.Get("replay_batch_id") is not null)) throw new UsageException($"A replay of '{id}' runs, or was interrupted. Finish it with 'pipeline quarantine replay {id}' before the row is changed.");
        if (file is not null && open.Count > 1) throw new UsageException($"--{FileOption} is one row, and '{id}' is {open.Count}. Give the id of a row, or use --{Set}.");

        var text = file is null ? null : (await File.ReadAllTextAsync(file, cancellationToken)).TrimEnd('\r', '\n');
        if (text is { Length: 0 }) throw new UsageException($"'{file}' is empty. Write the row into it as it should have come.");
        var changed = 0;
        foreach (var table in tables)
        {
            var contract = DatasetFlows.All.FirstOrDefault(flow => flow.Dataset.Main.Contract.Name == table)?.Dataset.Main.Contract
                ?? throw new UsageException($"Rows of '{table}' cannot be corrected: no data set has that table.");
            var fixes = open.Where(row => row.GetAs<string>("table_name") == table)
                .Select(row => (Id: row.GetAs<string>(Quarantine.RowId), Before: (string?)row.Get("fixed_text"), Text: text ?? With((string?)row.Get("fixed_text") ?? (string?)row.Get("raw_text"), sets, contract, row.GetAs<string>(Quarantine.RowId))))
                .Where(static fix => fix.Before != fix.Text)
                .ToList();
            if (fixes.Count > 0) Apply(context, table, fixes.Select(static fix => new object?[] { fix.Id, fix.Text }));
            changed += fixes.Count;
        }
        return JobOutcome.Done(changed == 0
            ? $"'{id}' is corrected so already: nothing to do."
            : $"Corrected {changed} {(changed == 1 ? "row" : "rows")}. 'pipeline quarantine replay {id}' loads {(changed == 1 ? "it" : "them")}.");
    }

    private static void Apply(JobContext context, string table, IEnumerable<object?[]> fixes)
    {
        var path = context.Lake.Quarantine(table);
        var target = DeltaTable.ForPath(context.Spark, path);
        var before = target.LatestVersion();
        var after = target.Merge(context.Spark.CreateDataFrame(fixes, Fixes).Alias("s"), (Col(Quarantine.RowId) == Col("fixed_row_id")) & QuarantineReplay.IsOpen)
            .WhenMatched()
            .Update(new Dictionary<string, Column>
            {
                ["fixed_text"] = Col("new_text"),
                ["status"] = Lit(QuarantineStatus.Fixed),
                ["status_at"] = Lit(DateTime.UtcNow).Cast("timestamp"),
                ["status_reason"] = Lit(null).Cast("string"),
            })
            .Execute();
        context.TableTouched(table + "_quarantine", path, before, after);
    }

    /// <summary>The row's JSON with other values in some columns.</summary>
    /// <exception cref="UsageException">The row is no JSON object, or there is no such column.</exception>
    internal static string With(string? text, IReadOnlyList<string> sets, TableContract contract, string id)
    {
        JsonObject? row = null;
        try
        {
            row = text is null ? null : JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            // Told below, with what to do.
        }
        if (row is null) throw new UsageException($"The row '{id[..Math.Min(12, id.Length)]}' is no JSON object, so that a column of it cannot be set. Write the whole row as it should have come into a file, and give it with --{FileOption}.");
        foreach (var set in sets)
        {
            var at = set.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw new UsageException($"'{set}' is not COLUMN=VALUE.");
            var name = set[..at].Trim();
            var column = contract.Columns.FirstOrDefault(column => column.SourceName.Equals(name, StringComparison.OrdinalIgnoreCase) || column.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                ?? throw new UsageException($"'{contract.Name}' has no column '{name}'.{NearestName.Suggestion(name, contract.Columns.SelectMany(static column => new[] { column.SourceName, column.Name }))} It has: {string.Join(", ", contract.Columns.Select(static column => column.SourceName))}.");
            row[column.SourceName] = set[(at + 1)..];
        }
        return row.ToJsonString(Plain);
    }
}
