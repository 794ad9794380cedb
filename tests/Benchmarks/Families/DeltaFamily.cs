using System.Globalization;
using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>Small commits from version 0 on: each as dear as the first.</summary>
internal sealed class DeltaFamily : IFamily
{
    public string Name => "delta";

    public async Task RunAsync(BenchmarkRun run)
    {
        var commits = run.Size(10_000, 1_000);
        var many = await Children.MeasureAsync("delta-commits", $"table={run["delta-many"]}", $"commits={commits}");
        run.Tell(Name, string.Create(CultureInfo.InvariantCulture, $"commits of 100 rows, version 0 to {commits:N0}"), string.Create(CultureInfo.InvariantCulture, $"p50 {many["commit_p50_ms"]:0.0} ms, p99 {many["commit_p99_ms"]:0.0} ms"), "p50 < 10 ms", many["commit_p50_ms"] < 10, many);
        var growth = many["last_p50_ms"] / many["first_p50_ms"];
        run.Tell(Name, "the last 200 commits against the first", string.Create(CultureInfo.InvariantCulture, $"p50 {many["last_p50_ms"]:0.0} ms against {many["first_p50_ms"]:0.0} ms"), "flat within 20 %", growth <= 1.2, ratio: Figures.Ratio(growth));
        _ = await Children.MeasureAsync("delta-commits", $"table={run["delta-few"]}", "commits=10");
        _ = await run.CompareAsync(Name, string.Create(CultureInfo.InvariantCulture, $"open at version {commits:N0}"), () => Children.MeasureAsync("delta-open", $"table={run["delta-many"]}"), () => Children.MeasureAsync("delta-open", $"table={run["delta-few"]}"), "at version 10", sameAnswers: false);
        run.Report.LeaveOut(Name, "Spark's Delta as a second reference (commits from Spark take seconds here; see the stream family for Spark's own rate).");
    }
}
