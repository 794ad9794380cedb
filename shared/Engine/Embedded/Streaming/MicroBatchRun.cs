using System.Collections.Concurrent;
using System.Diagnostics;
using Pipeline.Engine.Embedded.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sinks;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Embedded.Streaming;

/// <summary>A streaming query on a thread of its own: plan the offsets, flush them, run the batch, commit.</summary>
/// <remarks>A batch that was planned and not committed is run again with the same offsets, whatever has come meanwhile; so a sink that knows a batch's number can leave a repetition out.</remarks>
internal sealed class MicroBatchRun : IStreamingRun
{
    private const string BatchView = "__batch";

    /// <summary>Pause between looks for new rows where the trigger has no interval, as Spark's pollingDelay.</summary>
    private const int PollingDelayMs = 10;

    private readonly SessionContext session;
    private readonly IEngine engine;
    private readonly StreamSpec spec;
    private readonly Checkpoint checkpoint;
    private readonly RunningSource[] sources;
    private readonly ProgressLog progress;
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread thread;
    private readonly Lock gate = new();
    private TaskCompletionSource nextIdle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OperationCanceledException? cancelled;

    /// <summary>The batch that was delivered last, until its commit is waited for.</summary>
    private (Task Commit, Action Tell)? last;
    private long nextNumber;

    /// <summary>Whether the current batch was planned by this run, and not by one that died.</summary>
    private bool newlyPlanned;

    /// <summary>Whether a batch of this run was compared with what the sink's table has.</summary>
    private bool sinkWasCompared;

    public MicroBatchRun(SessionContext session, IEngine engine, StreamSpec spec, Checkpoint checkpoint, RunningSource[] sources, Guid runId)
    {
        (this.session, this.engine, this.spec, this.checkpoint, this.sources, RunId) = (session, engine, spec, checkpoint, sources, runId);
        progress = new ProgressLog(checkpoint.Id, runId, spec.QueryName, [.. sources.Select(source => source.Reader.Description)], spec.ForeachBatch is null ? $"{spec.Sink!.Format}[{spec.Sink.Path}]" : "ForeachBatchSink");
        nextNumber = checkpoint.LastPlanned is { } last ? last.Number + 1 : 0;
        thread = new Thread(Run) { IsBackground = true, Name = $"stream {spec.QueryName ?? checkpoint.Id.ToString("D")}" };
        thread.Start();
    }

    public Guid Id => checkpoint.Id;

    public Guid RunId { get; }

    public bool IsActive => !ended.Task.IsCompleted;

    public string? LastProgressJson => progress.Last;

    public IReadOnlyList<string> RecentProgressJson => progress.Recent;

    public string StatusJson => progress.Status(IsActive);

    public EngineException? Failure { get; private set; }

    public bool AwaitTermination(TimeSpan? timeout, CancellationToken cancellationToken = default)
    {
        if (!ended.Task.Wait(timeout is { } limit ? (int)Math.Min(limit.TotalMilliseconds, int.MaxValue) : Timeout.Infinite, cancellationToken)) return false;
        ThrowFailure();
        return true;
    }

    public void ProcessAllAvailable(CancellationToken cancellationToken = default)
    {
        // The look for rows that is on its way may have begun before the caller's rows were there; the one after it has not.
        for (var look = 0; look < 2; look++)
        {
            Task idle;
            lock (gate) idle = nextIdle.Task;
            Task.WhenAny(idle, ended.Task).Wait(cancellationToken);
        }
        if (!IsActive) ThrowFailure();
    }

    public void Stop()
    {
        if (IsActive) stop.Cancel();
        // From within its own batch a query cannot wait for its end.
        if (Thread.CurrentThread != thread) ended.Task.Wait();
    }

    public void Dispose()
    {
        Stop();
        if (Thread.CurrentThread == thread) return;
        thread.Join();
        stop.Dispose();
    }

    private void ThrowFailure()
    {
        if (cancelled is not null) throw new OperationCanceledException(cancelled.Message, cancelled, cancelled.CancellationToken);
        if (Failure is not null) throw Failure;
    }

