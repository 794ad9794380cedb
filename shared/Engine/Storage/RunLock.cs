using System.Security.Cryptography;

namespace Pipeline.Engine.Storage;

/// <summary>What came of asking for a lock. The family is closed.</summary>
public abstract record RunLockResult
{
    private protected RunLockResult()
    {
    }
}

/// <summary>The lock is ours.</summary>
/// <param name="Lock">Dispose it to give it back.</param>
/// <param name="TakenOverFrom">The dead owner that had it, or null.</param>
public sealed record LockAcquired(RunLock Lock, LockOwner? TakenOverFrom) : RunLockResult;

/// <summary>Another run holds it.</summary>
/// <param name="Owner">Who.</param>
/// <param name="Message">A sentence for people: who holds what, and what to do.</param>
public sealed record LockHeld(LockOwner Owner, string Message) : RunLockResult;

/// <summary>One run at a time on a folder of state: a file <c>run.lock</c> in it that names its owner.</summary>
/// <remarks>
/// Made by put-if-absent, so exactly one of many gets it. A dead owner's file is renamed to a name made from that owner, which can happen once only: of many that find it dead, one takes over,
/// and none can take the lock of the one that did. Works on every <see cref="IStorage"/>.
/// </remarks>
public sealed class RunLock : IAsyncDisposable
{
    private const string FileName = "run.lock";
    private static readonly TimeSpan MarkerLife = TimeSpan.FromDays(1);
    private readonly IStorage folder;
    private bool isReleased;

    private RunLock(IStorage folder, LockOwner owner)
    {
        this.folder = folder;
        Owner = owner;
    }

    /// <summary>This run, as the file names it.</summary>
    public LockOwner Owner { get; }

    /// <summary>Takes the lock of a folder, from a dead owner too.</summary>
    /// <param name="folder">The folder; made where it is not there.</param>
    /// <param name="runId">This run's id, unique.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StorageException">The folder cannot be written, or the file there is not a lock.</exception>
    public static async Task<RunLockResult> TryAcquireAsync(IStorage folder, string runId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentException.ThrowIfNullOrWhiteSpace(runId);
        var owner = LockOwner.Current(runId, DateTimeOffset.UtcNow);
        LockOwner? dead = null;
        while (true)
        {
            if (await folder.PutIfAbsentAsync(FileName, owner.ToJson(), cancellationToken).ConfigureAwait(false) == PutResult.Created)
            {
                var acquired = new RunLock(folder, owner);
                try
                {
                    await ForgetOldMarkersAsync(folder, owner.AcquiredAt, cancellationToken).ConfigureAwait(false);
                    return new LockAcquired(acquired, dead);
                }
                catch
                {
                    // Nobody would know that this process, which lives on, has it.
                    await acquired.DisposeAsync().ConfigureAwait(false);
                    throw;
                }
            }

            if (await folder.TryReadAsync(FileName, cancellationToken).ConfigureAwait(false) is not { } content) continue; // Given back between the two calls.
            var holder = LockOwner.Parse(content)
                ?? throw new StorageException($"Cannot take the lock '{Place(folder)}': the file does not name its owner. If no run uses the folder, delete the file and run again.");
            if (!holder.IsDead()) return new LockHeld(holder, Describe(folder, holder));
            var marker = $"{FileName}.dead-{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}";
            try
            {
                if (await folder.RenameAsync(FileName, marker, cancellationToken).ConfigureAwait(false) == PutResult.Created) dead = holder;
            }
            catch (StorageException error) when (error.IsNotFound)
            {
                // Another run took the dead one's file away first; the next turn shows whose the lock is.
            }
        }
    }

    /// <summary>Gives the lock back. Where the file has come to be another's, it is left.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isReleased) return;
        isReleased = true;
        if (await folder.TryReadAsync(FileName).ConfigureAwait(false) is { } content && LockOwner.Parse(content)?.RunId == Owner.RunId)
            await folder.DeleteAsync(FileName).ConfigureAwait(false);
    }

    private static string Describe(IStorage folder, LockOwner holder)
    {
        var isHere = string.Equals(holder.Host, Environment.MachineName, StringComparison.OrdinalIgnoreCase);
        var advice = isHere
            ? "Wait for it to end, or stop it."
            : $"Wait for it to end; if the machine '{holder.Host}' is gone, delete the file and run again.";
        return $"The run '{holder.RunId}' (process {holder.ProcessId} on '{holder.Host}', since {holder.AcquiredAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}) holds the lock '{Place(folder)}'. {advice}";
    }

    private static string Place(IStorage folder) => $"{folder.LocalRoot ?? folder.Root.AbsoluteUri}/{FileName}";

    /// <summary>Markers of dead owners are kept for as long as a slow contender could still come with the same finding.</summary>
    private static async Task ForgetOldMarkersAsync(IStorage folder, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var entry in await folder.ListAsync("", cancellationToken: cancellationToken).ConfigureAwait(false))
            if (!entry.IsFolder && entry.Name.StartsWith(FileName + ".dead-", StringComparison.Ordinal) && now - entry.ModifiedAt > MarkerLife)
                await folder.DeleteAsync(entry.Path, cancellationToken).ConfigureAwait(false);
    }
}
