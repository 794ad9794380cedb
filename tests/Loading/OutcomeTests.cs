using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Tests.Support.Loading;

namespace Pipeline.Tests.Loading;

/// <summary>Given rows and a table, each row has exactly one outcome.</summary>
public sealed class OutcomeTests
{
    [Test]
    public void New_rows_are_written_and_known_ones_are_duplicates()
    {
        using var lake = new LoaderLake();
        Counts(lake.Stream(0, "a=1", "b=2")).Should().Be("2=2+0+0");

        Counts(lake.Stream(1, "a=1", "c=3")).Should().Be("2=1+0+1");

        lake.Rows.Should().Equal("a=1", "b=2", "c=3");
        lake.History.Should().Equal("2=2+0+0", "2=1+0+1");
        lake.Batches.Select(static batch => batch.TableVersion).Should().Equal(0L, 1L);
    }

    [Test]
    public void A_known_key_with_another_value_is_a_conflict()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1");

        Counts(lake.Stream(1, "a=2", "b=2")).Should().Be("2=1+1+0");

        lake.Rows.Should().Equal("a=1", "b=2");
        lake.Quarantined.Should().Equal("key_conflict");
    }

    [Test]
    public void Of_rows_with_one_key_the_first_is_new_and_the_others_are_compared_with_it()
    {
        using var lake = new LoaderLake();

        Counts(lake.Stream(0, "a=1", "a=1", "a=2", "b=1")).Should().Be("4=2+1+1");

        lake.Rows.Should().Equal("a=1", "b=1");
    }

    [Test]
    public void Rows_with_one_key_are_compared_with_the_table_where_it_has_the_key()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1");

        Counts(lake.Stream(1, "a=2", "a=2", "a=1")).Should().Be("3=0+2+1", "the table has a=1, and both messages of a=2 are in quarantine, as one row");

        lake.Rows.Should().Equal("a=1");
        lake.Quarantined.Should().Equal("key_conflict");
    }

    [Test]
    public void A_row_without_its_key_or_with_a_value_that_is_none_is_rejected()
    {
        using var lake = new LoaderLake();

        Counts(lake.Stream(0, "=1", "a=x", "b=1")).Should().Be("3=1+2+0");

        lake.Quarantined.Should().Equal("not_a_number", "required");
    }

    [Test]
    public void A_batch_of_which_too_many_rows_are_bad_goes_to_quarantine_whole()
    {
        using var lake = new LoaderLake { MaxBadShare = 0.5 };

        var loaded = lake.Stream(0, "a=x", "b=y", "c=1");

        (Counts(loaded), loaded.IsBad).Should().Be(("3=0+3+0", true));
        lake.Rows.Should().BeEmpty();
        lake.Quarantined.Should().HaveCount(3);
    }

    [Test]
    public void A_table_that_has_a_key_twice_gives_a_row_one_outcome_and_new_rows_of_the_batch_are_written()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1");
        lake.Damage("a");
        lake.Rows.Should().Equal("a=1", "a=1");

        Counts(lake.Stream(1, "a=1", "b=2")).Should().Be("2=1+0+1");
        Counts(lake.File("more.csv", "a=2", "c=3")).Should().Be("2=1+1+0");

        lake.Rows.Should().Equal("a=1", "a=1", "b=2", "c=3");
    }

    [Test]
    public void A_key_twice_in_one_file_is_repeated_where_the_contract_refuses_that()
    {
        using var lake = new LoaderLake { RefusesRepeatedKeys = true };

        Counts(lake.File("one.csv", "a=1", "a=1", "b=2")).Should().Be("3=2+1+0");
        Counts(lake.File("one.csv", "a=1", "a=1", "b=2")).Should().Be("3=0+1+2", "the table has two of the rows and the quarantine the third");

        lake.Rows.Should().Equal("a=1", "b=2");
        lake.Quarantined.Should().Equal("repeated_key");
    }

    [Test]
    public void A_writer_that_drops_a_row_is_found_out_before_the_commit()
    {
        using var lake = new LoaderLake();
        lake.Stream(0, "a=1");
        lake.Engine.Change = static append => append with { Sql = $"SELECT * FROM ({append.Sql}) OFFSET 1" };

        var act = () => lake.Stream(1, "b=2", "c=3", "d=4");

        var error = act.Should().Throw<DataException>().WithMessage("Batch 'things-*-000001' does not balance: 3 rows were to be written to '*things', but the data files have 2. Nothing of it was committed*").Which;
        Failure.Of(error).ExitCode.Should().Be(ExitCodes.DataContract);
        lake.Version.Should().Be(0);
        lake.Rows.Should().Equal("a=1");
        lake.History.Should().Equal("1=1+0+0");
        Directory.GetFiles(lake.Lake.Table(LoaderLake.Things), "*.parquet").Should().ContainSingle("files of a batch that is not committed go");

        lake.Restart();
        Counts(lake.Stream(1, "b=2", "c=3", "d=4")).Should().Be("3=3+0+0");
    }

    [Test]
    public void A_writer_that_drops_a_rejected_row_is_found_out_before_the_commit()
    {
        using var lake = new LoaderLake();
        lake.Engine.Change = static append => append.Path.Contains("/quarantine/", StringComparison.Ordinal) ? append with { Sql = $"SELECT * FROM ({append.Sql}) OFFSET 1" } : append;

        var act = () => lake.Stream(0, "a=1", "b=x", "c=y");

        act.Should().Throw<DataException>().WithMessage("*2 rows were to be written to '*quarantine/things', but the data files have 1*");
        lake.Quarantined.Should().BeEmpty();
        lake.Batches.Should().BeEmpty();
    }

    private static string Counts(LoadedBatch batch) => $"{batch.Read}={batch.Written}+{batch.Quarantined}+{batch.Duplicate}";
}
