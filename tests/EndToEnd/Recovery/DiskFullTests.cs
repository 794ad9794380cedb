using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Tests.EndToEnd.Commands;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.EndToEnd.Recovery;

/// <summary>A lake on a small file system of its own that runs full, with less and less room, so that another step of a batch is hit each time.</summary>
public sealed class DiskFullTests
{
    private const int Messages = 600;
    private const int SizeMegabytes = 24;
    private static readonly int[] FreeKilobytes = [700, 400, 200, 100, 60, 28, 12, 4, 0];

    [Test]
    public async Task A_full_disk_is_told_ends_with_75_and_the_stream_goes_on_when_there_is_room()
    {
        using var lake = new CommandLake();
        using var disk = SmallDisk.Mount(lake["lake"], SizeMegabytes);
        using var broker = MockBroker.Start(1, "water-quality");
        await CommandLake.SendAsync(Messages, 4, broker.BootstrapServers);
        string[] ingest = ["stream-ingest", "--dataset", "water-quality", "--bootstrap-servers", broker.BootstrapServers, "--available-now", "--max-offsets-per-batch", "20"];

        var full = 0;
        foreach (var free in FreeKilobytes)
        {
            disk.LeaveFree(free * 1024L);
            var run = await lake.RunAsync(ingest);
            if (run.ExitCode == 0) continue;
            run.ExitCode.Should().Be(75, "with {0} KB left; it printed: {1}", free, run.Error);
            run.Error.Should().MatchRegex("(?i)no space left|no room|disk is full", "with {0} KB left", free).And.NotContain("   at ");
            full++;
        }
        full.Should().BeGreaterThanOrEqualTo(4, "the disk must have run full while the stream wrote");

        disk.Empty();
        await lake.OutOfAsync(ingest);
        (await lake.CountAsync("water_samples")).Should().Be(Messages);
        await lake.BatchesSumUpAsync();
    }
}
