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
    public string Local(DeltaLog log, string file)
    {
        if (file.StartsWith("file:", StringComparison.OrdinalIgnoreCase)) return new Uri(file).LocalPath;
        if (file.Contains("://", StringComparison.Ordinal))
            throw new EngineException($"The table '{log.Table}' has the data file '{file}', which lies elsewhere than the table. Such tables (shallow clones) are not read by the embedded engine.");
        if (log.Storage.LocalRoot is { } root) return Path.Combine(root, file);
        return copies.GetOrAdd($"{log.Storage.Root.AbsoluteUri}/{file}", _ => EngineErrors.Wait(LocalCopy.FetchAsync(log.Storage, file, temporaryFolder))).Path;
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
