using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Settings;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline quarantine list</c>: the rows that were kept out, why, and what became of them.</summary>
internal sealed class QuarantineListCommand : IJob
{
    // Enough of a SHA-256 to copy and to tell rows apart.
    private const int ShownIdLength = 12;

    public string Name => "quarantine list";

    public string Purpose => "Lists rows in quarantine, newest first: which rules they broke, where they came from, and what became of them.";

    public IReadOnlyList<string> Examples => ["pipeline quarantine list", "pipeline quarantine list --table water_samples --status waiting", "pipeline quarantine list --batch water-quality-1f3a9c02-000004 --output json"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        new("table", "Rows kept out of this table only") { ValueName = "TABLE" },
        new("batch", "Rows of this batch only") { ValueName = "ID" },
        new("status", "Rows of this status only") { Choices = ["waiting", "fixed", "replayed", "discarded"] },
        new("limit", "Rows at most", "100") { Kind = OptionKind.Integer, Min = 0, ValueName = "N" },
        QuarantineMask.Flag,
    ];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var tables = await QuarantineTables.OpenAsync(context, cancellationToken);
        var isJson = context.Get(CommonOptions.Output) == "json";
        IReadOnlyList<string> chosen = context.Find("table") is { } table ? [Known(tables, table)] : tables.Names;
        if (chosen.Count == 0)
        {
            if (!isJson) context.Output.WriteLine($"Nothing is in quarantine in the lake '{context.Lake.Root}'.");
            return JobOutcome.Done("Listed.");
        }
        var rows = tables.Rows(chosen);
        if (context.DatasetName is { } dataset) rows = rows.Filter(Col("dataset") == Lit(dataset));
        if (context.Find("batch") is { } batch) rows = rows.Filter(Col("batch_id") == Lit(batch));
        if (context.Find("status") is { } status) rows = rows.Filter(Col("status") == Lit(status));
        var shown = rows.OrderBy(Col("quarantined_at").Desc(), Col(Quarantine.RowId).Asc()).Limit((int)context.GetInt("limit"));
        if (isJson)
        {
            RowWriter.JsonLines(context.Output, QuarantineMask.Shown(context, shown.ToLocalIterator(cancellationToken)), cancellationToken);
            return JobOutcome.Done("Listed.");
        }
        var few = shown.Select(
            Col(Quarantine.RowId).SubStr(1, ShownIdLength).As("id"), Col("table_name").As("table"), Col("batch_id").As("batch"), Col("status"), Col(Quarantine.RulesBroken),
            Coalesce(Col("source_topic"), Col("source_file")).As("source"), Coalesce(Col("source_offset").Cast("string"), Col("source_line").Cast("string"), Col("source_cell")).As("place"), Col("raw_text"));
        RowWriter.Table(context.Output, few.Schema(), QuarantineMask.Shown(context, few.ToLocalIterator(cancellationToken)), RowWriter.AllRows, width: context.Width);
        return JobOutcome.Done("Listed.");
    }

    private static string Known(QuarantineTables tables, string table) => tables.Names.Contains(table)
        ? table
        : throw new UsageException($"No row was kept out of '{table}'.{NearestName.Suggestion(table, tables.Names)} {(tables.Names.Count == 0 ? "No table has a quarantine." : $"There is a quarantine of: {string.Join(", ", tables.Names)}.")}");
}
