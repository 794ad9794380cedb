using FluentAssertions;
using NUnit.Framework;

namespace Pipeline.Tests.EndToEnd.Commands;

public sealed class QuarantineCommandsTests
{
    private const int Bad = 4;

    [Test]
    public async Task A_row_is_listed_shown_and_discarded_once_with_its_reason()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        (await lake.OutOfAsync("quarantine", "list")).Should().Contain("Nothing is in quarantine");
        await lake.LoadAsync(200, 9, BreakDays(Bad));

        var rows = await lake.LinesOfAsync("quarantine", "list", "--table", "water_samples");
        rows.Should().HaveCount(Bad);
        var id = rows[0].GetProperty("row_id").GetString()!;
        var shortId = id[..12];
        (await lake.OutOfAsync("quarantine", "list")).Should().Contain(shortId).And.Contain("DATE_SMP").And.Contain("waiting");
        (await lake.OutOfAsync("quarantine", "show", shortId)).Should().MatchRegex("row_id +" + id).And.MatchRegex("status +waiting").And.Contain("not a day");

        (await lake.OutOfAsync("quarantine", "discard", shortId, "--reason", "A test")).Should().Contain("Discarded 1 rows");
        (await lake.OutOfAsync("quarantine", "discard", shortId, "--reason", "Another")).Should().Contain("nothing to do");
        (await lake.OutOfAsync("quarantine", "show", id)).Should().MatchRegex("status +discarded").And.MatchRegex("status_reason +A test");
        (await lake.LinesOfAsync("quarantine", "list", "--status", "waiting")).Should().HaveCount(Bad - 1);
        (await lake.LinesOfAsync("quarantine", "list", "--status", "discarded")).Should().HaveCount(1);
        (await lake.LinesOfAsync("batches", "list", "--status", "discarded")).Should().BeEmpty("most of its batch is in the table");
    }

    [Test]
    public async Task A_batch_that_is_whole_in_quarantine_is_discarded_in_batches_too()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        await lake.LoadAsync(50, 9, BreakDays(50));
        var batch = (await lake.LinesOfAsync("batches", "list", "--status", "quarantined")).Single().GetProperty("batch_id").GetString()!;
        (await lake.LinesOfAsync("quarantine", "list", "--batch", batch)).Should().HaveCount(50);

        (await lake.OutOfAsync("quarantine", "discard", batch, "--reason", "Sent again")).Should().Contain("Discarded 50 rows").And.Contain($"Discarded as a whole: {batch}");
        var row = (await lake.LinesOfAsync("batches", "list", "--status", "discarded")).Single();
        (row.GetProperty("batch_id").GetString(), row.GetProperty("reason").GetString()).Should().Be((batch, "Sent again"));
        (await lake.LinesOfAsync("batches", "list")).Should().HaveCount(2, "the other batch is as it was");
        (await lake.OutOfAsync("quarantine", "discard", batch, "--reason", "Sent again")).Should().Contain("nothing to do");
    }

    [Test]
    public async Task An_id_that_is_not_there_or_too_short_and_a_missing_reason_are_usage_errors()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        await lake.LoadAsync(200, 9, BreakDays(Bad));
        var unknown = await lake.RunAsync("quarantine", "show", "0123456789abcdef");
        (unknown.ExitCode, unknown.Error.Contains("Nothing in quarantine", StringComparison.Ordinal)).Should().Be((2, true), unknown.Error);
        var cut = await lake.RunAsync("quarantine", "show", "01");
        (cut.ExitCode, cut.Error.Contains("too short", StringComparison.Ordinal)).Should().Be((2, true), cut.Error);
        var silent = await lake.RunAsync("quarantine", "discard", "0123456789abcdef");
        (silent.ExitCode, silent.Error.Contains("--reason", StringComparison.Ordinal)).Should().Be((2, true), silent.Error);
    }

    /// <summary>Puts a text that is no day into the first rows.</summary>
    private static Action<string> BreakDays(int rows) => path =>
    {
        var lines = File.ReadAllLines(path);
        var day = lines[0].Split(';').IndexOf("DATE_SMP");
        for (var i = 1; i <= rows; i++)
        {
            var cells = lines[i].Split(';');
            cells[day] = "not a day";
            lines[i] = string.Join(';', cells);
        }
        File.WriteAllLines(path, lines);
    };
}
