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

/// <summary><c>pipeline quarantine fix ID --set COLUMN=VALUE | --file F | --undo</c>: what rejected rows should have been. The row as it came stays beside it, and so does who corrected it, when and why.</summary>
internal sealed class QuarantineFixCommand : IJob
{
    private const string Set = "set";
    private const string FileOption = "file";
    private const string Undo = "undo";
    private const string WhereOption = "where";
    private const string DryRun = "dry-run";
    private const int MostShown = 20;
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly StructType Fixes = new(
        new StructField("fixed_row_id", new StringType(), false), new StructField("new_text", new StringType()), new StructField("new_fixes", new StringType(), false));

    public string Name => "quarantine fix";

    public string Purpose => "Corrects pending rows in quarantine, one or those of a batch, for the next replay; the row as it came stays on record, and who corrected it, when and why.";

    public IReadOnlyList<string> Examples =>
    [
        "pipeline quarantine fix 3fe1a90c77d2 --set DATE_SMP=\"07/14/1999 00:00:00\" --reason \"Date as in the field book\"",
        "pipeline quarantine fix 3fe1a90c77d2 --set SITE_ID=01364959 --set SO4_UEQ_L= --reason \"Below the detection limit: no value\"",
        "pipeline quarantine fix water-quality-1f3a9c02-000004 --where \"rule = 'not_a_number' AND SO4_UEQ_L = 'n/a'\" --set SO4_UEQ_L= --reason \"Not measured\" --dry-run",
        "pipeline quarantine fix 3fe1a90c77d2 --file corrected.json --reason \"Sent again by the laboratory\"",
        "pipeline quarantine fix 3fe1a90c77d2 --undo --reason \"Wrong row\"",
    ];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("id", "A row, by the beginning of its id; or a batch, for its rows"),
        new(Set, "A column, as the source or the table names it, and its right value; nothing after the = for no value") { IsRepeatable = true, ValueName = "COLUMN=VALUE" },
        new(FileOption, "File with the whole row as it should have come") { ValueName = "FILE" },
        JobOption.Flag(Undo, "Take the last correction back: what was before holds again"),
        new(WhereOption, "Only rows for which this SQL condition holds: over the source's columns as text (as corrected), rule and rule_column (the first that the row broke), and the columns that 'quarantine show' lists") { ValueName = "SQL" },
        new("reason", "Why; it is stored with the row, the user's name and the time") { IsRequired = true, ValueName = "TEXT" },
        JobOption.Flag(DryRun, "Only show what would be changed"),
    ];

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var (id, sets, file, reason) = (context.Get("id"), context.Settings.GetAll(Set), context.Find(FileOption), context.Get("reason"));
        var ways = (sets.Count > 0 ? 1 : 0) + (file is null ? 0 : 1) + (context.GetFlag(Undo) ? 1 : 0);
        if (ways != 1) throw new UsageException($"Say what the row should have been with exactly one of --{Set} COLUMN=VALUE (once or more), --{FileOption} FILE and --{Undo}.");
        if (string.IsNullOrWhiteSpace(reason)) throw new UsageException("--reason is empty. It is stored with the row: say why it is corrected.");
        var isDryRun = context.GetFlag(DryRun);
        var quarantine = isDryRun ? await QuarantineTables.OpenAsync(context, cancellationToken) : await QuarantineTables.OpenToChangeAsync(context, cancellationToken);
        var (tables, condition) = quarantine.Find(id);
        var rows = tables.SelectMany(table => Chosen(quarantine.Rows(table).Filter(condition), ContractOf(table), context.Find(WhereOption)).Collect(cancellationToken)).ToList();
        if (rows.Count == 0) return JobOutcome.Done($"No row of '{id}' meets --{WhereOption}: nothing to do.");
        var open = rows.Where(static row => row.GetAs<string>("status") is QuarantineStatus.Waiting or QuarantineStatus.Fixed).ToList();
        if (open.Count == 0) throw new UsageException($"'{id}' is not pending any more: its status is {string.Join(" and ", rows.Select(static row => row.GetAs<string>("status")).Distinct(StringComparer.Ordinal))}. Only pending rows can be corrected.");
        if (open.Exists(static row => row.Get("replay_batch_id") is not null)) throw new UsageException($"A replay of '{id}' runs, or was interrupted. Finish it with 'pipeline quarantine replay {id}' before the row is changed.");
        if (file is not null && open.Count > 1) throw new UsageException($"--{FileOption} is one row, and '{id}' is {open.Count}. Give the id of a row, or use --{Set}.");

        var text = file is null ? null : (await File.ReadAllTextAsync(file, cancellationToken)).TrimEnd('\r', '\n');
        if (text is { Length: 0 }) throw new UsageException($"'{file}' is empty. Write the row into it as it should have come.");
        var fix = new Fix { Text = text, By = Environment.UserName, At = DateTime.UtcNow, Reason = reason };
        var changes = open.Select(row => Change(row, fix, sets, isUndo: context.GetFlag(Undo))).Where(static change => change.Before != change.After).ToList();
        if (isDryRun)
        {
            Show(context, changes);
            return JobOutcome.Done(changes.Count == 0 ? $"'{id}' is so already: nothing would be changed." : $"Would change {Plural(changes.Count)}.");
        }
        foreach (var table in changes.GroupBy(static change => change.Table, StringComparer.Ordinal))
            Apply(context, table.Key, table.Select(static change => new object?[] { change.Id, change.After, change.Fixes }));
        if (changes.Count == 0) return JobOutcome.Done($"'{id}' is {(context.GetFlag(Undo) ? "not corrected" : "corrected so already")}: nothing to do.");
        return JobOutcome.Done(context.GetFlag(Undo)
            ? $"Took back the last correction of {Plural(changes.Count)}."
            : $"Corrected {Plural(changes.Count)}. 'pipeline quarantine replay {id}' loads {(changes.Count == 1 ? "it" : "them")}.");
    }

    private static string Plural(int rows) => FormattableString.Invariant($"{rows} {(rows == 1 ? "row" : "rows")}");

    private static TableContract ContractOf(string table) =>
        DatasetFlows.All.FirstOrDefault(flow => flow.Dataset.Main.Contract.Name == table)?.Dataset.Main.Contract
        ?? throw new UsageException($"Rows of '{table}' cannot be corrected: no data set has that table.");

    /// <summary>The rows for which the condition holds, in the columns of quarantine.</summary>
    private static DataFrame Chosen(DataFrame rows, TableContract contract, string? where)
    {
        if (where is null) return rows;
        var names = rows.Columns();
        var fields = FromJson(Coalesce(Col("fixed_text"), Col("raw_text")), contract.SourceSchema);
        var first = ElementAt(Col(Quarantine.RulesBroken), 1);
        var extended = rows.WithColumn("_fields", fields).WithColumn("rule", first.GetField("rule")).WithColumn("rule_column", first.GetField("column"));
        foreach (var column in contract.Columns.Where(column => !names.Contains(column.SourceName, StringComparer.OrdinalIgnoreCase)))
            extended = extended.WithColumn(column.SourceName, Col("_fields").GetField(column.SourceName));
        try
        {
            var chosen = extended.Filter(where).Select([.. names.Select(static name => Col(name))]);
            // The condition is a user's text: it chooses rows, and reads nothing else.
            rows.SparkSession.Engine.RequireQuery(chosen.ToSql(), allowFiles: false);
            return chosen;
        }
        catch (ArgumentException error)
        {
            throw new UsageException($"--{WhereOption} cannot be understood: {error.Message}", error);
        }
    }

    private static RowChange Change(Row row, Fix fix, IReadOnlyList<string> sets, bool isUndo)
    {
        var (id, table, before, fixes) = (row.GetAs<string>(Quarantine.RowId), row.GetAs<string>("table_name"), (string?)row.Get("fixed_text"), (string?)row.Get("fixes"));
        if (isUndo) return new RowChange(id, table, (string?)row.Get("raw_text"), before, FixHistory.BeforeLast(fixes)?.Text, FixHistory.Add(fixes, fix with { Text = null }));
        var after = fix.Text ?? With(before ?? (string?)row.Get("raw_text"), sets, ContractOf(table), id);
        return new RowChange(id, table, (string?)row.Get("raw_text"), before, after, FixHistory.Add(fixes, fix with { Text = after }));
    }

    private static void Show(JobContext context, List<RowChange> changes)
    {
        var mask = new QuarantineMask(Suite.Schemas.Datasets.All);
        var columns = new StructType(new StructField("table_name", new StringType()), new StructField("raw_text", new StringType()), new StructField("fixed_text", new StringType()));
        foreach (var change in changes.Take(MostShown))
        {
            var shown = mask.Apply(new Row(columns, [change.Table, change.Before ?? change.Raw, change.After ?? change.Raw]));
            string? Shown(string column) => shown.Get(column) is string text ? PrintableText.OneLine(text) : null;
            context.Output.WriteLine($"{change.Id[..Math.Min(12, change.Id.Length)]}  {Shown("raw_text")}");
            context.Output.WriteLine($"{"",12}→ {Shown("fixed_text")}");
        }
        if (changes.Count > MostShown) context.Output.WriteLine(FormattableString.Invariant($"… and {changes.Count - MostShown} more."));
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
                ["fixes"] = Col("new_fixes"),
                ["status"] = When(Col("new_text").IsNull(), Lit(QuarantineStatus.Waiting)).Otherwise(QuarantineStatus.Fixed),
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
            // No value is an empty field, as a file has it.
            row[column.SourceName] = set[(at + 1)..];
        }
        return row.ToJsonString(Plain);
    }

    /// <summary>What is done to a row.</summary>
    private sealed record RowChange(string Id, string Table, string? Raw, string? Before, string? After, string Fixes);
}
