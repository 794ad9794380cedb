using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Embedded.Streaming;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;

namespace Pipeline.Tests.Unit.Embedded;

[TestFixture]
public sealed class CheckpointTests
{
    private string folder = null!;

    [SetUp]
    public void Start() => folder = Directory.CreateTempSubdirectory("checkpoint-").FullName;

    [TearDown]
    public void End() => Directory.Delete(folder, true);

    private Task<Checkpoint> Open(int sources = 1, int kept = 100) => Checkpoint.OpenAsync(StorageFactory.For(folder), sources, kept, Guid.NewGuid(), CancellationToken.None);

    [Test]
    public async Task A_planned_batch_is_there_again_until_it_is_committed()
    {
        Guid id;
        await using (var checkpoint = await Open(2))
        {
            id = checkpoint.Id;
            checkpoint.LastPlanned.Should().BeNull();
            await checkpoint.PlanAsync(new PlannedBatch(0, 5, ["{\"a\":1}", "{\"b\":2}"]), CancellationToken.None);
        }
        await using (var checkpoint = await Open(2))
        {
            checkpoint.Id.Should().Be(id);
            checkpoint.IsLastDone.Should().BeFalse();
            checkpoint.LastPlanned!.Offsets.Should().Equal("{\"a\":1}", "{\"b\":2}");
            checkpoint.LastPlanned.TimestampMs.Should().Be(5);
            await checkpoint.CommitAsync(CancellationToken.None);
            await checkpoint.PlanAsync(new PlannedBatch(1, 6, ["{\"a\":2}", "{\"b\":2}"], IsLossAccepted: true), CancellationToken.None);
        }
        await using (var checkpoint = await Open(2))
        {
            checkpoint.BeforeLast!.Number.Should().Be(0);
            checkpoint.LastPlanned!.IsLossAccepted.Should().BeTrue();
            checkpoint.IsLastDone.Should().BeFalse();
        }
    }

    [Test]
    public async Task A_batch_cannot_be_planned_or_committed_twice()
    {
        await using var checkpoint = await Open();
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(folder + "/offsets").FullName, "0"), "another run's");
        var plan = () => checkpoint.PlanAsync(new PlannedBatch(0, 5, ["{}"]), CancellationToken.None);
        await plan.Should().ThrowAsync<CheckpointInUseException>().WithMessage($"Cannot plan batch 0: '{folder}/offsets/0' was written meanwhile by another run of the stream. Stop one of them.");
        await checkpoint.PlanAsync(new PlannedBatch(1, 5, ["{}"]), CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(folder + "/commits").FullName, "1"), "another run's");
        var commit = () => checkpoint.CommitAsync(CancellationToken.None);
        await commit.Should().ThrowAsync<CheckpointInUseException>();
    }

    [TestCase("commits/1 offsets/1", TestName = "A_run_that_died_before_it_deleted_old_files_leaves_none_for_ever")]
    [TestCase("offsets/1", TestName = "A_run_that_died_between_the_logs_leaves_no_old_file_for_ever")]
    [TestCase("commits/0 commits/2 offsets/0 offsets/2", TestName = "Leftovers_with_gaps_are_no_reason_to_refuse")]
    public async Task Old_files(string leftovers)
    {
        await Commit(0, 5);
        foreach (var leftover in leftovers.Split(' ')) File.Copy($"{folder}/{leftover.Split('/')[0]}/4", $"{folder}/{leftover}", overwrite: true);
        await Commit(5, 9);
        await Commit(9, 10);
        Directory.GetFiles($"{folder}/commits").Select(Path.GetFileName).Should().BeEquivalentTo("7", "8", "9");
        Directory.GetFiles($"{folder}/offsets").Select(Path.GetFileName).Should().BeEquivalentTo(["6", "7", "8", "9"], "a plan goes after its commit, with the next plan");
    }

    /// <summary>A run that plans and commits batches and keeps three of them.</summary>
    private async Task Commit(int first, int end)
    {
        await using var checkpoint = await Open(kept: 3);
        for (var number = first; number < end; number++)
        {
            await checkpoint.PlanAsync(new PlannedBatch(number, 5, ["{}"]), CancellationToken.None);
            await checkpoint.CommitAsync(CancellationToken.None);
        }
    }

    [Test]
    public async Task The_first_offset_is_computed_once_and_never_guessed()
    {
        await using (var checkpoint = await Open())
        {
            (await checkpoint.FirstOffsetAsync(0, () => "{\"t\":{\"0\":9}}", CancellationToken.None)).Should().Be("{\"t\":{\"0\":9}}");
            (await checkpoint.FirstOffsetAsync(0, () => throw new InvalidOperationException("not again"), CancellationToken.None)).Should().Be("{\"t\":{\"0\":9}}");
            await checkpoint.PlanAsync(new PlannedBatch(0, 5, ["{}"]), CancellationToken.None);
        }
        File.Delete(folder + "/sources/0/0");
        await using var again = await Open();
        var first = () => again.FirstOffsetAsync(0, () => "{}", CancellationToken.None);
        await first.Should().ThrowAsync<EngineException>().WithMessage("*sources/0/0': it is missing, and the first batch, which is not done, begins where it says.*");
    }

    [Test]
    public async Task Another_number_of_sources_is_refused()
    {
        await using (var checkpoint = await Open()) await checkpoint.PlanAsync(new PlannedBatch(0, 5, ["{}"]), CancellationToken.None);
        var open = () => Open(2);
        await open.Should().ThrowAsync<EngineException>().WithMessage($"Cannot go on from the checkpoint file '{folder}/offsets/0': it has 2 lines after the version, and a stream of 2 sources has 3.*");
        File.Exists(folder + "/run.lock").Should().BeFalse("a refused start gives the lock back");
    }
}
