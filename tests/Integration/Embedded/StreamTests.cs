using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Integration.Embedded;

[TestFixture]
public sealed class StreamTests
{
    private KafkaFixture kafka = null!;

    [SetUp]
    public void Start() => kafka = new KafkaFixture();

    [TearDown]
    public void End() => kafka?.Dispose();

    [Test]
    public void AvailableNow_reads_what_is_there_in_batches_by_the_limit_and_goes_on_after_them()
    {
        kafka.Send(0, "a", "b", "c", "d", "e", "f");
        kafka.Send(1, "x", "y");
        var batches = kafka.Drain(("maxOffsetsPerTrigger", "4"));
        batches.Should().HaveCount(2);
        batches[0].Should().Equal("a", "b", "c", "x");
        batches[1].Should().Equal("d", "e", "f", "y");
        kafka.Restart();
        kafka.Drain().Should().BeEmpty("all is done");
        kafka.Send(1, "z");
        kafka.Drain().Should().BeEquivalentTo(new[] { new[] { "z" } });
        Directory.GetFiles(kafka.Checkpoint + "/commits").Select(Path.GetFileName).Should().BeEquivalentTo("0", "1", "2");
    }

    [Test]
    public void A_batch_that_failed_is_run_again_with_the_same_offsets_whatever_has_come_since()
    {
        kafka.Send(0, "a", "b");
        var seen = new List<(long, string)>();
        using (var run = kafka.Start(kafka.Open(), (engine, view, number) =>
        {
            seen.Add((number, string.Join("", KafkaFixture.Texts(engine, view))));
            throw new InvalidDataException("the sink is broken");
        }))
        {
            var await = () => run.AwaitTermination(TimeSpan.FromSeconds(30));
            await.Should().Throw<EngineException>().WithMessage("Batch 0 of the stream failed: the sink is broken").Which.InnerException.Should().BeOfType<InvalidDataException>();
            run.Failure.Should().NotBeNull();
        }
        kafka.Restart();
        kafka.Send(0, "c");
        kafka.Send(1, "x");
        using (var run = kafka.Start(kafka.Open(("startingOffsets", "latest")), (engine, view, number) => seen.Add((number, string.Join("", KafkaFixture.Texts(engine, view))))))
            _ = run.AwaitTermination(TimeSpan.FromSeconds(30));
        seen.Should().Equal((0L, "ab"), (0L, "ab"), (1L, "cx"));
    }

    [Test]
    public void The_checkpoint_has_Sparks_files()
    {
        kafka.Send(0, "a", "b");
        kafka.Send(1, "x");
        Guid id;
        using (var run = kafka.Start(kafka.Open(), (_, _, _) => { }))
        {
            _ = run.AwaitTermination(TimeSpan.FromSeconds(30));
            id = run.Id;
        }
        File.ReadAllText(kafka.Checkpoint + "/metadata").Should().Be($"{{\"id\":\"{id}\"}}");
        var offsets = File.ReadAllText(kafka.Checkpoint + "/offsets/0").Split('\n');
        offsets[0].Should().Be("v1");
        offsets[1].Should().MatchRegex("""^\{"batchWatermarkMs":0,"batchTimestampMs":\d+,"conf":\{\}\}$""");
        offsets[2..].Should().Equal("""{"events":{"0":2,"1":1}}""");
        File.ReadAllText(kafka.Checkpoint + "/commits/0").Should().Be("v1\n{\"nextBatchWatermarkMs\":0}");
        File.ReadAllText(kafka.Checkpoint + "/sources/0/0").Should().Be("\0v1\n{\"events\":{\"0\":0,\"1\":0}}");
        File.Exists(kafka.Checkpoint + "/run.lock").Should().BeFalse("the run has ended");
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(kafka.Checkpoint + "/offsets/0").Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Test]
    public void A_checkpoint_of_Spark_is_gone_on_with()
    {
        kafka.Send(0, "a", "b", "c");
        Directory.CreateDirectory(kafka.Checkpoint + "/offsets");
        Directory.CreateDirectory(kafka.Checkpoint + "/commits");
        File.WriteAllText(kafka.Checkpoint + "/metadata", "{\"id\":\"6d0ba9a6-4a1c-4b9a-9c05-2e0e2b0d5d6c\"}");
        File.WriteAllText(kafka.Checkpoint + "/offsets/0", "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1700000000000,\"conf\":{\"spark.sql.shuffle.partitions\":\"200\"}}\n{\"events\":{\"1\":0,\"0\":2}}");
        File.WriteAllText(kafka.Checkpoint + "/offsets/.0.crc", "crc");
        File.WriteAllText(kafka.Checkpoint + "/commits/0", "v1\n{\"nextBatchWatermarkMs\":0}");
        kafka.Drain().Should().BeEquivalentTo(new[] { new[] { "c" } });
    }

