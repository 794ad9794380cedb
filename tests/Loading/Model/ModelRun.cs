using FluentAssertions;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Tests.Support.Loading;

namespace Pipeline.Tests.Loading.Model;

/// <summary>A sequence of steps on a real lake and on the model beside it, compared after each.</summary>
internal sealed class ModelRun : IDisposable
{
    private readonly LoaderLake lake = new() { MaxBadShare = ModelLake.MaxBadShare };
    private readonly Lazy<LoaderLake> other;
    private readonly ModelLake model = new();

    /// <summary>Versions of the table that the model knows, with their rows.</summary>
    private readonly SortedDictionary<long, Dictionary<string, (string Value, string Batch)>> versions = [];
    private readonly ModelStream stream = new();
    private readonly List<string> done = [];

    public ModelRun() => other = new Lazy<LoaderLake>(() => lake.Another());

    public async Task DoAsync(IEnumerable<Step> steps)
    {
        foreach (var step in steps)
        {
            done.Add(step.ToString());
            await DoAsync(step);
            Compare();
        }
    }

    public void Dispose()
    {
        if (other.IsValueCreated) other.Value.Dispose();
        lake.Dispose();
    }

    private static string[] Texts(IEnumerable<Thing> rows) => [.. rows.Select(static row => row.ToString())];

    private static string Counts(LoadedBatch batch) => $"{batch.Read}={batch.Written}+{batch.Quarantined}+{batch.Duplicate}";

    private static string Counts(Outcome outcome) => $"{outcome.Counts.Read}={outcome.Counts.Written}+{outcome.Counts.Quarantined}+{outcome.Counts.Duplicate}";

    private static string FileOf(Step step) => $"file-{step.Choice % 2}.csv";

