using System.Globalization;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline unlock JOB</c>: the locks of a job on a data set, and on its checkpoint, taken away from a run that is gone.</summary>
/// <remarks>A run that lives after all notices before its next commit, and ends.</remarks>
/// <param name="commands">All commands of the program.</param>
internal sealed class UnlockCommand(IReadOnlyList<IJob> commands) : IJob
{
    private const string Force = "force";

    public string Name => "unlock";

    public string Purpose => "Takes away the lock of a run that is gone, such as one on a machine that no longer exists; without a job it lists the locks.";

    public IReadOnlyList<string> Examples => ["pipeline unlock", "pipeline unlock stream-ingest --dataset water-quality", "pipeline unlock stream-ingest --dataset water-quality --force"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("job", "The job whose lock is taken away, such as stream-ingest; all locks are listed where it is not given", isRequired: false),
        new("checkpoint", "The checkpoint of the job, where it was given to it") { ValueName = "URI" },
        JobOption.Flag(Force, "Take the lock away although its run may live"),
    ];

    // The lock that is taken away is another command's; this one needs none of its own.
    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        RequireJob(context.Find("job"));
        var locks = await FindAsync(context, cancellationToken);
        if (context.Find("job") is null) return List(context, locks);
        if (locks.Count == 0) return JobOutcome.Done($"No run holds a lock of '{context.Get("job")}'{(context.DatasetName is { } dataset ? $" on '{dataset}'" : "")}: nothing to do.");
        if (locks.FirstOrDefault(static found => !found.State.IsDead) is { } living && !context.GetFlag(Force))
            throw new UsageException($"{Text(living.State)} The run may live: its lease has not run out. If you know that it is gone, give --{Force}; a run that lives after all commits nothing more.");
        foreach (var (folder, _) in locks) _ = await RunLock.BreakAsync(folder, cancellationToken);
        return JobOutcome.Done($"Taken away: {string.Join("; ", locks.Select(static found => Text(found.State).TrimEnd('.')))}.");
    }

    /// <summary>A name that is no command's would find no lock, and so look like success.</summary>
    private void RequireJob(string? name)
    {
        var names = commands.Where(static command => command.ChangesLake).Select(static command => command.Name).ToList();
        if (name is null || names.Contains(name) || names.Select(LakeLayout.FolderOf).Contains(name)) return;
        throw new UsageException($"There is no job '{name}'.{NearestName.Suggestion(name, names)} 'pipeline unlock' lists the locks that there are.");
    }

    private static JobOutcome List(JobContext context, IReadOnlyList<HeldLock> locks)
    {
        foreach (var (_, state) in locks) context.Output.WriteLine($"{PrintableText.OneLine(Text(state))}{(state.IsDead ? " The run is gone; the next one takes the lock by itself." : "")}");
        return JobOutcome.Done(locks.Count == 0 ? "No run holds a lock." : string.Create(CultureInfo.InvariantCulture, $"{locks.Count} {(locks.Count == 1 ? "lock" : "locks")}. Take one away with 'pipeline unlock JOB --dataset NAME'."));
    }

    /// <summary>The locks of the job, or of all jobs, in the lake, and of the checkpoint that is named.</summary>
    private static async Task<IReadOnlyList<HeldLock>> FindAsync(JobContext context, CancellationToken cancellationToken)
    {
        var folders = new List<IStorage>();
        var job = context.Find("job") is { } name ? LakeLayout.FolderOf(name) : null;
        foreach (var ofJob in await context.Lake.Storage.ListAsync("checkpoints", cancellationToken: cancellationToken))
        {
            if (!ofJob.IsFolder || (job is not null && ofJob.Name != job)) continue;
            foreach (var folder in await context.Lake.Storage.ListAsync(ofJob.Path, cancellationToken: cancellationToken))
            {
                var isMeant = context.DatasetName is not { } dataset || folder.Name == dataset || folder.Name == dataset + ".lock" || folder.Name == "all.lock";
                if (folder.IsFolder && isMeant) folders.Add(context.StorageFor($"{context.Lake.Root}/{folder.Path}"));
            }
        }
        if (context.Find("checkpoint") is { } checkpoint) folders.Add(context.StorageFor(checkpoint));
        var locks = new List<HeldLock>();
        foreach (var folder in folders)
            if (await RunLock.FindAsync(folder, cancellationToken) is { } state) locks.Add(new HeldLock(folder, state));
        return locks;
    }

    private static string Text(LockState state) => state.Owner is not { } owner
        ? $"The lock '{state.Place}' names no owner."
        : $"The run '{owner.RunId}' (process {owner.ProcessId.ToString(CultureInfo.InvariantCulture)} on '{owner.Host}', since {owner.AcquiredAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}) holds the lock '{state.Place}'.";

    private sealed record HeldLock(IStorage Folder, LockState State);
}
