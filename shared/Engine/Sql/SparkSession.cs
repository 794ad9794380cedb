using System.Collections.Immutable;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Sql.Streaming;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql;

/// <summary>The way in: reads, runs SQL, makes frames. One engine stands behind it.</summary>
/// <remarks>Not thread-safe. <see cref="Stop"/> or <see cref="Dispose"/> ends the engine where the builder made it; one that wraps an engine leaves it alone.</remarks>
public sealed class SparkSession : IDisposable
{
    private readonly bool ownsEngine;
    private readonly HashSet<string> streamingViews;

    /// <summary>A session over an engine, which stays the caller's.</summary>
    public SparkSession(IEngine engine) : this(engine, ownsEngine: false)
    {
    }

    internal SparkSession(IEngine engine, bool ownsEngine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        Engine = engine;
        Dialect = engine.Dialect as Dialects.SqlDialect
            ?? throw new ArgumentException($"The engine '{engine.Name}' has a dialect of its own making. Use new DuckDbDialect() or new SparkDialect() of Pipeline.Engine.Sql.Dialects.", nameof(engine));
        this.ownsEngine = ownsEngine;
        streamingViews = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The engine behind the session.</summary>
    public IEngine Engine { get; }

    internal Dialects.SqlDialect Dialect { get; }

    internal bool IsStopped { get; private set; }

    /// <summary>Starts the description of a session.</summary>
    public static Builder Builder() => new();

    /// <summary>A session over an engine, which stays the caller's.</summary>
    public static SparkSession ForEngine(IEngine engine) => new(engine);

    /// <summary>The session that the builder made last and that is not stopped.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static SparkSession Active() => EngineRegistry.Current
        ?? throw new InvalidOperationException("There is no active session. Make one with SparkSession.Builder().GetOrCreate().");

    /// <summary>The session that the builder made last and that is not stopped, or null.</summary>
    public static SparkSession? GetActiveSession() => EngineRegistry.Current;

    /// <summary>The engine's version.</summary>
    public string Version() => Engine.Version;

    /// <summary>Settings of the session.</summary>
    public RuntimeConfig Conf() => new(Engine);

    /// <summary>Views of the session.</summary>
    public Catalog.Catalog Catalog() => new(this);

    /// <summary>Names for C# functions in SQL text.</summary>
    public UdfRegistration Udf() => new(this);

    /// <summary>Reads what has an end.</summary>
    public DataFrameReader Read() => new(this);

    /// <summary>Reads what goes on.</summary>
    public DataStreamReader ReadStream() => new(this);

    /// <summary>A table or view by name; <c>delta.`path`</c> is a Delta table at a path.</summary>
    public DataFrame Table(string tableName) => Read().Table(tableName);

    /// <summary>Runs the engine's own SQL as it is. A query becomes a frame; any other statement runs at once and gives an empty one.</summary>
    public DataFrame Sql(string sqlText)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sqlText);
        var kind = SqlText.KindOf(sqlText);
        if (kind == StatementKind.Command)
        {
            Engine.Execute(sqlText);
            return new DataFrame(this, new QueryNode("", [], false, false));
        }
        var schema = Engine.Describe(sqlText);
        return new DataFrame(this, new QueryNode(sqlText, Attributes(schema), streamingViews.Any(view => SqlText.Mentions(sqlText, view)), kind == StatementKind.Query));
    }

    /// <summary>A frame of rows of the caller.</summary>
    public DataFrame CreateDataFrame(IEnumerable<object?[]> data, StructType schema)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(schema);
        if (data is IReadOnlyList<object?[]> and [{ } only] && LiteralRow.Query(Dialect, schema, only) is { } query) return new DataFrame(this, new QueryNode(query, Attributes(schema), false, true));
        var rows = Engine.OpenRows(schema, data);
        return new DataFrame(this, SourceNode.Of(rows), rows);
    }

    /// <summary>A frame of rows of the caller.</summary>
    public DataFrame CreateDataFrame(IEnumerable<GenericRow> data, StructType schema) => CreateDataFrame(data.Select(row => row.Values), schema);

    /// <summary>A frame of rows of another frame.</summary>
    public DataFrame CreateDataFrame(IEnumerable<Row> data, StructType schema) => CreateDataFrame(data.Select(row => row.Values), schema);

    /// <summary>A frame of texts, in the column <c>_1</c>.</summary>
    public DataFrame CreateDataFrame(IEnumerable<string?> data) => CreateDataFrame(data.Select(value => new object?[] { value }), One(new StringType()));

    /// <summary>A frame of numbers, in the column <c>_1</c>.</summary>
    public DataFrame CreateDataFrame(IEnumerable<int> data) => CreateDataFrame(data.Select(value => new object?[] { value }), One(new IntegerType()));

    /// <summary>A frame of numbers, in the column <c>_1</c>.</summary>
    public DataFrame CreateDataFrame(IEnumerable<double> data) => CreateDataFrame(data.Select(value => new object?[] { value }), One(new DoubleType()));

    /// <summary>The numbers from 0 up to <paramref name="end"/>, without it, in the column <c>id</c>.</summary>
    public DataFrame Range(long end) => Range(0, end);

    /// <summary>The numbers from <paramref name="start"/> up to <paramref name="end"/>, without it, in the column <c>id</c>.</summary>
    public DataFrame Range(long start, long end, long step = 1)
    {
        if (step == 0) throw new ArgumentException("The step of a range cannot be 0.", nameof(step));
        return new DataFrame(this, new QueryNode(Dialect.Range(start, end, step), [Plan.Attribute.New("id", new LongType(), false)], false, true));
    }

    /// <summary>Ends the session, and its engine where the builder made it.</summary>
    public void Stop() => Dispose();

    /// <summary>As <see cref="Stop"/>.</summary>
    public void Dispose()
    {
        if (IsStopped) return;
        IsStopped = true;
        if (ownsEngine) Engine.Dispose();
    }

    internal void NoteView(string name, bool isStreaming)
    {
        if (isStreaming) streamingViews.Add(name);
        else streamingViews.Remove(name);
    }

    internal bool IsStreamingView(string name) => streamingViews.Contains(name);

    internal static ImmutableArray<Plan.Attribute> Attributes(StructType schema) =>
        [.. schema.Select(field => Plan.Attribute.New(field.Name, field.DataType, field.IsNullable))];

    private static StructType One(DataType type) => new(new StructField("_1", type));
}

