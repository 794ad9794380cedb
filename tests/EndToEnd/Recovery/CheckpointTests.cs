using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Tests.EndToEnd.Commands;

namespace Pipeline.Tests.EndToEnd.Recovery;

/// <summary>What the program says of a checkpoint that is broken, in use, or left by a run that died. tests/Integration/Embedded goes through every way in which a file can be broken.</summary>
public sealed class CheckpointTests
{
    private CommandLake lake = null!;
    private MockBroker broker = null!;
    private string[] ingest = [];

    private string Checkpoint => lake["lake/checkpoints/stream-ingest/water-quality"];

    [SetUp]
    public async Task ReadTwiceAsync()
    {
        lake = new CommandLake();
        broker = MockBroker.Start(1, "water-quality");
        ingest = ["stream-ingest", "--dataset", "water-quality", "--bootstrap-servers", broker.BootstrapServers, "--available-now", "--max-offsets-per-batch", "100"];
        await CommandLake.SendAsync(200, 4, broker.BootstrapServers);
        await lake.OutOfAsync(ingest);
        (await lake.CountAsync("water_samples")).Should().Be(200);
    }

    [TearDown]
    public void End()
    {
        broker?.Dispose();
        lake?.Dispose();
    }

    [Test]
    public async Task A_broken_file_is_refused_by_its_name_and_nothing_is_read_from_the_start_in_silence()
    {
        var offsets = Path.Combine(Checkpoint, "offsets", "1");
        var whole = await File.ReadAllTextAsync(offsets);
        (string File, string? Content, int ExitCode, string Says)[] broken =
        [
            ("offsets/1", whole[..(whole.Length / 2)], 3, "/offsets/1': it has 1 lines after the version"),
            ("offsets/1", "", 3, "/offsets/1': it is empty"),
            ("offsets/1", whole.Replace("water-quality", "other-topic", StringComparison.Ordinal), 3, "/offsets/1': it has the topic 'other-topic'"),
            ("offsets/1", null, 3, "/offsets/1': it is missing, while the batch is in the log of commits"),
            ("metadata", "{\"id\":", 3, "/metadata' does not hold an id"),
            ("commits/1", "v1\n{\"next", 3, "/commits/1'"),
            // Not needed to go on exactly.
            ("commits/0", null, 0, "in 0 batches"),
            // An older place: what follows it is read again, and the table has it.
            ("offsets/1", await File.ReadAllTextAsync(Path.Combine(Checkpoint, "offsets", "0")), 0, "100 read, 0 written, 0 quarantined, 100 duplicate"),
        ];
        foreach (var (file, content, exitCode, says) in broken)
        {
            var path = Path.Combine(Checkpoint, file);
            var before = await File.ReadAllTextAsync(path);
            if (content is null) File.Delete(path);
            else await File.WriteAllTextAsync(path, content);
            var run = await lake.RunAsync(ingest);
            (run.ExitCode, run.Error.Contains(says, StringComparison.Ordinal)).Should().Be((exitCode, true), "of {0} with '{1}' it said: {2}", file, content, run.Error);
            await File.WriteAllTextAsync(path, before);
        }
        (await lake.OutOfAsync(ingest)).Should().MatchRegex(@"\b0 messages read");
        (await lake.CountAsync("water_samples")).Should().Be(200);
        await lake.BatchesSumUpAsync();
    }

    [Test]
    public async Task A_second_run_ends_with_6_and_the_lock_of_a_run_that_died_is_taken_over()
    {
        using var first = Support.Processes.ProgramRun.Start(Support.Processes.Repository.Program("jobs/Pipeline", "pipeline"), [.. ingest.Where(static word => word != "--available-now"), "--trigger", "500ms", "--lake", lake["lake"]]);
        while (!File.Exists(Path.Combine(Checkpoint, "run.lock")) && !first.HasExited) await Task.Delay(50);
        var second = await lake.RunAsync([.. ingest, "--checkpoint", Checkpoint]);
        second.ExitCode.Should().Be(6, second.Error);
        first.Kill();
        await first.WaitForExitAsync();
        File.Exists(Path.Combine(Checkpoint, "run.lock")).Should().BeTrue("it died with the lock in its hand");
        await CommandLake.SendAsync(100, 8, broker.BootstrapServers);
        (await lake.OutOfAsync(ingest)).Should().Contain("100 messages read");
        await lake.BatchesSumUpAsync();
    }

    [Test]
    public async Task A_topic_that_was_made_anew_stops_the_stream_with_what_was_lost_and_goes_on_when_told()
    {
        using var other = MockBroker.Start(2, "water-quality");
        await CommandLake.SendAsync(60, 8, other.BootstrapServers);
        string[] moved = [.. ingest.Select(word => word == broker.BootstrapServers ? other.BootstrapServers : word)];
        var stopped = await lake.RunAsync(moved);
        stopped.ExitCode.Should().Be(3, stopped.Error);
        stopped.Error.Should().Contain("The topic 'water-quality' was deleted and created again").And.Contain("--fail-on-data-loss false");
        (await lake.OutOfAsync([.. moved, "--fail-on-data-loss", "false"])).Should().Contain("60 messages read", "both partitions are read from their start");
        (await lake.OutOfAsync([.. moved])).Should().MatchRegex(@"\b0 messages read");
        await lake.BatchesSumUpAsync();
    }
}
