using Pipeline.Engine.Spark.Delta;
using Pipeline.Engine.Spark.Files;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Launch;
using Pipeline.Engine.Spark.Rows;
using Pipeline.Engine.Spark.Session;
using Pipeline.Engine.Spark.Streaming;
using Pipeline.Engine.Spark.UserFunctions;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Spark;

/// <summary>A session on real Apache Spark 3.5 or 4, driven over its Py4J gateway.</summary>
/// <remarks>
/// Time zone UTC, ANSI mode off, Delta on where its jars are. Rows come as Arrow, exact in every type and in the query's order.
/// Not thread-safe, but for streams and cancellation. <see cref="Dispose"/> stops the streams and, for the first engine, the session and the JVM started with it.
/// </remarks>
public sealed class SparkEngine : IEngine
{
    private readonly SparkRuntime runtime;
    private readonly JvmObject session;
    private readonly bool owns;
    private readonly Dictionary<string, JvmObject?> views = new(StringComparer.OrdinalIgnoreCase);
    private readonly FunctionRegistry functions;
    private bool disposed;

    internal SparkEngine(SparkRuntime runtime, JvmObject session, bool owns)
    {
        this.runtime = runtime;
        this.session = session;
        this.owns = owns;
        functions = new FunctionRegistry(runtime, session);
        Delta = new SparkDelta(this);
        Files = new HadoopFileSystem(runtime);
    }

    /// <inheritdoc/>
    public string Name => "spark";

    /// <inheritdoc/>
    public string Version => runtime.Version;

    /// <inheritdoc/>
    public ISqlDialect Dialect { get; } = new SparkDialect();

    /// <inheritdoc/>
    public IDeltaEngine Delta { get; }

    /// <summary>Files by URI, as the application's Hadoop configuration reaches them.</summary>
    public HadoopFileSystem Files { get; }

    /// <inheritdoc/>
    /// <remarks>It is the JVM that has ended; exit code 75.</remarks>
    public CancellationToken Lost => runtime.Gateway.Lost;

    /// <summary>JVM objects that this process holds; flat in a stream that is well. Also the metric <c>pipeline.spark.jvm_references</c>.</summary>
    public long LiveReferences => runtime.Gateway.LiveReferences;

    /// <summary>Id of the JVM's process where this process started it, else null.</summary>
    public int? JvmProcessId => runtime.ProcessId;

    internal SparkRuntime Runtime => runtime;

    internal JvmObject Session => session;