    [TestCase("metadata", "{\"id\":", "*checkpoint/metadata': it is not {\"id\"*")]
    [TestCase("metadata", null, "*the file 'metadata' with the query's id is missing*")]
    [TestCase("offsets/1", "", "*checkpoint/offsets/1': it is empty.*")]
    [TestCase("offsets/1", "v1\n{\"batchWatermarkMs\":0,\"batchTim", "*checkpoint/offsets/1': it has 1 lines after the version*")]
    [TestCase("offsets/1", "v1\n{\"batchTimestampMs\":1}\n{\"events\":{\"0\":", "*checkpoint/offsets/1': it is cut, or not JSON.*")]
    [TestCase("offsets/1", "v2\n{}\n{}", "*checkpoint/offsets/1': it begins with 'v2' and not with v1.*")]
    [TestCase("offsets/1", "v1\n{\"batchTimestampMs\":1}\n{\"foreign\":{\"0\":3}}", "*checkpoint/offsets/1': it has the topic 'foreign', and the stream subscribes to events.*")]
    [TestCase("offsets/1", "v1\n{\"batchTimestampMs\":1}\n{\"events\":{\"0\":1,\"1\":0}}", "*checkpoint/offsets/1': the offset 1 of events-0 is before 2, where the batch before ended.*")]
    [TestCase("offsets/1", "v1\n{\"batchTimestampMs\":1}\n{\"events\":{\"0\":3}}", "*checkpoint/offsets/1': the partition events-1 of the batch before is not in it.*")]
    [TestCase("offsets/1", null, "*checkpoint/offsets/1': it is missing, while the batch is in the log of commits.*")]
    [TestCase("offsets/0", null, "*checkpoint/offsets/0': it is missing, and batch 1 begins where that one ended.*")]
    [TestCase("offsets/3", "v1\n{}\n{}", "*checkpoint/offsets/2': it is missing, while later ones are there.*")]
    [TestCase("offsets/notes.txt", "x", "*checkpoint/offsets/notes.txt': it is not a file of the log*")]
    [TestCase("commits/0", null, null)]
    [TestCase("commits/1", "v1\n{\"next", "*checkpoint/commits/1': it is cut, or not JSON.*")]
    [TestCase("commits/2", "v1\n{}", "*checkpoint/offsets/2': it is missing, while the batch is in the log of commits.*")]
    public void A_torn_or_foreign_checkpoint_is_refused_by_the_files_name(string file, string? content, string? message)
    {
        kafka.Send(0, "a", "b");
        _ = kafka.Drain();
        kafka.Send(0, "c");
        _ = kafka.Drain();
        kafka.Restart();
        var path = Path.Combine(kafka.Checkpoint, file);
        if (content is null) File.Delete(path);
        else File.WriteAllText(path, content);
        var run = () => kafka.Drain();
        if (message is null) run.Should().NotThrow();
        else run.Should().Throw<EngineException>().WithMessage(message);
    }

