using FluentAssertions;
using NUnit.Framework;

namespace Pipeline.Tests.EndToEnd.Commands;

public sealed class DiffCommandTests
{
    [Test]
    public async Task Rows_added_removed_and_changed_are_found_by_key_and_the_changed_column_is_named()
    {
        using var lake = await CommandLake.WithTwoBatchesAsync();
        await lake.OutOfAsync("restore", "water_samples", "--version", "0");
        await lake.LoadAsync(500, 9, ChangeOneLineAndDropAnother);

        var lines = await lake.LinesOfAsync("diff", "water_samples", "--from", "1", "--to", "3");
        (lines[0].GetProperty("added").GetInt64(), lines[0].GetProperty("removed").GetInt64(), lines[0].GetProperty("changed").GetInt64()).Should().Be((0, 1, 1));
        lines.Skip(1).Select(line => line.GetProperty("change").GetString()).Should().BeEquivalentTo("changed", "removed");
        var changed = lines.Skip(1).Single(line => line.GetProperty("change").GetString() == "changed");
        changed.GetProperty("changed_columns").GetString().Should().MatchRegex("^so4_ueq_l: .+ → 4321(\\.0)?$");

        (await lake.OutOfAsync("diff", "water_samples", "--from", "0", "--to", "1")).Should().Contain("500 rows added, 0 removed, 0 changed").And.Contain("… 480 more");
        (await lake.OutOfAsync("diff", "water_samples", "--from", "0", "--to", "2")).Should().Contain("0 rows added, 0 removed, 0 changed", "version 2 is version 0 restored");
    }

    [Test]
    public async Task A_table_without_a_key_is_compared_row_by_row()
    {
        using var lake = await CommandLake.WithTwoBatchesAsync();
        var appended = await lake.CountAsync("water_measurements") - await lake.CountAsync("water_measurements VERSION AS OF 0");
        appended.Should().BePositive();

        var counts = (await lake.LinesOfAsync("diff", "water_measurements", "--from", "1", "--to", "0", "--limit", "3"))[0];
        (counts.GetProperty("added").GetInt64(), counts.GetProperty("removed").GetInt64(), counts.GetProperty("changed").GetInt64()).Should().Be((0, appended, 0));
    }

    [Test]
    public async Task A_version_that_there_is_not_is_refused_and_the_readable_ones_are_named()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        var run = await lake.RunAsync("diff", "water_samples", "--from", "0", "--to", "7");
        run.ExitCode.Should().Be(2);
        run.Error.Should().Contain("Version 7 of 'water_samples' cannot be read").And.Contain("Readable: 0.");
    }

    private static void ChangeOneLineAndDropAnother(string path)
    {
        var lines = File.ReadAllLines(path).ToList();
        var sulfate = lines[0].Split(';').IndexOf("SO4_UEQ_L");
        var changed = lines[7].Split(';');
        changed[sulfate] = "4321";
        lines[7] = string.Join(';', changed);
        lines.RemoveAt(9);
        File.WriteAllLines(path, lines);
    }
}