    private void Run()
    {
        try
        {
            try
            {
                RunBatches();
            }
            finally
            {
                Settle();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Stopped: what was planned and not done is run again at the next start.
        }
        catch (OperationCanceledException error)
        {
            cancelled = error;
        }
        catch (Exception error)
        {
            Failure = error as EngineException ?? Translate(error);
        }
        finally
        {
            End();
        }
    }

    private void RunBatches()
    {
        switch (spec.Trigger.Kind)
        {
            case "once":
                if (!RunUnfinished()) _ = RunNext(null, isLimited: false);
                break;
            case "availableNow":
                _ = RunUnfinished();
                var end = Latest();
                while (RunNext(end, isLimited: true)) stop.Token.ThrowIfCancellationRequested();
                break;
            default:
                RunUntilStopped();
                break;
        }
    }

    private void RunUntilStopped()
    {
        _ = RunUnfinished();
        while (true)
        {
            var began = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            var hadRows = RunNext(null, isLimited: true);
            var interval = spec.Trigger.IntervalMs;
            var pause = interval > 0 ? (((began / interval) + 1) * interval) - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() : hadRows ? 0 : PollingDelayMs;
            if (!hadRows) TellIdle();
            if (pause > 0)
            {
                Settle();
                _ = stop.Token.WaitHandle.WaitOne((int)Math.Min(pause, int.MaxValue));
            }
            stop.Token.ThrowIfCancellationRequested();
        }
    }

    private void TellIdle()
    {
        TaskCompletionSource done;
        lock (gate)
        {
            done = nextIdle;
            nextIdle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        done.SetResult();
    }

    /// <summary>Runs the batch that an earlier run planned and did not commit; true where there was one.</summary>
    private bool RunUnfinished()
    {
        if (checkpoint.LastPlanned is not { } planned || checkpoint.IsLastDone) return false;
        newlyPlanned = false;
        Execute(planned, Task.CompletedTask, Start(checkpoint.BeforeLast), [.. planned.Offsets], new BatchClock());
        return true;
    }

    private string[] Latest()
    {
        var start = Start(checkpoint.LastPlanned);
        return [.. sources.Select((source, i) => source.Reader.LatestOffset(start[i], stop.Token))];
    }

    /// <summary>Plans and runs a batch of the rows that have come; false where none have.</summary>
    private bool RunNext(string[]? fixedEnd, bool isLimited)
    {
        var clock = new BatchClock();
        progress.Say("Getting offsets from the sources", isTriggerActive: true);
        var start = Start(checkpoint.LastPlanned);
        var latest = clock.Time("latestOffset", () => fixedEnd ?? [.. sources.Select((source, i) => source.Reader.LatestOffset(start[i], stop.Token))]);
        Settle();
        if (sources.Select((source, i) => source.Reader.IsSame(start[i], latest[i])).All(same => same))
        {
            progress.Say("Waiting for data to arrive", isTriggerActive: false);
            return false;
        }
        var end = isLimited ? [.. sources.Select((source, i) => source.Reader.Limit(start[i], latest[i]))] : latest;
        var batch = new PlannedBatch(nextNumber++, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), end, sources.Where((source, i) => GoesBack(source, start[i], end[i])).Any());
        newlyPlanned = true;
        KillPoint.Reach(EmbeddedKillPoints.BeforeOffsets);
        Execute(batch, clock.Beside("walCommit", () => checkpoint.PlanAsync(batch, CancellationToken.None)), start, latest, clock);
        return true;
    }

    /// <summary>Whether a source was created again; that it may be was settled when its latest offset was asked for.</summary>
    private static bool GoesBack(RunningSource source, string start, string end)
    {
        try
        {
            source.Reader.Check(end, start);
            return false;
        }
        catch (FormatException)
        {
            return true;
        }
    }

    private string[] Start(PlannedBatch? before) => before is not null ? [.. before.Offsets]
        : [.. sources.Select((source, i) => EngineErrors.Wait(checkpoint.FirstOffsetAsync(i, () => source.Reader.FirstOffset(stop.Token), stop.Token)))];

    /// <summary>Reads the batch's rows while its plan is flushed, delivers them when both are done, and leaves the commit on its way.</summary>
    private void Execute(PlannedBatch batch, Task plan, string[] start, string[] latest, BatchClock clock)
    {
        progress.Say("Processing new data", isTriggerActive: true);
        long[] rows;
        try
        {
            rows = clock.Time("getBatch", () => sources.Select((source, i) => Load(source, start[i], batch.Offsets[i])).ToArray());
        }
        finally
        {
            EngineErrors.Wait(plan);
        }
        KillPoint.Reach(EmbeddedKillPoints.AfterOffsets);
        clock.Time("addBatch", () => Deliver(batch.Number));
        KillPoint.Reach(EmbeddedKillPoints.BeforeCommit);
        last = (clock.Beside("commitOffsets", () => checkpoint.CommitAsync(CancellationToken.None)), () => progress.Add(batch, start, latest, rows, clock));
        foreach (var source in sources) Empty(source);
    }

    /// <summary>Waits for the commit of the last batch, which goes on beside the look for new rows; no other batch is planned before.</summary>
    private void Settle()
    {
        if (last is not { } batch) return;
        last = null;
        EngineErrors.Wait(batch.Commit);
        KillPoint.Reach(EmbeddedKillPoints.AfterCommit);
        batch.Tell();
    }

    private long Load(RunningSource source, string start, string end)
    {
        using var lease = session.Connections.Rent();
        return source.Reader.Load(start, end, lease.Connection, session.Schema, source.Table, stop.Token);
    }

    /// <summary>Created again: rows that are deleted from a table in memory would keep their room.</summary>
    private void Empty(RunningSource source) => session.Execute($"CREATE OR REPLACE TABLE {session.Qualified(source.Table)} ({DuckDbTypes.ToColumns(source.Schema)})");

    private void Deliver(long number)
    {
        if (spec.ForeachBatch is null)
        {
            if (newlyPlanned) RefuseKnown(number);
            // The table itself knows the batch, so that a repetition of it is none.
            var options = new Dictionary<string, string>(spec.Sink!.Options, StringComparer.OrdinalIgnoreCase) { ["txnAppId"] = Id.ToString("D"), ["txnVersion"] = number.ToString(System.Globalization.CultureInfo.InvariantCulture) };
            Writer.Write(session, spec.Sql, spec.Schema, spec.Sink with { Mode = "append", Options = options }, CancellationToken.None);
            return;
        }
        session.Execute($"CREATE OR REPLACE VIEW {session.Qualified(BatchView)} AS {spec.Sql}");
        try
        {
            spec.ForeachBatch(engine, new SourceView(BatchView, spec.Schema, false), number);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new EngineException($"Batch {number} of the stream failed: {error.Message}", error)
            {
                ErrorClass = (error as EngineException)?.ErrorClass ?? "FOREACH_BATCH_USER_FUNCTION_ERROR",
                SqlState = (error as EngineException)?.SqlState ?? "39000",
                IsTransient = error is EngineException { IsTransient: true } or StorageException { IsTransient: true },
            };
        }
        finally
        {
            session.Execute($"DROP VIEW IF EXISTS {session.Qualified(BatchView)}");
        }
    }

    /// <summary>Refuses a new batch whose number the sink's table has: it would be left out by its number, whatever rows it has. Only the first new batch can be one.</summary>
    private void RefuseKnown(long number)
    {
        if (sinkWasCompared) return;
        sinkWasCompared = true;
        var log = session.Database.Tables.Log(spec.Sink!.Path);
        if (EngineErrors.Wait(log.LoadAsync())?.TransactionVersion(Id.ToString("D")) is { } done && done >= number)
            throw checkpoint.Broken(number, FormattableString.Invariant($"it was planned only now, and the table '{log.Table}' has the batches of this query up to {done}: the checkpoint was put back from an older copy"));
    }

    private static EngineException Translate(Exception error) => EngineErrors.Translate(error);

    private void End()
    {
        // Whatever fails here must neither end the process from this thread nor leave a caller waiting for the stream's end.
        try
        {
            progress.Say(Failure is null ? "Stopped" : $"Terminated with exception: {Failure.Message}", isTriggerActive: false);
            foreach (var source in sources) source.Reader.Dispose();
            session.Dispose();
            EngineErrors.Wait(checkpoint.DisposeAsync().AsTask());
        }
        catch (ObjectDisposedException)
        {
            // The engine ended first, and took the stream's session with it.
        }
        catch (Exception error)
        {
            // The first failure is the one to tell; a lock that stays is taken over from a dead owner.
            Failure ??= Translate(error);
        }
        finally
        {
            ended.SetResult();
        }
    }
}

/// <summary>Milliseconds of a batch's steps, by Spark's names.</summary>
internal sealed class BatchClock
{
    private readonly long began = Stopwatch.GetTimestamp();
    private readonly ConcurrentDictionary<string, long> steps = new(StringComparer.Ordinal);
    private long ended;

    public IEnumerable<KeyValuePair<string, long>> Steps => steps.OrderBy(static step => step.Key, StringComparer.Ordinal);

    public DateTimeOffset BeganAt { get; } = DateTimeOffset.UtcNow;

    /// <summary>From the beginning to the end of the step that ended last.</summary>
    public long TotalMs => (long)Stopwatch.GetElapsedTime(began, Volatile.Read(ref ended)).TotalMilliseconds;

    public T Time<T>(string step, Func<T> act)
    {
        var start = Stopwatch.GetTimestamp();
        var result = act();
        End(step, start);
        return result;
    }

    /// <summary>A step on another thread, beside those that follow.</summary>
    public Task Beside(string step, Func<Task> act) => Task.Run(async () =>
    {
        var start = Stopwatch.GetTimestamp();
        await act().ConfigureAwait(false);
        End(step, start);
    });

    public void Time(string step, Action act) => Time(step, () =>
    {
        act();
        return true;
    });

    private void End(string step, long start)
    {
        var end = Stopwatch.GetTimestamp();
        steps[step] = (long)Stopwatch.GetElapsedTime(start, end).TotalMilliseconds;
        Volatile.Write(ref ended, end);
    }
}
