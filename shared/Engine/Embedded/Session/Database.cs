using System.Collections.Concurrent;
using System.Globalization;
using DuckDB.NET.Native;
using Pipeline.Engine.Embedded.Delta;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Embedded.UserFunctions;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>The in-memory database of a session and its idle connections. Thread-safe.</summary>
/// <remarks>Views and tables stand in the database's own schemas and not in TEMP, which each connection has for itself: a query that streams holds its connection, and the next one needs another.</remarks>
internal sealed class Database : IDisposable
{
    private readonly DuckDBDatabase native;
    private readonly EmbeddedSettings settings;
    private readonly string temporaryFolder;
    private readonly SessionFolder? ownFolder;
    private readonly Action<TimeSpan>? afterPiece;
    private readonly Lock parserLock = new();
    private readonly ConcurrentBag<LocalCopy> fetched = [];
    private Connection? parser;
    private (string? Sql, IReadOnlyList<string> Names) lastParsed = (null, []);

    public Database(EmbeddedSettings settings) : this(settings, Path.GetTempPath())
    {
    }

    private Database(EmbeddedSettings settings, string temporaryRoot, Action<TimeSpan>? afterPiece = null)
    {
        this.settings = settings;
        this.afterPiece = afterPiece;
        Storage = settings.Storage;
        AutoCompacts = settings.AutoCompacts;
        ownFolder = settings.TemporaryFolder is null ? SessionFolder.Create(temporaryRoot) : null;
        temporaryFolder = settings.TemporaryFolder ?? ownFolder!.Path;
        SessionFolder.CreatePrivate(temporaryFolder);
        Tables = new DeltaTables(settings.Storage, temporaryFolder);
        if (!NativeMethods.Configuration.DuckDBCreateConfig(out var config).IsSuccess()) throw new EngineException("DuckDB did not make a configuration.");
        using (config)
        {
            Set(config, "autoinstall_known_extensions", "false");
            Set(config, "autoload_known_extensions", "false");
            Set(config, "temp_directory", temporaryFolder);
            if (settings.MemoryLimit is { } limit) Set(config, "memory_limit", limit);
            if (settings.Threads is { } threads) Set(config, "threads", threads.ToString(CultureInfo.InvariantCulture));
            if (!NativeMethods.Startup.DuckDBOpen(":memory:", out native, config, out var error).IsSuccess())
                throw new EngineException($"DuckDB did not open a database in memory: {error}");
        }
        Version = NativeMethods.Startup.DuckDBLibraryVersion().TrimStart('v');
        using var connection = Connect();
        connection.Execute("SET GLOBAL TimeZone = 'UTC'");
        // The system keeps what was read of files, and gives it back; kept here as well, a stream's memory grows by a megabyte a batch.
        connection.Execute("SET GLOBAL enable_external_file_cache = false");
        ScanFunction.Register(connection);
        TextFunctions.Register(connection);
    }

    /// <summary>DuckDB's version, such as <c>1.5.6</c>.</summary>
    public string Version { get; }

    /// <summary>A private folder of this session for files that end with it.</summary>
    public string TemporaryFolder => temporaryFolder;

    /// <summary>How stores are reached.</summary>
    public StorageOptions Storage { get; }

    /// <summary>C# functions that queries call.</summary>
    public FunctionRegistry Functions { get; } = new();

    /// <summary>Whether small files of a table are compacted where neither the session nor the table says.</summary>
    public bool AutoCompacts { get; }

    /// <summary>Delta tables that the session has touched.</summary>
    public DeltaTables Tables { get; }

    /// <summary>A database beside this one, with one thread, the same limit of memory and a folder below this one's: what goes on in it takes none of this one's threads.</summary>
    /// <param name="afterPiece">Told after each piece of a statement how long it took, before the next one begins.</param>
    public Database Beside(Action<TimeSpan> afterPiece) => new(settings with { Threads = 1, TemporaryFolder = null }, temporaryFolder, afterPiece);

