using System.Globalization;
using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>Values joined with methods and sites, against the join written by hand.</summary>
internal sealed class EnrichFamily : IFamily
{
    private const int ValuesInFile = 540_655;

    public string Name => "enrich";

    public async Task RunAsync(BenchmarkRun run)
    {
        var copies = run.Size(50, 2);
        var folder = await WaterQualityFiles.MakeAsync(run, copies);
        var lake = run["enrich-lake"];
        var load = await Children.MeasureAsync("enrich-load", $"in={folder}", $"lake={lake}");
        run.Tell(Name, string.Create(CultureInfo.InvariantCulture, $"(the job batch-etl before it, with quarantine, duplicates and enrichment, {copies} × the file)"), Figures.Time(load.Seconds), sample: load);
        _ = await run.CompareAsync(
            Name, string.Create(CultureInfo.InvariantCulture, $"about {(long)copies * ValuesInFile:N0} values, full, the job from its command line on"),
            () => Children.MeasureAsync("enrich", $"in={folder}", $"lake={lake}"), () => Children.MeasureAsync("enrich-duckdb", $"in={folder}", $"lake={lake}", $"out={run["enrich.parquet"]}"),
            "bare DuckDB, join by hand", Target.AtMost(1.2), rounds: run.Size(5, 3));

        // One more file, as a schedule brings them; what was enriched of it is taken back after each turn.
        var further = await WaterQualityFiles.MakeAsync(run, 1, firstCopy: copies);
        _ = await Children.MeasureAsync("enrich-load", $"in={further}", $"lake={lake}");
        _ = await Children.MeasureAsync("enrich-forget", $"lake={lake}");
        _ = await run.CompareAsync(
            Name, string.Create(CultureInfo.InvariantCulture, $"incremental: {ValuesInFile:N0} values more in the same tables, the job from its command line on"),
            async () =>
            {
                var sample = await Children.MeasureAsync("enrich", $"in={folder}", $"lake={lake}", "full=no");
                _ = await Children.MeasureAsync("enrich-forget", $"lake={lake}");
                return sample;
            },
            () => Children.MeasureAsync("enrich-duckdb", $"in={folder}", $"lake={lake}", $"out={run["enrich-more.parquet"]}", $"done={run["enrich.parquet"]}"),
            "bare DuckDB, join by hand of the batches that its file lacks", Target.AtMost(1.2), rounds: run.Size(5, 3));
    }
}
