using Pipeline.Tests.Benchmarks.Harness;
using Pipeline.Tests.Benchmarks.Measures;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>From the CSV to statistics by site and month, against the same SQL in bare DuckDB.</summary>
internal sealed class EtlFamily : IFamily
{
    private const long MostMemoryKiB = 512 * 1024;

    public string Name => "etl";

    public async Task RunAsync(BenchmarkRun run)
    {
        var copies = run.Size(50, 5);
        var folder = await WaterQualityFiles.MakeAsync(run, copies);
        var megabytes = new FileInfo(Directory.GetFiles(folder, "LTM*")[0]).Length / 1000 / 1000;
        _ = await run.CompareAsync(Name, $"CSV of {megabytes} MB to Parquet, the job from its command line on", () => OursAsync(run, folder), () => DuckDbAsync(run, folder), "bare DuckDB", Target.AtMost(1.15, 0.15));
        var lean = await OursAsync(run, folder, "memory=320m");
        run.Tell(Name, "the same with spark.driver.memory=320m", Figures.Time(lean.Seconds), "peak ≤ 512 MiB", lean.PeakKiB <= MostMemoryKiB, lean);

        var whole = await Children.MeasureAsync("enrich-load", $"in={folder}", $"lake={run["etl-whole"]}", "memory=224m");
        run.Tell(Name, "the job batch-etl on that file (quarantine, duplicates, all values enriched) with spark.driver.memory=224m", Figures.Time(whole.Seconds), "peak ≤ 512 MiB", whole.PeakKiB <= MostMemoryKiB, whole);

        if (SparkMeasures.IsPresent)
            _ = await run.CompareAsync(Name, "the same", () => OursAsync(run, folder), () => OursAsync(run, folder, "master=local[2]"), "the same job on Spark local[2]", Target.Faster(8), rounds: run.Size(5, 1), warmUp: false, sameAnswers: false);
        else
            run.Report.LeaveOut(Name, "Spark local[2]: set SPARK_HOME to a Spark 4.1 or 3.5 with Delta.");

        var dirty = await WaterQualityFiles.MakeAsync(run, copies, badEvery: 100);
        _ = await run.CompareAsync("etl-dirty", "the same with 1 % bad rows, quarantine on", () => OursAsync(run, dirty, "quarantine=yes"), () => DuckDbAsync(run, folder), "bare DuckDB on the clean file", Target.AtMost(2), rounds: run.Size(5, 3), sameAnswers: false);
    }

    private static Task<Sample> OursAsync(BenchmarkRun run, string folder, params string[] more) =>
        Children.MeasureAsync("etl", [$"in={folder}", $"out={run["etl-out"]}", $"lake={run["etl-lake"]}", .. more]);

    private static Task<Sample> DuckDbAsync(BenchmarkRun run, string folder) => Children.MeasureAsync("etl-duckdb", $"in={folder}", $"out={run["etl-duckdb.parquet"]}");
}