    /// <summary>Joins the JVM that spark-submit started this program from, or starts one from SPARK_HOME, and opens the session.</summary>
    /// <exception cref="SparkStartException">SPARK_HOME or Java are not there, or the JVM does not start.</exception>
    /// <exception cref="EngineException">Spark refuses the master or a setting.</exception>
    public static SparkEngine Start(SparkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connection = SparkLauncher.Open(options);
        try
        {
            return SessionStart.Open(connection, options);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string? GetConf(string key)
    {
        using var scope = Begin();
        var option = scope.Object(scope.Object(session, "conf"), "getOption", key);
        return scope.Flag(option, "isDefined") ? scope.Text(option, "get") : null;
    }

    /// <inheritdoc/>
    public void SetConf(string key, string value)
    {
        using var scope = Begin();
        _ = scope.Call(scope.Object(session, "conf"), "set", key, value);
    }

    /// <inheritdoc/>
    public void RequireQuery(string sql, bool allowFiles) => QueryCheck.Require(sql, allowFiles);

    /// <inheritdoc/>
    /// <remarks>Files are the matter of Spark's JVM and of its executors.</remarks>
    public void CloseFiles(IReadOnlyList<string> folders)
    {
    }

    /// <inheritdoc/>
    public StructType Describe(string sql)
    {
        using var scope = Begin();
        return SchemaOf(scope, scope.Object(session, "sql", sql));
    }

    /// <inheritdoc/>
    public void Execute(string sql, CancellationToken cancellationToken = default)
    {
        using var scope = Begin();
        Run(scope, cancellationToken, () => scope.Call(session, "sql", sql));
    }

    /// <inheritdoc/>
    public IEnumerable<Row> Query(string sql, StructType schema, CancellationToken cancellationToken = default)
    {
        using var scope = Begin();
        var rows = Run(scope, cancellationToken, () => RowCollect.Start(scope, scope.Object(session, "sql", sql), schema));
        foreach (var row in rows) yield return row;
    }

    /// <inheritdoc/>
    public SourceView OpenSource(SourceSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        using var scope = Begin();
        var reader = scope.Object(session, spec.IsStreaming ? "readStream" : "read");
        reader = scope.Object(reader, "format", spec.Format);
        if (spec.Schema is { } declared) reader = scope.Object(reader, "schema", scope.Object(session, "parseDataType", declared.Json));
        foreach (var (key, value) in KafkaSource.Options(spec.Format, spec.Options)) reader = scope.Object(reader, "option", key, value);
        var dataset = spec.Paths switch
        {
            [] => scope.Object(reader, "load"),
            [var path] => scope.Object(reader, "load", path),
            _ when spec.IsStreaming => throw new ArgumentException($"A stream reads one path; {spec.Paths.Count} were given: {string.Join(", ", spec.Paths)}.", nameof(spec)),
            _ => scope.Object(reader, "load", scope.Array("java.lang.String", [.. spec.Paths])),
        };
        return new SourceView(NameView(scope, dataset, spec.Format), SchemaOf(scope, dataset), spec.IsStreaming);
    }

    /// <inheritdoc/>
    public SourceView OpenRows(StructType schema, IEnumerable<object?[]> rows)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(rows);
        using var file = new ArrowFile();
        file.Write(schema, rows);
        using var scope = Begin();
        const string python = "org.apache.spark.sql.api.python.PythonSQLUtils";
        var batches = scope.StaticObject(python, "readArrowStreamFromFile", file.Path);
        var dataset = scope.StaticObject(python, "toDataFrame", batches, schema.Json, session);
        return new SourceView(NameView(scope, dataset, "rows"), schema, false);
    }

    /// <inheritdoc/>
    public void CreateTempView(string name, string sql, bool replace = true)
    {
        using var scope = Begin();
        _ = scope.Call(scope.Object(session, "sql", sql), replace ? "createOrReplaceTempView" : "createTempView", name);
        views[name] = null;
    }

    /// <inheritdoc/>
    public bool DropTempView(string name)
    {
        using var scope = Begin();
        if (views.Remove(name, out var kept) && kept is not null) Unpersist(scope, kept);
        return scope.Flag(scope.Object(session, "catalog"), "dropTempView", name);
    }

    /// <inheritdoc/>
    public SourceView Persist(string sql, StructType schema)
    {
        using var scope = Begin();
        var dataset = scope.Object(scope.Object(session, "sql", sql), "persist");
        try
        {
            // Spark keeps rows when they are first read; the contract is once and now.
            _ = scope.Call(dataset, "count");
        }
        catch (JvmException)
        {
            _ = scope.Call(dataset, "unpersist");
            throw;
        }
        var name = NameView(scope, PersistedRows.AsLeaf(scope, runtime.Version, session, dataset), "kept");
        views[name] = scope.Keep(dataset);
        return new SourceView(name, schema, false);
    }

    /// <inheritdoc/>
    public void Unpersist(SourceView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        _ = DropTempView(view.Name);
    }

    /// <inheritdoc/>
    public void RegisterFunction(UserFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        using var scope = Begin();
        functions.Register(scope, function);
    }

    /// <inheritdoc/>
    public void NameFunction(string name, UserFunction function)
    {
        ArgumentNullException.ThrowIfNull(function);
        using var scope = Begin();
        functions.Register(scope, name, function);
    }

    /// <inheritdoc/>
    public SourceView OpenFunction(TableFunctionQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        using var scope = Begin();
        var dataset = functions.Map(scope, scope.Object(session, "sql", query.Sql), query);
        return new SourceView(NameView(scope, dataset, "function"), query.Function.Output, query.IsStreaming);
    }

    /// <inheritdoc/>
    public SourceView WithWatermark(string sql, StructType schema, string column, string delay)
    {
        using var scope = Begin();
        var dataset = scope.Object(scope.Object(session, "sql", sql), "withWatermark", column, delay);
        return new SourceView(NameView(scope, dataset, "watermark"), schema, true);
    }

    /// <inheritdoc/>
    public void Write(string sql, StructType schema, SinkSpec sink, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sink);
        RequireMayChange();
        using var scope = Begin();
        Run(scope, cancellationToken, () =>
        {
            var writer = scope.Object(scope.Object(session, "sql", sql), "write");
            writer = scope.Object(scope.Object(writer, "format", sink.Format), "mode", sink.Mode);
            foreach (var (key, value) in KafkaSource.Options(sink.Format, sink.Options)) writer = scope.Object(writer, "option", key, value);
            if (sink.PartitionBy.Count > 0) writer = scope.Object(writer, "partitionBy", scope.Array("java.lang.String", [.. sink.PartitionBy]));
            return scope.Call(writer, "save", sink.Path);
        });
    }