    public Connection Connect()
    {
        if (!NativeMethods.Startup.DuckDBConnect(native, out var connection).IsSuccess()) throw new EngineException("DuckDB did not open a connection to the session's database.");
        return new Connection(connection, afterPiece) { Explain = error => Tables.Explain(error, ConnectPlain) };
    }

    /// <summary>A connection whose errors are DuckDB's own.</summary>
    private Connection ConnectPlain() => NativeMethods.Startup.DuckDBConnect(native, out var connection).IsSuccess()
        ? new Connection(connection, afterPiece)
        : throw new EngineException("DuckDB did not open a connection to the session's database.");

    /// <summary>Names of the tables and views that a query names itself, as they are written; empty where it is not a query.</summary>
    public IReadOnlyList<string> TableNames(string sql)
    {
        lock (parserLock)
        {
            // Asked for in turn by a session and the one within it.
            if (sql == lastParsed.Sql) return lastParsed.Names;
            var names = QueryNames.Read(SyntaxTree(sql));
            lastParsed = (sql, names);
            return names;
        }
    }

    /// <summary>DuckDB's syntax tree of a query as JSON; of any other text an object that says so.</summary>
    public string SyntaxTree(string sql)
    {
        lock (parserLock)
        {
            parser ??= Connect();
            return (string)parser.Scalar($"SELECT json_serialize_sql({DuckDbTypes.Literal(sql)}, skip_null := true, skip_empty := true)::VARCHAR")!;
        }
    }

    /// <summary>From here on no statement reaches a file outside these folders, those of the tables that are open and the session's own; DuckDB has no way back.</summary>
    public void CloseFiles(IReadOnlyList<string> folders)
    {
        using var connection = Connect();
        connection.Execute($"SET GLOBAL allowed_directories = {DuckDbTypes.TextList([.. Tables.Folders, temporaryFolder, .. folders])}");
        connection.Execute("SET GLOBAL enable_external_access = false");
    }

    /// <summary>Fetches a file of a remote store for as long as the session lives; answers its local path.</summary>
    public string Fetch(IStorage storage, string path)
    {
        var copy = EngineErrors.Wait(LocalCopy.FetchAsync(storage, path, temporaryFolder));
        fetched.Add(copy);
        return copy.Path;
    }

    public void Dispose()
    {
        foreach (var copy in fetched) copy.Dispose();
        parser?.Dispose();
        native.Dispose();
        Tables.Dispose();
        ownFolder?.Dispose();
    }

    private static void Set(DuckDBConfig config, string name, string value)
    {
        if (!NativeMethods.Configuration.DuckDBSetConfig(config, name, value).IsSuccess())
            throw new EngineException($"DuckDB refuses the setting {name} = '{value}'.");
    }
}

/// <summary>Connections that see one schema first: lent for a statement or a stream of rows, and taken back. Thread-safe.</summary>
/// <param name="database">The database to connect to.</param>
/// <param name="schema">The schema for unqualified names before <c>main</c>, or null for <c>main</c> alone.</param>
internal sealed class ConnectionPool(Database database, string? schema) : IDisposable
{
    private readonly ConcurrentBag<Connection> idle = [];
    private volatile bool disposed;

    public Lease Rent()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (idle.TryTake(out var connection)) return new Lease(this, connection);
        connection = database.Connect();
        if (schema is not null) connection.Execute($"SET search_path = {DuckDbTypes.Literal($"{schema},main")}");
        return new Lease(this, connection);
    }

    public void Dispose()
    {
        disposed = true;
        while (idle.TryTake(out var connection)) connection.Dispose();
    }

    private void Return(Connection connection)
    {
        if (disposed) connection.Dispose();
        else idle.Add(connection);
    }

    /// <summary>A connection on loan.</summary>
    public readonly struct Lease(ConnectionPool pool, Connection connection) : IDisposable
    {
        public Connection Connection => connection;

        public void Dispose() => pool.Return(connection);
    }
}
