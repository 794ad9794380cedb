using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
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

    /// <summary>Bytes of data files up to which they are read whole to find the one that a query failed at.</summary>
    private const long MostBytesToExamine = 1L << 30;

    private readonly ConcurrentDictionary<string, UsedFile> readable = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LocalCopy> copies = new(StringComparer.Ordinal);

    /// <summary>Folders on this machine of the tables that the session has touched.</summary>
    public IEnumerable<string> Folders => logs.Values.Select(static log => log.Storage.LocalRoot).OfType<string>();

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

        RequireReadable(log, snapshot, path, file);
        return path;
    }

    /// <summary>Refuses a file that DuckDB could not read without the session's end. Each is looked at once, as data files never change.</summary>
    private void RequireReadable(DeltaLog log, Snapshot snapshot, string path, AddFile file)
    {
        if (readable.ContainsKey(path)) return;
        if (EngineErrors.Run(() => ParquetFooter.HasEncryptedColumns(path)))
        {
            throw EngineErrors.Translate(new DeltaException(
                DeltaErrorKind.DataFile,
                $"Cannot read the table '{log.Table}': its data file '{file.FilePath}' has encrypted columns, which are not read here. Restore a version without this file, or write its rows again without encryption."));
        }

        if (readable.Count >= MaxRemembered) readable.Clear();
        readable[path] = new UsedFile(log.Table, snapshot.Version, file);
    }

    /// <summary>An error of DuckDB as that of a damaged data file where one of the files that were read is damaged; else as it is.</summary>
    /// <param name="error">The error.</param>
    /// <param name="connect">Gives a connection for looking at files.</param>
    public EngineException Explain(EngineException error, Func<Connection> connect)
    {
        if (error.IsTransient || error.InnerException is not null || error.ErrorClass is not (null or "USER_RAISED_EXCEPTION") || readable.IsEmpty) return error;
        foreach (var (path, used) in readable)
            if (error.Message.Contains(path, StringComparison.Ordinal)) return Damaged(used, error.Message.Split('\n', 2)[0].Replace($" '{path}'", "", StringComparison.Ordinal), error);
        foreach (var (path, used) in readable)
        {
            var size = File.Exists(path) ? new FileInfo(path).Length : used.File.SizeBytes;
            if (size != used.File.SizeBytes) return Damaged(used, string.Create(CultureInfo.InvariantCulture, $"it has {size} bytes, and the table's log says {used.File.SizeBytes}"), error);
        }
        // What DuckDB says of a page that cannot be decoded names no file.
        if (readable.Values.Sum(static used => used.File.SizeBytes) > MostBytesToExamine) return error;
        using var connection = connect();
        foreach (var (path, used) in readable)
        {
            if (File.Exists(path) && Unreadable(connection, path) is { } why) return Damaged(used, why, error);
        }
        return error;
    }

    private static string? Unreadable(Connection connection, string path)
    {
        try
        {
            connection.Execute($"SELECT bit_xor(hash(COLUMNS(*))) FROM read_parquet({DuckDbTypes.TextList([DuckDbTypes.FilePattern(path)])}, hive_partitioning = false)");
            return null;
        }
        catch (EngineException error)
        {
            return error.Message.Split('\n', 2)[0];
        }
    }

    private static EngineException Damaged(UsedFile used, string why, EngineException cause) =>
        EngineErrors.Translate(DeltaLog.DamagedDataFile(used.Table, used.Version, used.File, why, cause));

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

    /// <summary>A data file that was given to a query, and the first version that it was read for.</summary>
    private sealed record UsedFile(string Table, long Version, AddFile File);
}
