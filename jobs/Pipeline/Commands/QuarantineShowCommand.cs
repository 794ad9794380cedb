using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline quarantine show ID</c>: a rejected row whole.</summary>
internal sealed class QuarantineShowCommand : IJob
{
    public string Name => "quarantine show";

    public string Purpose => "Shows a row in quarantine whole, as it came, with the rules that it broke; or the rows of a batch.";

    public IReadOnlyList<string> Examples => ["pipeline quarantine show 3fe1a90c77d2", "pipeline quarantine show 3fe1a90c77d2 --output json", "pipeline quarantine show water-quality-1f3a9c02-000004 --limit 5"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("id", "A row, by the beginning of its id; or a batch, for its rows"),
        new("limit", "Rows at most, of a batch", "20") { Kind = OptionKind.Integer, Min = 0, ValueName = "N" },
        QuarantineMask.Flag,
    ];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var quarantine = await QuarantineTables.OpenAsync(context, cancellationToken);
        var (tables, condition) = quarantine.Find(context.Get("id"));
        var rows = quarantine.Rows(tables).Filter(condition).OrderBy(Col("table_name").Asc(), Col(Quarantine.RowId).Asc()).Limit((int)context.GetInt("limit"));
        RecordText.Write(context, QuarantineMask.Shown(context, rows.ToLocalIterator(cancellationToken)), cancellationToken);
        return JobOutcome.Done("Shown.");
    }
}
