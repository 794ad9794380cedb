using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Sql.Streaming;

/// <summary>A streaming query that was started. Thread-safe. Disposing stops it.</summary>
public sealed class StreamingQuery : IDisposable
{
    private readonly IStreamingRun run;

    internal StreamingQuery(IStreamingRun run, string? name)
    {
        this.run = run;
        Name = name;
    }

    /// <summary>The name that the writer gave, or null.</summary>
    public string? Name { get; }

    /// <summary>Stable over restarts from the same checkpoint.</summary>
    public string Id => run.Id.ToString();

    /// <summary>New at each start.</summary>
    public string RunId => run.RunId.ToString();

    /// <summary>Whether it has not ended.</summary>
    public bool IsActive() => run.IsActive;

    /// <summary>Why it failed, or null.</summary>
    public EngineException? Exception() => run.Failure;

    /// <summary>What the last batch did, or null before the first.</summary>
    public StreamingQueryProgress? LastProgress => run.LastProgressJson is { } json ? StreamingQueryProgress.Parse(json) : null;

    /// <summary>What the latest batches did, oldest first.</summary>
    public IReadOnlyList<StreamingQueryProgress> RecentProgress => [.. run.RecentProgressJson.Select(StreamingQueryProgress.Parse)];

    /// <summary>What it is doing.</summary>
    public StreamingQueryStatus Status => StreamingQueryStatus.Parse(run.StatusJson);

    /// <summary>Waits until it ends. Throws why it failed, where it did.</summary>
    public void AwaitTermination() => run.AwaitTermination(null);

    /// <summary>Waits until it ends or the time is over; true where it ended. Throws why it failed, where it did.</summary>
    public bool AwaitTermination(long timeoutMs) => run.AwaitTermination(TimeSpan.FromMilliseconds(timeoutMs));

    /// <summary>Waits until it ends, the time is over (null: never) or the token is cancelled; true where it ended. Throws why it failed, where it did.</summary>
    public bool AwaitTermination(TimeSpan? timeout, CancellationToken cancellationToken) => run.AwaitTermination(timeout, cancellationToken);

    /// <summary>Waits until all that was there at the call is processed.</summary>
    public void ProcessAllAvailable() => run.ProcessAllAvailable();

    /// <summary>Waits until all that was there at the call is processed, or the token is cancelled.</summary>
    public void ProcessAllAvailable(CancellationToken cancellationToken) => run.ProcessAllAvailable(cancellationToken);

    /// <summary>Ends it, and waits for the current batch.</summary>
    public void Stop() => run.Stop();

    /// <summary>Stops it where it runs.</summary>
    public void Dispose()
    {
        if (run.IsActive) run.Stop();
        run.Dispose();
    }
}
