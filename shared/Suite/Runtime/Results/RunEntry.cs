using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipeline.Suite.Runtime.Results;

/// <summary>A run of a lake, whether it has ended or not.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="Start">What it told at its start; null where it left nothing of it, as runs of earlier versions.</param>
/// <param name="Result">How it ended; null where it has not, or died.</param>
public sealed record RunEntry(string RunId, RunStart? Start, RunResult? Result)
{
    /// <summary>The job, or null where nothing tells.</summary>
    public string? Job => Result?.Job ?? Start?.Job;

    /// <summary>The data set, or null where it is about none.</summary>
    public string? Dataset => Result?.Dataset ?? Start?.Dataset;

    /// <summary>When it started, UTC; null where nothing tells.</summary>
    public DateTimeOffset? StartedAt => Result?.StartedAt ?? Start?.StartedAt;

    /// <summary>Status of the result in lower case; of a run without one <c>running</c>, <c>died</c> where it gives no sign of life, or <c>unknown</c> where it left nothing at all.</summary>
    /// <param name="now">The time now.</param>
    public string StatusAt(DateTimeOffset now)
    {
        if (Result is not null) return Result.Status.ToString().ToLowerInvariant();
        return Start is null ? "unknown" : IsAlive(Start, now) ? "running" : "died";
    }

    /// <summary>The run as JSON: its result where it has one, else its start; with its status now.</summary>
    public string ToJson(DateTimeOffset now)
    {
        var json = Result is not null ? JsonSerializer.SerializeToNode(Result, RunResultJson.Default.RunResult)!.AsObject()
            : Start is not null ? JsonSerializer.SerializeToNode(Start, RunStartJson.Default.RunStart)!.AsObject()
            : new JsonObject { ["run_id"] = RunId };
        json["status"] = StatusAt(now);
        return json.ToJsonString(RunResultJson.Default.Options);
    }

    /// <summary>By its process where that is on this machine, else by its last sign of life.</summary>
    private static bool IsAlive(RunStart start, DateTimeOffset now)
    {
        if (now - start.HeartbeatAt > RunHeartbeat.Lease) return false;
        if (start.Host != Environment.MachineName) return true;
        try
        {
            using var process = Process.GetProcessById(start.ProcessId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
