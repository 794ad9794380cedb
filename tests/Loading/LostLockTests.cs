using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Loading;

/// <summary>
/// A run stands still after it asked for its lock and before it commits, as a machine that is suspended does. Its lock is taken away and another run ends meanwhile:
/// the first commits nothing when it goes on.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class LostLockTests
{
    private const string Table = "/tables/students/_delta_log/";
    private const string Quarantine = "/quarantine/students/_delta_log/";
    private const string Batches = "/batches/_delta_log/";
    private CrashLake lake = null!;

    [SetUp]
    public async Task MakeLakeAsync()
    {
        lake = new CrashLake();
        await CrashLake.RunAsync(lake["lake"], "batch-etl", "--dataset", "students", "--input", lake.File("old", "Petit,Zoé,23,IA", "Blanc,Noé,old,IA"));
        await CrashLake.RunAsync(lake["lake"], "batch-etl", "--dataset", "students", "--input", lake.File("more", "Roux,Léa,19,Droit"));
    }

    [TearDown]
    public void DeleteLake() => lake.Dispose();

    [TestCase(Table, TestName = "A_batch_of_a_run_that_lost_its_lock_is_not_committed")]
    [TestCase(Quarantine, TestName = "Rejected_rows_of_a_run_that_lost_its_lock_are_not_committed")]
    [TestCase(Batches, TestName = "A_record_of_a_run_that_lost_its_lock_is_not_committed")]
    public Task Nothing_of_a_batch_is_committed_after_the_lock_was_lost(string place)
    {
        var input = lake.File("new", "Morel,Inès,24,Finance", "Faure,Éric,young,Gestion");
        return NothingIsCommittedAsync(place, "batch-etl", ["batch-etl", "--dataset", "students", "--input", input], ["batch-etl", "--dataset", "students", "--input", lake["old"]]);
    }

    [Test]
    public Task A_restore_is_not_committed_after_the_lock_was_lost() =>
        NothingIsCommittedAsync(Table, "restore", ["restore", "students", "--version", "0"], ["restore", "students", "--version", "0", "--dry-run"]);

    [Test]
    public Task A_compaction_is_not_committed_after_the_lock_was_lost() => NothingIsCommittedAsync(Table, "optimize", ["optimize", "students"], ["optimize", "batches"]);

    [Test]
    public async Task A_correction_in_quarantine_is_not_committed_after_the_lock_was_lost()
    {
        var listed = await CrashLake.RunAsync(lake["lake"], "quarantine", "list", "--output", "json");
        using var row = JsonDocument.Parse(listed.Out.Split('\n')[0]);
        string[] fix = ["quarantine", "fix", row.RootElement.GetProperty("row_id").GetString()!, "--set", "Age=20", "--reason", "asked"];
        await NothingIsCommittedAsync(Quarantine, "quarantine fix", fix, [.. fix, "--dry-run"]);
    }

    [Test]
    public async Task An_export_is_not_committed_after_the_lock_was_lost()
    {
        var target = $"sqlite:{lake["metrics.db"]}";
        var first = await CrashLake.RunAsync(lake["lake"], "metrics-export", "--dataset", "students", "--to", target);
        var before = CrashLake.Metrics(lake["metrics.db"]);
        await CrashLake.RunAsync(lake["lake"], "batch-etl", "--dataset", "students", "--input", lake.File("new", "Morel,Inès,24,Finance"));

        // It has taken its number and reads the table.
        await StandsStillAsync(static operation => operation.Contains(Table, StringComparison.Ordinal), "metrics-export", ["metrics-export", "--dataset", "students", "--to", target], () => Task.CompletedTask);

        first.ExitCode.Should().Be(0);
        CrashLake.Metrics(lake["metrics.db"]).Should().Equal(before);
    }

    private async Task NothingIsCommittedAsync(string place, string job, string[] command, string[] next)
    {
        IReadOnlyList<string> state = [];
        var versions = 0;
        await StandsStillAsync(operation => operation.StartsWith("put ", StringComparison.Ordinal) && operation.Contains(place, StringComparison.Ordinal), job, command, async () =>
        {
            await CrashLake.RunAsync(lake["lake"], next);
            (state, versions) = (lake.State(lake["lake"]), Versions(place));
        });

        (lake.State(lake["lake"]), Versions(place)).Should().BeEquivalentTo((state, versions), "nothing was committed any more");
        await CrashLake.RunAsync(lake["lake"], command);
    }

    /// <summary>Has a command stand still at an operation of its stores, takes its lock away, does something else, and has it go on: it ends with 6.</summary>
    private async Task StandsStillAsync(Func<string, bool> isThere, string job, string[] command, Func<Task> meanwhile)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var point = new CrashPoint(0, CrashKind.Fails) { Before = operation => isThere(operation) && reached.TrySetResult() ? goesOn.Task : Task.CompletedTask };
        var asleep = Programs.PipelineAsync([.. command, "--master", "embedded[1]", "--lake", lake["lake"]], wrapStorage: point.Wrap);
        try
        {
            await Task.WhenAny(reached.Task, asleep);
            reached.Task.IsCompleted.Should().BeTrue("the command comes to {0}", string.Join('\n', point.Operations));
            await CrashLake.RunAsync(lake["lake"], "unlock", job, "--force");
            await meanwhile();
        }
        finally
        {
            goesOn.TrySetResult();
        }

        var ended = await asleep;
        (ended.ExitCode, ended.Error.Contains("has lost ", StringComparison.Ordinal)).Should().Be((ExitCodes.LockHeld, true), ended.Error);
    }

    private int Versions(string place) => Directory.GetFiles(lake["lake"] + place, "*.json").Length;
}
