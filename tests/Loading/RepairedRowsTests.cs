using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Loading;
using Pipeline.Tests.Support.Loading;

namespace Pipeline.Tests.Loading;

/// <summary>Rejected rows that were corrected and replayed, and whose table is restored or lost afterwards: their source has them only as they were rejected.</summary>
public sealed class RepairedRowsTests
{
    [Test]
    public async Task A_lost_table_gets_its_repaired_rows_back()
    {
        using var lake = BadBatchThatWasRepaired();
        Lose(lake);

        await lake.ReplayMissingAsync();

        lake.Rows.Should().Equal("a=1", "b=2", "c=3", "z=9");
        lake.Statuses.Should().Equal("a replayed", "b replayed", "c replayed");
        lake.Batches.Single(static batch => batch.BatchId.EndsWith("000001", StringComparison.Ordinal)).Status.Should().Be(BatchStatus.Replayed);
        (await lake.StartAsync()).Should().BeEmpty();
        (await CompareAsync(lake)).Should().BeNull("the replay that was lost has been repeated");
        await lake.ReplayMissingAsync();
        lake.Rows.Should().HaveCount(4, "twice is once");
    }

    [Test]
    public async Task Repaired_rows_of_a_lost_table_are_named_and_pending_and_a_new_checkpoint_does_not_call_them_duplicates()
    {
        using var lake = BadBatchThatWasRepaired();
        Lose(lake);
        (await CompareAsync(lake)).Should().Contain("there is no such table").And.Contain("batches replay --missing things");

        await lake.StartAsync();

        lake.Statuses.Should().Equal("a waiting", "b fixed", "c fixed");
        lake.Batches.Single(static batch => batch.BatchId.EndsWith("000001", StringComparison.Ordinal)).Status.Should().Be(BatchStatus.Quarantined);
        Counts(lake.Stream("a new checkpoint", 0, "a=1", "b=x", "c=y")).Should().Be("3=0+3+0", "the table has none of them");
        lake.Replay().Select(Counts).Should().Equal("3=3+0+0");
        lake.Rows.Should().Equal("a=1", "b=2", "c=3");
        Counts(lake.Stream("another checkpoint", 0, "a=1", "b=x", "c=y")).Should().Be("3=0+0+3", "the table has all of them now");
    }

    [Test]
    public async Task A_restore_puts_repaired_rows_back_to_pending()
    {
        using var lake = BadBatchThatWasRepaired();
        lake.Restore(1);
        lake.Rows.Should().Equal("a=1", "z=9");

        await lake.StartAsync();

        lake.Statuses.Should().Equal("a replayed", "b fixed", "c fixed");
        lake.Replay().Select(Counts).Should().Equal("2=2+0+0");
        lake.Rows.Should().Equal("a=1", "b=2", "c=3", "z=9");
        (await CompareAsync(lake)).Should().BeNull();
    }

    [Test]
    public async Task A_restore_forward_to_a_replay_makes_its_rows_duplicates_of_the_table_which_are_found_again_when_it_is_lost()
    {
        using var lake = BadBatchThatWasRepaired();
        var repaired = lake.Version;
        lake.Restore(1);
        await lake.StartAsync();
        lake.Restore(repaired);

        lake.Replay().Select(Counts).Should().Equal("2=0+0+2");
        Lose(lake);
        await lake.ReplayMissingAsync();

        lake.Rows.Should().Equal("a=1", "b=2", "c=3", "z=9");
    }

    [Test]
    public async Task A_replay_that_died_after_its_commit_and_was_taken_back_by_a_restore_is_written_when_it_runs_again()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "z=9", "b=x");
        lake.Fix("b", "2");
        lake.DieAfterTable();
        var dying = () => lake.Replay();
        dying.Should().Throw<DeathException>();
        lake.Restart();
        lake.Restore(0);
        await lake.StartAsync();

        lake.Replay().Select(Counts).Should().Equal("1=1+0+0");

        lake.Rows.Should().Equal("b=2", "z=9");
        lake.Statuses.Should().Equal("b replayed");
        lake.History.Should().Equal("2=1+1+0", "1=1+0+0", "1=1+0+0");
    }

    [Test]
    public void A_replayed_row_that_equals_another_batches_row_names_that_batch()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "b=x");
        var file = lake.File("one.csv", "b=2");
        lake.Fix("b", "2");

        lake.Replay().Select(Counts).Should().Equal("1=0+0+1");

        lake.Spark.Read().Format("delta").Load(lake.Lake.Quarantine(LoaderLake.Things)).Collect().Single().Get("replay_batch_id").Should().Be(file.BatchId);
    }

    [Test]
    public void Files_whose_rows_the_table_lacks_are_named_once()
    {
        using var lake = BadBatchThatWasRepaired();
        lake.File("one.csv", "d=4");
        lake.File("one.csv", "d=4");
        lake.File("two.csv", "e=5");
        Restores.MissingFiles(lake.Spark, lake.Lake, LoaderLake.Things).Should().BeEmpty();
        Lose(lake);

        Restores.MissingFiles(lake.Spark, lake.Lake, LoaderLake.Things).Select(static batch => batch.Source).Should().Equal("one.csv", "two.csv");

        lake.File("one.csv", "d=4");
        Restores.MissingFiles(lake.Spark, lake.Lake, LoaderLake.Things).Select(static batch => batch.Source).Should().Equal("two.csv");
    }

    /// <summary>z=9 by a stream; then a batch that is bad as a whole, of which one row is good, and two are after their correction.</summary>
    private static LoaderLake BadBatchThatWasRepaired()
    {
        var lake = new LoaderLake { MaxBadShare = 0.5 };
        lake.Stream(0, "z=9");
        lake.Stream(1, "a=1", "b=x", "c=y").IsBad.Should().BeTrue();
        lake.Replay().Select(Counts).Should().Equal("3=1+2+0");
        lake.Fix("b", "2");
        lake.Fix("c", "3");
        lake.Replay().Select(Counts).Should().Equal("2=2+0+0");
        lake.Rows.Should().Equal("a=1", "b=2", "c=3", "z=9");
        return lake;
    }

    private static void Lose(LoaderLake lake) => Directory.Delete(lake.Lake.Table(LoaderLake.Things), recursive: true);

    private static Task<string?> CompareAsync(LoaderLake lake) => BatchHistory.CompareAsync(lake.Spark, lake.Lake, LoaderLake.Things, CancellationToken.None);

    private static string Counts(LoadedBatch batch) => $"{batch.Read}={batch.Written}+{batch.Quarantined}+{batch.Duplicate}";
}
