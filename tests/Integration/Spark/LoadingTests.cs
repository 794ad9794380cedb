using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Spark;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Loading;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Spark;

/// <summary>What the loader promises where the engine is real Spark: a merge that only inserts, by the key, and counts taken from the commit.</summary>
[TestFixtureSource(typeof(SparkServer), nameof(SparkServer.VersionsOfFixture))]
public class LoadingTests(string version)
{
    [Test]
    public void A_batch_is_written_once_and_known_rows_are_duplicates()
    {
        using var lake = new LoaderLake(Session());

        Counts(lake.Stream(0, "a=1", "b=2", "c=x")).Should().Be("3=2+1+0");
        Counts(lake.Stream(1, "a=1", "b=3", "d=4")).Should().Be("3=1+1+1");
        Counts(lake.File("one.csv", "d=4", "e=5")).Should().Be("2=1+0+1");

        lake.Rows.Should().Equal("a=1", "b=2", "d=4", "e=5");
        lake.Batches.Select(static batch => batch.TableVersion).Should().Equal(0L, 1L, 2L);
        lake.History.Should().Equal("3=2+1+0", "3=1+1+1", "2=1+0+1");
    }

    [Test]
    public void Rows_that_another_job_added_after_they_were_compared_are_classified_again()
    {
        using var lake = new LoaderLake(Session());
        using var other = lake.Another(Session());
        lake.Stream(0, "z=9");
        Once(lake, () => Counts(other.File("one.csv", "a=1", "b=2")).Should().Be("2=2+0+0"));

        Counts(lake.Stream(1, "a=1", "b=3", "c=4")).Should().Be("3=1+1+1");

        lake.Rows.Should().Equal("a=1", "b=2", "c=4", "z=9");
        lake.Quarantined.Should().Equal("key_conflict");
        lake.Batches.Should().OnlyContain(static batch => batch.IsBalanced);
    }

    [Test]
    public void A_table_that_another_job_created_meanwhile_is_classified_against()
    {
        using var lake = new LoaderLake(Session());
        using var other = lake.Another(Session());
        Once(lake, () => other.File("one.csv", "a=1", "b=2"));

        Counts(lake.Stream(0, "a=1", "b=2", "c=4")).Should().Be("3=1+0+2");

        lake.Rows.Should().Equal("a=1", "b=2", "c=4");
    }

    [Test]
    public async Task Two_jobs_that_load_the_same_rows_at_once_write_each_key_once()
    {
        var batches = Lane.Times(whole: 2, nightly: 3);
        using var lake = new LoaderLake(Session());
        using var other = lake.Another(Session());
        lake.Stream("another", 0, "z=9");
        string[][] rows = [.. Enumerable.Range(0, batches).Select(static batch => Enumerable.Range(0, 20).Select(row => $"k{batch * 10 + row}=1").ToArray())];
        long written = 0;

        await Task.WhenAll(
            Task.Run(() => { for (var i = 0; i < batches; i++) Interlocked.Add(ref written, lake.Stream(i, rows[i]).Written); }),
            Task.Run(() => { for (var i = 0; i < batches; i++) Interlocked.Add(ref written, other.File($"file-{i}.csv", rows[i]).Written); }));

        lake.Rows.Should().OnlyHaveUniqueItems().And.HaveCount(batches * 10 + 11).And.HaveCount((int)written + 1);
        lake.Batches.Should().HaveCount(2 * batches + 1).And.OnlyContain(static batch => batch.IsBalanced);
    }

    [Test]
    public void A_writer_that_drops_a_row_is_found_out_after_the_commit_and_the_batch_is_not_recorded()
    {
        using var lake = new LoaderLake(Session());
        lake.Stream(0, "a=1");
        lake.Engine.Change = static append => append with { Sql = $"SELECT * FROM ({append.Sql}) LIMIT 2" };

        var act = () => lake.Stream(1, "b=2", "c=3", "d=4");

        act.Should().Throw<DataException>().WithMessage("*3 rows were to be written to '*things', but the data files have 2. They were counted after the commit: version 1 has them*restore*--version 0*");
        lake.History.Should().Equal("1=1+0+0");
        lake.Restart();
        FluentActions.Invoking(() => lake.StartAsync().GetAwaiter().GetResult()).Should().Throw<DataException>("a start does not record it as if it were whole").WithMessage("Version 1 of the table *restore things --version 0*");
    }

    [Test]
    public async Task A_batch_that_dies_between_the_table_and_batches_is_recorded_and_a_restore_can_be_replayed()
    {
        using var lake = new LoaderLake(Session());
        lake.Stream(0, "a=1");
        lake.DieAfterTable();
        FluentActions.Invoking(() => lake.Stream(1, "b=2", "a=1")).Should().Throw<DeathException>();

        (await lake.StartAsync()).Should().ContainSingle().Which.TableVersion.Should().Be(1);
        lake.History.Should().Equal("1=1+0+0", "2=1+0+1");
        Counts(lake.Stream(1, "b=2", "a=1")).Should().Be("2=1+0+1");
        lake.Restore(0);
        await lake.StartAsync();
        lake.Rows.Should().Equal("a=1");
        lake.ReplayAfterRestore();
        lake.Rows.Should().Equal("a=1", "b=2");
    }

    [Test]
    public void A_file_that_dies_between_the_table_and_batches_is_recorded_by_its_rerun()
    {
        using var lake = new LoaderLake(Session());
        lake.DieAfterTable();
        FluentActions.Invoking(() => lake.File("one.csv", "a=1", "b=2", "c=x")).Should().Throw<DeathException>();
        lake.Restart();

        Counts(lake.File("one.csv", "a=1", "b=2", "c=x")).Should().Be("3=2+1+0");

        lake.History.Should().Equal("3=2+1+0");
        lake.Rows.Should().Equal("a=1", "b=2");
    }

    /// <summary>A session of its own in the shared JVM, as another thread's.</summary>
    private SparkEngine Session()
    {
        var shared = SparkServer.Engine(version);
        using var scope = shared.Begin();
        return new SparkEngine(shared.Runtime, scope.Keep(scope.Object(shared.Session, "newSession")), owns: false);
    }

    private static void Once(LoaderLake lake, Action act) => lake.Engine.BeforeAppend = reached =>
    {
        if (reached != LoaderLake.Things) return;
        lake.Engine.BeforeAppend = null;
        act();
    };

    private static string Counts(LoadedBatch batch) => $"{batch.Read}={batch.Written}+{batch.Quarantined}+{batch.Duplicate}";
}
