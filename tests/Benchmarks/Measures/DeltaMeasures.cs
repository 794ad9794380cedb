using System.Diagnostics;
using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>Many small commits to one table.</summary>
internal static class DeltaMeasures
{
    /// <summary>Rows of a commit, here and in the reference's.</summary>
    public const int RowsInCommit = 100;

    private const int Window = 200;

    private static readonly StructType Columns = new(new StructField("id", new LongType()), new StructField("name", new StringType()), new StructField("value", new DoubleType()));

    /// <summary>Commits of 100 rows one after the other; latencies at the beginning and at the end. With together=true small files are compacted once there are 50, in the commit itself, as Delta's auto compaction does it. It goes on until the version ends in a digit, 0 having a checkpoint. table=FOLDER commits=N [from=N] [ends=DIGIT] [together=true]</summary>
    public static Task CommitsAsync(Arguments arguments, Recorder recorder)
    {
        using var engine = EmbeddedEngine.Create(arguments.Find("together") == "true"
            ? new EmbeddedSettings { AutoCompacts = true, Conf = new Dictionary<string, string> { ["pipeline.embedded.autoCompact.intervalSeconds"] = "0" } }
            : new EmbeddedSettings());
        var spark = SparkSession.ForEngine(engine);
        // The first commits compile the code: on a table of their own.
        for (var i = 0; i < 30; i++) Commit(spark, arguments["table"] + "-warm", i);
        var times = new List<double>();
        var number = int.Parse(arguments.Find("from") ?? "0", CultureInfo.InvariantCulture);
        var end = number + arguments.Int("commits");
        recorder.Time(() =>
        {
            for (; number < end; number++) times.Add(Commit(spark, arguments["table"], number));
        });
        var table = DeltaTable.ForPath(spark, arguments["table"]);
        for (; arguments.Find("ends") is { } digit && $"{table.LatestVersion() % 10}" != digit; number++) _ = Commit(spark, arguments["table"], number);
        recorder.AddLatencies("commit", times);
        recorder.Add("first_p50_ms", Statistics.Median(times.Skip(10).Take(Window)));
        recorder.Add("last_p50_ms", Statistics.Median(times.TakeLast(Window)));
        recorder.Add("version", table.LatestVersion());
        recorder.Add("files", DeltaLog.For(arguments["table"]).LoadExistingAsync().GetAwaiter().GetResult().FileCount);
        recorder.Add("next", number);
        return Task.CompletedTask;
    }

    /// <summary>Opens the table in a new session: its version, properties and files. table=FOLDER</summary>
    public static Task OpenAsync(Arguments arguments, Recorder recorder)
    {
        using var engine = EmbeddedEngine.Create(new EmbeddedSettings());
        var spark = SparkSession.ForEngine(engine);
        _ = DeltaTable.IsDeltaTable(spark, arguments["table"] + "-warm") ? DeltaTable.ForPath(spark, arguments["table"] + "-warm").LatestVersion() : 0;
        recorder.Time(() => recorder.Add("version", DeltaTable.ForPath(spark, arguments["table"]).LatestVersion()));
        return Task.CompletedTask;
    }

    private static double Commit(SparkSession spark, string table, int number)
    {
        var rows = Enumerable.Range(0, RowsInCommit).Select(i => new object?[] { ((long)number * RowsInCommit) + i, $"name {i}", i * 0.5 });
        var watch = Stopwatch.StartNew();
        // Given back, as the jobs do it: the session keeps them else.
        using var frame = new PersistedRows(spark.CreateDataFrame(rows, Columns));
        frame.Rows.Write().Format("delta").Mode("append").Option("txnAppId", "bench").Option("txnVersion", number).Save(table);
        return watch.Elapsed.TotalMilliseconds;
    }
}
