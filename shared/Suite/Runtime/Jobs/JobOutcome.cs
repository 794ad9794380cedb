using System.Text.Json.Serialization;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>How a run ended, as it stands in result.json.</summary>
public enum RunStatus
{
    /// <summary>Done; there may be warnings.</summary>
    [JsonStringEnumMemberName("succeeded")]
    Succeeded,

    /// <summary>Done, but a batch was quarantined; the last good version is still served.</summary>
    [JsonStringEnumMemberName("quarantined")]
    Quarantined,

    /// <summary>Ended by an error.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Ended by a signal.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,

    /// <summary>Ended by a signal between two batches, with all that it had begun done: no failure. The exit code tells the signal.</summary>
    [JsonStringEnumMemberName("stopped")]
    Stopped,
}

/// <summary>What a job says of itself when it ends without an exception.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Message">One sentence for people and result.json.</param>
public sealed record JobOutcome(RunStatus Status, string Message)
{
    /// <summary>Whether it ended because it was asked to, with all that it had begun done, and has a status that says more than that (a batch was quarantined).</summary>
    public bool WasStopped { get; init; }

    /// <summary>Everything was done.</summary>
    public static JobOutcome Done(string message) => new(RunStatus.Succeeded, message);

    /// <summary>A job without an end of its own was asked to stop, and has: nothing it began is left undone.</summary>
    public static JobOutcome Stopped(string message) => new(RunStatus.Stopped, message);

    /// <summary>The job went on past a batch that is now whole in quarantine: exit code 4.</summary>
    public static JobOutcome Quarantined(string message) => new(RunStatus.Quarantined, message);
}
