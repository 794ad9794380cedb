using System.Collections.Concurrent;
using System.Diagnostics;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>Logs of the tables that a session has touched, each with its latest snapshot, and copies of remote data files. Thread-safe.</summary>
internal sealed class DeltaTables(StorageOptions options, string temporaryFolder) : IDisposable
{
    private readonly ConcurrentDictionary<string, DeltaLog> logs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<DeltaLog, long> compactedAt = new();
    /// <summary>Files that need not be looked at again; a stream of weeks makes more than it should keep.</summary>
    private const int MaxRemembered = 100_000;

    private readonly ConcurrentDictionary<string, bool> readable = new(StringComparer.Ordinal);
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
        string path;
        if (log.Storage.LocalRoot is { } root)
        {
            EngineErrors.Run(() => log.RequireDataFile(snapshot, file));
            path = Path.Combine(root, file.FilePath);
        }
        else path = copies.GetOrAdd($"{log.Storage.Root.AbsoluteUri}/{file.FilePath}", _ => Fetch(log, snapshot, file)).Path;

        RequireReadable(log, path, file);
        return path;
    }

    /// <summary>Refuses a file that DuckDB could not read without the session's end. Each is looked at once, as data files never change.</summary>
    private void RequireReadable(DeltaLog log, string path, AddFile file)
    {
        if (readable.ContainsKey(path)) return;
        if (EngineErrors.Run(() => ParquetFooter.HasEncryptedColumns(path)))
        {
            throw EngineErrors.Translate(new DeltaException(
                DeltaErrorKind.DataFile,
                $"Cannot read the table '{log.Table}': its data file '{file.FilePath}' has encrypted columns, which are not read here. Restore a version without this file, or write its rows again without encryption."));
        }

        if (readable.Count >= MaxRemembered) readable.Clear();
        readable[path] = true;
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

    /// <summary>Says that the table's small files have just been compacted.</summary>
    public void Compacted(DeltaLog log) => compactedAt[log] = Stopwatch.GetTimestamp();

    public void Dispose()
    {
        foreach (var copy in copies.Values) copy.Dispose();
    }
}
