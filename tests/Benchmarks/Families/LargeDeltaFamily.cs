using System.Globalization;
using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>Tables of many files: what the log costs before the first of them is read.</summary>
internal sealed class LargeDeltaFamily : IFamily
{
    private const double OpenSeconds = 5;
    private const double PlanSeconds = 1;
    private const long MaxKiB = 600 * 1024;

    public string Name => "delta-large";

    public async Task RunAsync(BenchmarkRun run)
    {
        var adds = run.Size(300_000, 30_000);
        _ = await Children.MeasureAsync("delta-large-log", $"table={run["delta-adds"]}", $"files={adds}");
        var open = await Children.MeasureAsync("delta-large-open", $"table={run["delta-adds"]}");
        run.Tell(
            Name, string.Create(CultureInfo.InvariantCulture, $"open a log of {adds:N0} files in 100 commits"), Figures.Time(open.Seconds), $"< {Figures.Time(OpenSeconds)}, < {Figures.Memory(MaxKiB)}",
            open.Seconds < OpenSeconds && open.PeakKiB < MaxKiB, open);
        var partitions = run.Size(10_000, 1_000);
        _ = await Children.MeasureAsync("delta-large-files", $"table={run["delta-partitions"]}", $"files={partitions}");
        var count = await Children.MeasureAsync("delta-large-count", $"table={run["delta-partitions"]}");
        run.Tell(
            Name, string.Create(CultureInfo.InvariantCulture, $"plan a count of {partitions:N0} files, one a partition"), string.Create(CultureInfo.InvariantCulture, $"{count["plan_ms"]:0} ms, counted in {count["count_ms"]:0} ms, one partition in {count["one_ms"]:0} ms"),
            $"plan < {Figures.Time(PlanSeconds)}", count["plan_ms"] < 1000 * PlanSeconds, count);
    }
}
