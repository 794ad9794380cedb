using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;

namespace Pipeline.Tests.EndToEnd.Commands;

/// <summary>A batch's messages are archived beside the judging of its rows, and before the first of them is written.</summary>
public sealed class StreamArchiveTests
{
    [Test]
    public async Task A_batch_whose_messages_cannot_be_archived_writes_nothing_and_comes_again()
    {
        using var lake = new CommandLake();
        using var broker = MockBroker.Start(1, "water-quality");
        string[] ingest = ["stream-ingest", "--dataset", "water-quality", "--bootstrap-servers", broker.BootstrapServers, "--available-now"];
        await CommandLake.SendAsync(200, 4, broker.BootstrapServers);
        Directory.CreateDirectory(lake["lake/raw"]);
        // A file in the way of the topic's folder.
        var obstacle = lake["lake/raw/water-quality"];
        await File.WriteAllTextAsync(obstacle, "");

        var failed = await lake.RunAsync(ingest);
        failed.ExitCode.Should().NotBe(0);
        failed.Error.Should().Contain(obstacle);
        Directory.Exists(lake["lake/tables/water_samples"]).Should().BeFalse("rows without their archive cannot be loaded again");
        Directory.Exists(lake["lake/batches"]).Should().BeFalse();

        File.Delete(obstacle);
        (await lake.OutOfAsync(ingest)).Should().Contain("read");
        (await lake.CountAsync("water_samples")).Should().Be(200);
        await lake.BatchesSumUpAsync();
    }
}
