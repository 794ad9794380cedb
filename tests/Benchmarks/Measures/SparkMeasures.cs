using System.Diagnostics;
using System.Globalization;
using Pipeline.Engine.Spark;
using Pipeline.Engine.Spark.Launch;
using Pipeline.Engine.Spark.Streaming;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Streaming;
using Pipeline.Tests.Benchmarks.Harness;

namespace Pipeline.Tests.Benchmarks.Measures;

/// <summary>Work on the Spark of SPARK_HOME, two cores of this machine: what it costs there, and what our part adds.</summary>
internal static class SparkMeasures
{
    private const string Master = "local[2]";
    private const int WarmUpBatches = 40;
    private const long PollMilliseconds = 100;

    /// <summary>Whether there is a Spark.</summary>
    public static bool IsPresent => SparkLauncher.HasSparkHome;

    /// <summary>Small batches that are dropped: by a C# function, by the same in Java, and by Spark's own sink without any. Milliseconds a batch of each. classes=FOLDER of DropBatch checkpoints=FOLDER batches=N rounds=N</summary>
    public static Task CallbackAsync(Arguments arguments, Recorder recorder)
    {
        var batches = arguments.Int("batches");
        using var engine = Start(
            ("spark.sql.streaming.numRecentProgressUpdates", (batches + WarmUpBatches + 100).ToString(CultureInfo.InvariantCulture)),
            ("spark.driver.extraClassPath", arguments["classes"]));
        var spark = SparkSession.ForEngine(engine);
        var turn = 0;
        // Each once before any counts: the JVM compiles what they run.
        _ = Plain(WarmUpBatches);
        _ = Java(WarmUpBatches);
        _ = Called(WarmUpBatches);
        recorder.Time(() =>
        {
            List<double> plain = [], java = [], called = [], added = [];
            for (var round = 0; round < arguments.Int("rounds"); round++)
            {
                plain.AddRange(Plain(batches));
                var isSwapped = round % 2 == 1;
                var first = isSwapped ? Called(batches) : Java(batches);
                var second = isSwapped ? Java(batches) : Called(batches);
                java.AddRange(isSwapped ? second : first);
                called.AddRange(isSwapped ? first : second);
                added.Add((isSwapped ? -1 : 1) * (Statistics.Median(second) - Statistics.Median(first)));
            }
            recorder.AddLatencies("plain", plain);
            recorder.AddLatencies("java", java);
            recorder.AddLatencies("called", called);
            recorder.Add("added_ms", Statistics.Median(added));
            recorder.Add("added_least_ms", added.Min());
            recorder.Add("added_most_ms", added.Max());
        });
        return Task.CompletedTask;

        IReadOnlyList<double> Plain(int wanted) => Run(wanted, static writer => writer.Format("noop"));

        // The path is there because a writer wants one; this sink has none.
        IReadOnlyList<double> Called(int wanted) => Run(wanted, static writer => writer.ForeachBatch(static (batch, _) => batch.Write().Format("noop").Mode(SaveMode.Append).Save("nowhere")));

        IReadOnlyList<double> Run(int wanted, Func<DataStreamWriter, DataStreamWriter> to)
        {
            using var query = to(Rows().WriteStream().Option("checkpointLocation", Checkpoint()).Trigger(Trigger.ProcessingTime(TimeSpan.Zero))).Start();
            while ((query.LastProgress?.BatchId ?? -1) < wanted && !query.AwaitTermination(PollMilliseconds)) { }
            query.Stop();
            return Durations(query.RecentProgress, wanted);
        }

        // The same stream, with a function that C# only names; its trigger is Spark's own, which is that of the others.
        IReadOnlyList<double> Java(int wanted)
        {
            using var scope = engine.Begin();
            var writer = scope.Object(scope.Object(scope.Object(engine.Session, "sql", Rows().ToSql()), "writeStream"), "option", "checkpointLocation", Checkpoint());
            var query = scope.Object(scope.Object(writer, "foreachBatch", scope.New("DropBatch")), "start");
            while ((SparkStreamingRun.ReadLastProgress(scope, query) is { } last ? StreamingQueryProgress.Parse(last).BatchId : -1) < wanted && !scope.Flag(query, "awaitTermination", PollMilliseconds)) { }
            _ = scope.Call(query, "stop");
            return Durations(SparkStreamingRun.ReadRecentProgress(scope, query).Select(StreamingQueryProgress.Parse), wanted);
        }

        DataFrame Rows() => spark.ReadStream().Format("rate-micro-batch").Option("rowsPerBatch", 3).Option("numPartitions", 1).Load();

        string Checkpoint() => Path.Combine(arguments["checkpoints"], (turn++).ToString(CultureInfo.InvariantCulture));

        // A stream's first batches plan and compile.
        static IReadOnlyList<double> Durations(IEnumerable<StreamingQueryProgress> batches, int wanted) =>
            [.. batches.Where(progress => progress.BatchId > wanted / 10).Select(static progress => (double)progress.DurationMs["triggerExecution"])];
    }

    /// <summary>Commits of 100 rows to a Delta table, one after the other, by Spark alone. table=FOLDER commits=N</summary>
    public static Task DeltaCommitsAsync(Arguments arguments, Recorder recorder)
    {
        using var engine = Start();
        for (var i = 0; i < 10; i++) _ = Commit(engine, arguments["table"] + "-warm", i);
        var times = new List<double>();
        recorder.Time(() =>
        {
            for (var i = 0; i < arguments.Int("commits"); i++) times.Add(Commit(engine, arguments["table"], i));
        });
        recorder.AddLatencies("commit", times);
        return Task.CompletedTask;
    }

    private static double Commit(SparkEngine engine, string table, int number)
    {
        var watch = Stopwatch.StartNew();
        var (from, until) = (number * (long)DeltaMeasures.RowsInCommit, (number + 1L) * DeltaMeasures.RowsInCommit);
        var rows = string.Create(CultureInfo.InvariantCulture, $"SELECT id, concat('name ', id) AS name, id * 0.5D AS value FROM range({from}, {until}, 1, 1)");
        engine.Execute(number == 0 ? $"CREATE TABLE delta.`{table}` USING delta AS {rows}" : $"INSERT INTO delta.`{table}` {rows}");
        return watch.Elapsed.TotalMilliseconds;
    }

    private static SparkEngine Start(params (string Key, string Value)[] settings) => SparkEngine.Start(new SparkOptions
    {
        AppName = "benchmarks",
        Master = Master,
        Conf = settings.Append(("spark.ui.enabled", "false")).ToDictionary(static setting => setting.Item1, static setting => setting.Item2),
    });
}
