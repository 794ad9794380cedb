using System.Diagnostics;
using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Tests.EndToEnd.Commands;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.Recovery;

/// <summary>The recovery page does what it says: its commands are run as they stand, in a shell, in order, on a lake with a bad row and a bad batch.</summary>
public sealed partial class RunbookTests
{
    private const int Good = 300;
    private const int Bad = 60;

    [Test]
    public async Task Every_command_of_the_page_runs()
    {
        using var lake = new CommandLake();
        using var broker = MockBroker.Start(1, "water-quality");
        await SendAsync(lake, broker, Good, 4, broken: 3);
        string[] ingest = ["stream-ingest", "--dataset", "water-quality", "--bootstrap-servers", broker.BootstrapServers, "--available-now", "--max-offsets-per-batch", "100", "--bad-share-window", "50"];
        await lake.OutOfAsync(ingest);
        await SendAsync(lake, broker, Bad, 8, broken: 50);
        (await lake.RunAsync(ingest)).ExitCode.Should().Be(4);

        var variables = new Dictionary<string, string>
        {
            ["LAKE"] = lake["lake"],
            ["SERVERS"] = broker.BootstrapServers,
            ["BAD_BATCH"] = (await lake.LinesOfAsync("batches", "list", "--status", "quarantined")).Single().GetProperty("batch_id").GetString()!,
            ["BATCH"] = (await lake.LinesOfAsync("batches", "list", "--status", "committed"))[^1].GetProperty("batch_id").GetString()!,
            ["PATH"] = $"{Wrapper(lake)}:{Environment.GetEnvironmentVariable("PATH")}",
        };
        variables["ROW"] = (await lake.LinesOfAsync("quarantine", "list", "--batch", variables["BATCH"]))[0].GetProperty("row_id").GetString()![..12];

        var commands = Block().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "jobs", "Pipeline", "RECOVERY.md")))
            .SelectMany(static block => block.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Where(static line => !line.StartsWith("pipeline doctor", StringComparison.Ordinal))
            .ToList();
        commands.Should().HaveCountGreaterThan(25);
        foreach (var command in commands)
        {
            var (exitCode, output) = await ShellAsync(command, variables, lake);
            exitCode.Should().Be(0, "'{0}' stands in RECOVERY.md, and it printed: {1}", command, output);
        }

        // 3 rows were bad one by one, of which one was mended; the whole batch was mended and is not in the raw archive's rows that came back.
        (await lake.CountAsync("water_samples")).Should().BeInRange(Good - 3, Good + Bad);
        (await lake.LinesOfAsync("batches", "list", "--status", "replayed")).Should().HaveCount(1);
        (await lake.LinesOfAsync("query", "SELECT count(*) - count(DISTINCT (site_id, program_id, sampled_at, sample_location, sample_type, sample_depth, sample_time)) AS n FROM water_samples")).Single().GetProperty("n").GetInt64().Should().Be(0, "no row is there twice");
    }

    private static async Task SendAsync(CommandLake lake, MockBroker broker, int rows, int seed, int broken)
    {
        var data = lake[$"data-{seed}"];
        (await Programs.ProducerAsync(["generate", "water-quality", "--rows", $"{rows}", "--seed", $"{seed}", "--out", data])).ExitCode.Should().Be(0);
        var file = Directory.GetFiles(data, "LTM_Data*.csv").Single();
        QuarantineReplayTests.Break(broken)(file);
        var sent = await Programs.ProducerAsync(["send", "water-quality", "--file", file, "--pause", "0", "--bootstrap-servers", broker.BootstrapServers]);
        sent.ExitCode.Should().Be(0, sent.Error);
    }

    /// <summary>A folder with a script of the program's name.</summary>
    private static string Wrapper(CommandLake lake)
    {
        Directory.CreateDirectory(lake["bin"]);
        var script = Path.Combine(lake["bin"], "pipeline");
        File.WriteAllText(script, $"#!/bin/sh\nexec dotnet '{Repository.Program("jobs/Pipeline", "pipeline")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return lake["bin"];
    }

    private static async Task<(int ExitCode, string Output)> ShellAsync(string command, Dictionary<string, string> variables, CommandLake lake)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-eu", "-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = lake["bin"] };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await error);
    }

    [GeneratedRegex("```sh\n(.+?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
