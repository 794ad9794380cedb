using System.Text.Json;
using FluentAssertions;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.Commands;

/// <summary>A small lake of water quality in a folder of its own, and the program run on it. Gone when disposed.</summary>
internal sealed class CommandLake : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static string Pipeline => Repository.Program("jobs/Pipeline", "pipeline");

    /// <summary>The lake's folder.</summary>
    public string Root => folder["lake"];

    /// <summary>A lake with one batch of 1,500 rows.</summary>
    public static async Task<CommandLake> WithOneBatchAsync()
    {
        var lake = new CommandLake();
        await lake.LoadAsync(1500, 3);
        return lake;
    }

    /// <summary>A lake whose table has two versions: 1,500 rows, then 500 more.</summary>
    public static async Task<CommandLake> WithTwoBatchesAsync()
    {
        var lake = await WithOneBatchAsync();
        await lake.LoadAsync(500, 9);
        return lake;
    }

    /// <summary>Takes in made-up files of a seed; answers their folder.</summary>
    public async Task<string> LoadAsync(int rows, int seed, Action<string>? change = null)
    {
        var data = folder[$"data-{seed}"];
        var made = await Programs.ProducerAsync(["generate", "water-quality", "--rows", $"{rows}", "--seed", $"{seed}", "--out", data, "--force"]);
        made.ExitCode.Should().Be(0, made.Error);
        change?.Invoke(Directory.GetFiles(data, "LTM_Data*.csv").Single());
        (await RunAsync("batch-etl", "--dataset", "water-quality", "--input", data)).ExitCode.Should().BeOneOf(0, 4);
        return data;
    }

    /// <summary>Sends made-up rows of a seed to the topic of water quality.</summary>
    public static async Task SendAsync(int rows, int seed, string servers)
    {
        var run = await Programs.ProducerAsync(["send", "water-quality", "--generate", $"{rows}", "--seed", $"{seed}", "--pause", "0", "--bootstrap-servers", servers]);
        run.ExitCode.Should().Be(0, run.Error);
    }

    /// <summary>Runs a command that dies at a named place, as by kill -9.</summary>
    public async Task DieAsync(string place, params string[] arguments)
    {
        var run = await ProgramRun.DotnetAsync(Pipeline, [.. arguments, "--lake", folder["lake"]], new Dictionary<string, string?> { ["PIPELINE_KILL_AT"] = place });
        run.ExitCode.Should().Be(137, "'{0}' must reach {1}; it printed: {2}{3}", string.Join(' ', arguments), place, run.Out, run.Error);
    }

    /// <summary>A path beside the lake.</summary>
    public string this[string name] => folder[name];

    /// <summary>Runs a command of the program on this lake, to whatever end.</summary>
    public Task<ProgramRun> RunAsync(params string[] arguments) => Programs.PipelineAsync([.. arguments, "--lake", folder["lake"]]);

    /// <summary>Runs a command that must succeed; what it printed.</summary>
    public async Task<string> OutOfAsync(params string[] arguments)
    {
        var run = await RunAsync(arguments);
        run.ExitCode.Should().Be(0, "'{0}' printed: {1}", string.Join(' ', arguments), run.Error);
        return run.Out;
    }

    /// <summary>Runs a command that must succeed with <c>--output json</c>; its lines.</summary>
    public async Task<IReadOnlyList<JsonElement>> LinesOfAsync(params string[] arguments) =>
        [.. (await OutOfAsync([.. arguments, "--output", "json"])).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonSerializer.Deserialize<JsonElement>(line))];

    /// <summary>Rows of a table now.</summary>
    public async Task<long> CountAsync(string table) => (await LinesOfAsync("query", $"SELECT count(*) AS rows FROM {table}")).Single().GetProperty("rows").GetInt64();

    /// <summary>Each batch has an outcome for each of its rows, and what the batches wrote is what the table holds.</summary>
    public async Task BatchesSumUpAsync()
    {
        var sums = (await LinesOfAsync("query", "SELECT sum(rows_written) AS written, sum(rows_read - rows_written - rows_quarantined - rows_duplicate - rows_late) AS lost, count(*) - count(DISTINCT batch_id) AS twice FROM batches WHERE table_name = 'water_samples'")).Single();
        (sums.GetProperty("written").GetInt64(), sums.GetProperty("lost").GetInt64(), sums.GetProperty("twice").GetInt64()).Should().Be((await CountAsync("water_samples"), 0, 0));
    }

    public void Dispose() => folder.Dispose();
}
