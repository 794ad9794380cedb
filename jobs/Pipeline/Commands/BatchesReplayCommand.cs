using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Queries;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline batches replay ID</c>: a batch that is whole in quarantine is classified again row by row; a committed one is loaded again from its raw messages.</summary>
internal sealed class BatchesReplayCommand : IJob
{
    private const string Missing = "missing";
    private const int MostNamed = 5;

    public string Name => "batches replay";

    public string Purpose => "Loads a batch again: a whole bad batch from quarantine, row by row; a committed one from its raw messages, in place of its rows.";

    public IReadOnlyList<string> Examples =>
        ["pipeline batches replay water-quality-1f3a9c02-000004", "pipeline batches replay water-quality-1f3a9c02-000004 --max-bad-share 1", "pipeline batches replay --missing water_samples"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("id", "A batch, as 'pipeline batches list' names it", isRequired: false),
        new(Missing, "All batches of the stream into this table whose rows are not in it: after a restore, or when it is lost") { ValueName = "TABLE" },
        JobOption.Share("max-bad-share", "Share of bad rows, 0 to 1, over which a committed batch is left as it is", "0.5"),
    ];

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        if ((context.Find("id") is null) == (context.Find(Missing) is null)) throw new UsageException($"Say which batch to load again: its id, or --{Missing} TABLE for all that a table lacks.");
        context.EvolveBatches();
        if (context.Find(Missing) is { } table) return await LoadMissingAsync(context, table, cancellationToken);
        var id = context.Get("id");
        var batch = new BatchTable(context).Find(id)[0];
        return batch.Status switch
        {
            BatchStatus.Quarantined or BatchStatus.Replayed => QuarantineReplayCommand.Replay(context, [batch.TableName], Col("batch_id") == Lit(id)),
            BatchStatus.Discarded => throw new UsageException($"The batch '{id}' was discarded ({batch.Reason?.TrimEnd('.')}): it is not replayed."),
            BatchStatus.RestoredFrom => throw new UsageException($"'{id}' is a restore and brought no rows. To go back, use 'pipeline restore {batch.TableName}'."),
            _ when QuarantineReplay.IsReplay(batch) => ReplayAgain(context, batch),
            _ => LoadAgain(context, batch),
        };
    }

    private static JobOutcome LoadAgain(JobContext context, BatchRecord batch)
    {
        var flow = DatasetFlows.Of(batch.Dataset);
        var loaded = LoadAgain(context, flow, batch, context.GetNumber("max-bad-share"));
        if (loaded.IsBad)
            return JobOutcome.Quarantined($"The batch '{batch.BatchId}' was left as it is: {loaded.Reason}. Allow it with --max-bad-share, or correct the contract first.");
        context.Loaded(loaded, flow.Dataset.Main.Contract.Name);
        context.Counts.CheckBalance();
        return JobOutcome.Done(FormattableString.Invariant(
            $"Loaded batch '{batch.BatchId}' again: {loaded.Read} read, {loaded.Written} written in place of {batch.RowsWritten}, {loaded.Quarantined} quarantined, {loaded.Duplicate} duplicate.{(flow.Enrichment is { } enrichment ? $" Where its rows were enriched, make '{enrichment.Table}' again: pipeline hdfs-enrich --full." : "")}"));
    }

    private static LoadedBatch LoadAgain(JobContext context, IDatasetFlow flow, BatchRecord batch, double maxBadShare)
    {
        context.EvolveTables(flow.Dataset.Main.Contract);
        var messages = RawArchive.Read(context.Spark, context.Lake, batch);
        return new BatchWriter(context.Lake, flow.Dataset.Main.Contract, flow.Dataset.Name, new LoadingOptions(maxBadShare)).LoadAgain(flow.StageMessages(messages), batch, context.RunId);
    }

    /// <summary>A table may be lost, so that only its batches know it; a name that nothing knows lacks nothing, and so would look like success.</summary>
    private static async Task RequireKnownAsync(JobContext context, string table, CancellationToken cancellationToken)
    {
        var tables = await LakeTables.ListAsync(context.Lake, cancellationToken);
        if (!tables.Contains(table) && BatchRows.Find(context.Spark, context.Lake, Col("table_name") == Lit(table)).Count == 0) _ = tables.PathOf(table);
    }

    private static async Task<JobOutcome> LoadMissingAsync(JobContext context, string table, CancellationToken cancellationToken)
    {
        await RequireKnownAsync(context, table, cancellationToken);
        context.EvolveQuarantine(table);
        await context.AdoptAsync(table, cancellationToken);
        var reopened = context.ReopenRepaired(table);
        var missing = Restores.Missing(context.Spark, context.Lake, table);
        var files = Restores.MissingFiles(context.Spark, context.Lake, table);
        if (files.Count > 0)
        {
            var names = $"{string.Join(", ", files.Take(MostNamed).Select(static batch => $"'{batch.Source}'"))}{(files.Count > MostNamed ? ", …" : "")}";
            context.Warn(FormattableString.Invariant($"'{table}' lacks the rows of {files.Count} files, which are not archived: {names}. Load them again with batch-etl; rows that the table has count as duplicates."));
        }
        if (missing.Count > 0)
        {
            using var step = context.Step($"load {missing.Count} batches of '{table}' again");
            foreach (var batch in missing)
            {
                cancellationToken.ThrowIfCancellationRequested();
                // They were good enough once: a share would keep out what the table had.
                context.Loaded(LoadAgain(context, DatasetFlows.Of(batch.Dataset), batch, maxBadShare: 1), table);
            }
            step.Done(FormattableString.Invariant($"{context.Counts.Written:N0} rows"));
        }
        var hasRepaired = reopened > 0 || RepairedRows.Exist(context.Spark, context.Lake, table);
        // After the batches: what they bring back is then a duplicate here, and not the other way round.
        if (hasRepaired) QuarantineReplayCommand.Run(context, table, RepairedRows.IsReopened);
        context.Counts.CheckBalance();
        if (missing.Count == 0 && !hasRepaired)
            return JobOutcome.Done($"'{table}' lacks no batch of a stream and no repaired row{(files.Count == 0 ? ": nothing to do." : ". Files are missing; see the warning.")}");
        return JobOutcome.Done(FormattableString.Invariant($"Loaded {missing.Count} batches{(hasRepaired ? " and repaired rows of quarantine" : "")} again that '{table}' lacked: {context.Counts}."));
    }

    /// <summary>A replay of quarantined rows is repeated where the table lacks its rows.</summary>
    private static JobOutcome ReplayAgain(JobContext context, BatchRecord batch)
    {
        var table = batch.TableName;
        if (RepairedRows.Reopen(context.Spark, context.Lake, table).All(rows => rows.BatchId != batch.BatchId))
            return JobOutcome.Done($"'{table}' has the rows of '{batch.BatchId}', a replay of quarantined rows, or they are pending already: nothing to do. 'pipeline quarantine list --status fixed' shows what is pending.");
        return QuarantineReplayCommand.Replay(context, [table], Col("status_reason") == Lit(RepairedRows.ReasonOf(table, batch.BatchId)));
    }
}
