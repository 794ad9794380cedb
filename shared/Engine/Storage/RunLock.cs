using System.Diagnostics;
using System.Globalization;
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

/// <summary>A lock that some run holds.</summary>
public sealed record LockState
{
    /// <summary>Path or URI of the lock's file.</summary>
    public required string Place { get; init; }

    /// <summary>Who holds it; null where the file does not name an owner.</summary>
    public required LockOwner? Owner { get; init; }

    /// <summary>Whether the owner is known to be gone: the next run takes the lock by itself.</summary>
    public required bool IsDead { get; init; }
}

/// <summary>A run's lock is another's by now: it must commit nothing more.</summary>
public sealed class LockLostException(string message) : Exception(message);

/// <summary>One run at a time on a folder of state: a file <c>run.lock</c> in it that names its owner.</summary>
/// <remarks>
/// Made by put-if-absent, so exactly one of many gets it. A dead owner's file is renamed to a name made from that owner, which can happen once only: of many that find it dead, one takes over,
/// and none can take the lock of the one that did. Works on every <see cref="IStorage"/>.
/// Whether an owner on another machine is dead is told by its lease: it renews a file of its own, <c>run.lock.beat-…</c>, several times in a lease, and one that has not done so for a whole lease has lost the lock.
/// Times are the store's own, so that the clocks of the machines do not matter. The owner's run id is the fencing token: <see cref="RequireAsync"/> compares it before each commit, so that a run that was only asleep commits nothing after it was taken for dead.
/// An owner that lost the lock and may live is kept in a file of its own, <c>run.lock.ousted-…</c>, until the next owner has closed to it what both write (<see cref="Ousted"/>).
/// </remarks>
public sealed class RunLock : IAsyncDisposable
{
    private const string FileName = "run.lock";
    private const string BeatPrefix = FileName + ".beat-";
    private const string ProbePrefix = FileName + ".probe-";
    private const string OustedPrefix = FileName + ".ousted-";
    private const int BeatsInALease = 6;
    private static readonly TimeSpan DefaultLease = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan MarkerLife = TimeSpan.FromDays(1);
    private readonly CancellationTokenSource lost = new();
    private readonly CancellationTokenSource ending = new();
    private readonly TimeSpan lease;
    private readonly Task beating;
    private long renewedAt = Stopwatch.GetTimestamp();
    private readonly IStorage folder;
    private bool isReleased;
    private int hasBeaten;

    private RunLock(IStorage folder, LockOwner owner)
    {
        this.folder = folder;
        Owner = owner;
        lease = TimeSpan.FromSeconds(owner.LeaseSeconds);
        beating = Task.Run(BeatAsync);
    }

    /// <summary>Cancelled when another run has taken the lock, or when the lease ran out because the store could not be written for its whole length.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>This run, as the file names it.</summary>
    public LockOwner Owner { get; }

    /// <summary>Runs that had the lock before, lost it and may live: what they write must be closed to them before this run relies on what it reads.</summary>
    public IReadOnlyList<string> Ousted { get; private set; } = [];

    /// <summary>Takes the lock of a folder, from a dead owner too.</summary>
    /// <param name="folder">The folder; made where it is not there.</param>
    /// <param name="runId">This run's id, unique.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StorageException">The folder cannot be written, or the file there is not a lock.</exception>
    public static Task<RunLockResult> TryAcquireAsync(IStorage folder, string runId, CancellationToken cancellationToken = default) => TryAcquireAsync(folder, runId, DefaultLease, cancellationToken);