    [Test]
    public void A_missing_commit_in_the_middle_is_refused()
    {
        foreach (var text in new[] { "a", "b", "c" })
        {
            kafka.Send(0, text);
            _ = kafka.Drain();
        }
        File.Delete(kafka.Checkpoint + "/commits/1");
        var run = () => kafka.Drain();
        run.Should().Throw<EngineException>().WithMessage("*checkpoint/commits/1': it is missing, while later ones are there.*");
    }

    [Test]
    public void Two_runs_on_one_checkpoint_the_second_is_refused()
    {
        using var first = kafka.Start(kafka.Open(), (_, _, _) => { }, "processingTime");
        var second = () => kafka.Start(kafka.Open(), (_, _, _) => { });
        second.Should().Throw<CheckpointInUseException>().WithMessage("*holds the lock*");
        first.Stop();
        kafka.Drain().Should().BeEmpty();
    }

    [Test]
    public void A_table_is_looked_after_beside_the_stream_and_by_its_end()
    {
        kafka.Engine.SetConf("spark.databricks.delta.autoCompact.enabled", "true");
        kafka.Engine.SetConf("spark.databricks.delta.autoCompact.minNumFiles", "4");
        kafka.Engine.SetConf("pipeline.embedded.autoCompact.intervalSeconds", "0");
        var texts = Enumerable.Range(0, 30).Select(number => $"{number}").ToArray();
        kafka.Send(0, texts);
        using (var run = kafka.Start(kafka.Open(("maxOffsetsPerTrigger", "1")), null))
            run.AwaitTermination(TimeSpan.FromSeconds(60)).Should().BeTrue();
        var log = DeltaLog.For(kafka.Table);
        var snapshot = log.LoadExistingAsync().GetAwaiter().GetResult();
        snapshot.FileCount.Should().BeLessThan(10, "30 batches were written");
        Directory.GetFiles(Path.Combine(kafka.Table, "_delta_log"), "*.checkpoint.parquet").Should().NotBeEmpty();
        var history = TableHistory.ReadAsync(log).GetAwaiter().GetResult();
        history.Count(static version => version.Info?.Operation == "OPTIMIZE").Should().BePositive();
        history.Count(static version => version.Info?.Operation == "STREAMING UPDATE" || version.Info?.Operation == "WRITE").Should().Be(30);
        var view = kafka.Engine.OpenSource(new SourceSpec("delta", [kafka.Table], new Dictionary<string, string>(), null, false));
        kafka.Engine.Query($"SELECT text FROM \"{view.Name}\" ORDER BY \"offset\"", new StructType(new StructField("text", new StringType()))).Select(row => row.Values[0]).Should().Equal(texts);
    }

    [Test]
    public void A_running_stream_takes_what_comes_tells_its_progress_and_commits_nothing_when_idle()
    {
        var texts = new List<string?>();
        using var run = kafka.Start(kafka.Open(), (engine, view, _) => texts.AddRange(KafkaFixture.Texts(engine, view)), "processingTime");
        kafka.Send(0, "a");
        run.ProcessAllAvailable();
        kafka.Send(1, "b");
        run.ProcessAllAvailable();
        run.ProcessAllAvailable();
        texts.Should().Equal("a", "b");
        Directory.GetFiles(kafka.Checkpoint + "/offsets").Should().HaveCount(2);
        run.IsActive.Should().BeTrue();
        using var progress = JsonDocument.Parse(run.LastProgressJson!);
        progress.RootElement.GetProperty("id").GetGuid().Should().Be(run.Id);
        progress.RootElement.GetProperty("name").GetString().Should().Be("test");
        progress.RootElement.GetProperty("batchId").GetInt64().Should().Be(1);
        progress.RootElement.GetProperty("numInputRows").GetInt64().Should().Be(1);
        progress.RootElement.GetProperty("durationMs").GetProperty("triggerExecution").GetInt64().Should().BePositive();
        var source = progress.RootElement.GetProperty("sources")[0];
        source.GetProperty("description").GetString().Should().Be("KafkaV2[Subscribe[events]]");
        source.GetProperty("startOffset").GetRawText().Should().Be("""{"events":{"0":1,"1":0}}""");
        source.GetProperty("endOffset").GetRawText().Should().Be("""{"events":{"0":1,"1":1}}""");
        run.RecentProgressJson.Should().HaveCount(2);
        run.Stop();
        run.IsActive.Should().BeFalse();
        run.AwaitTermination(TimeSpan.Zero).Should().BeTrue();
    }

