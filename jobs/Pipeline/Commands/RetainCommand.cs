using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline retain</c>: how long a lake keeps raw messages, runs and rejected rows that are done with.</summary>
/// <remarks>Works on the lake's store alone, on this machine or on HDFS. What is deleted goes as a whole: a batch's raw messages are first renamed out of every reader's sight.</remarks>
internal sealed class RetainCommand : IJob
{
    private const string Raw = "raw";
    private const string Runs = "runs";
    private const string Rejected = "quarantine";

    /// <summary>Batches of a stream whose raw messages stay however old they are: a stream that goes on learns from them how many of the last messages were bad.</summary>
    private const int NewestBatches = 10;

    public string Name => "retain";

    public string Purpose => "Deletes what is older than a lake is to keep: raw messages, runs, and rejected rows that were replayed or discarded.";

    public IReadOnlyList<string> Examples => ["pipeline retain --raw 30d --runs 90d --quarantine 90d --dry-run", "pipeline retain --raw 30d", "pipeline retain --runs 365d"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        new(Raw, "Keep raw messages so long; older batches cannot be replayed from the archive any more. The last 10 batches of a stream stay") { Kind = OptionKind.Duration, ValueName = "TIME" },
        new(Runs, "Keep what ended or dead runs left so long: result.json, report, plots") { Kind = OptionKind.Duration, ValueName = "TIME" },
        new(Rejected, "Keep rejected rows so long after they were replayed or discarded, as 'quarantine purge' does") { Kind = OptionKind.Duration, ValueName = "TIME" },
        JobOption.Flag("dry-run", "Only say what would be deleted"),
    ];

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        string[] kinds = [Raw, Runs, Rejected];
        if (kinds.All(kind => context.Find(kind) is null)) throw new UsageException("Say what to delete and after which time: --raw, --runs or --quarantine, such as --raw 30d.");
        var isDryRun = context.GetFlag("dry-run");
        var parts = new List<string>();
        if (context.Find(Raw) is not null) parts.Add(Counted.Of(await DeleteRawAsync(context, DateTimeOffset.UtcNow - context.GetDuration(Raw), isDryRun, cancellationToken), "batch of raw messages", "batches of raw messages"));
        if (context.Find(Runs) is not null) parts.Add(Counted.Of(await DeleteRunsAsync(context, DateTimeOffset.UtcNow - context.GetDuration(Runs), isDryRun, cancellationToken), "run"));
        var message = parts.Count == 0 ? "" : $"{(isDryRun ? "Would delete" : "Deleted")} {string.Join(" and ", parts)}.";
        if (context.Find(Rejected) is { } age)
        {
            var purged = await context.RunJobAsync(new QuarantinePurgeCommand(), new Dictionary<string, string> { ["older-than"] = age, ["dry-run"] = isDryRun ? "true" : "false" }, cancellationToken);
            if (!purged.IsSuccess) throw new TransientException($"{message} The rejected rows are still there: {purged.Message}".TrimStart());
            message = $"{message} Rejected rows: {purged.Message}".TrimStart();
        }
        return JobOutcome.Done(message);
    }

    /// <summary>A batch's folder is as old as the newest of its files.</summary>
    private static async Task<long> DeleteRawAsync(JobContext context, DateTimeOffset before, bool isDryRun, CancellationToken cancellationToken)
    {
        var storage = context.Lake.Storage;
        var files = await storage.ListAsync("raw", recursive: true, cancellationToken: cancellationToken);
        var batches = files.Where(static file => !file.IsFolder && file.Path.Split('/') is [_, _, _, ['b', 'a', 't', 'c', 'h', '=', ..], ..])
            .GroupBy(static file => string.Join('/', file.Path.Split('/').Take(4)), StringComparer.Ordinal)
            .Select(static batch => (Folder: batch.Key, At: batch.Max(static file => file.ModifiedAt)));
        var old = batches.GroupBy(static batch => ParentOf(batch.Folder), StringComparer.Ordinal)
            .SelectMany(stream => stream.OrderByDescending(static batch => batch.Folder, StringComparer.Ordinal).Skip(NewestBatches).Where(batch => batch.At < before))
            .Select(static batch => batch.Folder).Order(StringComparer.Ordinal).ToList();
        if (isDryRun) return old.Count;
        foreach (var folder in old)
        {
            // A batch of which half is left would be another batch to whoever replays it.
            var hidden = $"{ParentOf(folder)}/.retired-{folder[(folder.LastIndexOf('/') + 1)..]}";
            _ = await storage.RenameAsync(folder, hidden, cancellationToken);
            _ = await storage.DeleteAsync(hidden, cancellationToken);
        }
        return old.Count;
    }

    private static async Task<long> DeleteRunsAsync(JobContext context, DateTimeOffset before, bool isDryRun, CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.UtcNow;
        var old = await RunHistory.EntriesAsync(context.Lake, cancellationToken)
            .Where(run => run.RunId != context.RunId && run.StatusAt(now) != "running" && (run.Result?.EndedAt ?? run.Start?.HeartbeatAt) < before)
            .ToListAsync(cancellationToken);
        if (!isDryRun)
            foreach (var run in old) _ = await context.Lake.Storage.DeleteAsync($"runs/{run.RunId}", cancellationToken);
        return old.Count;
    }

    private static string ParentOf(string folder) => folder[..folder.LastIndexOf('/')];
}
