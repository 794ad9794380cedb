using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>Keeps a run that lost its lock from committing to a table, also where it asked for the lock before it lost it and commits only now.</summary>
/// <remarks>
/// The fence is a commit of its own, which names the run by a transaction id and changes no row. A commit follows all commits before it or none:
/// that of the run either came before the fence, and the next holder of the lock sees it, or it finds the fence and is refused.
/// </remarks>
public static class RunFence
{
    /// <summary>The name of the commit in the table's history.</summary>
    public const string Operation = "FENCE";

    private const string Prefix = "pipeline-fence/";

    /// <summary>Raises the fence; nothing where there is no table, or where it stands.</summary>
    /// <param name="log">The table.</param>
    /// <param name="runId">The run that may commit nothing more.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="DeltaException">The table cannot be written here, or other writers were always first.</exception>
    /// <exception cref="StorageException">The store fails.</exception>
    public static async Task RaiseAsync(DeltaLog log, string runId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentException.ThrowIfNullOrEmpty(runId);
        var transaction = await log.BeginAsync(cancellationToken).ConfigureAwait(false);
        if (transaction.Snapshot is null || await transaction.IsDoneAsync(Prefix + runId, 1, cancellationToken).ConfigureAwait(false)) return;
        transaction.SetTransaction(Prefix + runId, 1);
        switch (await transaction.CommitAsync(new Operation(Operation), cancellationToken).ConfigureAwait(false))
        {
            case Conflict conflict:
                throw new DeltaException(DeltaErrorKind.Conflict, conflict.Message);
            case Retryable retryable:
                throw new StorageException(retryable.Message, retryable.Cause) { IsTransient = true };
        }
    }

    /// <summary>Fails where one of the runs whose commit this is has lost its lock.</summary>
    /// <param name="table">The table, for the message.</param>
    /// <param name="current">The table that the commit would follow, or null where it would make the table.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="LockLostException">It has.</exception>
    internal static async Task RequireAsync(string table, Snapshot? current, CancellationToken cancellationToken)
    {
        foreach (var runId in CommitGuard.RunIds)
        {
            if (current?.TransactionVersion(Prefix + runId) is null) continue;
            throw new LockLostException($"The run '{runId}' has lost its lock: the run that took it over has closed the table '{table}' to it. What was committed before stays; nothing more is committed by this run.");
        }
        await CommitGuard.RequireAsync(cancellationToken).ConfigureAwait(false);
    }
}
