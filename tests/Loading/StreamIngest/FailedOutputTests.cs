using System.Globalization;
using System.Text;
using Confluent.Kafka;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Jobs.StreamIngest;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Loading.StreamIngest;

/// <summary>A batch whose rows are committed and whose files cannot be written.</summary>
public sealed class FailedOutputTests
{
    private const string Topic = "device-data";

    [Test]
    public async Task Files_of_a_batch_that_cannot_be_written_hold_back_no_batch_and_are_made_up_for_by_a_later_run()
    {
        using var broker = MockBroker.Start(1, Topic);
        using var folder = new TemporaryFolder();
        var lake = folder["lake"];
        var outputs = Path.Combine(new LakeLayout(lake).Outputs("device-events"), "batches");
        var commits = Path.Combine(new LakeLayout(lake).Checkpoint("stream-ingest", "device-events"), "commits");
        Directory.CreateDirectory(Path.GetDirectoryName(outputs)!);
        // A file where the folder of the batches' files should be.
        await File.WriteAllTextAsync(outputs, "");
        for (var i = 0; i < 4; i++) await SendAsync(broker, i);

        var first = await IngestAsync(broker, lake);

        first.ExitCode.Should().NotBe(ExitCodes.Done);
        first.ExitCode.Should().NotBe(ExitCodes.Unexpected, first.Message);
        first.Message.Should().MatchRegex("The files of batch 'device-events-[0-9a-f]{8}-00000[01]' cannot be written; its rows are in 'device_readings'");
        first.Counts.Written.Should().Be(4, "the second batch was loaded too");
        first.Warnings.Should().HaveCount(2).And.OnlyContain(static warning => warning.Contains("the stream goes on"));
        Directory.GetFiles(commits).Select(Path.GetFileName).Should().Contain(["0", "1"]);

        File.Delete(outputs);
        var second = await IngestAsync(broker, lake);

        (second.ExitCode, second.Counts.Read).Should().Be((ExitCodes.Done, 0L), second.Message);
        Directory.GetFiles(outputs, "*.csv").Should().HaveCount(2);
        File.Exists(Path.Combine(Path.GetDirectoryName(commits)!, "pending-outputs.json")).Should().BeFalse();
    }

    private static async Task SendAsync(MockBroker broker, int number)
    {
        var text = string.Create(CultureInfo.InvariantCulture,
            $$$"""{"eventId":"e3cb26d3-41b2-49a2-84f3-{{{number:D12}}}","eventOffset":{{{10001 + number}}},"eventPublisher":"device","customerId":"CI00103","data":{"devices":[{"deviceId":"D001","temperature":15,"measure":"C","status":"ERROR"}]},"eventTime":"2023-01-05 11:13:53.643364"}""");
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 1 }).Build();
        await producer.ProduceAsync(Topic, new Message<byte[], byte[]> { Value = Encoding.UTF8.GetBytes(text) });
    }

    private static Task<RunResult> IngestAsync(MockBroker broker, string lake)
    {
        var settings = new Dictionary<string, string>
        {
            ["dataset"] = "device-events",
            ["bootstrap-servers"] = broker.BootstrapServers,
            ["lake"] = lake,
            ["available-now"] = "true",
            ["max-offsets-per-batch"] = "2",
        };
        return JobHost.RunInProcessAsync(new StreamIngestJob(), settings, console: HostConsole.OfProcess() with { Out = TextWriter.Null, Error = TextWriter.Null, IsErrorTerminal = false });
    }
}
