using System.Globalization;
using System.Text.Json;

namespace Pipeline.Engine.Storage;

/// <summary>Who holds a lock: enough to tell whether that process still lives.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Host">Name of its machine.</param>
/// <param name="ProcessId">Its process id there.</param>
/// <param name="BootId">Identity of the machine's boot, so that ids from before a restart are not taken for those of today; empty where not known.</param>
/// <param name="StartTicks">When the process started, in the kernel's ticks since boot, so that a reused id is told apart; 0 where not known.</param>
/// <param name="AcquiredAt">When it took the lock.</param>
public sealed record LockOwner(string RunId, string Host, int ProcessId, string BootId, long StartTicks, DateTimeOffset AcquiredAt)
{
    /// <summary>Seconds without a sign of life after which another machine may take the lock; 0 where the owner gives none, as earlier releases did.</summary>
    public double LeaseSeconds { get; init; }

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>This process.</summary>
    public static LockOwner Current(string runId, DateTimeOffset now) =>
        new(runId, Environment.MachineName, Environment.ProcessId, ReadBootId(), ReadStartTicks(Environment.ProcessId) ?? 0, now);

    /// <summary>Whether the process is known to be gone: it ran here, and its machine was started again or no such process is there. Of another machine nothing is known.</summary>
    public bool IsDead()
    {
        if (!string.Equals(Host, Environment.MachineName, StringComparison.OrdinalIgnoreCase)) return false;
        var boot = ReadBootId();
        if (boot.Length > 0 && BootId.Length > 0 && boot != BootId) return true;
        var started = ReadStartTicks(ProcessId);
        return started is null || (StartTicks != 0 && started != StartTicks);
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>The owner that a lock file names, or null where it names none.</summary>
    internal static LockOwner? Parse(ReadOnlySpan<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize<LockOwner>(content, Json) is { RunId: not null, Host: not null, BootId: not null } owner ? owner : null;
        }
        catch (JsonException)
        {
            return null; // The caller refuses a lock whose owner cannot be read, naming the file.
        }
    }

    private static string ReadBootId()
    {
        const string file = "/proc/sys/kernel/random/boot_id";
        return File.Exists(file) ? File.ReadAllText(file).Trim() : "";
    }

    /// <summary>Field 22 of <c>/proc/PID/stat</c>, or null where there is no such process. Source: proc(5).</summary>
    private static long? ReadStartTicks(int process)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // The name before may have blanks and brackets.
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture); // A zombie holds nothing.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
