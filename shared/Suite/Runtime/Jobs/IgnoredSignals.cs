using System.Globalization;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>Signals that this process was started to ignore.</summary>
internal static class IgnoredSignals
{
    private const string Status = "/proc/self/status";
    private const string Field = "SigIgn:";

    /// <summary>Whether SIGHUP is ignored, as <c>nohup</c> has it; false where the system does not tell.</summary>
    public static bool HasHangup { get; } = File.Exists(Status) && IsHangupIn(File.ReadLines(Status));

    private static bool IsHangupIn(IEnumerable<string> status)
    {
        // Bit n - 1 of the mask is signal n, and SIGHUP is signal 1.
        var mask = status.FirstOrDefault(static line => line.StartsWith(Field, StringComparison.Ordinal));
        return mask is not null && (ulong.Parse(mask.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 1) != 0;
    }
}