/// <summary>Describes a session: name, master and settings.</summary>
public sealed class Builder
{
    private readonly Dictionary<string, string> config = new(StringComparer.Ordinal);
    private string? master;
    private string? appName;

    internal Builder()
    {
    }

    /// <summary>The engine: <c>embedded</c>, or a Spark master such as <c>local[2]</c> or <c>yarn</c>.</summary>
    public Builder Master(string master)
    {
        this.master = master;
        return this;
    }

    /// <summary>The program's name, seen in Spark's pages.</summary>
    public Builder AppName(string appName)
    {
        this.appName = appName;
        return this;
    }

    /// <summary>A setting.</summary>
    public Builder Config(string key, string value)
    {
        config[key] = value;
        return this;
    }

    /// <summary>A setting.</summary>
    public Builder Config(string key, bool value) => Config(key, value ? "true" : "false");

    /// <summary>A setting.</summary>
    public Builder Config(string key, long value) => Config(key, value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>A setting.</summary>
    public Builder Config(string key, double value) => Config(key, value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Settings.</summary>
    public Builder Config(IEnumerable<KeyValuePair<string, string>> settings)
    {
        foreach (var (key, value) in settings) config[key] = value;
        return this;
    }

    /// <summary>Accepted, and of no effect: there is no Hive metastore here.</summary>
    public Builder EnableHiveSupport() => this;

    /// <summary>The session that is there, with these settings; else a new one by the registered engine.</summary>
    /// <exception cref="InvalidOperationException">No engine is registered.</exception>
    public SparkSession GetOrCreate() => EngineRegistry.GetOrCreate(new EngineSettings(master, appName, config));
}

/// <summary>Settings of a session.</summary>
public sealed class RuntimeConfig
{
    private readonly IEngine engine;

    internal RuntimeConfig(IEngine engine) => this.engine = engine;

    /// <summary>Sets a setting.</summary>
    public void Set(string key, string value) => engine.SetConf(key, value);

    /// <summary>Sets a setting.</summary>
    public void Set(string key, bool value) => engine.SetConf(key, value ? "true" : "false");

    /// <summary>Sets a setting.</summary>
    public void Set(string key, long value) => engine.SetConf(key, value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>A setting.</summary>
    /// <exception cref="KeyNotFoundException">It is not set.</exception>
    public string Get(string key) => engine.GetConf(key) ?? throw new KeyNotFoundException($"The setting '{key}' is not set. Give a default, or set it with Conf().Set.");

    /// <summary>A setting, or a default.</summary>
    public string Get(string key, string @default) => engine.GetConf(key) ?? @default;
}
