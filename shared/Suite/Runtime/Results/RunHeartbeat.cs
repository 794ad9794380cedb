using Pipeline.Engine.Storage;

namespace Pipeline.Suite.Runtime.Results;

/// <summary>Keeps run.json of a run that goes on: written at its start, and again every 20 seconds with the time. Dispose it at the run's end.</summary>
internal sealed class RunHeartbeat : IAsyncDisposable
{
    private readonly IStorage folder;
    private readonly TimeProvider clock;
    private readonly CancellationTokenSource ending = new();
    private readonly Task beating;

    private RunHeartbeat(IStorage folder, RunStart start, TimeProvider clock)
    {
        this.folder = folder;
        this.clock = clock;
        beating = BeatAsync(start);
    }

    /// <summary>Time between two signs of life.</summary>
    public static TimeSpan Interval { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Time without one after which a run on another machine is taken for dead.</summary>
    public static TimeSpan Lease { get; } = TimeSpan.FromMinutes(2);

    /// <summary>Records a run.</summary>
    /// <exception cref="StorageException">The lake cannot be written.</exception>
    public static async Task<RunHeartbeat> StartAsync(IStorage folder, RunStart start, TimeProvider clock, CancellationToken cancellationToken)
    {
        await folder.PutAsync(RunStartFile.Name, RunStartFile.ToBytes(start), cancellationToken);
        return new RunHeartbeat(folder, start, clock);
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await beating;
        ending.Dispose();
    }

    private async Task BeatAsync(RunStart start)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ending.Token))
            {
                try
                {
                    await folder.PutAsync(RunStartFile.Name, RunStartFile.ToBytes(start with { HeartbeatAt = clock.GetUtcNow() }), ending.Token);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    // The lock's own lease ends a run whose lake cannot be written; a later sign of life makes up for this one.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended.
        }
    }
}
