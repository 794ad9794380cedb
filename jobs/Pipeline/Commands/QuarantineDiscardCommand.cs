using System.Globalization;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline quarantine discard ID --reason TEXT</c>: a row, or the rows of a batch, given up on the record.</summary>
/// <remarks>Nothing is deleted. Twice is once: rows that are discarded already keep the first reason. A batch of which nothing waits any more is discarded in <c>batches</c> too.</remarks>
internal sealed class QuarantineDiscardCommand : IJob
{
    public string Name => "quarantine discard";

    public string Purpose => "Gives up a row in quarantine, or all that wait of a batch, with a reason; they stay on record and are not replayed.";

    public IReadOnlyList<string> Examples =>
    [
        "pipeline quarantine discard 3fe1a90c77d2 --reason \"Test message of the laboratory\"",
        "pipeline quarantine discard water-quality-1f3a9c02-000004 --reason \"Sent again as a corrected file\"",
        "pipeline quarantine discard 3fe1a90c77d2 --reason \"No such site\" --output json",
    ];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("id", "A row, by the beginning of its id; or a batch, for its rows"),
        new("reason", "Why; it stays with the row") { IsRequired = true, ValueName = "TEXT" },
    ];

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var (id, reason) = (context.Get("id"), context.Get("reason"));
        if (string.IsNullOrWhiteSpace(reason)) throw new UsageException("--reason is empty: say why the row is given up.");
        var quarantine = await QuarantineTables.OpenToChangeAsync(context, cancellationToken);
        var (tables, condition) = quarantine.Find(id);
        var byStatus = quarantine.Rows(tables).Filter(condition).GroupBy("status").Count().Collect(cancellationToken).ToDictionary(static row => row.GetAs<string>(0), static row => row.GetAs<long>(1));
        var open = byStatus.GetValueOrDefault(QuarantineStatus.Waiting) + byStatus.GetValueOrDefault(QuarantineStatus.Fixed);
        var replayed = byStatus.GetValueOrDefault(QuarantineStatus.Replayed);
        if (open == 0 && replayed > 0)
            throw new UsageException($"'{id}' was replayed: its rows are in the table, and discarding them here would not take them out. To go back to before the replay, use 'pipeline restore'.");

        if (quarantine.Rows(tables).Filter(condition & QuarantineReplay.IsClaimed).Count() > 0)
            throw new UsageException($"A replay of '{id}' runs, or was interrupted. Finish it with 'pipeline quarantine replay {id}' before its rows are discarded.");
        if (open > 0)
            foreach (var table in tables) Discard(context, table, condition, reason);
        var batches = DiscardBatches(context, quarantine, tables, condition, reason);
        var also = $"{(replayed > 0 ? string.Create(CultureInfo.InvariantCulture, $" {replayed:N0} rows that were replayed are left.") : "")}{(batches.Count > 0 ? $" Discarded as a whole: {string.Join(", ", batches)}." : "")}";
        return JobOutcome.Done(open == 0
            ? $"'{id}' is discarded already: nothing to do.{also}"
            : string.Create(CultureInfo.InvariantCulture, $"Discarded {open:N0} rows.{also}"));
    }

    private static Column IsOpen => Col("status").IsIn(QuarantineStatus.Waiting, QuarantineStatus.Fixed);

    private static void Discard(JobContext context, string table, Column condition, string reason)
    {
        var path = context.Lake.Quarantine(table);
        var target = DeltaTable.ForPath(context.Spark, path);
        var before = target.LatestVersion();
        var rows = target.ToDF().Filter(condition & IsOpen).Select(
            Col(Quarantine.RowId).As("discarded_id"), Lit(QuarantineStatus.Discarded).As("new_status"), Lit(DateTime.UtcNow).Cast("timestamp").As("new_status_at"), Lit(reason).As("new_reason"));
        var after = target.Merge(rows.Alias("s"), Col(Quarantine.RowId) == Col("discarded_id"))
            .WhenMatched()
            .Update(new Dictionary<string, Column> { ["status"] = Col("new_status"), ["status_at"] = Col("new_status_at"), ["status_reason"] = Col("new_reason") })
            .Execute();
        context.TableTouched(table + "_quarantine", path, before, after);
    }

    /// <summary>Marks batches that are whole in quarantine, and of which no row waits any more; their ids.</summary>
    private static List<string> DiscardBatches(JobContext context, QuarantineTables quarantine, IReadOnlyList<string> tables, Column condition, string reason)
    {
        var touched = quarantine.Rows(tables).Filter(condition & Col("is_whole_batch")).Select("batch_id").Distinct().Collect().Select(static row => row.GetAs<object?>(0)).ToArray();
        if (touched.Length == 0) return [];
        var left = quarantine.Rows(tables).Filter(Col("batch_id").IsIn(touched) & !(Col("status") == Lit(QuarantineStatus.Discarded))).Select("batch_id").Distinct().Collect().Select(static row => row.GetAs<string>(0)).ToHashSet(StringComparer.Ordinal);
        object?[] done = [.. touched.Where(batch => !left.Contains((string)batch!))];
        if (done.Length == 0 || !DeltaTable.IsDeltaTable(context.Spark, context.Lake.Batches)) return [];
        var target = DeltaTable.ForPath(context.Spark, context.Lake.Batches);
        var open = target.ToDF().Filter(Col("batch_id").IsIn(done) & (Col("status") == Lit(BatchStatus.Quarantined)))
            .Select(Col("batch_id").As("discarded_id"), Lit(BatchStatus.Discarded).As("new_status"), Lit(reason).As("new_reason"));
        List<string> ids = [.. open.Collect().Select(static row => row.GetAs<string>(0))];
        if (ids.Count == 0) return [];
        var before = target.LatestVersion();
        var after = target.Merge(open.Alias("s"), Col("batch_id") == Col("discarded_id"))
            .WhenMatched()
            .Update(new Dictionary<string, Column> { ["status"] = Col("new_status"), ["reason"] = Col("new_reason") })
            .Execute();
        context.TableTouched("batches", context.Lake.Batches, before, after);
        return ids;
    }
}
