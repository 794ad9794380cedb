using System.Globalization;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Jobs.BatchEtl;
using Pipeline.Jobs.HdfsEnrich;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Tests.Benchmarks.Harness;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>Values joined with methods and sites.</summary>
internal static class EnrichMeasures
{
    /// <summary>The job batch-etl: samples, values, what was enriched of them. in=FOLDER lake=FOLDER; memory=256m</summary>
    public static Task LoadAsync(Arguments arguments, Recorder recorder) =>
        RunAsync(new BatchEtlJob(), recorder, ["--dataset", "water-quality", "--input", arguments["in"], "--lake", arguments["lake"], "--quiet", .. Settings.With(arguments)]);

    /// <summary>The job hdfs-enrich, all of it created again, or what is missing of it added. in=FOLDER lake=FOLDER; full=no</summary>
    public static async Task OursAsync(Arguments arguments, Recorder recorder)
    {
        string[] full = arguments.Find("full") == "no" ? [] : ["--full"];
        await RunAsync(new HdfsEnrichJob(), recorder, ["--dataset", "water-quality", "--reference", arguments["in"], "--lake", arguments["lake"], "--quiet", .. full]);
        using var engine = EmbeddedEngine.Create(new EmbeddedSettings());
        var enriched = SparkSession.ForEngine(engine).Read().Format("delta").Load(EnrichedTable(arguments));
        var answer = enriched.Agg(Count(Lit(1)), Count(Col("method")), Sum(Col("method_candidates")), Count(Col("site_name"))).Collect().Single();
        AddAnswer(recorder, [.. answer.Values.Select(static value => Convert.ToDouble(value, CultureInfo.InvariantCulture))]);
    }

    /// <summary>Takes the last commit of the enriched table back. lake=FOLDER</summary>
    public static Task ForgetAsync(Arguments arguments, Recorder recorder)
    {
        using var engine = EmbeddedEngine.Create(new EmbeddedSettings());
        var table = DeltaTable.ForPath(SparkSession.ForEngine(engine), EnrichedTable(arguments));
        recorder.Time(() => table.RestoreToVersion(table.LatestVersion() - 1));
        return Task.CompletedTask;
    }

    /// <summary>The join by hand: values, the method in force, the site; to one Parquet file. in=FOLDER lake=FOLDER out=FILE; done=FILE, whose batches are left out</summary>
    public static Task DuckDbAsync(Arguments arguments, Recorder recorder)
    {
        var measurements = Suite.Schemas.WaterQuality.Measurements;
        string File(string pattern) => Directory.GetFiles(arguments["in"], pattern)[0];
        var done = arguments.Find("done");
        var pending = done is null ? "" : $"WHERE batch_id NOT IN (SELECT DISTINCT batch_id FROM read_parquet('{done}'))";
        recorder.Time(() =>
        {
            using var duckDb = new DuckDb();
            duckDb.Execute($"""
                COPY (
                    WITH wide AS (
                        SELECT site_id, program_id, sampled_at, sample_location, sample_type, sample_depth, sample_time, waterbody_type, batch_id, {string.Join(", ", measurements.Select(one => $"{one.ColumnName} AS \"{one.Parameter}\""))}
                        FROM read_parquet('{arguments["lake"]}/tables/water_samples/*.parquet')
                        {pending}
                    ),
                    vals AS (
                        SELECT *, sampled_at::DATE AS sampled_on, year(sampled_at) AS year, value < 0 AND parameter IN ('NH4', 'SIO2') AS below_detection
                        FROM (UNPIVOT wide ON {string.Join(", ", measurements.Select(one => $"\"{one.Parameter}\""))} INTO NAME parameter VALUE value)
                    ),
                    methods AS (SELECT * FROM read_csv('{File("Methods*.csv")}', delim = ';', header = true, all_varchar = true, quote = '"', strict_mode = false)),
                    years AS (
                        SELECT PROGRAM_ID AS program_id, PARAMETER AS parameter, METHOD AS method, START_YEAR::INT AS start_year, END_YEAR::INT AS end_year,
                            unnest(range(START_YEAR::INT, coalesce(END_YEAR::INT, greatest((SELECT max(year) FROM vals), START_YEAR::INT)) + 1)) AS year
                        FROM methods
                    ),
                    in_force AS (
                        SELECT program_id, parameter, year, method, count(*) OVER (PARTITION BY program_id, parameter, year) AS method_candidates
                        FROM years QUALIFY row_number() OVER (PARTITION BY program_id, parameter, year ORDER BY start_year DESC, end_year ASC NULLS LAST, method ASC NULLS LAST) = 1
                    )
                    SELECT vals.*, in_force.method, coalesce(in_force.method_candidates, 0)::INT AS method_candidates, sites.SITE_NAME AS site_name, sites.COUNTY AS county, sites.STATE AS state, sites.ECOREGION_III AS ecoregion_iii,
                        CASE WHEN parameter LIKE 'PH%' THEN NULL ELSE 'unit' END AS unit
                    FROM vals
                    LEFT JOIN in_force USING (program_id, parameter, year)
                    LEFT JOIN (SELECT * FROM read_csv('{File("Site*.csv")}', delim = ';', header = true, all_varchar = true)) sites ON sites.SITE_ID = vals.site_id AND sites.PROGRAM_ID = vals.program_id
                ) TO '{arguments["out"]}' (FORMAT parquet, COMPRESSION snappy)
                """);
        });
        using var answers = new DuckDb();
        string[] files = done is null ? [arguments["out"]] : [done, arguments["out"]];
        AddAnswer(recorder, answers.Numbers($"SELECT count(*), count(method), sum(method_candidates)::DOUBLE, count(site_name) FROM read_parquet([{string.Join(", ", files.Select(static file => $"'{file}'"))}])"));
        return Task.CompletedTask;
    }

    private static string EnrichedTable(Arguments arguments) => new LakeLayout(arguments["lake"]).Table("water_measurements");

    /// <summary>Rows of the whole table, those with a method, their candidates, and those with a site.</summary>
    private static void AddAnswer(Recorder recorder, double[] answer)
    {
        string[] names = ["rows", "with_method", "candidates", "with_site"];
        for (var i = 0; i < names.Length; i++) recorder.Add(names[i], answer[i]);
    }

    private static async Task RunAsync(IJob job, Recorder recorder, params string[] words)
    {
        var console = HostConsole.OfProcess() with { Out = TextWriter.Null };
        var code = 0;
        await recorder.TimeAsync(async () => code = await JobHost.RunAsync(words, job, console));
        if (code != 0) throw new InvalidOperationException($"The job {job.Name} ended with {code}.");
    }
}
