using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded;
using Pipeline.Suite.Loading;

namespace Pipeline.Tests.EndToEnd.Commands;

public sealed class QuarantineReplayTests
{
    private const int Bad = 4;

    [Test]
    public async Task A_corrected_row_goes_into_the_table_once_and_the_others_stay_with_their_reason()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        await lake.LoadAsync(200, 9, Break(Bad));
        var ids = (await lake.LinesOfAsync("quarantine", "list")).Select(static row => row.GetProperty("row_id").GetString()!).ToList();
        ids.Should().HaveCount(Bad);
        var before = await lake.CountAsync("water_samples");

        (await lake.OutOfAsync("quarantine", "fix", ids[0], "--set", "SO4_UEQ_L=98.5", "--reason", "Test")).Should().Contain("Corrected 1 row");
        (await lake.OutOfAsync("quarantine", "fix", ids[0], "--set", "so4_ueq_l=98.5", "--reason", "Test")).Should().Contain("nothing to do");
        await File.WriteAllTextAsync(lake["row.json"], "{\"SITE_ID\":\"only this\"}\n");
        (await lake.OutOfAsync("quarantine", "fix", ids[1], "--file", lake["row.json"], "--reason", "Test")).Should().Contain("Corrected 1 row");
        (await lake.OutOfAsync("quarantine", "replay", ids[0][..12], ids[1])).Should().Contain("Replayed 2 rows: 1 written, 0 in the table already, 1 still bad");
        (await lake.CountAsync("water_samples")).Should().Be(before + 1);
        (await lake.LinesOfAsync("query", "SELECT count(*) AS n FROM water_samples WHERE so4_ueq_l = 98.5")).Single().GetProperty("n").GetInt64().Should().BePositive();

        var stays = (await lake.LinesOfAsync("quarantine", "show", ids[1])).Single();
        (stays.GetProperty("status").GetString(), stays.GetProperty("fixed_text").GetString()).Should().Be(("fixed", "{\"SITE_ID\":\"only this\"}"));
        stays.GetProperty("rules_broken").GetRawText().Should().Contain("PROGRAM_ID").And.NotContain("ninety", "these are the rules that the corrected row breaks");
        stays.GetProperty("status_reason").GetString().Should().Contain("Still bad when replayed");
        (await lake.OutOfAsync("quarantine", "show", ids[0])).Should().MatchRegex("status +replayed").And.Contain("ninety", "the row as it came stays on record");

        (await lake.OutOfAsync("quarantine", "replay", ids[0])).Should().Contain("nothing to do", "replaying twice writes it once");
        (await lake.OutOfAsync("quarantine", "replay", "--all")).Should().Contain("0 written, 0 in the table already, 3 still bad");
        (await lake.CountAsync("water_samples")).Should().Be(before + 1);
        await lake.BatchesSumUpAsync();
        var refused = await lake.RunAsync("quarantine", "fix", ids[0], "--set", "SO4_UEQ_L=1", "--reason", "Test");
        (refused.ExitCode, refused.Error.Contains("is not pending any more", StringComparison.Ordinal)).Should().Be((2, true), refused.Error);
        var unknown = await lake.RunAsync("quarantine", "fix", ids[2], "--set", "SO4_UEQ=1", "--reason", "Test");
        (unknown.ExitCode, unknown.Error.Contains("Did you mean 'SO4_UEQ_L'?", StringComparison.Ordinal)).Should().Be((2, true), unknown.Error);

        (await lake.OutOfAsync("quarantine", "purge", "--older-than", "1d")).Should().Contain("nothing to do");
        (await lake.OutOfAsync("quarantine", "purge", "--older-than", "0s", "--dry-run")).Should().Contain("Would delete 1 rows");
        (await lake.OutOfAsync("quarantine", "purge", "--older-than", "0s")).Should().Contain("Deleted 1 rows");
        (await lake.LinesOfAsync("quarantine", "list")).Should().HaveCount(Bad - 1, "rows that wait stay");
    }

    [Test]
    public async Task A_replay_that_dies_anywhere_is_finished_by_the_next_and_writes_each_row_once()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        await lake.LoadAsync(200, 9, Break(Bad));
        var before = await lake.CountAsync("water_samples");
        var batch = (await lake.LinesOfAsync("quarantine", "list"))[0].GetProperty("batch_id").GetString()!;
        await lake.OutOfAsync("quarantine", "fix", batch, "--set", "SO4_UEQ_L=98.5", "--reason", "Test");

        await lake.DieAsync(LoadingKillPoints.ReplayAfterClaim, "quarantine", "replay", "--all");
        var refused = await lake.RunAsync("quarantine", "fix", batch, "--set", "SO4_UEQ_L=1", "--reason", "Test");
        (refused.ExitCode, refused.Error.Contains("was interrupted", StringComparison.Ordinal)).Should().Be((2, true), refused.Error);
        foreach (var place in new[] { EmbeddedKillPoints.AfterDataFile, DeltaKillPoints.AfterLink, LoadingKillPoints.ReplayAfterTable, LoadingKillPoints.ReplayAfterBatchRow })
            await lake.DieAsync(place, "quarantine", "replay", batch);
        (await lake.OutOfAsync("quarantine", "replay", batch)).Should().Contain($"Replayed {Bad} rows: {Bad} written, 0 in the table already, 0 still bad");

        (await lake.CountAsync("water_samples")).Should().Be(before + Bad);
        (await lake.LinesOfAsync("quarantine", "list", "--status", "replayed")).Should().HaveCount(Bad);
        await lake.BatchesSumUpAsync();
    }

    [Test]
    public async Task A_batch_that_is_whole_in_quarantine_is_replayed_and_its_status_says_so()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        await lake.LoadAsync(50, 9, Break(40));
        var before = await lake.CountAsync("water_samples");
        var batch = (await lake.LinesOfAsync("batches", "list", "--status", "quarantined")).Single().GetProperty("batch_id").GetString()!;

        (await lake.OutOfAsync("batches", "replay", batch)).Should().Contain("Replayed 50 rows: 10 written, 0 in the table already, 40 still bad");
        (await lake.LinesOfAsync("batches", "list", "--status", "quarantined")).Should().HaveCount(1, "most of it waits");
        await lake.OutOfAsync("quarantine", "fix", batch, "--set", "SO4_UEQ_L=98.5", "--reason", "Test");
        (await lake.OutOfAsync("batches", "replay", batch)).Should().Contain("Replayed 40 rows: 40 written, 0 in the table already, 0 still bad");
        (await lake.CountAsync("water_samples")).Should().Be(before + 50);
        (await lake.LinesOfAsync("batches", "list", "--status", "replayed")).Single().GetProperty("batch_id").GetString().Should().Be(batch);
        (await lake.OutOfAsync("batches", "replay", batch)).Should().Contain("nothing to do");
        await lake.BatchesSumUpAsync();
    }

    /// <summary>Puts letters into a number of the first rows.</summary>
    internal static Action<string> Break(int rows) => path =>
    {
        var lines = File.ReadAllLines(path);
        var sulfate = lines[0].Split(';').IndexOf("SO4_UEQ_L");
        for (var i = 1; i <= rows; i++)
        {
            var cells = lines[i].Split(';');
            cells[sulfate] = "ninety";
            lines[i] = string.Join(';', cells);
        }
        File.WriteAllLines(path, lines);
    };
}
