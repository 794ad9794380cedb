namespace Pipeline.Engine.Storage;

/// <summary>The lock that the commits of a run depend on, known wherever the run's work goes on: in its calls, its tasks and the threads that it starts.</summary>
/// <remarks>
/// A commit asks for it by itself, so that no path to a table forgets to. Asking and committing are two steps, though, and a machine may stand still between them:
/// what makes them one is the fence that the next holder of the lock raises in each table (<c>Delta.RunFence</c>) and in each database that it exports to.
/// </remarks>
public sealed class CommitGuard
{
    private static readonly AsyncLocal<CommitGuard?> Ambient = new();
    private readonly CommitGuard? outer;
    private readonly RunLock runLock;

    private CommitGuard(RunLock runLock, CommitGuard? outer)
    {
        this.runLock = runLock;
        this.outer = outer;
    }

    /// <summary>The runs whose commit it would be: the innermost, and those that it is a part of. None where no run has a lock.</summary>
    public static IEnumerable<string> RunIds => Chain().Select(static guard => guard.runLock.Owner.RunId);

    /// <summary>Runs that had the locks before and may live: what this run writes must be closed to them first.</summary>
    public static IReadOnlyList<string> Ousted => [.. Chain().SelectMany(static guard => guard.runLock.Ousted).Distinct(StringComparer.Ordinal)];

    /// <summary>Has every commit from here on depend on a lock, until the result is disposed.</summary>
    public static IDisposable Enter(RunLock runLock)
    {
        ArgumentNullException.ThrowIfNull(runLock);
        Ambient.Value = new CommitGuard(runLock, Ambient.Value);
        return new Leaving(Ambient.Value);
    }

    /// <summary>Fails where the run may commit nothing more.</summary>
    /// <exception cref="LockLostException">Another run has the lock, or the lease ran out.</exception>
    public static async Task RequireAsync(CancellationToken cancellationToken = default)
    {
        foreach (var guard in Chain()) await guard.runLock.RequireAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same for a caller that is not async.</summary>
    /// <exception cref="LockLostException">Another run has the lock, or the lease ran out.</exception>
    public static void Require()
    {
        if (Ambient.Value is not null) RequireAsync().GetAwaiter().GetResult();
    }

    private static IEnumerable<CommitGuard> Chain()
    {
        for (var guard = Ambient.Value; guard is not null; guard = guard.outer) yield return guard;
    }

    private sealed class Leaving(CommitGuard entered) : IDisposable
    {
        public void Dispose()
        {
            if (Ambient.Value == entered) Ambient.Value = entered.outer;
        }
    }
}
