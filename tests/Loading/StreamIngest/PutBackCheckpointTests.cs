using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Tests.Support.Loading;

namespace Pipeline.Tests.Loading.StreamIngest;

/// <summary>A checkpoint that was put back from an older copy numbers other messages with the numbers that the tables have.</summary>
public sealed class PutBackCheckpointTests
{
    private MockBroker broker = null!;
    private StudentStream stream = null!;

    [SetUp]
    public void Start()
    {
        broker = MockBroker.Start(1, StudentStream.Topic);
        stream = new StudentStream(broker.BootstrapServers);
    }

    [TearDown]
    public void End()
    {
        stream?.Dispose();
        broker?.Dispose();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Messages_under_a_number_that_is_taken_are_written_and_none_is_written_twice(bool hasBatches)
    {
        stream.Send(60);
        (await stream.IngestAsync(("max-offsets-per-batch", "10"))).Counts.Written.Should().Be(60);
        stream.Forget(3, 4, 5);
        if (!hasBatches) Directory.Delete(stream.Lake + "/batches", recursive: true);
        stream.Send(40);

        var run = await stream.IngestAsync(("max-offsets-per-batch", "25"));

        run.Counts.Should().Be(new RunCounts(70, 40, 0, 30, 0));
        stream.Written().Should().Equal(Enumerable.Range(0, 100));
        stream.Archived().Should().Be(100);
        run.Warnings.Should().HaveCount(3).And.AllSatisfy(static warning => warning.Should().Contain("the checkpoint was put back from an older copy"));
        run.Warnings[0].Should().Contain("""Batch 3 of the checkpoint spans the offsets {"etudiants":{"0":30}} to {"etudiants":{"0":55}}""").And.Contain("""with {"etudiants":{"0":30}} to {"etudiants":{"0":40}}""");
        (await stream.IngestAsync()).Counts.Read.Should().Be(0);
        stream.Send(5);
        (await stream.IngestAsync()).Counts.Written.Should().Be(5);
        stream.Written().Should().Equal(Enumerable.Range(0, 105));
    }

    [Test]
    public async Task A_batch_that_runs_again_with_its_own_offsets_keeps_its_id()
    {
        stream.Send(30);
        await stream.IngestAsync(("max-offsets-per-batch", "10"));
        File.Delete(stream.Checkpoint + "/commits/2");
        var run = await stream.IngestAsync();
        run.Warnings.Should().BeEmpty();
        stream.Written().Should().Equal(Enumerable.Range(0, 30));
        stream.Batches().Should().HaveCount(3);
    }

    [Test]
    public async Task A_batch_that_was_renamed_keeps_its_new_id_when_it_runs_again()
    {
        stream.Send(40);
        await stream.IngestAsync(("max-offsets-per-batch", "10"));
        stream.Forget(2, 3);
        (await stream.IngestAsync(("max-offsets-per-batch", "15"))).Warnings.Should().HaveCount(2);
        File.Delete(stream.Checkpoint + "/commits/3");
        (await stream.IngestAsync()).Warnings.Should().ContainSingle();
        stream.Written().Should().Equal(Enumerable.Range(0, 40));
        stream.Batches().Should().HaveCount(6).And.OnlyHaveUniqueItems(static batch => batch.BatchId);
    }
}
