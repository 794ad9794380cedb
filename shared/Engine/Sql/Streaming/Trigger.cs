using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Sql.Streaming;

/// <summary>When a micro-batch starts.</summary>
public sealed partial class Trigger
{
    private Trigger(TriggerSpec spec) => Spec = spec;

    internal TriggerSpec Spec { get; }

    /// <summary>Every so many milliseconds; 0 is as soon as there are data.</summary>
    public static Trigger ProcessingTime(long intervalMs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(intervalMs);
        return new(new TriggerSpec("processingTime", intervalMs));
    }

    /// <summary>Every interval, such as <c>10 seconds</c>.</summary>
    public static Trigger ProcessingTime(string interval) => ProcessingTime(Milliseconds(interval));

    /// <summary>Every interval.</summary>
    public static Trigger ProcessingTime(TimeSpan interval) => ProcessingTime((long)interval.TotalMilliseconds);

    /// <summary>All that is there now, in batches of the source's limits; then it ends.</summary>
    public static Trigger AvailableNow() => new(new TriggerSpec("availableNow"));

    /// <summary>All that is there now in one batch; then it ends. <see cref="AvailableNow"/> minds the limits.</summary>
    public static Trigger Once() => new(new TriggerSpec("once"));

    /// <summary>Without batches, on Spark only.</summary>
    public static Trigger Continuous(long intervalMs) => new(new TriggerSpec("continuous", intervalMs));

    /// <summary>Without batches, on Spark only.</summary>
    public static Trigger Continuous(string interval) => Continuous(Milliseconds(interval));

    private static long Milliseconds(string interval)
    {
        ArgumentNullException.ThrowIfNull(interval);
        var match = IntervalPattern().Match(interval);
        if (!match.Success) throw new ArgumentException($"The interval '{interval}' is not a number and a unit. Write 500 milliseconds, 10 seconds, 5 minutes, 1 hour or 1 day.", nameof(interval));
        var number = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);
        return (long)(number * match.Groups["unit"].Value.ToLowerInvariant() switch
        {
            "ms" or "millisecond" or "milliseconds" => 1,
            "s" or "second" or "seconds" => 1_000,
            "m" or "min" or "minute" or "minutes" => 60_000,
            "h" or "hour" or "hours" => 3_600_000,
            _ => 86_400_000,
        });
    }

    [GeneratedRegex(@"\A\s*(interval\s+)?(?<number>[0-9]+(\.[0-9]+)?)\s*(?<unit>ms|milliseconds?|s|seconds?|m|min|minutes?|h|hours?|d|days?)\s*\z", RegexOptions.IgnoreCase)]
    private static partial Regex IntervalPattern();
}
