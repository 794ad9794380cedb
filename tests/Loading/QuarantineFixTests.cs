using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Loading;

/// <summary>Corrections of rows in quarantine: which rows, by whom and why, shown first, taken back.</summary>
public sealed class QuarantineFixTests
{
    private CrashLake folder = null!;
    private string batch = null!;

    [SetUp]
    public async Task Load()
    {
        folder = new CrashLake();
        var input = folder.File("input", "Petit,Zoé,23,IA", "Blanc,Noé,old,IA", "Roux,Léa,old,Droit", "Morel,Inès,young,Finance");
        await CrashLake.RunAsync(folder["lake"], "batch-etl", "--dataset", "students", "--input", input, "--max-bad-share", "1");
        batch = (await RowsAsync())[0].GetProperty("batch_id").GetString()!;
    }

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public async Task Rows_of_a_batch_are_chosen_by_a_condition_over_their_fields_and_rules_and_are_shown_before_they_are_changed()
    {
        string[] fix = ["quarantine", "fix", batch, "--where", "Age = 'old' AND rule = 'not_a_whole_number' AND rule_column = 'Age'", "--set", "Age=30", "--reason", "As on the card"];

        var shown = await CrashLake.RunAsync(folder["lake"], [.. fix, "--dry-run"]);
        shown.Out.Should().Contain("\"Age\":\"old\"").And.Contain("\"Age\":\"30\"").And.Contain("Would change 2 rows").And.NotContain("young");
        (await StatusesAsync()).Should().Equal("Blanc waiting", "Morel waiting", "Roux waiting");

        (await CrashLake.RunAsync(folder["lake"], fix)).Out.Should().Contain("Corrected 2 rows");
        (await StatusesAsync()).Should().Equal("Blanc fixed", "Morel waiting", "Roux fixed");
        await CrashLake.RunAsync(folder["lake"], "quarantine", "replay", batch);
        folder.State(folder["lake"])[0].Should().Be("3 rows");
        (await CrashLake.RunAsync(folder["lake"], [.. fix[..4], "Nom = 'nobody'", .. fix[5..]])).Out.Should().Contain("nothing to do");
    }

    [Test]
    public async Task Each_correction_is_on_record_with_its_user_time_and_reason_and_is_taken_back_one_at_a_time()
    {
        var row = (await RowsAsync()).Single(static row => row.GetProperty("raw_text").GetString()!.Contains("Morel", StringComparison.Ordinal)).GetProperty("row_id").GetString()!;
        await CrashLake.RunAsync(folder["lake"], "quarantine", "fix", row, "--set", "Age=40", "--reason", "First guess");
        await CrashLake.RunAsync(folder["lake"], "quarantine", "fix", row, "--set", "Age=", "--reason", "Nobody knows");

        Text(await RowAsync(row)).Should().Contain("\"Age\":\"\"", "nothing after the = is no value");
        await CrashLake.RunAsync(folder["lake"], "quarantine", "fix", row, "--undo", "--reason", "It was right");
        Text(await RowAsync(row)).Should().Contain("\"Age\":\"40\"");
        await CrashLake.RunAsync(folder["lake"], "quarantine", "fix", row, "--undo", "--reason", "It was not");

        var found = await RowAsync(row);
        Text(found).Should().BeNull();
        found.GetProperty("status").GetString().Should().Be(QuarantineStatus.Waiting);
        using var fixes = JsonDocument.Parse(found.GetProperty("fixes").GetString()!);
        fixes.RootElement.EnumerateArray().Select(static fix => fix.GetProperty("reason").GetString()).Should().Equal("First guess", "Nobody knows", "It was right", "It was not");
        fixes.RootElement.EnumerateArray().Should().OnlyContain(static fix => fix.GetProperty("by").GetString() == Environment.UserName && fix.GetProperty("at").GetDateTime() > DateTime.UtcNow.AddHours(-1));
        (await CrashLake.RunAsync(folder["lake"], "quarantine", "fix", row, "--undo", "--reason", "Once more")).Out.Should().Contain("not corrected: nothing to do");
    }