    /// <inheritdoc/>
    public IStreamingRun StartStream(StreamSpec stream) => SparkStreamingRun.Start(runtime, session, stream);

    /// <summary>Drops the views and caches made through this engine; the first engine also stops the streams, the session and the JVM.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        try
        {
            if (!Lost.IsCancellationRequested) Close();
        }
        finally
        {
            if (owns) runtime.Dispose();
        }
    }

    /// <summary>Asks the program whether a table may be changed (<see cref="SparkOptions.BeforeChange"/>).</summary>
    internal void RequireMayChange() => runtime.BeforeChange?.Invoke();

    internal JvmScope Begin()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return runtime.Gateway.BeginScope();
    }

    /// <summary>Runs calls of a scope so that the token cancels their jobs.</summary>
    internal T Run<T>(JvmScope scope, CancellationToken cancellationToken, Func<T> call)
    {
        using var cancellation = JobCancellation.Of(scope, runtime.SparkContext, cancellationToken);
        try
        {
            return call();
        }
        catch (EngineException error) when (cancellation.IsCause(error))
        {
            throw cancellation.Cancelled(error);
        }
    }

    /// <summary>Names a Dataset by a view that is the engine's own.</summary>
    internal string NameView(JvmScope scope, JvmObject dataset, string what)
    {
        var name = $"pipeline_{string.Concat(what.Where(char.IsAsciiLetterOrDigit))}_{runtime.Gateway.NextNumber()}";
        _ = scope.Call(dataset, "createOrReplaceTempView", name);
        views[name] = null;
        return name;
    }

    private static StructType SchemaOf(JvmScope scope, JvmObject dataset)
    {
        var json = scope.Text(scope.Object(dataset, "schema"), "json");
        try
        {
            return (StructType)DataType.ParseDataType(json);
        }
        catch (FormatException error)
        {
            throw new EngineException($"The query has a column of a type that is not known here; cast it in the query. {error.Message}", error);
        }
    }

    private static void Unpersist(JvmScope scope, JvmObject kept)
    {
        _ = scope.Call(kept, "unpersist");
        scope.Gateway.Release(kept);
    }

    private void Close()
    {
        if (owns) runtime.StopStreams();
        using var scope = runtime.Gateway.BeginScope();
        if (owns)
        {
            _ = scope.Call(session, "stop");
            return;
        }
        var catalog = scope.Object(session, "catalog");
        foreach (var (name, kept) in views)
        {
            if (kept is not null) Unpersist(scope, kept);
            _ = scope.Call(catalog, "dropTempView", name);
        }
    }
}
