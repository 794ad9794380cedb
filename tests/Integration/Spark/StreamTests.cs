using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Spark;

[TestFixtureSource(typeof(SparkServer), nameof(SparkServer.VersionsOfFixture))]
public class StreamTests(string version)
{
    private static readonly StructType Schema = new(new StructField("id", new LongType()));
    private SparkEngine spark = null!;
    private DirectoryInfo folder = null!;

    [SetUp]
    public void Connect()
    {
        spark = SparkServer.Engine(version);
        folder = Directory.CreateTempSubdirectory("pipeline-tests-");
        _ = Directory.CreateDirectory(Input);
    }

    [TearDown]
    public void Clean() => folder?.Delete(recursive: true);

    private string Input => Path.Combine(folder.FullName, "in");

    private string Checkpoint => Path.Combine(folder.FullName, "checkpoint");

    [Test]
    public void Each_batch_comes_once_with_its_rows_and_the_drivers_views()
    {
        Feed("1\n2\n", "3\n");
        var names = spark.OpenRows(new StructType(new StructField("k", new LongType()), new StructField("name", new StringType())), [[1L, "one"], [3L, "three"]]);
        var seen = new List<string>();
        var before = spark.LiveReferences;
        using (var run = Start(1, (engine, view, batchId) =>
        {
            var schema = new StructType(new StructField("id", new LongType()), new StructField("name", new StringType()));
            var rows = engine.Query($"select b.id, n.name from {view.Name} b left join {names.Name} n on b.id = n.k order by id", schema).ToList();
            lock (seen) seen.Add($"{batchId}: {string.Join(", ", rows)}");
        }))
        {
            run.AwaitTermination(TimeSpan.FromMinutes(2)).Should().BeTrue();
            run.IsActive.Should().BeFalse();
            run.Failure.Should().BeNull();
            run.RecentProgressJson.Should().NotBeEmpty();
            JsonDocument.Parse(run.LastProgressJson!).RootElement.GetProperty("runId").GetGuid().Should().Be(run.RunId);
            JsonDocument.Parse(run.StatusJson).RootElement.GetProperty("isTriggerActive").GetBoolean().Should().BeFalse();
        }
        seen.Should().BeEquivalentTo("0: [1, one], [2, null]", "1: [3, three]");
        spark.LiveReferences.Should().Be(before);
    }

    [Test]
    public void A_failed_batch_fails_the_query_with_the_functions_error_and_comes_again()
    {
        Feed("1\n");
        using (var run = Start(1, (_, _, _) => throw new InvalidDataException("no column 'anc'")))
        {
            var failure = FluentActions.Invoking(() => run.AwaitTermination(TimeSpan.FromMinutes(2))).Should().Throw<EngineException>().Which;
            failure.Message.Should().Be("The stream 'test' failed in batch 0: no column 'anc'");
            failure.InnerException.Should().BeOfType<InvalidDataException>();
            failure.RemoteClass.Should().EndWith("StreamingQueryException");
            run.Failure!.Message.Should().Be(failure.Message);
        }
        var batches = new List<long>();
        using var again = Start(1, (_, _, batchId) => batches.Add(batchId));
        again.AwaitTermination(TimeSpan.FromMinutes(2)).Should().BeTrue();
        batches.Should().Equal(0);
    }

    [Test]
    public void A_batch_can_be_kept_and_written_to_Delta_once_by_its_number()
    {
        Feed("1\n2\n3\n");
        var table = Path.Combine(folder.FullName, "table");
        void Process(IEngine engine, SourceView view, long batchId)
        {
            var kept = engine.Persist($"select id from {view.Name}", Schema);
            for (var i = 0; i < 2; i++)
                engine.Write($"select id from {kept.Name}", Schema, new SinkSpec("delta", table, "append", [], new Dictionary<string, string> { ["txnAppId"] = "t", ["txnVersion"] = $"{batchId}" }));
        }
        using (var run = Start(10, Process)) run.AwaitTermination(TimeSpan.FromMinutes(2)).Should().BeTrue();
        Count($"delta.`{table}`").Should().Be(3);
        spark.Delta.LatestVersion(table).Should().Be(0);
    }

