using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Integration.Delta;

/// <summary>A writer that is killed, by name of the place or at random, and started again until it is done: each piece of work is in the table once.</summary>
public class KillTests
{
    internal const string TableVariable = "PIPELINE_TEST_KILL_TABLE";
    private const int Pieces = 24;
    private static readonly StructType Columns = new(new StructField("id", new LongType()));
    private string folder = null!;

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("lake-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [TestCase(StorageKillPoints.BeforeLink, 1)]
    [TestCase(StorageKillPoints.BeforeLink, 5)]
    [TestCase(DeltaKillPoints.AfterLink, 1)]
    [TestCase(DeltaKillPoints.AfterLink, 5)]
    [TestCase(DeltaKillPoints.BeforeCheckpoint, 1)]
    [TestCase(DeltaKillPoints.BeforeLastCheckpoint, 1)]
    public async Task Killed_at_a_place_each_piece_of_work_is_there_once(string place, int count)
    {
        var kills = 0;
        while (true)
        {
            using var child = Launch($"{place}:{count}");
            await child.WaitForExitAsync();
            if (child.ExitCode == 0) break;
            child.ExitCode.Should().Be(137, "it kills itself as kill -9 does");
            await HoldsAsync();
            if (++kills == 4) place = ""; // Enough of it: the last start runs to the end.
        }

        kills.Should().BeGreaterThan(0, "the place must be reached");
        await HoldsAsync(Pieces);
    }

    [Test]
    public async Task Killed_at_random_each_piece_of_work_is_there_once()
    {
        var random = new Random(20240501);
        for (var kill = 0; kill < 10; kill++)
        {
            using var child = Launch("");
            using var done = new CancellationTokenSource(TimeSpan.FromMilliseconds(random.Next(60, 600)));
            try
            {
                await child.WaitForExitAsync(done.Token);
            }
            catch (OperationCanceledException)
            {
                child.Kill();
                await child.WaitForExitAsync();
            }

            await HoldsAsync();
        }

        using (var last = Launch(""))
        {
            await last.WaitForExitAsync();
            last.ExitCode.Should().Be(0);
        }

        await HoldsAsync(Pieces);
    }

    /// <summary>The child: commits each piece of work after the last one that the table holds.</summary>
    internal static async Task<int> AppendAllAsync(string table)
    {
        if (await RunLock.TryAcquireAsync(StorageFactory.For(table + "-state"), Guid.NewGuid().ToString("N")) is not LockAcquired { Lock: var held }) return 6;
        await using (held)
        {
            var log = DeltaLog.For(table);
            var done = (await log.LoadAsync())?.TransactionVersion("child") ?? -1;
            for (var piece = done + 1; piece < Pieces; piece++)
            {
                var transaction = await log.BeginCreateOrAppendAsync(Columns);
                transaction.Append([new DataFile($"piece-{piece:D2}-{Guid.NewGuid():N}", 1, DataFile.NoPartitions, new FileStatistics(1), DateTimeOffset.UtcNow)]);
                transaction.SetTransaction("child", piece);
                if (await transaction.CommitAsync(Operation.Write("Append", [])) is not Committed) return 1;
            }
        }

        return 0;
    }

    private Process Launch(string killAt)
    {
        var assembly = typeof(KillTests).Assembly.Location;
        var start = new ProcessStartInfo(Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet", ["exec", assembly]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_STARTUP_HOOKS"] = assembly;
        start.Environment[TableVariable] = Path.Combine(folder, "t");
        start.Environment["PIPELINE_KILL_AT"] = killAt.StartsWith(':') ? "" : killAt;
        return Process.Start(start)!;
    }

    private async Task HoldsAsync(int? pieces = null)
    {
        var snapshot = await DeltaLog.For(Path.Combine(folder, "t")).LoadAsync();
        var found = snapshot?.Files.Select(static file => int.Parse(file.FilePath["piece-".Length..][..2], System.Globalization.CultureInfo.InvariantCulture)).ToList() ?? [];
        found.Should().Equal(Enumerable.Range(0, pieces ?? found.Count));
        (snapshot?.TransactionVersion("child") ?? -1).Should().Be(found.Count - 1);
    }
}