    [Test]
    public void Offsets_that_are_gone_stop_the_stream_and_say_what_was_lost_unless_told_to_go_on()
    {
        kafka.Send(0, "a", "b", "c");
        _ = kafka.Drain();
        using var other = new KafkaFixture();
        other.Send(0, "new");
        (string, string) servers = ("kafka.bootstrap.servers", other.Broker.BootstrapServers);
        var run = () => kafka.Drain(servers);
        run.Should().Throw<EngineException>().WithMessage("Partition events-0 ends at offset 1, and the stream had read up to 3: the topic was created again, or cut.*failOnDataLoss*").Which.IsTransient.Should().BeFalse();
        kafka.Drain(servers, ("failOnDataLoss", "false")).Should().BeEquivalentTo(new[] { new[] { "new" } });
        other.Send(0, "newer");
        kafka.Drain(servers).Should().BeEquivalentTo(new[] { new[] { "newer" } });
    }

    [Test]
    public void New_partitions_are_read_from_their_start()
    {
        kafka.Send(0, "a");
        _ = kafka.Drain();
        using var wider = new KafkaFixture(partitions: 3);
        wider.Send(0, "a");
        wider.Send(2, "x", "y");
        kafka.Drain(("kafka.bootstrap.servers", wider.Broker.BootstrapServers), ("startingOffsets", "latest")).Should().BeEquivalentTo(new[] { new[] { "x", "y" } });
    }

    [Test]
    public void A_stream_into_a_Delta_table_writes_each_batch_once()
    {
        kafka.Send(0, "a", "b");
        using (var run = kafka.Start(kafka.Open(), null)) _ = run.AwaitTermination(TimeSpan.FromSeconds(30));
        // As if the program had died between the table's commit and the stream's.
        File.Delete(kafka.Checkpoint + "/commits/0");
        kafka.Restart();
        kafka.Send(1, "x");
        using (var run = kafka.Start(kafka.Open(), null)) _ = run.AwaitTermination(TimeSpan.FromSeconds(30));
        var view = kafka.Engine.OpenSource(new SourceSpec("delta", [kafka.Table], new Dictionary<string, string>(), null, false));
        kafka.Engine.Query($"SELECT text FROM \"{view.Name}\" ORDER BY 1", kafka.Engine.Describe("SELECT '' AS text")).Select(row => row.Values[0]).Should().Equal("a", "b", "x");
    }

    [Test]
    public void Views_over_the_stream_and_tables_of_the_session_are_seen_in_a_batch()
    {
        kafka.Send(0, "a", "b");
        var source = kafka.Open();
        kafka.Engine.CreateTempView("raw", $"SELECT \"offset\", decode(value) AS text FROM \"{source.Name}\"");
        kafka.Engine.CreateTempView("loud", "SELECT upper(text) AS text, \"offset\", 0 AS partition FROM raw");
        kafka.Engine.CreateTempView("names", "SELECT 'A' AS text, 'first' AS name");
        var names = new List<string?>();
        using var run = kafka.Start(source, (engine, view, _) =>
        {
            engine.CreateTempView("joined", $"SELECT n.name FROM \"{view.Name}\" b JOIN names n USING (text)");
            names.AddRange(engine.Query("FROM joined", engine.Describe("FROM joined")).Select(row => (string?)row.Values[0]));
        }, select: "SELECT * FROM loud");
        _ = run.AwaitTermination(TimeSpan.FromSeconds(30));
        names.Should().Equal("first");
    }

