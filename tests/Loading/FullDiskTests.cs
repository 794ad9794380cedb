using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Loading;

/// <summary>Each command that writes meets a disk that runs full, with less and less room, so that another of its writes is hit each time: it ends with 75 and a word of the disk, and is right when it runs again with room.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class FullDiskTests
{
    private const int Megabytes = 16;
    private static readonly int[] FreeKilobytes = [48, 36, 28, 20, 16, 12, 8, 4, 0];
    private CrashLake lake = null!;

    [SetUp]
    public async Task MakeLakeAsync()
    {
        lake = new CrashLake();
        await CrashLake.RunAsync(lake["prepared"], "batch-etl", "--dataset", "students", "--input", lake.File("first", "Petit,Zoé,23,IA", "Blanc,Noé,old,IA"));
        await CrashLake.RunAsync(lake["prepared"], "batch-etl", "--dataset", "students", "--input", lake.File("second", "Roux,Léa,19,Droit"));
    }

    [TearDown]
    public void DeleteLake() => lake.Dispose();

    [Test]
    public Task A_batch() => FullDiskAsync(_ => ["batch-etl", "--dataset", "students", "--input", lake.File("new", "Morel,Inès,24,Finance", "Faure,Éric,young,Gestion")], lake.State);

    [Test]
    public Task A_compaction() => FullDiskAsync(static _ => ["optimize", "students"], lake.State);

    [Test]
    public Task A_restore() => FullDiskAsync(static _ => ["restore", "students", "--version", "0"], lake.State);

    [Test]
    public async Task A_correction()
    {
        var row = await RowAsync();
        await FullDiskAsync(_ => ["quarantine", "fix", row, "--set", "Age=22", "--reason", "As on the card"], lake.State);
    }

    [Test]
    public async Task A_replay()
    {
        await CrashLake.RunAsync(lake["prepared"], "quarantine", "fix", await RowAsync(), "--set", "Age=22", "--reason", "As on the card");
        await FullDiskAsync(static _ => ["quarantine", "replay", "--all"], lake.State);
    }

    [Test]
    public Task An_export() => FullDiskAsync(static folder => ["metrics-export", "--dataset", "students", "--to", $"sqlite:{folder}/metrics.db"], static folder => CrashLake.Metrics($"{folder}/metrics.db"));

    private async Task<string> RowAsync()
    {
        var listed = await CrashLake.RunAsync(lake["prepared"], "quarantine", "list", "--output", "json");
        var words = listed.Out.Split('"');
        return words[Array.IndexOf(words, "row_id") + 2];
    }

    private async Task FullDiskAsync(Func<string, string[]> command, Func<string, IReadOnlyList<string>> state)
    {
        var whole = lake.Copy(lake["prepared"], "whole");
        await CrashLake.RunAsync(whole, command(whole));
        var expected = state(whole);
        var full = 0;
        foreach (var free in FreeKilobytes)
        {
            Directory.CreateDirectory(lake["small"]);
            using var disk = SmallDisk.Mount(lake["small"], Megabytes);
            var folder = lake.Copy(lake["prepared"], "small/lake");
            disk.LeaveFree(free * 1024L);

            var run = await Programs.PipelineAsync([.. command(folder), "--master", "embedded[1]", "--lake", folder]);
            disk.Empty();
            if (run.ExitCode is not (0 or 4))
            {
                full++;
                run.ExitCode.Should().Be(ExitCodes.Transient, "with {0} KB left; it printed: {1}", free, run.Error);
                run.Error.Should().MatchRegex("(?i)no space left|no room|disk is full", "with {0} KB left", free).And.NotContain("   at ");
                await CrashLake.RunAsync(folder, command(folder));
            }

            state(folder).Should().Equal(expected, "with {0} KB left it ended with {1} and printed: {2}", free, run.ExitCode, run.Error);
            lake.KnowsEveryBatch(folder);
        }
        full.Should().BeGreaterThanOrEqualTo(3, "the disk must have run full while the command wrote");
    }
}
