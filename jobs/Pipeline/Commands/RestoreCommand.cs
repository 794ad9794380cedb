using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline restore TABLE</c>: an earlier version's content as a new version.</summary>
/// <remarks>The lake checks and counts; the engine commits. The data set's <c>batches</c> gets a row of status restored_from, whose table_version is the new version; where a restore dies before that, the next restore or stream-ingest adds it.</remarks>
internal sealed class RestoreCommand : IJob
{
    private const string VersionOption = "version";
    private const string BatchOption = "batch";
    private const string BeforeOption = "before";

    public string Name => "restore";

    public string Purpose => "Makes the content of an earlier version the newest one; nothing is deleted, and streams do not read again what it takes back (unless stream-ingest is told --replay-after-restore).";

    public IReadOnlyList<string> Examples =>
    [
        "pipeline restore water_samples --version 3 --dry-run",
        "pipeline restore water_samples --batch water-quality-1f3a9c02-000004",
        "pipeline restore water_samples --before 2024-05-01T12:00:00Z",
    ];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("table", "Name of a table, as 'pipeline query' knows it"),
        new(VersionOption, "The version, as 'pipeline versions' numbers it") { Kind = OptionKind.Integer, Min = 0, ValueName = "N" },
        new(BatchOption, "The version that this batch made, so that it is the last batch in the table") { ValueName = "ID" },
        new(BeforeOption, "The last version of before this instant; without an offset it is UTC") { ValueName = "TIME" },
        JobOption.Flag("dry-run", "Only say what would be taken back"),
    ];

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        string[] given = [.. ((string[])[VersionOption, BatchOption, BeforeOption]).Where(name => context.Find(name) is not null)];
        if (given.Length != 1) throw new UsageException("Say where to go back to with exactly one of --version N, --batch ID and --before TIME.");
        var table = context.Get("table");
        var log = await TableLog.OpenAsync(context, table, cancellationToken);
        var batches = new BatchTable(context);
        var batch = given[0] == BatchOption ? MadeBy(batches, context.Get(BatchOption), table) : null;
        var version = batch?.TableVersion ?? (given[0] == BeforeOption ? await VersionBeforeAsync(log, context.Get(BeforeOption), cancellationToken) : context.GetInt(VersionOption));

        var latest = (await log.LoadExistingAsync(cancellationToken)).Version;
        if (version == latest) return JobOutcome.Done(string.Create(CultureInfo.InvariantCulture, $"Version {version} is the latest of '{table}': nothing to do."));
        var dataset = batches.DatasetOf(table) ?? context.DatasetName ?? table;
        if (!context.GetFlag("dry-run"))
        {
            context.EvolveBatches();
            context.EvolveQuarantine(table);
            await context.AdoptAsync(table, cancellationToken);
        }
        if (!context.GetFlag("dry-run")) await Restores.RecordAsync(context, dataset, table, log.Table, cancellationToken);
        var newest = (await TableHistory.ReadAsync(log, 1, cancellationToken))[0];
        if (newest.Info is { Operation: "RESTORE" } info && info.OperationParameters.GetValueOrDefault("version") == version.ToString(CultureInfo.InvariantCulture))
            return JobOutcome.Done(string.Create(CultureInfo.InvariantCulture, $"'{table}' is restored to the content of version {version} already, as version {newest.Version}: nothing to do."));
        var plan = await TableRestore.ToVersionAsync(log, version, isDryRun: true, cancellationToken: cancellationToken);
        var before = plan.RowsBefore ?? Count(context, log.Table, latest);
        var after = plan.RowsAfter ?? Count(context, log.Table, version);
        var change = string.Create(CultureInfo.InvariantCulture, $"{before:N0} rows before, {after:N0} after; {plan.FilesRemoved} data files out, {plan.FilesAdded} back in");
        if (context.GetFlag("dry-run")) return JobOutcome.Done(string.Create(CultureInfo.InvariantCulture, $"Would restore '{table}' from version {latest} to the content of version {version}: {change}."));

        var made = DeltaTable.ForPath(context.Spark, log.Table).RestoreToVersion(version);
        KillPoint.Reach(LoadingKillPoints.RestoreAfterCommit);
        context.TableTouched(table, log.Table, latest, made);
        var reason = string.Create(CultureInfo.InvariantCulture, $"Restored to version {version}{(batch is null ? "" : $", made by batch '{batch.BatchId}'")}: {change}.");
        batches.Append(Restores.Row(context, dataset, table, made, version.ToString(CultureInfo.InvariantCulture), batch?.Checksum, DateTime.UtcNow, reason));
        var reopened = context.ReopenRepaired(table);
        var repaired = reopened == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {reopened:N0} repaired rows that this took back are pending in quarantine again: 'pipeline quarantine replay --all' loads them.");
        return JobOutcome.Done(string.Create(CultureInfo.InvariantCulture, $"Restored '{table}' to the content of version {version}, as version {made}: {change}.{repaired}"));
    }

    /// <summary>The batch, which has a version of this table.</summary>
    private static BatchRecord MadeBy(BatchTable batches, string id, string table)
    {
        var found = batches.Find(id);
        var batch = found.FirstOrDefault(batch => batch.TableName == table)
            ?? throw new UsageException($"The batch '{id}' did not go to '{table}', but to {string.Join(", ", found.Select(static each => $"'{each.TableName}'"))}. Restore that table, or choose another batch with 'pipeline batches list --table {table}'.");
        return batch.TableVersion is not null
            ? batch
            : throw new UsageException($"The batch '{id}' made no version of '{table}': its status is {batch.Status}. Choose another with 'pipeline batches list --table {table}', or give --version.");
    }

    private static async Task<long> VersionBeforeAsync(DeltaLog log, string text, CancellationToken cancellationToken) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? await TableRestore.VersionAtAsync(log, instant.AddTicks(-1), cancellationToken)
            : throw new UsageException($"'{text}' is no instant for --{BeforeOption}. Write 2024-05-01, 2024-05-01T12:00:00Z or 2024-05-01T14:00:00+02:00.");

    private static long Count(JobContext context, string path, long version) =>
        context.Spark.Read().Format("delta").Option("versionAsOf", version.ToString(CultureInfo.InvariantCulture)).Load(path).Count();
}
