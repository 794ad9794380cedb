using System.Globalization;
using Pipeline.Tests.Benchmarks.Harness;
using Pipeline.Tests.Benchmarks.Measures;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>Small commits from version 0 on: each as dear as the first.</summary>
internal sealed class DeltaFamily : IFamily
{
    public string Name => "delta";

    public async Task RunAsync(BenchmarkRun run)
    {
        var commits = run.Size(10_000, 1_000);
        var young = await Children.MeasureAsync("delta-commits", $"table={run["delta-young"]}", "commits=11");
        string[] together = ["together=true"];
        var aged = await CommitsAsync(run, "delta-aged", string.Create(CultureInfo.InvariantCulture, $"{commits:N0} commits of 100 rows, small files compacted (as jobs have it) once there are 50"), commits, together);
        await OpenAsync(run, aged, young, "", Target.AtMost(1.2));
        // As many commits after the checkpoint as there are in the mean.
        var later = await Children.MeasureAsync("delta-commits", ["commits=1", "ends=5", $"table={run["delta-aged"]}", $"from={aged.Sample["next"]}", .. together]);
        var youngLater = await Children.MeasureAsync("delta-commits", "commits=5", $"table={run["delta-young"]}", "from=11");
        await OpenAsync(run, aged with { Sample = later }, youngLater, ", half-way to the next checkpoint", Target.AtMost(1.2));
        var scattered = await CommitsAsync(run, "delta-scattered", string.Create(CultureInfo.InvariantCulture, $"{commits:N0} commits of 100 rows, a file each that stays"), commits, []);
        await OpenAsync(run, scattered, youngLater, "", null);
        await SparkAsync(run);
    }

    private sealed record Table(string Folder, Sample Sample);

    private async Task<Table> CommitsAsync(BenchmarkRun run, string table, string work, int commits, string[] settings)
    {
        var many = await Children.MeasureAsync("delta-commits", [$"table={run[table]}", $"commits={commits}", "ends=0", .. settings]);
        run.Tell(Name, work, string.Create(CultureInfo.InvariantCulture, $"p50 {many["commit_p50_ms"]:0.0} ms, p99 {many["commit_p99_ms"]:0.0} ms"), "p50 < 10 ms", many["commit_p50_ms"] < 10, many);
        var growth = many["last_p50_ms"] / many["first_p50_ms"];
        run.Tell(Name, "the last 200 of these commits against the first", string.Create(CultureInfo.InvariantCulture, $"p50 {many["last_p50_ms"]:0.0} ms against {many["first_p50_ms"]:0.0} ms"), "flat within 20 %", growth <= 1.2, ratio: Figures.Ratio(growth));
        return new Table(run[table], many);
    }

    /// <summary>Opens a table of many versions beside a young one, each in a process of its own.</summary>
    private async Task OpenAsync(BenchmarkRun run, Table table, Sample young, string when, Target? target) => _ = await run.CompareAsync(
        Name, string.Create(CultureInfo.InvariantCulture, $"open that table at version {table.Sample["version"]:N0}, {table.Sample["files"]:N0} files{when}"),
        () => Children.MeasureAsync("delta-open", $"table={table.Folder}"), () => Children.MeasureAsync("delta-open", $"table={run["delta-young"]}"), $"at version {young["version"]}, {young["files"]} files",
        target, rounds: run.Size(21, 5), sameAnswers: false);

    /// <summary>The same commits by Spark's own Delta: as many as can be afforded.</summary>
    private async Task SparkAsync(BenchmarkRun run)
    {
        if (!SparkMeasures.IsPresent)
        {
            run.Report.LeaveOut(Name, "Spark's Delta: set SPARK_HOME to a Spark 4.1 or 3.5 with Delta's jars.");
            return;
        }
        var commits = run.Size(100, 30);
        List<Sample> ours = [], sparks = [];
        for (var round = 0; round < run.Size(5, 1); round++)
        {
            ours.Add(await Children.MeasureAsync("delta-commits", $"table={run[$"delta-ours-{round}"]}", $"commits={commits}"));
            sparks.Add(await Children.MeasureAsync("delta-commits-spark", $"table={run[$"delta-spark-{round}"]}", $"commits={commits}"));
        }
        run.Tell(
            Name, string.Create(CultureInfo.InvariantCulture, $"{commits} commits of 100 rows, p50"),
            Figures.Spread(ours.Select(P50), Figures.Time), sample: ours[0],
            reference: $"{Figures.Spread(sparks.Select(P50), Figures.Time)}, Spark's Delta on local[2], from SQL, after ten to warm up (ours after thirty)",
            ratio: Figures.Spread(ours.Zip(sparks, static (one, other) => P50(one) / P50(other)), static ratio => string.Create(CultureInfo.InvariantCulture, $"{ratio:0.000} ×")));

        static double P50(Sample sample) => sample["commit_p50_ms"] / 1000;
    }
}
