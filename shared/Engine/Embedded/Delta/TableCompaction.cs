using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>Where rows are rewritten: gives the writing the session that it goes on in.</summary>
internal delegate List<DataFile> RewritePlace(Func<SessionContext, List<DataFile>> write);

/// <summary>Puts a table's small files together, asked for or after a write that made them many.</summary>
internal static class TableCompaction
{
    /// <summary>Seconds that lie between two compactions of a table by one session: a stream of many batches a second would otherwise have one going on beside it all the time.</summary>
    private const string IntervalKey = "pipeline.embedded.autoCompact.intervalSeconds";
    private const int DefaultIntervalSeconds = 30;

    /// <summary>All files below the target.</summary>
    public static void Run(SessionContext session, DeltaLog log, long targetBytes) =>
        DeltaSink.RequireCommitted(Commit(session, Here(session), log, targetBytes, rewrite => Compaction.RunAsync(log, rewrite, targetBytes)));

    /// <summary>Where the session, or else the table, or else the engine's own settings ask for it: after a write.</summary>
    /// <param name="session">Whose settings count.</param>
    /// <param name="log">The table.</param>
    /// <param name="snapshot">The table as the write left it.</param>
    /// <param name="place">Where rows are rewritten, if there are any to rewrite; null is the session itself.</param>
    /// <remarks>The write is done and stays done: where another writer changes those files meanwhile, or the store fails, the files stay as they are until the next write looks at them.</remarks>
    public static void RunAuto(SessionContext session, DeltaLog log, Snapshot snapshot, RewritePlace? place = null)
    {
        if (!IsDue(session, log, snapshot)) return;
        var settings = Settings(session);
        try
        {
            if (Commit(session, place ?? Here(session), log, settings.MaxFileBytes, rewrite => Compaction.RunAutoAsync(log, snapshot, settings, rewrite)) is Committed) session.Database.Tables.Compacted(log);
        }
        catch (EngineException)
        {
            // Said above; `optimize` of the table tells what it is.
        }
    }

    /// <summary>Whether it is asked for, the table has files enough for it and it was not done just before.</summary>
    public static bool IsDue(SessionContext session, DeltaLog log, Snapshot snapshot)
    {
        var asked = session.Conf.GetValueOrDefault(AutoCompaction.EnabledKey) ?? snapshot.Metadata.Configuration.GetValueOrDefault(AutoCompaction.Property);
        return (bool.TryParse(asked, out var isAsked) ? isAsked : session.Database.AutoCompacts)
            && Settings(session).HasFilesEnough(snapshot)
            && session.Database.Tables.IsCompactionDue(log, Interval(session));
    }

    /// <summary>What lies between two compactions of a table at least.</summary>
    public static TimeSpan Interval(SessionContext session) => TimeSpan.FromSeconds(Number(session, IntervalKey, DefaultIntervalSeconds));

    /// <summary>Refuses a session's setting that a write could make nothing of.</summary>
    /// <exception cref="EngineException">It is none of the values that it takes.</exception>
    public static void CheckSetting(string key, string value)
    {
        var expected = key switch
        {
            _ when Is(AutoCompaction.EnabledKey) => bool.TryParse(value, out _) ? null : "true or false",
            _ when Is(AutoCompaction.MinFilesKey) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var files) && files > 1 ? null : "a number of files, 2 at least",
            _ when Is(IntervalKey) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? null : "a number of seconds",
            _ when Is(AutoCompaction.MaxFileBytesKey) => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes > 0 ? null : "a number of bytes",
            _ => null,
        };
        if (expected is not null) throw new EngineException($"{key} is '{value}'; it takes {expected}.") { ErrorClass = "INVALID_CONF_VALUE", SqlState = "22022" };

        bool Is(string name) => key.Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    private static RewritePlace Here(SessionContext session) => write => write(session);

    private static AutoCompaction Settings(SessionContext session)
    {
        var settings = new AutoCompaction();
        return settings with { MinFiles = (int)Number(session, AutoCompaction.MinFilesKey, settings.MinFiles), MaxFileBytes = Number(session, AutoCompaction.MaxFileBytesKey, settings.MaxFileBytes) };
    }

    private static long Number(SessionContext session, string key, long otherwise) => session.Conf.TryGetValue(key, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>What came of the compaction, or null where there was nothing to do; files of one that does not stand are deleted.</summary>
    private static CommitResult? Commit(SessionContext session, RewritePlace place, DeltaLog log, long targetBytes, Func<RewriteFiles, Task<CommitResult?>> run)
    {
        var options = new SourceOptions(new Dictionary<string, string> { ["targetFileSizeBytes"] = targetBytes.ToString(CultureInfo.InvariantCulture) });
        var written = new List<DataFile>();
        Transaction? begun = null;
        try
        {
            return EngineErrors.Wait(run((transaction, group, cancellationToken) =>
            {
                begun = transaction;
                var snapshot = transaction.Snapshot!;
                var rows = DeltaScan.Query(session.Database.Tables, log, snapshot, group.Files);
                var files = place(at => new DataFileWriter(at, log, snapshot.Mapping, options).Write(rows, cancellationToken));
                written.AddRange(files);
                return Task.FromResult<IReadOnlyList<DataFile>>(files);
            }));
        }
        finally
        {
            if (begun is { MayStand: false }) DataFileWriter.Discard(log, written);
        }
    }
}