    /// <summary>The same with a lease of another length.</summary>
    /// <param name="folder">The folder; made where it is not there.</param>
    /// <param name="runId">This run's id, unique.</param>
    /// <param name="lease">Time without a sign of life after which another machine may take the lock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StorageException">The folder cannot be written, or the file there is not a lock.</exception>
    public static async Task<RunLockResult> TryAcquireAsync(IStorage folder, string runId, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentException.ThrowIfNullOrWhiteSpace(runId);
        var owner = LockOwner.Current(runId, DateTimeOffset.UtcNow) with { LeaseSeconds = lease.TotalSeconds };
        LockOwner? dead = null;
        while (true)
        {
            if (await folder.PutIfAbsentAsync(FileName, owner.ToJson(), cancellationToken).ConfigureAwait(false) == PutResult.Created)
            {
                var acquired = new RunLock(folder, owner);
                try
                {
                    await acquired.LookAroundAsync(cancellationToken).ConfigureAwait(false);
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
            if (!holder.IsDead() && !await IsExpiredAsync(folder, holder, cancellationToken).ConfigureAwait(false)) return new LockHeld(holder, Describe(folder, holder));
            var marker = $"{FileName}.dead-{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}";
            if (!holder.IsDead()) await folder.PutAsync(OustedOf(holder.RunId), content, cancellationToken).ConfigureAwait(false);
            try
            {
                if (await folder.RenameAsync(FileName, marker, cancellationToken).ConfigureAwait(false) == PutResult.Created)
                {
                    dead = holder;
                    _ = await folder.DeleteAsync(BeatOf(holder), cancellationToken).ConfigureAwait(false);
                }
            }
            catch (StorageException error) when (error.IsNotFound)
            {
                // Another run took the dead one's file away first; the next turn shows whose the lock is.
            }
        }
    }

    /// <summary>Who holds the lock of a folder; null where it is free.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The owner, or none where the file does not name one; and whether it is known to be dead.</returns>
    public static async Task<LockState?> FindAsync(IStorage folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (await folder.TryReadAsync(FileName, cancellationToken).ConfigureAwait(false) is not { } content) return null;
        var owner = LockOwner.Parse(content);
        var isDead = owner is not null && (owner.IsDead() || await IsExpiredAsync(folder, owner, cancellationToken).ConfigureAwait(false));
        return new LockState { Place = Place(folder), Owner = owner, IsDead = isDead };
    }

    /// <summary>Takes a lock away from whoever holds it. A run that still lives commits nothing after that (<see cref="RequireAsync"/>).</summary>
    /// <returns>Whether there was one.</returns>
    public static async Task<bool> BreakAsync(IStorage folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        foreach (var entry in await folder.ListAsync("", cancellationToken: cancellationToken).ConfigureAwait(false))
            if (entry.Name.StartsWith(BeatPrefix, StringComparison.Ordinal)) _ = await folder.DeleteAsync(entry.Path, cancellationToken).ConfigureAwait(false);
        if (await folder.TryReadAsync(FileName, cancellationToken).ConfigureAwait(false) is { } content && LockOwner.Parse(content) is { } owner && !owner.IsDead())
            await folder.PutAsync(OustedOf(owner.RunId), content, cancellationToken).ConfigureAwait(false);
        return await folder.DeleteAsync(FileName, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fails where the lock is not this run's any more; to be asked before each commit.</summary>
    /// <exception cref="LockLostException">Another run has the lock, or the lease ran out.</exception>
    public async Task RequireAsync(CancellationToken cancellationToken = default)
    {
        if (!lost.IsCancellationRequested && Stopwatch.GetElapsedTime(Interlocked.Read(ref renewedAt)) < lease && await IsOursAsync(cancellationToken).ConfigureAwait(false)) return;
        throw new LockLostException($"The run '{Owner.RunId}' has lost the lock '{Place(folder)}': it gave no sign of life for {lease.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s (the machine or the store stood still), or 'pipeline unlock' took the lock away. What was committed before stays; nothing more is committed by this run.");
    }

    /// <summary>Forgets the runs that were ousted: all that this run and they write is closed to them.</summary>
    public async Task ForgetOustedAsync(CancellationToken cancellationToken = default)
    {
        foreach (var runId in Ousted) _ = await folder.DeleteAsync(OustedOf(runId), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives the lock back. Where the file has come to be another's, it is left.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isReleased) return;
        isReleased = true;
        await ending.CancelAsync().ConfigureAwait(false);
        await beating.ConfigureAwait(false);
        ending.Dispose();
        if (Interlocked.Exchange(ref hasBeaten, 0) != 0) _ = await folder.DeleteAsync(BeatOf(Owner)).ConfigureAwait(false);
        if (await folder.TryReadAsync(FileName).ConfigureAwait(false) is { } content && LockOwner.Parse(content)?.RunId == Owner.RunId)
            await folder.DeleteAsync(FileName).ConfigureAwait(false);
    }

    private async Task<bool> IsOursAsync(CancellationToken cancellationToken) =>
        await folder.TryReadAsync(FileName, cancellationToken).ConfigureAwait(false) is { } content && LockOwner.Parse(content)?.RunId == Owner.RunId;

    /// <summary>Renews the lease until the lock is given back or lost.</summary>
    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(lease / BeatsInALease);
        try
        {
            while (await timer.WaitForNextTickAsync(ending.Token).ConfigureAwait(false))
            {
                try
                {
                    var now = Stopwatch.GetTimestamp();
                    if (!await IsOursAsync(ending.Token).ConfigureAwait(false)) break;
                    await folder.PutAsync(BeatOf(Owner), "{}"u8.ToArray(), ending.Token).ConfigureAwait(false);
                    hasBeaten = 1;
                    Interlocked.Exchange(ref renewedAt, now);
                }
                catch (IOException)
                {
                    // A store that cannot be reached now may be there at the next turn; the lease bounds how long.
                    if (Stopwatch.GetElapsedTime(Interlocked.Read(ref renewedAt)) >= lease) break;
                }
            }
            await lost.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The lock is given back.
        }
    }

    /// <summary>Whether an owner on another machine gave no sign of life for its whole lease, by the times that the store gives to files.</summary>
    private static async Task<bool> IsExpiredAsync(IStorage folder, LockOwner holder, CancellationToken cancellationToken)
    {
        if (holder.LeaseSeconds <= 0 || string.Equals(holder.Host, Environment.MachineName, StringComparison.OrdinalIgnoreCase)) return false;
        var probe = $"{ProbePrefix}{Guid.NewGuid():N}";
        await folder.PutAsync(probe, "{}"u8.ToArray(), cancellationToken).ConfigureAwait(false);
        try
        {
            var entries = await folder.ListAsync("", cancellationToken: cancellationToken).ConfigureAwait(false);
            var beat = BeatOf(holder);
            var signs = entries.Where(entry => entry.Name == FileName || entry.Name == beat).Select(static entry => entry.ModifiedAt).ToList();
            var now = entries.FirstOrDefault(entry => entry.Name == probe)?.ModifiedAt;
            return now is not null && signs.Count > 0 && now - signs.Max() > TimeSpan.FromSeconds(holder.LeaseSeconds);
        }
        finally
        {
            _ = await folder.DeleteAsync(probe, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static string BeatOf(LockOwner owner) => BeatPrefix + HashOf(owner.RunId);

    private static string Describe(IStorage folder, LockOwner holder)
    {
        var isHere = string.Equals(holder.Host, Environment.MachineName, StringComparison.OrdinalIgnoreCase);
        var advice = isHere
            ? "Wait for it to end, or stop it."
            : holder.LeaseSeconds > 0
                ? $"Wait for it to end; if the machine '{holder.Host}' is gone, the lock is free {holder.LeaseSeconds.ToString("0", CultureInfo.InvariantCulture)} s after its last sign of life, or at once with 'pipeline unlock'."
                : $"Wait for it to end; if the machine '{holder.Host}' is gone, take the lock away with 'pipeline unlock' and run again.";
        return $"The run '{holder.RunId}' (process {holder.ProcessId} on '{holder.Host}', since {holder.AcquiredAt.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}) holds the lock '{Place(folder)}'. {advice}";
    }

    private static string Place(IStorage folder) => $"{folder.LocalRoot ?? folder.Root.AbsoluteUri}/{FileName}";

    private static string OustedOf(string runId) => OustedPrefix + HashOf(runId);

    private static string HashOf(string runId) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(runId)))[..16];

    /// <summary>Finds who was ousted before. Markers of dead owners are kept for as long as a slow contender could still come with the same finding.</summary>
    private async Task LookAroundAsync(CancellationToken cancellationToken)
    {
        var ousted = new List<string>();
        foreach (var entry in await folder.ListAsync("", cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (entry.IsFolder) continue;
            if (entry.Name.StartsWith(OustedPrefix, StringComparison.Ordinal))
            {
                if (await folder.TryReadAsync(entry.Path, cancellationToken).ConfigureAwait(false) is { } content && LockOwner.Parse(content) is { } owner) ousted.Add(owner.RunId);
            }
            else if ((entry.Name.StartsWith(FileName + ".dead-", StringComparison.Ordinal) || entry.Name.StartsWith(ProbePrefix, StringComparison.Ordinal)) && Owner.AcquiredAt - entry.ModifiedAt > MarkerLife)
            {
                await folder.DeleteAsync(entry.Path, cancellationToken).ConfigureAwait(false);
            }
        }
        Ousted = ousted;
    }
}
