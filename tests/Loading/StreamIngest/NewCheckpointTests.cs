using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Tests.Support.Loading;

namespace Pipeline.Tests.Loading.StreamIngest;

/// <summary>What a run says when it begins a new checkpoint, and how much it reads at once.</summary>
public sealed class NewCheckpointTests
{
    [Test]
    public async Task A_new_checkpoint_is_named_and_a_forgotten_one_is_a_warning()
    {
        using var broker = MockBroker.Start(1, StudentStream.Topic);
        using var stream = new StudentStream(broker.BootstrapServers);
        stream.Send(10);
        var first = await stream.IngestAsync(("checkpoint", stream.Checkpoint + "-own"));
        stream.Log.Should().Contain($"A new checkpoint begins in '{stream.Checkpoint}-own': the topic 'etudiants' is read from earliest");
        first.Warnings.Should().BeEmpty();

        await stream.IngestAsync(("checkpoint", stream.Checkpoint + "-own"));
        stream.Log.Should().NotContain("new checkpoint");

        var forgotten = await stream.IngestAsync();
        forgotten.Warnings.Should().ContainSingle().Which.Should().StartWith($"A new checkpoint begins in '{stream.Checkpoint}', and the lake has 1 batch of the topic 'etudiants' from another one (the last is '{stream.Batches()[0].BatchId}'").And.Contain("To go on after the last batch, give the --checkpoint that it had.");
        forgotten.Counts.Duplicate.Should().Be(10);
    }

    [Test]
    public void A_batch_is_bounded_unless_told_otherwise() =>
        new Pipeline.Jobs.StreamIngest.StreamIngestJob().Options.Single(static option => option.Name == "max-offsets-per-batch").Default.Should().Be("200000");
}