    [TestCase("SELECT decode(value) AS text, count(*) AS n FROM {0} GROUP BY ALL", "an aggregation")]
    [TestCase("SELECT DISTINCT value FROM {0}", "an aggregation")]
    [TestCase("SELECT value, row_number() OVER (ORDER BY \"offset\") AS n FROM {0}", "a window function")]
    [TestCase("SELECT value FROM {0} ORDER BY \"offset\"", "a sort")]
    [TestCase("SELECT value FROM {0} LIMIT 1", "a limit")]
    [TestCase("SELECT a.value FROM {0} a JOIN {0} b USING (\"offset\")", "a join of two streams")]
    public void What_needs_earlier_batches_is_refused_by_name(string sql, string what)
    {
        var source = kafka.Open();
        var start = () => kafka.Start(source, (_, _, _) => { }, select: string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, $"\"{source.Name}\""));
        start.Should().Throw<EngineException>().WithMessage($"The embedded engine cannot run {what}*over a stream*");
    }

    [Test]
    public void Aggregates_of_a_table_may_be_joined_to_a_stream()
    {
        kafka.Send(0, "a");
        kafka.Engine.CreateTempView("counts", "SELECT 0 AS partition, sum(x) AS total FROM (VALUES (1), (2)) v(x)");
        var totals = new List<object?>();
        var source = kafka.Open();
        using var run = kafka.Start(source, (engine, view, _) => totals.AddRange(engine.Query($"SELECT total::BIGINT AS total FROM \"{view.Name}\"", engine.Describe("SELECT 1::BIGINT AS total")).Select(row => row.Values[0])), select: $"SELECT s.*, total FROM \"{source.Name}\" s JOIN counts USING (partition)");
        _ = run.AwaitTermination(TimeSpan.FromSeconds(30));
        totals.Should().Equal(3L);
    }

    [Test]
    public void Old_files_of_the_checkpoint_are_forgotten()
    {
        kafka.Engine.SetConf("spark.sql.streaming.minBatchesToRetain", "3");
        for (var i = 0; i < 6; i++) kafka.Send(0, $"m{i}");
        _ = kafka.Drain(("maxOffsetsPerTrigger", "1"));
        Directory.GetFiles(kafka.Checkpoint + "/offsets").Select(Path.GetFileName).Should().BeEquivalentTo(["2", "3", "4", "5"], "a plan goes after its commit, with the next plan");
        Directory.GetFiles(kafka.Checkpoint + "/commits").Select(Path.GetFileName).Should().BeEquivalentTo("3", "4", "5");
        kafka.Send(0, "m6");
        kafka.Drain().Should().BeEquivalentTo(new[] { new[] { "m6" } });
    }

    [Test]
    public void Once_takes_all_in_one_batch_and_Stop_within_a_batch_ends_after_it()
    {
        kafka.Send(0, "a", "b", "c");
        var batches = 0;
        using (var run = kafka.Start(kafka.Open(("maxOffsetsPerTrigger", "1")), (_, _, _) => batches++, "once")) _ = run.AwaitTermination(TimeSpan.FromSeconds(30));
        batches.Should().Be(1);
        kafka.Send(0, "d", "e");
        IStreamingRun? running = null;
        using var started = new ManualResetEventSlim();
        running = kafka.Start(kafka.Open(("maxOffsetsPerTrigger", "1")), (_, _, _) =>
        {
            started.Wait();
            batches++;
            running!.Stop();
        }, "processingTime");
        started.Set();
        running.AwaitTermination(TimeSpan.FromSeconds(30)).Should().BeTrue();
        running.Dispose();
        batches.Should().Be(2);
        kafka.Drain().Should().BeEquivalentTo(new[] { new[] { "e" } });
    }
}
