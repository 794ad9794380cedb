using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Suite.Loading;
using Pipeline.Tests.Support.Loading;

namespace Pipeline.Tests.Loading;

/// <summary>Two jobs at once on one table: no key is written twice, and each row has the outcome that it has by the table as it then is.</summary>
public sealed class TwoWritersTests
{
    [Test]
    public void Rows_are_classified_again_where_another_job_committed_after_they_were_compared()
    {
        using var lake = new LoaderLake();
        using var other = lake.Another();
        lake.Stream(0, "z=9");
        Once(lake, LoaderLake.Things, () => Counts(other.File("one.csv", "a=1", "b=2")).Should().Be("2=2+0+0"));

        Counts(lake.Stream(1, "a=1", "b=3", "c=4")).Should().Be("3=1+1+1");

        lake.Rows.Should().Equal("a=1", "b=2", "c=4", "z=9");
        lake.Quarantined.Should().Equal("key_conflict");
        lake.History.Should().Equal("1=1+0+0", "3=1+1+1", "2=2+0+0");
    }

    [Test]
    public void Rows_are_classified_again_where_another_job_created_the_table_after_there_was_none()
    {
        using var lake = new LoaderLake();
        using var other = lake.Another();
        Once(lake, LoaderLake.Things, () => other.File("one.csv", "a=1", "b=2"));

        Counts(lake.Stream(0, "a=1", "b=2", "c=4")).Should().Be("3=1+0+2");

        lake.Rows.Should().Equal("a=1", "b=2", "c=4");
    }

    [Test]
    public void Rows_are_classified_again_where_a_restore_took_back_what_they_were_duplicates_of()
    {
        using var lake = new LoaderLake();
        using var other = lake.Another();
        lake.Stream(0, "z=9");
        lake.Stream(1, "a=1");
        Once(lake, LoaderLake.Things, () => other.Restore(0));

        Counts(lake.Stream(2, "a=1", "b=2")).Should().Be("2=2+0+0");

        lake.Rows.Should().Equal("a=1", "b=2", "z=9");
    }

    [Test]
    public void A_compaction_in_between_changes_no_row_and_is_no_conflict()
    {
        using var lake = new LoaderLake();
        using var other = lake.Another();
        lake.Stream(0, "a=1");
        lake.Stream(1, "b=2");
        var appends = 0;
        lake.Engine.BeforeAppend = table =>
        {
            if (table == LoaderLake.Things && appends++ == 0) other.Engine.Optimize(other.Lake.Table(LoaderLake.Things), 1 << 20);
        };

        Counts(lake.Stream(2, "c=3")).Should().Be("1=1+0+0");

        appends.Should().Be(1);
        lake.Version.Should().Be(3);
    }

    [Test]
    public void A_rejected_row_that_another_job_put_into_quarantine_meanwhile_is_there_once()
    {
        using var lake = new LoaderLake();
        using var other = lake.Another();
        Once(lake, "quarantine", () => other.Stream("another checkpoint", 0, "b=x"));

        Counts(lake.Stream(0, "a=1", "b=x")).Should().Be("2=1+1+0");

        lake.Quarantined.Should().Equal("not_a_number");
    }

    [Test]
    public void Rejected_rows_of_a_reference_that_two_jobs_read_at_once_are_there_once()
    {
        using var lake = new LoaderLake();
        using var other = lake.Another();
        Once(lake, "quarantine", () => other.Reject("sites.csv", "a=1", "b=x", "c=y").Should().Be(2));

        lake.Reject("sites.csv", "a=1", "b=x", "c=y").Should().Be(2);

        lake.Engine.BeforeAppend.Should().BeNull("the other job came between");
        lake.Quarantined.Should().Equal("not_a_number", "not_a_number");
    }

    [Test]
    public async Task Two_jobs_that_load_the_same_rows_at_once_write_each_key_once()
    {
        const int batches = 8;
        using var lake = new LoaderLake();
        using var other = lake.Another();
        string[][] rows = [.. Enumerable.Range(0, batches).Select(static batch => Enumerable.Range(0, 20).Select(row => $"k{batch * 10 + row}=1").ToArray())];
        long written = 0;

        await Task.WhenAll(
            Task.Run(() => { for (var i = 0; i < batches; i++) Interlocked.Add(ref written, lake.Stream(i, rows[i]).Written); }),
            Task.Run(() => { for (var i = 0; i < batches; i++) Interlocked.Add(ref written, other.File($"file-{i}.csv", rows[i]).Written); }));

        lake.Rows.Should().OnlyHaveUniqueItems().And.HaveCount((int)written).And.HaveCount(batches * 10 + 10);
        lake.Batches.Should().HaveCount(2 * batches).And.OnlyContain(static batch => batch.IsBalanced);
        lake.Batches.Sum(static batch => batch.RowsWritten).Should().Be(written);
    }

    [Test]
    public async Task The_commit_says_that_it_depends_on_what_was_read()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1");

        var info = (await TableHistory.ReadAsync(DeltaLog.For(lake.Lake.Table(LoaderLake.Things)))).Single().Info!;

        (info.IsolationLevel, info.IsBlindAppend).Should().Be(("Serializable", false));
    }

    /// <summary>Has another job do something after the rows were classified and before they are written, once.</summary>
    private static void Once(LoaderLake lake, string table, Action act) => lake.Engine.BeforeAppend = reached =>
    {
        if (reached != table) return;
        lake.Engine.BeforeAppend = null;
        act();
    };

    private static string Counts(LoadedBatch batch) => $"{batch.Read}={batch.Written}+{batch.Quarantined}+{batch.Duplicate}";
}