    [Test]
    public void A_stream_that_runs_on_is_stopped_from_outside_only()
    {
        Exception? inside = null;
        IStreamingRun? self = null;
        using var ran = new ManualResetEventSlim();
        var view = spark.OpenSource(new SourceSpec("rate", [], new Dictionary<string, string> { ["rowsPerSecond"] = "5" }, null, true));
        view.IsStreaming.Should().BeTrue();
        using var run = spark.StartStream(new StreamSpec($"select value as id from {view.Name}", Schema, "forever", Checkpoint, "append", new TriggerSpec("processingTime", 100), new Dictionary<string, string>(), null, (_, _, _) =>
        {
            if (self is null) return;
            inside ??= FluentActions.Invoking(() => self!.Stop()).Should().Throw<InvalidOperationException>().Which;
            ran.Set();
        }));
        self = run;
        ran.Wait(TimeSpan.FromMinutes(1)).Should().BeTrue();
        inside!.Message.Should().StartWith("A ForeachBatch function cannot stop its own stream");
        run.AwaitTermination(TimeSpan.FromMilliseconds(300)).Should().BeFalse();
        using (var cancel = new CancellationTokenSource(300))
            FluentActions.Invoking(() => run.AwaitTermination(null, cancel.Token)).Should().Throw<OperationCanceledException>();
        run.IsActive.Should().BeTrue();
        run.Stop();
        run.IsActive.Should().BeFalse();
        run.Failure.Should().BeNull();
    }

    [Test]
    public void Without_a_function_rows_go_to_the_sink()
    {
        Feed("1\n", "2\n", "3\n");
        var table = Path.Combine(folder.FullName, "sink");
        var view = spark.OpenSource(new SourceSpec("csv", [Input], new Dictionary<string, string>(), Schema, true));
        using (var run = spark.StartStream(new StreamSpec($"select id from {view.Name}", Schema, null, Checkpoint, "append", new TriggerSpec("availableNow"), new Dictionary<string, string>(), new SinkSpec("delta", table, "append", [], new Dictionary<string, string>()), null)))
            run.AwaitTermination(null).Should().BeTrue();
        Count($"delta.`{table}`").Should().Be(3);
    }

    [Test]
    public void A_watermark_closes_windows_through_a_view()
    {
        Feed("1,2024-01-01T00:00:01Z\n2,2024-01-01T00:00:02Z\n", "3,2024-01-01T00:01:30Z\n", "4,2024-01-01T00:00:03Z\n5,2024-01-01T00:05:00Z\n", "6,2024-01-01T00:00:04Z\n");
        var timed = new StructType(new StructField("id", new LongType()), new StructField("at", new TimestampType()));
        var counted = new StructType(new StructField("start", new TimestampType()), new StructField("n", new LongType()));
        var source = spark.OpenSource(new SourceSpec("csv", [Input], new Dictionary<string, string> { ["maxFilesPerTrigger"] = "1" }, timed, true));
        var marked = spark.WithWatermark($"select id, at from {source.Name}", timed, "at", "10 seconds");
        marked.IsStreaming.Should().BeTrue();
        var rows = new List<string>();
        using var run = spark.StartStream(new StreamSpec(
            $"select window.start as start, count(*) as n from {marked.Name} group by window(at, '10 seconds')", counted, "windows", Checkpoint, "append", new TriggerSpec("availableNow"),
            new Dictionary<string, string>(), null, (engine, batch, _) => rows.AddRange(engine.Query($"select * from {batch.Name}", counted).Select(row => $"{row.GetAs<DateTime>(0):HH:mm:ss} {row.Get(1)}"))));
        run.AwaitTermination(TimeSpan.FromMinutes(2)).Should().BeTrue();
        // Row 4 comes in the very batch that closes its window and is counted; row 6 comes after it and is not.
        rows.Should().Equal("00:00:00 3", "00:01:30 1");
    }

    [Test]
    public void All_that_is_there_is_waited_for()
    {
        Feed("1\n2\n");
        var rows = 0L;
        var view = spark.OpenSource(new SourceSpec("csv", [Input], new Dictionary<string, string>(), Schema, true));
        using var run = spark.StartStream(new StreamSpec($"select id from {view.Name}", Schema, "wait", Checkpoint, "append", new TriggerSpec("processingTime"), new Dictionary<string, string>(), null, (engine, batch, _) => rows += engine.Query($"select id from {batch.Name}", Schema).Count()));
        run.ProcessAllAvailable();
        rows.Should().Be(2);
    }

    private void Feed(params string[] files)
    {
        // Spark reads files in the order of their times.
        for (var i = 0; i < files.Length; i++)
        {
            File.WriteAllText(Path.Combine(Input, $"{i}.csv"), files[i]);
            File.SetLastWriteTimeUtc(Path.Combine(Input, $"{i}.csv"), new DateTime(2024, 1, 1, 0, 0, i, DateTimeKind.Utc));
        }
    }

    private IStreamingRun Start(int filesPerBatch, Action<IEngine, SourceView, long> process)
    {
        var view = spark.OpenSource(new SourceSpec("csv", [Input], new Dictionary<string, string> { ["maxFilesPerTrigger"] = $"{filesPerBatch}" }, Schema, true));
        return spark.StartStream(new StreamSpec($"select id from {view.Name}", Schema, "test", Checkpoint, "append", new TriggerSpec("availableNow"), new Dictionary<string, string>(), null, process));
    }

    private long Count(string table) => (long)spark.Query($"select count(*) as n from {table}", new StructType(new StructField("n", new LongType()))).Single().Get(0)!;
}
