using Pipeline.Engine.Embedded.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sinks;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Embedded.Streaming;
using Pipeline.Engine.Embedded.UserFunctions;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Identity;

namespace Pipeline.Engine.Embedded;

/// <summary>The engine in this process: DuckDB for queries, the lake's own Delta log, micro-batches from Kafka. Nothing to install.</summary>
/// <remarks>
/// Members may be called from several threads: each statement has a connection of its own. Timestamps are instants in UTC.
/// Rows of <see cref="Query"/> hold a connection until their enumeration is disposed. Disposing the engine forgets views, persisted tables and temporary files.
/// </remarks>
public sealed class EmbeddedEngine : IEngine
{
    private readonly SessionContext session;
    private readonly List<IStreamingRun> runs = [];

    private EmbeddedEngine(SessionContext session)
    {
        this.session = session;
        Delta = new EmbeddedDelta(session);
    }

    /// <summary>Starts a session of its own.</summary>
    /// <exception cref="EngineException">DuckDB refuses a setting, or the temporary folder cannot be made.</exception>
    public static EmbeddedEngine Create(EmbeddedSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        foreach (var (key, value) in settings.Conf) SessionConf.Check(key, value);
        var engine = new EmbeddedEngine(new SessionContext(new Database(settings), null, settings.Conf, ownsDatabase: true));
        foreach (var (key, value) in settings.Conf) engine.SetConf(key, value);
        return engine;
    }

    /// <inheritdoc/>
    public string Name => "embedded";

    /// <inheritdoc/>
    public string Version => session.Database.Version;

    /// <inheritdoc/>
    public ISqlDialect Dialect { get; } = new DuckDbDialect();

    /// <inheritdoc/>
    public IDeltaEngine Delta { get; }

    /// <inheritdoc/>
    public string? GetConf(string key) => session.Conf.TryGetValue(key, out var value) ? value : SessionConf.Default(key);

    /// <inheritdoc/>
    public void SetConf(string key, string value)
    {
        SessionConf.Check(key, value);
        if (SessionConf.Statement(key, value) is { } statement) session.Execute(statement);
        session.Conf[key] = value;
    }

    /// <inheritdoc/>
    public void RequireQuery(string sql, bool allowFiles) => QueryCheck.Require(session.Database, sql, allowFiles);

    /// <inheritdoc/>
    public void CloseFiles(IReadOnlyList<string> folders) => session.Database.CloseFiles(folders);

    /// <inheritdoc/>
    public StructType Describe(string sql)
    {
        try
        {
            return session.Describe(sql);
        }
        catch (EngineException error) when (error.ErrorClass == "FAILED_READ_FILE")
        {
            // A vacuum may have taken files of a version that a view still shows.
            session.Refresh(sql);
            return session.Describe(sql);
        }
    }

    /// <inheritdoc/>
    public void Execute(string sql, CancellationToken cancellationToken = default)
    {
        session.Refresh(sql);
        session.Execute(sql, cancellationToken);
    }

    /// <inheritdoc/>
    public IEnumerable<Row> Query(string sql, StructType schema, CancellationToken cancellationToken = default)
    {
        session.Refresh(sql);
        using var lease = session.Connections.Rent();
        foreach (var row in lease.Connection.Query(sql, schema, cancellationToken)) yield return row;
    }

    /// <inheritdoc/>
    public SourceView OpenSource(SourceSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return SourceOpener.Open(session, spec);
    }

    /// <inheritdoc/>
    public SourceView OpenRows(StructType schema, IEnumerable<object?[]> rows)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(rows);
        var name = SessionContext.NewName("rows");
        using var lease = session.Connections.Rent();
        lease.Connection.Execute($"CREATE TABLE {session.Qualified(name)} ({DuckDbTypes.ToColumns(schema)})");
        try
        {
            ChunkAppender.AppendRows(lease.Connection, session.Schema, name, schema, rows);
        }
        catch
        {
            lease.Connection.Execute($"DROP TABLE {session.Qualified(name)}");
            throw;
        }
        return new SourceView(name, schema, false);
    }

    /// <inheritdoc/>
    public void CreateTempView(string name, string sql, bool replace = true)
    {
        if (!replace && session.Views.ContainsKey(name))
            throw new EngineException($"Cannot create the view '{name}': there is one of this name. Drop it or use CreateOrReplaceTempView.") { ErrorClass = "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS", SqlState = "42P07" };
        if (session.Database.TableNames(sql).Contains(name, StringComparer.OrdinalIgnoreCase))
            throw new EngineException($"Cannot create the view '{name}': its query reads '{name}' itself. Give the new view another name.") { ErrorClass = "RECURSIVE_VIEW", SqlState = "42K0H" };
        session.Execute($"CREATE OR REPLACE VIEW {session.Qualified(name)} AS {sql}");
        session.Views[name] = sql;
    }

    /// <inheritdoc/>
    public bool DropTempView(string name)
    {
        if (!session.Views.TryRemove(name, out _)) return false;
        session.Execute($"DROP VIEW IF EXISTS {session.Qualified(name)}");
        return true;
    }

    /// <inheritdoc/>
    public SourceView Persist(string sql, StructType schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var name = SessionContext.NewName("kept");
        session.Refresh(sql);
        session.Execute($"CREATE TABLE {session.Qualified(name)} AS {sql}");
        return new SourceView(name, schema, false);
    }

    /// <inheritdoc/>
    public void Unpersist(SourceView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        session.Execute($"DROP TABLE IF EXISTS {session.Qualified(view.Name)}");
    }

    /// <inheritdoc/>
    public void RegisterFunction(UserFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        using var lease = session.Connections.Rent();
        session.Database.Functions.Register(lease.Connection, function);
    }

    /// <inheritdoc/>
    public void NameFunction(string name, UserFunction function)
    {
        RegisterFunction(function);
        session.Execute(FunctionRegistry.Named(session.Qualified(name), function));
    }

    /// <inheritdoc/>
    public SourceView OpenFunction(TableFunctionQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.IsStreaming) throw new EngineException($"Cannot call the C# function '{query.Function.Name}' with the rows of a stream: the embedded engine does so in ForeachBatch, with the rows of each batch. Or run on Spark.");
        // What a job may do on this engine it may do on Spark: the same is refused, and captured values are the same copies.
        var scan = new FunctionScan(session, query, FunctionCommand.Detach(query.Function));
        return session.MakeView("function", $"FROM {ScanFunction.Call(scan)}", scan.Schema);
    }

    /// <inheritdoc/>
    public void Write(string sql, StructType schema, SinkSpec sink, CancellationToken cancellationToken = default) =>
        Writer.Write(session, sql, schema, sink, cancellationToken);

    /// <inheritdoc/>
    public IStreamingRun StartStream(StreamSpec stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var run = StreamStarter.Start(session, stream, child => new EmbeddedEngine(child));
        lock (runs)
        {
            _ = runs.RemoveAll(one => !one.IsActive);
            runs.Add(run);
        }
        return run;
    }

    /// <summary>Ends the session: its streams are stopped; views, persisted tables and temporary files go.</summary>
    public void Dispose()
    {
        IStreamingRun[] active;
        lock (runs) active = [.. runs];
        foreach (var run in active) run.Stop();
        session.Dispose();
    }
}
