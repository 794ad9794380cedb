using System.Diagnostics;
using System.Globalization;

namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>Times the work of a measure inside its process, and keeps what else it tells.</summary>
internal sealed class Recorder
{
    private readonly Dictionary<string, double> values = new(StringComparer.Ordinal);
    private double seconds;
    private double cpuSeconds;

    /// <summary>Runs the work and adds its time.</summary>
    public async Task TimeAsync(Func<Task> work)
    {
        var cpu = CpuSeconds();
        var watch = Stopwatch.StartNew();
        await work();
        seconds += watch.Elapsed.TotalSeconds;
        cpuSeconds += CpuSeconds() - cpu;
    }

    /// <summary>Runs the work and adds its time.</summary>
    public void Time(Action work) => TimeAsync(() =>
    {
        work();
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    /// <summary>Keeps a figure; one that is none (of no samples) is left out.</summary>
    public void Add(string name, double value)
    {
        if (double.IsFinite(value)) values[name] = value;
    }

    /// <summary>Adds p50, p99 and the largest of times in milliseconds.</summary>
    public void AddLatencies(string name, IReadOnlyCollection<double> milliseconds)
    {
        if (milliseconds.Count == 0) return;
        Add($"{name}_p50_ms", Statistics.Quantile(milliseconds, 0.5));
        Add($"{name}_p99_ms", Statistics.Quantile(milliseconds, 0.99));
        Add($"{name}_max_ms", milliseconds.Max());
    }

    /// <summary>Of the process, or of the largest of its children that ended: a JVM is where the work was done.</summary>
    public Sample ToSample() => new(seconds, cpuSeconds, Math.Max(PeakKiB("self"), EndedChildren.PeakKiB()), values);

    /// <summary>VmHWM of a process; 0 where it is gone.</summary>
    public static long PeakKiB(string process)
    {
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static double CpuSeconds()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime.TotalSeconds + EndedChildren.CpuSeconds();
    }
}
