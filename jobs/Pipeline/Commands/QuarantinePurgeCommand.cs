using Pipeline.Engine.Sql.Delta;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline quarantine purge --older-than TIME</c>: the retention of rejected rows that are done with.</summary>
internal sealed class QuarantinePurgeCommand : IJob
{
    private const string OlderThan = "older-than";
    private const string WithWaiting = "with-waiting";

    public string Name => "quarantine purge";

    public string Purpose => "Deletes rows from quarantine that were replayed or discarded longer ago than this; what waits stays unless asked.";

    public IReadOnlyList<string> Examples => ["pipeline quarantine purge --older-than 90d --dry-run", "pipeline quarantine purge --older-than 90d", "pipeline quarantine purge --older-than 365d --with-waiting"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        new(OlderThan, "Time since the row's last change of status; a setting too, for a scheduled purge") { Kind = OptionKind.Duration, IsRequired = true, ValueName = "TIME" },
        JobOption.Flag(WithWaiting, "Delete rows that wait, too: they are lost then"),
        JobOption.Flag("dry-run", "Only say what would be deleted"),
    ];

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var isDryRun = context.GetFlag("dry-run");
        var isOld = Col("status_at") < Lit(DateTime.UtcNow - context.GetDuration(OlderThan)).Cast("timestamp");
        // What a replay has taken is never deleted under it.
        var condition = context.GetFlag(WithWaiting) ? isOld & !QuarantineReplay.IsClaimed : isOld & Col("status").IsIn(QuarantineStatus.Replayed, QuarantineStatus.Discarded);
        var quarantine = await QuarantineTables.OpenToChangeAsync(context, cancellationToken);
        var deleted = 0L;
        foreach (var table in quarantine.Names)
        {
            var rows = quarantine.Rows(table).Filter(condition).Count();
            deleted += rows;
            if (rows == 0 || isDryRun) continue;
            var target = DeltaTable.ForPath(context.Spark, context.Lake.Quarantine(table));
            var before = target.LatestVersion();
            context.TableTouched(table + "_quarantine", target.Path, before, target.Delete(condition));
        }
        return JobOutcome.Done(deleted == 0
            ? "No row is old enough: nothing to do."
            : FormattableString.Invariant($"{(isDryRun ? "Would delete" : "Deleted")} {deleted} rows.{(isDryRun ? "" : " Their files stay until 'pipeline vacuum' of the quarantine; until then earlier versions still show them.")}"));
    }
}
