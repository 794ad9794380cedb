using System.Runtime.ExceptionServices;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>What a commit to a table calls for and nobody need wait for: the log's checkpoint, small files compacted. Done on a thread of its own, one piece after the other.</summary>
/// <remarks>
/// A stream has one, so that no batch waits for it. Of a table that gets commits faster than they are looked after, the latest one counts.
/// Both pieces change nothing that a reader sees and are done again after a later commit, so a process may die anywhere meanwhile.
/// </remarks>
internal sealed class TableMaintenance : IDisposable
{
    /// <summary>Of the 19 that there are; each takes a fifth off a thread's share of a busy processor.</summary>
    private const int StepsDown = 10;

    /// <summary>Rests between the pieces of a rewrite, in lengths of the piece before: it works a quarter of the time.</summary>
    private const double RestAfterPiece = 3;

    /// <summary>How long a rewrite rests in all, in times between compactions of a table; what is not done by then goes on without.</summary>
    private const double MostRest = 2.0 / 3;

    private readonly SessionContext session;
    private readonly Dictionary<DeltaLog, Snapshot> open = [];
    private readonly Thread thread;
    private readonly ManualResetEventSlim ending = new();
    private Exception? failure;

    /// <param name="session">Where queries run, and whose settings count.</param>
    public TableMaintenance(SessionContext session)
    {
        this.session = session;
        thread = new Thread(Run) { IsBackground = true, Name = "table upkeep" };
        thread.Start();
    }

    /// <summary>Has a table looked after, soon, where its latest commit calls for it.</summary>
    /// <exception cref="AggregateException">An earlier piece ended in a defect.</exception>
    public void After(DeltaLog log, Snapshot snapshot)
    {
        if (!DeltaLog.IsCheckpointDue(snapshot) && !TableCompaction.IsDue(session, log, snapshot)) return;
        lock (open)
        {
            if (failure is not null) throw new AggregateException(failure);
            // A checkpoint is of one version in ten: it is not given up for a later commit that calls for none.
            if (!open.TryGetValue(log, out var waiting) || !DeltaLog.IsCheckpointDue(waiting) || DeltaLog.IsCheckpointDue(snapshot)) open[log] = snapshot;
            Monitor.Pulse(open);
        }
    }

    /// <summary>Ends the thread once what is open is done.</summary>
    public void Dispose()
    {
        lock (open)
        {
            ending.Set();
            Monitor.Pulse(open);
        }
        thread.Join();
        ending.Dispose();
    }

    private void Run()
    {
        while (Next() is var (log, snapshot))
        {
            try
            {
                _ = EngineErrors.Wait(log.CheckpointAsync(snapshot));
                if (EngineErrors.Wait(log.LoadAsync()) is { } now) TableCompaction.RunAuto(session, log, now, Beside);
            }
            catch (EngineException)
            {
                // A store that fails now: a later commit calls for the same again.
            }
            catch (Exception error)
            {
                lock (open) failure = error;
                return;
            }
        }
    }

    /// <summary>Has rows rewritten in a database and a thread of their own, of a low priority, piece by piece with rests until the upkeep ends: with many files that takes a second or two of a processor, which the batches would have to share.</summary>
    /// <remarks>The priority alone does not do: on two processors a stream's p99 was 2.5 to 2.9 times its median with a rewrite at full speed in it, and 1.8 to 2.1 times without (tests/Benchmarks/RESULTS.md). Only the writing, which is DuckDB's work: a thread of a low priority in managed code would hold up the collector of garbage, and with it all others.</remarks>
    private List<DataFile> Beside(Func<SessionContext, List<DataFile>> write)
    {
        List<DataFile> files = [];
        ExceptionDispatchInfo? error = null;
        var left = TableCompaction.Interval(session) * MostRest;
        var writing = new Thread(() =>
        {
            try
            {
                _ = NativeSession.LowerPriority(StepsDown);
                using var place = new SessionContext(session.Database.Beside(Rest), null, session.Conf, ownsDatabase: true);
                files = write(place);
            }
            catch (Exception thrown)
            {
                error = ExceptionDispatchInfo.Capture(thrown);
            }
        })
        { IsBackground = true, Name = "table compaction" };
        writing.Start();
        writing.Join();
        error?.Throw();
        return files;

        void Rest(TimeSpan piece)
        {
            var rest = piece * RestAfterPiece;
            if (rest > left) rest = left;
            left -= rest;
            _ = ending.Wait(rest);
        }
    }

    /// <summary>The next table; null at the end.</summary>
    private (DeltaLog Log, Snapshot Snapshot)? Next()
    {
        lock (open)
        {
            while (open.Count == 0)
            {
                if (ending.IsSet) return null;
                _ = Monitor.Wait(open);
            }
            var (log, snapshot) = open.First();
            _ = open.Remove(log);
            return (log, snapshot);
        }
    }
}