    private async Task DoAsync(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Stream:
                stream.Send(step.Rows);
                await IngestAsync(int.MaxValue);
                break;
            case StepKind.Send:
                stream.Send(step.Rows);
                break;
            case StepKind.Ingest:
                await IngestAsync(1 + step.Choice % 3);
                break;
            case StepKind.File:
                LoadFile(step, step.Choice % 3 == 0 ? other.Value : lake);
                break;
            case StepKind.StreamDies:
                await StreamDiesAsync(step);
                break;
            case StepKind.FileDies:
                await FileDiesAsync(step);
                break;
            case StepKind.Fix:
                Change(step, lake.Fix);
                break;
            case StepKind.Discard:
                Change(step, (id, _) => lake.Discard(id), isDiscard: true);
                break;
            case StepKind.Replay:
                Replay();
                break;
            case StepKind.ReplayDies:
                await ReplayDiesAsync(step);
                break;
            case StepKind.Restore:
                await RestoreAsync(step);
                break;
            case StepKind.ReplayMissing:
                await ReplayMissingAsync();
                break;
            case StepKind.LoseTable:
                await LoseTableAsync();
                break;
            case StepKind.Optimize when HasTable:
                lake.Engine.Optimize(lake.Lake.Table(LoaderLake.Things), 1 << 20);
                break;
            case StepKind.Vacuum when HasTable:
                _ = lake.Engine.Vacuum(lake.Lake.Table(LoaderLake.Things), 168, dryRun: false);
                break;
            case StepKind.SecondWriter:
                await SecondWriterAsync(step);
                break;
            case StepKind.OldNumber when stream.Loaded.Count > 0:
                lake.Restart();
                await LoadAsync(stream.Loaded[step.Choice % stream.Loaded.Count]);
                break;
            case StepKind.OldNumberOtherContent when stream.Loaded.Count > 0:
                await OldNumberOtherContentAsync(step);
                break;
            case StepKind.NewCheckpoint:
                stream.Begin($"checkpoint-{done.Count}");
                break;
            case StepKind.CopyCheckpoint:
                stream.Copy();
                break;
            case StepKind.PutBackCheckpoint:
                lake.Restart();
                stream.PutBack();
                await IngestAsync(1 + step.Choice % 4);
                break;
            case StepKind.TopicRecreated:
                // The old checkpoint is refused by the topic's id; messages of the new topic have offsets that the old one's had.
                stream.Recreate($"checkpoint-{done.Count}");
                stream.Send(step.Rows);
                await IngestAsync(int.MaxValue);
                break;
        }
    }

    private string Said => string.Join(", ", done).Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    private bool HasTable => DeltaTable.IsDeltaTable(lake.Spark, lake.Lake.Table(LoaderLake.Things));

    /// <summary>The stream reads what it has not read, in batches of a size.</summary>
    private async Task IngestAsync(int size)
    {
        while (stream.Next(size) is { } batch)
        {
            await LoadAsync(batch);
            stream.Done(batch);
        }
    }

    /// <summary>A batch of a stream: where it was loaded before, it says what it said then and changes nothing.</summary>
    private async Task LoadAsync(StreamBatch batch)
    {
        var known = stream.Loaded.Find(batch.IsSame)?.Id;
        var outcome = known is null ? model.Judge(batch.Rows, null, "", canBeWholeBad: true) : null;
        var loaded = await LakeAsync(batch);
        if (outcome is null)
        {
            loaded.BatchId.Should().Be(known, Said);
            Counts(loaded).Should().Be(model.History.Single(recorded => recorded.Batch == known).Text, Said);
            return;
        }
        Loaded(loaded, outcome, batch.Rows, isStream: true);
        stream.Loaded.Add(batch with { Id = loaded.BatchId });
    }

    private Task<LoadedBatch> LakeAsync(StreamBatch batch) => lake.StreamAsync(batch.Checkpoint, batch.Number, batch.Offset, Texts(batch.Rows));

    private void LoadFile(Step step, LoaderLake writer)
    {
        var outcome = model.Judge(step.Rows, FileOf(step), "", canBeWholeBad: true);
        Loaded(writer.File(FileOf(step), Texts(step.Rows)), outcome, step.Rows, isStream: false);
    }

    private void Loaded(LoadedBatch loaded, Outcome outcome, IReadOnlyList<Thing> rows, bool isStream)
    {
        Counts(loaded).Should().Be(Counts(outcome), Said);
        loaded.IsBad.Should().Be(outcome.IsWholeBad, Said);
        model.Write(outcome, loaded.BatchId);
        model.Reject(outcome, loaded.BatchId);
        model.Record(outcome, loaded.BatchId, rows, isStream);
    }

    /// <summary>The stream dies after the table's commit; a restore may come before its next start, which runs the batch again.</summary>
    private async Task StreamDiesAsync(Step step)
    {
        stream.Send(step.Rows);
        var batch = stream.Next(int.MaxValue)!;
        var outcome = model.Judge(batch.Rows, null, "", canBeWholeBad: true);
        if (outcome.New.Count == 0 || stream.Loaded.Exists(batch.IsSame))
        {
            await IngestAsync(int.MaxValue);
            return;
        }
        lake.DieAfterTable();
        await DiesAsync(() => LakeAsync(batch));
        var id = NewBatch();
        model.Write(outcome, id);
        if (step.Choice % 2 == 1) Restore(step);
        _ = await lake.StartAsync();
        model.Record(outcome, id, batch.Rows, isStream: true);
        model.Reopen();
        var again = await LakeAsync(batch);
        (again.BatchId, Counts(again)).Should().Be((id, Counts(outcome)), Said);
        // What is rejected by now is in quarantine.
        if (outcome.Counts.Quarantined > 0) model.Reject(model.Judge(batch.Rows, null, id, canBeWholeBad: false), id);
        stream.Loaded.Add(batch with { Id = id });
        stream.Done(batch);
    }

    private async Task FileDiesAsync(Step step)
    {
        var outcome = model.Judge(step.Rows, FileOf(step), "", canBeWholeBad: true);
        if (outcome.New.Count == 0)
        {
            LoadFile(step, lake);
            return;
        }
        lake.DieAfterTable();
        await DiesAsync(() => Task.FromResult(lake.File(FileOf(step), Texts(step.Rows))));
        var id = NewBatch();
        model.Write(outcome, id);
        var isTakenBack = step.Choice % 2 == 1 && Restore(step);
        _ = RepairedRows.Reopen(lake.Spark, lake.Lake, LoaderLake.Things);
        model.Reopen();
        if (!isTakenBack)
        {
            Counts(lake.File(FileOf(step), Texts(step.Rows))).Should().Be(Counts(outcome), Said);
            model.Reject(outcome, id);
            model.Record(outcome, id, step.Rows, isStream: false);
            return;
        }
        // The load that was taken back is recorded and completed, and the file is loaded once more.
        var loaded = lake.File(FileOf(step), Texts(step.Rows));
        model.Record(outcome, id, step.Rows, isStream: false);
        model.Reject(model.Judge(step.Rows, FileOf(step), id, canBeWholeBad: true), id);
        Loaded(loaded, model.Judge(step.Rows, FileOf(step), loaded.BatchId, canBeWholeBad: true), step.Rows, isStream: false);
        _ = await lake.StartAsync();
    }

    private void Change(Step step, Action<string, string> change, bool isDiscard = false)
    {
        var row = step.Rows[0];
        var open = model.Quarantine.Where(rejected => rejected.IsOpen && rejected.Raw.Id == row.Id).ToList();
        if (open.Count == 0) return;
        change(row.Id, row.Value);
        foreach (var rejected in open)
        {
            rejected.IsReopened = false;
            rejected.Status = isDiscard ? "discarded" : "fixed";
            if (!isDiscard) rejected.Fixed = row.Value;
        }
    }

    private void Replay()
    {
        model.Reopen();
        var open = model.Quarantine.Where(static row => row.IsOpen).ToList();
        Replayed(lake.Replay(), open);
    }

    private void Replayed(IReadOnlyList<LoadedBatch> replays, List<Rejected> open)
    {
        if (open.Count == 0)
        {
            replays.Should().BeEmpty(Said);
            return;
        }
        var outcome = model.JudgeReplay(open, lake.Table);
        replays.Select(Counts).Should().Equal([Counts(outcome)], Said);
        model.Write(outcome, replays[0].BatchId);
        model.Record(outcome, replays[0].BatchId, [], isStream: false);
        model.Finish(open);
    }

    /// <summary>A replay dies after the table's commit; a restore may come before the next one, which ends it or begins again.</summary>
    private async Task ReplayDiesAsync(Step step)
    {
        model.Reopen();
        var open = model.Quarantine.Where(static row => row.IsOpen).ToList();
        if (open.Count == 0 || model.JudgeReplay(open, model.Table).New.Count == 0)
        {
            Replay();
            return;
        }
        lake.DieAfterTable();
        await DiesAsync(() => Task.FromResult(lake.Replay()));
        var outcome = model.JudgeReplay(open, lake.Table);
        var id = NewBatch();
        model.Write(outcome, id);
        var isTakenBack = step.Choice % 2 == 1 && Restore(step);
        _ = await lake.StartAsync();
        model.Record(outcome, id, [], isStream: false);
        model.Reopen();
        if (isTakenBack)
        {
            Replay();
            return;
        }
        var replays = lake.Replay();
        Counts(replays[0]).Should().Be(Counts(outcome), Said);
        model.Finish(open);
        // The replay that was asked for takes what is still open.
        Replayed([.. replays.Skip(1)], [.. model.Quarantine.Where(static row => row.IsOpen)]);
    }

    private async Task RestoreAsync(Step step)
    {
        if (!Restore(step)) return;
        _ = await lake.StartAsync();
        model.Reopen();
        (await BatchHistory.CompareAsync(lake.Spark, lake.Lake, LoaderLake.Things, CancellationToken.None)).Should().BeNull(Said);
    }

    /// <summary>Takes the table back to a version that the model knows; false where there is none before the last.</summary>
    private bool Restore(Step step)
    {
        if (!HasTable) return false;
        var latest = lake.Version;
        var earlier = versions.Where(version => version.Key < latest).ToList();
        if (earlier.Count == 0) return false;
        var (version, rows) = earlier[step.Choice % earlier.Count];
        lake.Restore(version);
        model.SetTable(rows);
        return true;
    }

    private async Task ReplayMissingAsync()
    {
        await lake.ReplayMissingAsync();
        model.Reopen();
        var present = model.Table.Values.Select(static row => row.Batch).ToHashSet(StringComparer.Ordinal);
        foreach (var batch in model.History.Where(batch => batch.IsStream && batch.Counts.Written > 0 && !present.Contains(batch.Batch)).ToList()) model.LoadAgain(batch);
        var open = model.Quarantine.Where(static row => row.IsOpen && row.IsReopened).ToList();
        if (open.Count == 0) return;
        var outcome = model.JudgeReplay(open, lake.Table);
        var id = lake.Batches.Select(static batch => batch.BatchId).Except(model.History.Select(static batch => batch.Batch)).Single();
        model.Write(outcome, id);
        model.Record(outcome, id, [], isStream: false);
        model.Finish(open);
    }

    private async Task LoseTableAsync()
    {
        if (!HasTable) return;
        Directory.Delete(lake.Lake.Table(LoaderLake.Things), recursive: true);
        versions.Clear();
        model.SetTable(new Dictionary<string, (string, string)>(StringComparer.Ordinal));
        _ = await lake.StartAsync();
        model.Reopen();
    }

    /// <summary>Another process loads a file after the stream has compared its rows and before it writes them.</summary>
    private async Task SecondWriterAsync(Step step)
    {
        Outcome? ofFile = null;
        LoadedBatch? file = null;
        lake.Engine.BeforeAppend = table =>
        {
            if (table != LoaderLake.Things || ofFile is not null) return;
            ofFile = model.Judge(step.Rows, FileOf(step), "", canBeWholeBad: true);
            file = other.Value.File(FileOf(step), Texts(step.Rows));
            Loaded(file, ofFile, step.Rows, isStream: false);
        };
        stream.Send([.. step.Rows.Reverse(), new Thing("d", "1")]);
        var batch = stream.Next(int.MaxValue)!;
        if (stream.Loaded.Exists(batch.IsSame))
        {
            lake.Engine.BeforeAppend = null;
            await IngestAsync(int.MaxValue);
            return;
        }
        var loaded = await LakeAsync(batch);
        lake.Engine.BeforeAppend = null;
        var outcome = model.Judge(batch.Rows, null, "", canBeWholeBad: true);
        Loaded(loaded, outcome, batch.Rows, isStream: true);
        stream.Loaded.Add(batch with { Id = loaded.BatchId });
        stream.Done(batch);
    }

    /// <summary>The offsets are those of a batch that was loaded, and the messages are others, as after a topic was created again.</summary>
    private async Task OldNumberOtherContentAsync(Step step)
    {
        var old = stream.Loaded[step.Choice % stream.Loaded.Count];
        lake.Restart();
        var act = () => LakeAsync(old with { Rows = [new Thing("d", "7"), .. old.Rows.Skip(1)] });
        (await act.Should().ThrowAsync<DataException>(Said)).WithMessage("*was loaded before with other content*");
    }

    private async Task DiesAsync<T>(Func<Task<T>> act)
    {
        await act.Should().ThrowAsync<DeathException>(Said);
        lake.Restart();
    }

    /// <summary>The batch whose rows the table has and the model does not know.</summary>
    private string NewBatch() => lake.Table.Values.Select(static row => row.Batch).Except(model.Table.Values.Select(static row => row.Batch)).Single();

    private void Compare()
    {
        var table = lake.Table;
        table.Select(static row => $"{row.Key}={row.Value.Value} by {row.Value.Batch}").Order(StringComparer.Ordinal)
            .Should().Equal(model.Table.Select(static row => $"{row.Key}={row.Value.Value} by {row.Value.Batch}").Order(StringComparer.Ordinal), Said);
        lake.Statuses.Should().Equal(model.Statuses, Said);
        lake.Batches.Select(static batch => $"{batch.BatchId} {batch.RowsRead}={batch.RowsWritten}+{batch.RowsQuarantined}+{batch.RowsDuplicate}").Order(StringComparer.Ordinal)
            .Should().Equal(model.History.Select(static batch => $"{batch.Batch} {batch.Text}").Order(StringComparer.Ordinal), Said);
        if (HasTable) versions[lake.Version] = new(model.Table, StringComparer.Ordinal);
    }
}
