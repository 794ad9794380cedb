using System.Collections.Concurrent;
using System.Diagnostics;
using Pipeline.Lake.Delta;
using Pipeline.Lake.Storage;
using Pipeline.Sql.Engine;

namespace Pipeline.Embedded.Delta;

/// <summary>Logs of the tables that a session has touched, each with its latest snapshot, and copies of remote data files. Thread-safe.</summary>
internal sealed class DeltaTables(StorageOptions options, string temporaryFolder) : IDisposable
{
    private readonly ConcurrentDictionary<string, DeltaLog> logs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<DeltaLog, long> compactedAt = new();
    private readonly ConcurrentDictionary<string, LocalCopy> copies = new(StringComparer.Ordinal);

    /// <summary>The log of the table at a path or URI.</summary>
    public DeltaLog Log(string path)
    {
        var storage = EngineErrors.Run(() => StorageFactory.For(path, options));
        return logs.GetOrAdd(storage.Root.AbsoluteUri, _ => DeltaLog.For(storage));
    }

    /// <summary>A data file as a path of this machine; a remote one is fetched once a session, as data files never change.</summary>
    /// <exception cref="EngineException">The file is not there, or a symbolic link in the table's folder leads to it.</exception>
    public string Local(DeltaLog log, Snapshot snapshot, AddFile file)
    {
        if (log.Storage.LocalRoot is not { } root) return copies.GetOrAdd($"{log.Storage.Root.AbsoluteUri}/{file.FilePath}", _ => Fetch(log, snapshot, file)).Path;
        EngineErrors.Run(() => log.RequireDataFile(snapshot, file));
        return Path.Combine(root, file.FilePath);
    }

    private LocalCopy Fetch(DeltaLog log, Snapshot snapshot, AddFile file)
    {
        try
        {
            return LocalCopy.FetchAsync(log.Storage, file.FilePath, temporaryFolder).GetAwaiter().GetResult();
        }
        catch (StorageException error)
        {
            throw EngineErrors.Translate(error.IsNotFound ? DeltaLog.MissingDataFile(snapshot, file, error) : error);
        }
    }

    /// <summary>Whether this session has not put the table's small files together for so long.</summary>
    public bool IsCompactionDue(DeltaLog log, TimeSpan interval) => !compactedAt.TryGetValue(log, out var at) || Stopwatch.GetElapsedTime(at) >= interval;

    /// <summary>Says that the table's small files have just been put together.</summary>
    public void Compacted(DeltaLog log) => compactedAt[log] = Stopwatch.GetTimestamp();

    public void Dispose()
    {
        foreach (var copy in copies.Values) copy.Dispose();
    }
}
