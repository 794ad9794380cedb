using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Pipeline.Engine.Sql.Streaming;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.StreamIngest;

/// <summary>Tells the run's monitor what its stream does, and the log once a minute that it is idle.</summary>
internal sealed class StreamWatch(JobContext context, StreamingQuery query)
{
    /// <summary>Between two looks: a progress is text to be read, and nobody asks more often.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan TellEvery = TimeSpan.FromMinutes(1);
    private readonly long startedAt = Stopwatch.GetTimestamp();
    private long lookedAt;
    private TimeSpan toldAfter = TimeSpan.Zero;

    /// <summary>Looks after the stream; does nothing where it has just done so.</summary>
    public void Look(bool isStopping)
    {
        if (lookedAt != 0 && Stopwatch.GetElapsedTime(lookedAt) < Pause) return;
        lookedAt = Stopwatch.GetTimestamp();
        var isWaiting = query.Status.Message.StartsWith("Waiting for", StringComparison.Ordinal);
        var source = query.LastProgress?.Sources.FirstOrDefault();
        var idleSince = context.Monitor.Looked(isWaiting, isStopping, source?.EndOffset, source?.LatestOffset);
        var running = Stopwatch.GetElapsedTime(startedAt);
        if (idleSince is not { } since)
        {
            toldAfter = running;
            return;
        }
        if (running - toldAfter < TellEvery) return;
        toldAfter = running;
        var lag = context.Monitor.Status().Lag;
        context.Log.LogInformation("Idle since {Since} UTC: no new messages; {Lag}", since.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), lag is null ? "none were read yet" : $"lag {lag.Value.ToString(CultureInfo.InvariantCulture)}");
    }
}
