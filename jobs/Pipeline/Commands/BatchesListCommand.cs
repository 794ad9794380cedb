using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Settings;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline batches list</c>: what came in, when, and what became of it.</summary>
internal sealed class BatchesListCommand : IJob
{
    public string Name => "batches list";

    public string Purpose => "Lists the batches, newest first: when they came, their rows by outcome, the table's version that has them, and their status.";

    public IReadOnlyList<string> Examples => ["pipeline batches list", "pipeline batches list --status quarantined", "pipeline batches list --table water_samples --limit 5 --output json"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        new("table", "Batches of this table only") { ValueName = "TABLE" },
        new("status", "Batches of this status only") { Choices = ["committed", "quarantined", "replayed", "discarded", "restored_from"] },
        new("limit", "Batches at most", "100") { Kind = OptionKind.Integer, Min = 0, ValueName = "N" },
    ];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var batches = new BatchTable(context).Rows();
        if (context.DatasetName is { } dataset) batches = batches.Filter(Col("dataset") == Lit(dataset));
        if (context.Find("table") is { } table) batches = batches.Filter(Col("table_name") == Lit(table));
        if (context.Find("status") is { } status) batches = batches.Filter(Col("status") == Lit(status));
        var shown = batches.OrderBy(Col("received_at").Desc(), Col("batch_id").Desc()).Limit((int)context.GetInt("limit"));
        if (context.Get(CommonOptions.Output) == "json")
        {
            RowWriter.JsonLines(context.Output, shown.ToLocalIterator(cancellationToken), cancellationToken);
        }
        else
        {
            var few = shown.Select(
                Col("batch_id"), Col("received_at"), Col("table_name").As("table"), Col("table_version").As("version"), Col("status"),
                Col("rows_read").As("read"), Col("rows_written").As("written"), Col("rows_quarantined").As("quarantined"), Col("rows_duplicate").As("duplicate"), Col("rows_late").As("late"), Col("reason"));
            RowWriter.Table(context.Output, few.Schema(), few.ToLocalIterator(cancellationToken), RowWriter.AllRows, width: context.Width);
        }
        return Task.FromResult(JobOutcome.Done("Listed."));
    }
}
