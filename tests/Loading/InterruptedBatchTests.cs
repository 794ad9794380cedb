using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Tests.Support.Loading;

namespace Pipeline.Tests.Loading;

/// <summary>Batches whose run dies, come again, meet a restore, or have an id that was used before.</summary>
public sealed class InterruptedBatchTests
{
    [Test]
    public async Task A_batch_that_dies_between_the_table_and_batches_is_recorded_at_the_next_start()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1");
        lake.DieAfterTable();
        Dying(() => lake.Stream(1, "b=2", "a=1"));
        lake.History.Should().Equal("1=1+0+0");

        var adopted = await lake.StartAsync();

        adopted.Should().ContainSingle().Which.TableVersion.Should().Be(1);
        adopted[0].Reason.Should().Contain("died before it was recorded");
        lake.History.Should().Equal("1=1+0+0", "2=1+0+1");
        (await lake.StartAsync()).Should().BeEmpty("twice is once");
        Counts(lake.Stream(1, "b=2", "a=1")).Should().Be("2=1+0+1", "the stream runs the batch again, as its checkpoint lacks its commit");
        lake.Rows.Should().Equal("a=1", "b=2");
        lake.History.Should().Equal("1=1+0+0", "2=1+0+1");
    }

    [Test]
    public void A_file_that_dies_between_the_table_and_batches_is_recorded_by_its_rerun_with_what_it_wrote()
    {
        using var lake = new LoaderLake();
        lake.DieAfterTable();
        Dying(() => lake.File("one.csv", "a=1", "b=2", "c=x"));
        lake.Restart();

        Counts(lake.File("one.csv", "a=1", "b=2", "c=x")).Should().Be("3=2+1+0");

        lake.Rows.Should().Equal("a=1", "b=2");
        lake.Quarantined.Should().Equal("not_a_number");
        lake.History.Should().Equal("3=2+1+0");
        Counts(lake.File("one.csv", "a=1", "b=2", "c=x")).Should().Be("3=0+1+2");
        lake.Batches.Select(static batch => batch.BatchId[^6..]).Should().Equal("000000", "000001");
    }

    [Test]
    public async Task A_batch_that_dies_before_its_rejected_rows_is_recorded_and_completed_when_it_runs_again()
    {
        using var lake = new LoaderLake();
        lake.DieAfterTable();
        Dying(() => lake.Stream(0, "a=1", "b=x"));

        (await lake.StartAsync()).Should().ContainSingle().Which.Reason.Should().Contain("rejected rows are not in quarantine");
        lake.Quarantined.Should().BeEmpty();
        Counts(lake.Stream(0, "a=1", "b=x")).Should().Be("2=1+1+0");

        lake.Quarantined.Should().Equal("not_a_number");
        lake.History.Should().Equal("2=1+1+0");
        lake.Batches.Single().Reason.Should().Contain("were put into quarantine by run 'run-1'");
    }

    [Test]
    public void Another_content_of_a_file_is_another_batch()
    {
        using var lake = new LoaderLake();

        var one = lake.File("one.csv", "a=1");
        var other = lake.File("one.csv", "a=1", "b=2");

        other.BatchId[..^6].Should().NotBe(one.BatchId[..^6], "the content is in the id, and not only how often the file was loaded");
        lake.Rows.Should().Equal("a=1", "b=2");
        lake.History.Should().Equal("1=1+0+0", "2=1+0+1");
    }

    [Test]
    public async Task A_batch_that_dies_after_the_table_and_is_taken_back_by_a_restore_stays_out_until_its_replay_is_asked_for()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1");
        lake.DieAfterTable();
        Dying(() => lake.Stream(1, "b=2", "c=3"));
        lake.Restart();
        lake.Restore(0);

        await lake.StartAsync();
        Restores.TakenBack(lake.Spark, lake.Lake, LoaderLake.Things).Select(static batch => batch.RowsWritten).Should().Equal(2L);
        Counts(lake.Stream(1, "b=2", "c=3")).Should().Be("2=2+0+0", "as its commit tells");
        lake.Rows.Should().Equal("a=1");

        await lake.StartAsync();
        lake.ReplayAfterRestore();
        lake.Rows.Should().Equal("a=1", "b=2", "c=3");
        lake.History.Should().Equal("1=1+0+0", "2=2+0+0");
        await lake.StartAsync();
        lake.ReplayAfterRestore();
        lake.Rows.Should().Equal("a=1", "b=2", "c=3");
    }

    [Test]
    public void A_file_that_died_and_was_taken_back_by_a_restore_is_loaded_when_it_runs_again()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "z=9");
        lake.DieAfterTable();
        Dying(() => lake.File("one.csv", "a=1", "b=2"));
        lake.Restart();
        lake.Restore(0);

        Counts(lake.File("one.csv", "a=1", "b=2")).Should().Be("2=2+0+0");

        lake.Rows.Should().Equal("a=1", "b=2", "z=9");
        lake.Batches.Should().HaveCount(3, "the load that the restore took back is recorded too");
    }

    [Test]
    public void A_file_that_died_and_whose_rows_the_restored_table_has_of_another_batch_is_recorded_beside_its_rerun()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "z=9");
        lake.Stream(1, "a=1");
        lake.Restore(0);
        lake.DieAfterTable();
        Dying(() => lake.File("one.csv", "a=1"));
        lake.Restart();
        lake.Restore(1);

        Counts(lake.File("one.csv", "a=1")).Should().Be("1=0+0+1");

        lake.Rows.Should().Equal("a=1", "z=9");
        lake.Batches.Where(static batch => batch.Source == "one.csv").Select(static batch => $"{batch.RowsRead}={batch.RowsWritten}+{batch.RowsQuarantined}+{batch.RowsDuplicate}")
            .Should().BeEquivalentTo("1=1+0+0", "1=0+0+1");
    }

    [Test]
    public void A_file_that_a_restore_took_back_is_loaded_when_it_runs_again()
    {
        using var lake = new LoaderLake();
        lake.File("one.csv", "a=1");
        lake.File("two.csv", "b=2");
        lake.Restore(0);

        Counts(lake.File("two.csv", "b=2")).Should().Be("1=1+0+0");

        lake.Rows.Should().Equal("a=1", "b=2");
    }

    [Test]
    public void A_batch_number_that_comes_again_with_other_messages_is_refused_by_name_and_nothing_is_written()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1");
        lake.Stream(1, "b=2");
        lake.Restart();
        var archived = Archived(lake);

        var act = () => lake.Stream(1, "c=3");

        act.Should().Throw<DataException>().WithMessage("Batch 'things-*-000001' from 'things' was loaded before with other content*--checkpoint*");
        lake.Rows.Should().Equal("a=1", "b=2");
        Archived(lake).Should().Equal(archived, "the raw messages of the batch that has the id stay");
        Counts(lake.Stream("a new checkpoint", 0, "b=2", "c=3")).Should().Be("2=1+0+1");
    }

    [Test]
    public void A_batch_number_that_comes_again_with_the_same_messages_counts_as_it_did()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1", "b=x");
        lake.Restart();

        Counts(lake.Stream(0, "a=1", "b=x")).Should().Be("2=1+1+0");

        lake.History.Should().Equal("2=1+1+0");
        lake.Version.Should().Be(0);
    }

    [Test]
    public async Task A_table_whose_last_commit_was_deleted_is_noticed()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1");
        lake.Stream(1, "b=2");
        (await CompareAsync(lake)).Should().BeNull();
        File.Delete(Path.Combine(lake.Lake.Table(LoaderLake.Things), "_delta_log", "00000000000000000001.json"));

        using var later = lake.Another();
        (await CompareAsync(later)).Should().Contain("made version 1 of 'things', but the table is at version 0").And.Contain("batches replay --missing things");

        later.Stream("another checkpoint", 0, "c=3");
        (await CompareAsync(later)).Should().Contain("is another commit", "the version was taken by another batch, which 'batches' tells of too");
    }

    [Test]
    public async Task A_restored_table_is_not_one_whose_commits_are_gone()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1");
        lake.Stream(1, "b=2");
        lake.Restore(0);

        (await CompareAsync(lake)).Should().BeNull();
    }

    private static Task<string?> CompareAsync(LoaderLake lake) => BatchHistory.CompareAsync(lake.Spark, lake.Lake, LoaderLake.Things, CancellationToken.None);

    private static IEnumerable<string> Archived(LoaderLake lake) =>
        Directory.GetFiles(Path.Combine(lake.Lake.Root, "raw"), "*.parquet", SearchOption.AllDirectories).Select(static file => $"{file} {new FileInfo(file).LastWriteTimeUtc.Ticks}").Order(StringComparer.Ordinal);

    private static void Dying(Action act) => act.Should().Throw<DeathException>();

    private static string Counts(LoadedBatch batch) => $"{batch.Read}={batch.Written}+{batch.Quarantined}+{batch.Duplicate}";
}
