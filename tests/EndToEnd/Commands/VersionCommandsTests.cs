using FluentAssertions;
using NUnit.Framework;

namespace Pipeline.Tests.EndToEnd.Commands;

public sealed class VersionCommandsTests
{
    [Test]
    public async Task Restoring_by_batch_takes_back_what_came_after_it_and_leaves_a_row_in_batches()
    {
        using var lake = await CommandLake.WithTwoBatchesAsync();
        var batches = await lake.LinesOfAsync("batches", "list");
        batches.Should().HaveCount(2);
        var first = batches[1].GetProperty("batch_id").GetString()!;

        (await lake.OutOfAsync("restore", "water_samples", "--batch", first, "--dry-run")).Should().Contain("2,000 rows before, 1,500 after");
        (await lake.CountAsync("water_samples")).Should().Be(2000, "a dry run changes nothing");

        (await lake.OutOfAsync("restore", "water_samples", "--batch", first)).Should().Contain("2,000 rows before, 1,500 after").And.Contain("as version 2").And.Contain("version 1 → 2");
        (await lake.CountAsync("water_samples")).Should().Be(1500);
        var restored = (await lake.LinesOfAsync("batches", "list", "--status", "restored_from")).Single();
        restored.GetProperty("table_version").GetInt64().Should().Be(2);
        restored.GetProperty("dataset").GetString().Should().Be("water-quality");
        restored.GetProperty("reason").GetString().Should().Contain(first);

        (await lake.OutOfAsync("restore", "water_samples", "--version", "1")).Should().Contain("1,500 rows before, 2,000 after");
        (await lake.CountAsync("water_samples")).Should().Be(2000, "a restore can be taken back");
    }

    [Test]
    public async Task Restoring_before_an_instant_takes_the_last_version_of_before_it()
    {
        using var lake = await CommandLake.WithTwoBatchesAsync();
        var versions = await lake.LinesOfAsync("versions", "water_samples");
        var second = versions[0].GetProperty("committed_at").GetString()!;

        (await lake.OutOfAsync("restore", "water_samples", "--before", second)).Should().Contain("content of version 0");
        (await lake.CountAsync("water_samples")).Should().Be(1500);
        var early = await lake.RunAsync("restore", "water_samples", "--before", "2001-01-01");
        early.ExitCode.Should().Be(2);
        early.Error.Should().Contain("water_samples");
    }

    [Test]
    public async Task Upkeep_of_all_tables_tells_each_and_the_sum_and_one_table_and_all_are_not_both_meant()
    {
        using var lake = await CommandLake.WithTwoBatchesAsync();

        var optimized = await lake.OutOfAsync("optimize", "--all");
        var vacuumed = await lake.OutOfAsync("vacuum", "--all", "--retention", "0s", "--allow-short-retention");

        optimized.Should().MatchRegex("(?m)^'batches' has 1 file of .* it had 2 files of").And.MatchRegex("(?m)^'water_samples' has 1 file of").And.Contain("3 tables of 3 compacted.");
        vacuumed.Should().MatchRegex("(?m)^Deleted 2 files, [0-9,]+ bytes, of 'batches': these versions ended: ").And.MatchRegex("(?m)^Deleted 6 files, [0-9,]+ bytes, of 3 tables\\.");
        (await lake.CountAsync("water_samples")).Should().Be(2000);
        foreach (var command in (string[])["optimize", "vacuum"])
        {
            (await lake.RunAsync(command)).Error.Should().StartWith("error: Name a table, or give --all for every table of the lake.");
            (await lake.RunAsync(command, "water_samples", "--all")).Error.Should().StartWith("error: There is a table, 'water_samples', and --all. Give one of them.");
        }
    }

    [Test]
    public async Task A_vacuum_keeps_tagged_versions_names_those_that_it_ends_and_a_restore_to_them_is_refused()
    {
        using var lake = await CommandLake.WithTwoBatchesAsync();
        await lake.OutOfAsync("restore", "water_samples", "--version", "0");
        (await lake.OutOfAsync("tag", "water_samples", "--version", "1", "--name", "both")).Should().Contain("Tagged version 1");
        (await lake.OutOfAsync("tag", "water_samples", "--version", "1", "--name", "both")).Should().Contain("nothing to do");

        string[] vacuum = ["vacuum", "water_samples", "--retention", "0s", "--allow-short-retention"];
        (await lake.OutOfAsync(vacuum)).Should().Contain("keeps version 1 for its tag 'both'").And.Contain("Deleted 0 files").And.Contain("no version ended");
        (await lake.OutOfAsync("tag", "water_samples", "--name", "both", "--remove")).Should().Contain("Took the tag");
        (await lake.OutOfAsync([.. vacuum, "--dry-run"])).Should().Contain("Would delete 1 file, ").And.Contain("this version would end: 1.");
        (await lake.OutOfAsync(vacuum)).Should().Contain("Deleted 1 file, ").And.Contain("this version ended: 1.");

        var refused = await lake.RunAsync("restore", "water_samples", "--version", "1");
        refused.ExitCode.Should().Be(2);
        refused.Error.Should().Contain("version 1").And.Contain("gone").And.Contain("Readable: versions 0 and 2.");
        (await lake.CountAsync("water_samples")).Should().Be(1500, "the last good version stays");
    }

    [Test]
    public async Task A_short_retention_is_refused_and_its_switch_named()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        var run = await lake.RunAsync("vacuum", "water_samples", "--retention", "1h");
        run.ExitCode.Should().Be(2);
        run.Error.Should().Contain("--allow-short-retention");
    }

    [Test]
    public async Task Optimizing_puts_small_files_together_once_and_keeps_the_rows()
    {
        using var lake = await CommandLake.WithTwoBatchesAsync();
        (await lake.OutOfAsync("optimize", "water_samples")).Should().Contain("has 1 file").And.Contain("it had 2");
        (await lake.OutOfAsync("optimize", "water_samples")).Should().Contain("nothing to do");
        (await lake.CountAsync("water_samples")).Should().Be(2000);
        (await lake.RunAsync("optimize", "water_samples", "--target-size", "many")).ExitCode.Should().Be(2);
    }
}
