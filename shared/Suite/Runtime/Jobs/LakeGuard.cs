using Pipeline.Engine.Delta;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>The lake at the start of a run: opened by its address, and locked for one run a job and data set.</summary>
internal static class LakeGuard
{
    // Beside the checkpoints, which have locks of their own inside their folders.
    private const string LockSuffix = ".lock";
    private const string NoDataset = "all";

    public static LakeLayout Open(string uri, HostConsole console)
    {
        try
        {
            return new LakeLayout(uri, console.StorageOptions);
        }
        catch (Exception error) when (error is ArgumentException or UriFormatException)
        {
            throw new UsageException($"The lake '{uri}' cannot be opened: {error.Message.Split(" (Parameter")[0]}", error);
        }
    }

    /// <summary>Takes the lock of the job and data set; also shows that the lake can be written, and closes its private folders.</summary>
    /// <param name="lake">The lake.</param>
    /// <param name="job">The job.</param>
    /// <param name="dataset">The data set, or null for all.</param>
    /// <param name="runId">The run that is to hold the lock.</param>
    /// <param name="warn">Told what the user should know of the lake's folders.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="LockHeldException">Another run holds it.</exception>
    /// <exception cref="UsageException">The lake cannot be written.</exception>
    public static async Task<RunLock> LockAsync(LakeLayout lake, string job, string? dataset, string runId, Action<string> warn, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var warning in await lake.PrepareAsync(cancellationToken)) warn(warning);
            var folder = lake.CheckpointStorage(job, (dataset ?? NoDataset) + LockSuffix);
            return await RunLock.TryAcquireAsync(folder, runId, cancellationToken) switch
            {
                LockAcquired acquired => await CloseToOustedAsync(lake, acquired.Lock, warn, cancellationToken),
                LockHeld held => throw new LockHeldException(held.Message),
                var other => throw new InvalidOperationException($"The lock answered '{other.GetType().Name}', which is not known here."),
            };
        }
        catch (StorageException error) when (!error.IsTransient)
        {
            throw new UsageException($"Cannot write to the lake '{lake.Root}': {error.Message.TrimEnd('.')}. Give a folder that you may write to with --lake.", error);
        }
    }

    /// <summary>Closes the lake's tables to runs that lost this lock and may live.</summary>
    private static async Task<RunLock> CloseToOustedAsync(LakeLayout lake, RunLock runLock, Action<string> warn, CancellationToken cancellationToken)
    {
        try
        {
            if (runLock.Ousted.Count == 0) return runLock;
            var tables = (await lake.ListTablesAsync(cancellationToken)).Select(lake.Table).Concat((await lake.ListQuarantinesAsync(cancellationToken)).Select(lake.Quarantine)).Append(lake.Batches);
            foreach (var table in tables)
            {
                try
                {
                    foreach (var ousted in runLock.Ousted) await RunFence.RaiseAsync(DeltaLog.For(table, lake.StorageOptions), ousted, cancellationToken);
                }
                catch (DeltaException error) when (error.Kind == DeltaErrorKind.UnsupportedFeature)
                {
                    warn($"The table '{table}' cannot be closed to the run '{string.Join("', '", runLock.Ousted)}', whose lock this run has taken: {error.Message}");
                }
            }
            return runLock;
        }
        catch
        {
            await runLock.DisposeAsync();
            throw;
        }
    }
}
