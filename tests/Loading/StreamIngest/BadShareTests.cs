using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Tests.Support.Loading;

namespace Pipeline.Tests.Loading.StreamIngest;

/// <summary>Which rows are held back depends on the messages, and not on how they are cut into batches and runs.</summary>
public sealed class BadShareTests
{
    /// <summary>900 messages, of which the first 200 are good, the next 500 mostly bad, and the last 200 good again.</summary>
    private static bool IsBroken(int number) => number is >= 200 and < 700 && number % 10 != 0;

    [Test]
    public async Task The_same_messages_have_the_same_rows_written_however_they_are_cut()
    {
        var whole = await WrittenAsync("200000");
        whole.Should().HaveCountGreaterThan(200).And.HaveCountLessThan(450);
        whole.Take(200).Should().Equal(Enumerable.Range(0, 200));
        whole.Should().NotContain(Enumerable.Range(300, 400), "most of the last 100 messages are bad there, so that good ones are held back");
        whole.Should().Contain(Enumerable.Range(790, 110), "the bad ones have passed");
        (await WrittenAsync("450")).Should().Equal(whole);
        (await WrittenAsync("37")).Should().Equal(whole);
        // Ended in the middle of a window, and begun again from the checkpoint.
        (await WrittenAsync("100", 333)).Should().Equal(whole);
    }

    [Test]
    public async Task A_batch_of_a_bad_window_ends_the_run_with_4_and_is_named()
    {
        using var broker = MockBroker.Start(1, StudentStream.Topic);
        using var stream = new StudentStream(broker.BootstrapServers);
        stream.Send(60);
        (await stream.IngestAsync()).ExitCode.Should().Be(ExitCodes.Done);
        stream.Send(100, static _ => true);
        stream.Send(40);

        var run = await stream.IngestAsync(("bad-share-window", "50"), ("max-offsets-per-batch", "100"));

        run.ExitCode.Should().Be(ExitCodes.BatchQuarantined, run.Message);
        run.Message.Should().Contain("Batches with rows held back in quarantine: ").And.Contain("The table's last good version is still served.");
        var batches = stream.Batches();
        batches.Select(static batch => batch.Status).Should().Equal(BatchStatus.Committed, BatchStatus.Quarantined, BatchStatus.Committed);
        batches[1].Reason.Should().Be("more than 0.5 of the last 50 messages of partition 0 are bad from offset 85 on, so that good rows are held back too");
        (batches[2].RowsWritten, batches[2].RowsQuarantined).Should().Be((16, 24), "25 of the last 50 are bad at the offset 184");
        run.Warnings.Should().HaveCount(2);
    }

    [TestCase("0")]
    [TestCase("1000001")]
    public async Task A_window_that_cannot_be_is_refused(string offsets)
    {
        using var stream = new StudentStream("localhost:1");
        var run = await stream.IngestAsync(("bad-share-window", offsets));
        run.ExitCode.Should().Be(ExitCodes.Usage);
        run.Message.Should().Contain($"--bad-share-window is '{offsets}'").And.Contain("from 1 to 1000000");
    }

    private static async Task<IReadOnlyList<int>> WrittenAsync(string batch, int? firstRun = null)
    {
        using var broker = MockBroker.Start(1, StudentStream.Topic);
        using var stream = new StudentStream(broker.BootstrapServers);
        stream.Send(900, IsBroken);
        if (firstRun is { } messages) await stream.IngestAsync(("max-offsets-per-batch", batch), ("bad-share-window", "100"), ("max-messages", $"{messages}"));
        var run = await stream.IngestAsync(("max-offsets-per-batch", batch), ("bad-share-window", "100"));
        run.ExitCode.Should().Be(ExitCodes.BatchQuarantined, run.Message);
        (stream.Written().Count + stream.Quarantined()).Should().Be(900);
        return stream.Written();
    }
}
