using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>The etl families' two sides.</summary>
internal static class EtlMeasures
{
    /// <summary>The job from its command line on. in=FOLDER out=FOLDER lake=FOLDER; quarantine=yes, memory=256m.</summary>
    public static async Task OursAsync(Arguments arguments, Recorder recorder)
    {
        List<string> words = ["--dataset", "water-quality", "--input", arguments["in"], "--out", arguments["out"], "--lake", arguments["lake"], "--quiet"];
        if (arguments.Find("quarantine") is not null) words.Add("--with-quarantine");
        words.AddRange(Settings.With(arguments));
        if (arguments.Find("master") is { } master) words.AddRange(["--master", master]);
        var console = HostConsole.OfProcess() with { Out = TextWriter.Null };
        var code = 0;
        await recorder.TimeAsync(async () => code = await JobHost.RunAsync([.. words], new EtlJob(), console));
        if (code != 0) throw new InvalidOperationException($"The job ended with {code}.");
        AddAnswer(recorder, $"{arguments["out"]}/*.parquet");
    }

    /// <summary>The same in SQL by hand: the values' rules (thousands separated by spaces, decimal commas) are the data's and not ours. in=FOLDER out=FILE.</summary>
    public static Task DuckDbAsync(Arguments arguments, Recorder recorder)
    {
        var file = Directory.GetFiles(arguments["in"], "LTM_Data*.csv")[0];
        var columns = string.Join(", ", EtlJob.Parameters.Select(parameter => $"try_cast(translate({SourceColumn(parameter)}, ', \u00A0', '.') AS DOUBLE) AS {parameter}"));
        recorder.Time(() =>
        {
            using var duckDb = new DuckDb();
            duckDb.Execute($"""
                COPY (
                    WITH samples AS (
                        SELECT PROGRAM_ID, SITE_ID, strptime(DATE_SMP, '%m/%d/%Y %H:%M:%S') AS sampled_at, {columns}
                        FROM read_csv('{file}', delim = ';', header = true, all_varchar = true)
                    )
                    SELECT PROGRAM_ID, SITE_ID, parameter, date_trunc('month', sampled_at) AS month,
                        count(*) AS n, avg(value) AS mean, stddev_samp(value) AS stddev, min(value) AS min, max(value) AS max
                    FROM (UNPIVOT samples ON {string.Join(", ", EtlJob.Parameters)} INTO NAME parameter VALUE value)
                    GROUP BY ALL
                ) TO '{arguments["out"]}' (FORMAT parquet, COMPRESSION snappy)
                """);
        });
        AddAnswer(recorder, arguments["out"]);
        return Task.CompletedTask;
    }

    /// <summary>Statements of a file in bare DuckDB, each with its time on stderr: for finding out where time goes. file=PATH</summary>
    public static Task SqlAsync(Arguments arguments, Recorder recorder)
    {
        using var duckDb = new DuckDb();
        foreach (var statement in File.ReadAllText(arguments["file"]).Split(";\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            recorder.Time(() => duckDb.Execute(statement));
            Console.Error.WriteLine($"{watch.Elapsed.TotalSeconds:0.000} s  {statement.ReplaceLineEndings(" ")[..Math.Min(120, statement.Length)]}");
        }
        return Task.CompletedTask;
    }

    /// <summary>A trivial query, its one row read.</summary>
    public static Task TrivialQueryAsync(Arguments arguments, Recorder recorder)
    {
        recorder.Time(() =>
        {
            using var duckDb = new DuckDb();
            _ = duckDb.Numbers("SELECT 1");
        });
        return Task.CompletedTask;
    }

    private static void AddAnswer(Recorder recorder, string files)
    {
        using var duckDb = new DuckDb();
        var answer = duckDb.Numbers($"SELECT count(*), sum(n)::DOUBLE, sum(mean * n), sum(coalesce(stddev, 0)), sum(max) - sum(min) FROM read_parquet('{files}')");
        string[] names = ["groups", "values", "sum", "deviations", "ranges"];
        for (var i = 0; i < names.Length; i++) recorder.Add(names[i], names[i] is "sum" or "deviations" ? Math.Round(answer[i], 1) : answer[i]);
    }

    private static string SourceColumn(string parameter) => Suite.Schemas.WaterQuality.Measurements.Single(measurement => measurement.Parameter == parameter).SourceName;
}
