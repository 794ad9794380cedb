using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline quarantine replay ID…|--all</c>: rows that wait are classified again, as corrected where they were; what is good goes into the table.</summary>
internal sealed class QuarantineReplayCommand : IJob
{
    private const string All = "all";

    public string Name => "quarantine replay";

    public string Purpose => "Judges rows in quarantine again, as corrected where they were: good ones go into their table, once; the others stay with their new reason.";

    public IReadOnlyList<string> Examples => ["pipeline quarantine replay 3fe1a90c77d2", "pipeline quarantine replay 3fe1a90c77d2 8c41d0aa93b1 water-quality-1f3a9c02-000004", "pipeline quarantine replay --all"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("id", "Rows, by the beginning of their ids; or batches, for their rows", isRequired: false) with { IsRepeatable = true },
        JobOption.Flag(All, "All rows that wait, of every table"),
    ];

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var ids = context.Settings.GetAll("id");
        if ((ids.Count == 0) == !context.GetFlag(All)) throw new UsageException($"Say which rows to replay: their ids, or --{All}.");
        var quarantine = await QuarantineTables.OpenToChangeAsync(context, cancellationToken);
        IReadOnlyList<string> tables = quarantine.Names;
        Column condition = Lit(true);
        if (ids.Count > 0)
        {
            var found = ids.Select(quarantine.Find).ToList();
            tables = [.. found.SelectMany(static each => each.Tables).Distinct(StringComparer.Ordinal)];
            condition = found.Select(static each => each.Condition).Aggregate(static (left, right) => left | right);
        }
        return Replay(context, tables, condition);
    }

    /// <summary>Replays the open rows of a table's quarantine for which a condition holds, and counts them.</summary>
    internal static void Run(JobContext context, string table, Column condition)
    {
        var flow = DatasetFlows.All.FirstOrDefault(flow => flow.Dataset.Main.Contract.Name == table)
            ?? throw new UsageException($"Rows of '{table}' cannot be replayed: no data set has that table.");
        context.EvolveTables(flow.Dataset.Main.Contract);
        var replay = new QuarantineReplay(context.Lake, flow.Dataset, new RowStaging(flow.StageMessages, flow.StageRecords));
        foreach (var loaded in replay.Run(context.Spark, condition, context.Job, context.RunId)) context.Loaded(loaded, table);
    }

    /// <summary>Replays the open rows of a condition, and tells what became of them.</summary>
    internal static JobOutcome Replay(JobContext context, IReadOnlyList<string> tables, Column condition)
    {
        foreach (var table in tables) Run(context, table, condition);
        context.Counts.CheckBalance();
        var counts = context.Counts;
        if (counts.Read == 0) return JobOutcome.Done("No row of these waits: nothing to do.");
        if (counts.Quarantined > 0) context.Warn(FormattableString.Invariant($"{counts.Quarantined} rows are still bad and stay in quarantine: 'pipeline quarantine list --status waiting' and '--status fixed' show their reasons."));
        return JobOutcome.Done(FormattableString.Invariant($"Replayed {counts.Read} rows: {counts.Written} written, {counts.Duplicate} in the table already, {counts.Quarantined} still bad."));
    }
}
