using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd;

/// <summary>What a user sees when something is wrong: one sentence, the right exit code, no stack trace.</summary>
public sealed class FailureTests
{
    [Test]
    public async Task A_missing_input_folder_is_a_usage_error() =>
        await EndsWith(2, "There is nothing in the folder", folder => ["batch-etl", "--dataset", "water-quality", "--input", folder["absent"], "--lake", folder["lake"]]);

    [Test]
    public async Task An_unreadable_workbook_breaks_the_contract() =>
        await EndsWith(3, "Methods_x.xlsx", folder =>
        {
            Directory.CreateDirectory(folder["data"]);
            File.WriteAllText(Path.Combine(folder["data"], "LTM_Data_x.csv"), "SITE_ID\n");
            File.WriteAllText(Path.Combine(folder["data"], "Methods_x.xlsx"), "this is no workbook");
            return ["batch-etl", "--dataset", "water-quality", "--input", folder["data"], "--lake", folder["lake"]];
        });

    [Test]
    public async Task An_unknown_data_set_names_the_nearest_known() =>
        await EndsWith(2, "Did you mean 'water-quality'?", folder => ["stream-ingest", "--dataset", "water-qualty", "--bootstrap-servers", "127.0.0.1:1", "--lake", folder["lake"]]);

    [Test]
    public async Task No_broker_is_transient() =>
        await EndsWith(75, "127.0.0.1:1", folder => ["stream-ingest", "--dataset", "water-quality", "--bootstrap-servers", "127.0.0.1:1", "--available-now", "--lake", folder["lake"]]);

    [Test]
    public async Task A_lake_that_cannot_be_written_is_a_usage_error() =>
        await EndsWith(2, "--lake", folder =>
        {
            File.WriteAllText(folder["lake"], "a file stands where the lake should be");
            return ["batch-etl", "--dataset", "water-quality", "--input", folder.Path, "--lake", folder["lake"]];
        });

    [Test]
    public async Task A_missing_column_is_named_with_those_there_are() =>
        await EndsWith(3, "has no column 'STATE'", folder =>
        {
            Directory.CreateDirectory(folder["data"]);
            File.WriteAllText(Path.Combine(folder["data"], "LTM_Data_x.csv"), "SITE_ID\n");
            File.WriteAllText(Path.Combine(folder["data"], "Methods_x.csv"), "PROGRAM_ID;PARAMETER;START_YEAR;END_YEAR;METHOD;METHOD_DESCRIPTION\n");
            File.WriteAllText(Path.Combine(folder["data"], "Site_Information_x.csv"), string.Join(';', Suite.Schemas.WaterQuality.Sites.Columns.Select(column => column.SourceName).Where(name => name != "STATE")) + "\n");
            return ["batch-etl", "--dataset", "water-quality", "--input", folder["data"], "--lake", folder["lake"]];
        });

    private static async Task EndsWith(int exitCode, string sentence, Func<TemporaryFolder, string[]> arguments)
    {
        using var folder = new TemporaryFolder();
        var result = folder["result.json"];
        var run = await Programs.PipelineAsync([.. arguments(folder), "--result", result]);
        run.ExitCode.Should().Be(exitCode, run.Error);
        run.Error.Should().Contain("error: ").And.Contain(sentence).And.NotContain("   at ");
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(result));
        json.RootElement.GetProperty("exit_code").GetInt32().Should().Be(exitCode);
        json.RootElement.GetProperty("message").GetString().Should().Contain(sentence);
    }
}
