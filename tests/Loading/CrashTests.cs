using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;
using Pipeline.Producer.Sending;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Schemas;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Loading;

/// <summary>
/// A job is ended at each operation of its stores, in turn and in four ways, and run again: the lake then holds what it holds after a run that nothing happened to.
/// A process that stops also loses what was written and not flushed, as a cut of the power takes it.
/// </summary>
/// <remarks>Stopping before a read leaves what stopping after the write before it left: the whole lane stops at writes, and has one of each kind of read fail; the nightly lane has every operation, the fast lane a third of the whole lane's.</remarks>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed partial class CrashTests
{
    private static readonly string[] Reads = ["list ", "stat ", "read ", "open "];
    private CrashLake lake = null!;

    [SetUp]
    public void MakeLake() => lake = new CrashLake();

    [TearDown]
    public void DeleteLake() => lake.Dispose();

    [Test]
    public async Task A_batch_of_a_file_is_there_once_whatever_operation_it_was_ended_at([Values] CrashKind kind)
    {
        var first = lake.File("first", "Petit,Zoé,23,IA", "Roux,Léa,19,Droit");
        var second = lake.File("second", "Faure,Éric,31,Gestion", "Blanc,Noé,old,IA", "Morel,Inès,24,Finance");
        await CrashLake.RunAsync(lake["prepared"], "batch-etl", "--dataset", "students", "--input", first);
        await EveryOperationAsync(kind, ["batch-etl", "--dataset", "students", "--input", second]);
    }

    [Test]
    public async Task A_stream_has_every_message_once_whatever_operation_it_was_ended_at([Values] CrashKind kind)
    {
        using var broker = MockBroker.Start(1, "etudiants");
        var messages = lake.File("messages", "Petit,Zoé,23,IA", "Blanc,Noé,old,IA", "Roux,Léa,19,Droit", "Faure,Éric,31,Gestion", "Morel,Inès,24,Finance");
        var sender = new Sender(new SendOptions(Datasets.Find("students")!)
        {
            File = Path.Combine(messages, "etudiants.csv"),
            BootstrapServers = broker.BootstrapServers,
            Pause = TimeSpan.Zero,
        });
        await sender.RunAsync();
        string[] ingest = ["stream-ingest", "--dataset", "students", "--bootstrap-servers", broker.BootstrapServers, "--available-now", "--max-offsets-per-batch", "3"];
        await EveryOperationAsync(kind, ingest);
    }

    [Test]
    public async Task A_compaction_changes_no_row_whatever_operation_it_was_ended_at([Values] CrashKind kind)
    {
        for (var i = 0; i < 3; i++)
            await CrashLake.RunAsync(lake["prepared"], "batch-etl", "--dataset", "students", "--input", lake.File($"file-{i}", $"Petit,Zoé,{20 + i},IA"));
        await EveryOperationAsync(kind, ["optimize", "students"]);
    }

    [Test]
    public async Task A_restore_takes_back_what_it_was_asked_to_whatever_operation_it_was_ended_at([Values] CrashKind kind)
    {
        for (var i = 0; i < 2; i++)
            await CrashLake.RunAsync(lake["prepared"], "batch-etl", "--dataset", "students", "--input", lake.File($"file-{i}", $"Petit,Zoé,{20 + i},IA"));
        await EveryOperationAsync(kind, ["restore", "students", "--version", "0"]);
    }

    [Test]
    public async Task A_replay_writes_a_corrected_row_once_whatever_operation_it_was_ended_at([Values] CrashKind kind)
    {
        var input = lake.File("file", "Petit,Zoé,23,IA", "Blanc,Noé,old,IA", "Morel,Inès,24,Finance");
        await CrashLake.RunAsync(lake["prepared"], "batch-etl", "--dataset", "students", "--input", input);
        var listed = await CrashLake.RunAsync(lake["prepared"], "quarantine", "list", "--output", "json");
        var row = listed.Out.Split('"')[Array.IndexOf(listed.Out.Split('"'), "row_id") + 2];
        await CrashLake.RunAsync(lake["prepared"], "quarantine", "fix", row, "--set", "Age=22", "--reason", "As on the card");
        await EveryOperationAsync(kind, ["quarantine", "replay", "--all"]);
    }

    [Test]
    public async Task An_export_is_whole_whatever_operation_it_was_ended_at([Values] CrashKind kind)
    {
        await CrashLake.RunAsync(lake["prepared"], "batch-etl", "--dataset", "students", "--input", lake.File("file", "Petit,Zoé,23,IA", "Morel,Inès,24,Finance"));
        string[] Export(string folder) => ["metrics-export", "--dataset", "students", "--to", $"sqlite:{folder}/metrics.db"];
        await EveryOperationAsync(kind, Export, static folder => CrashLake.Metrics($"{folder}/metrics.db"));
    }

    [Test]
    public async Task A_merge_changes_each_row_once_whatever_operation_it_was_ended_at([Values] CrashKind kind)
    {
        await CrashLake.RunAsync(lake["prepared"], "batch-etl", "--dataset", "students", "--input", lake.File("file", "Petit,Zoé,23,IA", "Morel,Inès,24,Finance"));
        await EveryOperationAsync(kind, (folder, point) => Task.Run(() => Merge(folder, point)), lake.State);
    }

    private Task EveryOperationAsync(CrashKind kind, string[] command) => EveryOperationAsync(kind, _ => command, lake.State);

    private Task EveryOperationAsync(CrashKind kind, Func<string, string[]> command, Func<string, IReadOnlyList<string>> state) =>
        EveryOperationAsync(kind, (folder, point) => Programs.PipelineAsync([.. command(folder), "--master", "embedded[1]", "--lake", folder], wrapStorage: point.Wrap), state);

    /// <summary>Does some work on copies of the prepared lake, each life of it ended at another operation, then once more to its end, and compares.</summary>
    private async Task EveryOperationAsync(CrashKind kind, Func<string, CrashPoint, Task<ProgramRun>> work, Func<string, IReadOnlyList<string>> state)
    {
        var whole = lake.Copy(lake["prepared"], "whole");
        var counted = new CrashPoint(0, kind);
        (await LiveAsync(whole, work, counted)).ExitCode.Should().BeOneOf(0, 4);
        var expected = state(whole);
        expected.Should().NotBeEmpty();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var points = Enumerable.Range(1, counted.Operations.Count).Where(at => IsTried(kind, counted.Operations[at - 1], seen)).ToList();
        points.Should().HaveCountGreaterThan(2, "a command that changes a lake writes: {0}", string.Join('\n', counted.Operations));

        if (Lane.IsFast) points = [.. points.Where(static (_, index) => index % 3 == 0)];

        var reached = 0;
        foreach (var at in points)
        {
            var copy = lake.Copy(lake["prepared"], "life");
            var before = Directory.EnumerateFiles(copy, "*", SearchOption.AllDirectories).ToHashSet(StringComparer.Ordinal);
            var point = new CrashPoint(at, kind);
            var ended = await LiveAsync(copy, work, point);
            if (point.Reached is null) continue;
            reached++;
            var where = $"{kind} at {at}, '{point.Reached.Replace(copy, "", StringComparison.Ordinal)}'; it ended with {ended.ExitCode} and printed: {ended.Error}";
            if (kind is CrashKind.StopsBefore or CrashKind.StopsAfter) point.CutPower(copy, before);
            CrashPoint.EndProcess(copy);
            // A scheduler runs again what did not end well, and nothing else.
            if (ended.ExitCode is not (0 or 4))
            {
                var again = await LiveAsync(copy, work, new CrashPoint(0, kind));
                again.ExitCode.Should().BeOneOf([0, 4], "{0}; again: {1}", where, again.Error);
            }
            var found = state(copy);
            expected.Except(found).Select(static line => $"lacks {line}").Concat(found.Except(expected).Select(static line => $"has {line}")).Should().BeEmpty("{0}", where);
            found.Should().Equal(expected, "{0}", where);
            lake.KnowsEveryBatch(copy);
        }
        reached.Should().BeGreaterThan(points.Count / 2, "most operations come in each life");
    }

    private static async Task<ProgramRun> LiveAsync(string folder, Func<string, CrashPoint, Task<ProgramRun>> work, CrashPoint point)
    {
        try
        {
            return await work(folder, point);
        }
        catch (ProcessStoppedException stop)
        {
            return new ProgramRun(137, "", stop.Message);
        }
    }

    /// <summary>Other ages, and one student more, in one MERGE.</summary>
    private static ProgramRun Merge(string folder, CrashPoint point)
    {
        using var engine = EmbeddedEngine.Create(new EmbeddedSettings { Threads = 1, Storage = new StorageOptions { Wrap = point.Wrap } });
        try
        {
            var table = DeltaTable.ForPath(SparkSession.ForEngine(engine), new LakeLayout(folder).Table("students"));
            // A merge that is run again, after one whose end nobody heard of, says the same.
            var source = table.ToDF().Filter("row_id <> 'new'").WithColumn("age", Functions.Expr("if(last_name = 'Petit', 50, 51)"));
            var more = source.Filter("last_name = 'Petit'").WithColumn("row_id", Functions.Lit("new"));
            table.As("old").Merge(source.Union(more).As("next"), "old.row_id = next.row_id")
                .WhenMatched().UpdateAll().WhenNotMatched().InsertAll().Execute();
            return new ProgramRun(0, "", "");
        }
        catch (EngineException error)
        {
            return new ProgramRun(75, "", error.Message);
        }
    }

    /// <summary>Whether a life is ended at the operation; of reads that are alike, with other numbers in their names, one fails.</summary>
    private static bool IsTried(CrashKind kind, string operation, HashSet<string> seen)
    {
        if (Lane.IsNightly || !Reads.Any(read => operation.StartsWith(read, StringComparison.Ordinal))) return true;
        return kind == CrashKind.Fails && seen.Add(Numbers().Replace(operation, "#"));
    }

    [GeneratedRegex("[0-9a-f-]*[0-9][0-9a-f-]*")]
    private static partial Regex Numbers();
}