    [TestCase(new[] { "--set", "Age=1" }, "--reason is missing")]
    [TestCase(new[] { "--set", "Age=1", "--reason", " " }, "--reason is empty")]
    [TestCase(new[] { "--reason", "None" }, "exactly one of --set")]
    [TestCase(new[] { "--set", "Age=1", "--undo", "--reason", "Both" }, "exactly one of --set")]
    [TestCase(new[] { "--set", "Age=1", "--reason", "Test", "--where", "nothere = 1" }, "nothere")]
    public async Task A_correction_without_a_reason_or_of_nothing_is_refused(string[] arguments, string message)
    {
        var run = await Programs.PipelineAsync(["quarantine", "fix", batch, .. arguments, "--lake", folder["lake"], "--master", "embedded[1]"]);

        (run.ExitCode, run.Error.Contains(message, StringComparison.Ordinal)).Should().Be((2, true), run.Error);
        (await StatusesAsync()).Should().OnlyContain(static status => status.EndsWith("waiting", StringComparison.Ordinal));
    }

    [Test]
    public async Task Locks_are_listed_and_that_of_a_machine_that_is_gone_is_taken_away_when_told()
    {
        var place = Path.Combine(new LakeLayout(folder["lake"]).Checkpoint("batch-etl", "students.lock"), "run.lock");
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        await File.WriteAllTextAsync(place, """{"run_id":"run-1","host":"elsewhere","process_id":7,"boot_id":"b","start_ticks":1,"acquired_at":"2024-01-01T00:00:00Z","lease_seconds":120}""");
        string[] load = ["batch-etl", "--dataset", "students", "--input", folder["input"], "--lake", folder["lake"], "--master", "embedded[1]"];
        (await Programs.PipelineAsync(load)).ExitCode.Should().Be(6);

        (await CrashLake.RunAsync(folder["lake"], "unlock")).Out.Should().Contain("The run 'run-1' (process 7 on 'elsewhere'");
        var refused = await Programs.PipelineAsync(["unlock", "batch-etl", "--dataset", "students", "--lake", folder["lake"]]);
        (refused.ExitCode, refused.Error.Contains("its lease has not run out", StringComparison.Ordinal)).Should().Be((2, true), refused.Error);
        await CrashLake.RunAsync(folder["lake"], "unlock", "batch-etl", "--dataset", "students", "--force");

        (await Programs.PipelineAsync(load)).ExitCode.Should().BeOneOf(0, 4);
        (await CrashLake.RunAsync(folder["lake"], "unlock", "batch-etl", "--dataset", "students")).Out.Should().BeEmpty();
        var misspelled = await Programs.PipelineAsync(["unlock", "batch-elt", "--lake", folder["lake"]]);
        misspelled.ExitCode.Should().Be(ExitCodes.Usage);
        misspelled.Error.Should().Contain("There is no job 'batch-elt'. Did you mean 'batch-etl'?");
    }

    private static string? Text(JsonElement row) => row.GetProperty("fixed_text").GetString();

    private async Task<IReadOnlyList<string>> StatusesAsync() =>
        [.. (await RowsAsync()).Select(static row => $"{JsonDocument.Parse(row.GetProperty("raw_text").GetString()!).RootElement.GetProperty("Nom").GetString()} {row.GetProperty("status").GetString()}").Order(StringComparer.Ordinal)];

    private async Task<JsonElement> RowAsync(string id) => (await RowsAsync()).Single(row => row.GetProperty("row_id").GetString() == id);

    private async Task<IReadOnlyList<JsonElement>> RowsAsync()
    {
        var listed = await CrashLake.RunAsync(folder["lake"], "quarantine", "list", "--output", "json");
        return [.. listed.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
    }
}
