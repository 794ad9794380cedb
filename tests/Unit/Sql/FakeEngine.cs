using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Unit.Sql;

/// <summary>An engine that runs nothing: it notes what it is asked.</summary>
internal sealed class FakeEngine(ISqlDialect dialect) : IEngine
{
    private readonly Dictionary<string, string> conf = [];

    public List<string> Executed { get; } = [];

    public int RowsOpened { get; private set; }

    public List<SinkSpec> Written { get; } = [];

    public List<SourceSpec> Opened { get; } = [];

    public Dictionary<string, string> Views { get; } = [];

    /// <summary>C# functions that texts call.</summary>
    public List<UserFunction> Functions { get; } = [];

    /// <summary>C# functions by the names that a user gave them.</summary>
    public Dictionary<string, UserFunction> NamedFunctions { get; } = [];

    public StreamSpec? Stream { get; private set; }

    /// <summary>What the next queries answer.</summary>
    public Queue<object?[][]> Answers { get; } = new();

    /// <summary>What the engine says of texts that only it can describe.</summary>
    public StructType Described { get; set; } = new(new StructField("x", new LongType()));

    /// <summary>What is cancelled where a test says that the engine has gone.</summary>
    public CancellationTokenSource Loss { get; } = new();

    public CancellationToken Lost => Loss.Token;

    public bool IsDisposed { get; private set; }

    public string Name => "fake";

    public string Version => "1.2.3";

    public ISqlDialect Dialect { get; } = dialect;

    public IDeltaEngine Delta { get; } = NSubstitute.Substitute.For<IDeltaEngine>();

    public static FakeEngine Spark() => new(new SparkDialect());

    public static FakeEngine DuckDb() => new(new DuckDbDialect());

    public string? GetConf(string key) => conf.GetValueOrDefault(key);

    public void SetConf(string key, string value) => conf[key] = value;

    public void RequireQuery(string sql, bool allowFiles) => throw new EngineException("It runs no text of a user.");

    public void CloseFiles(IReadOnlyList<string> folders) => throw new EngineException("It has no files.");

    public StructType Describe(string sql)
    {
        Executed.Add("describe: " + sql);
        return Described;
    }

    public void Execute(string sql, CancellationToken cancellationToken = default) => Executed.Add(sql);

    public IEnumerable<Row> Query(string sql, StructType schema, CancellationToken cancellationToken = default)
    {
        Executed.Add(sql);
        return (Answers.Count > 0 ? Answers.Dequeue() : []).Select(values => new Row(schema, values));
    }

    public SourceView OpenSource(SourceSpec spec)
    {
        Opened.Add(spec);
        return new SourceView($"v{Opened.Count}", spec.Schema ?? Described, spec.IsStreaming);
    }

    public SourceView OpenRows(StructType schema, IEnumerable<object?[]> rows)
    {
        RowsOpened++;
        return new SourceView("rows", schema, false);
    }

    public void CreateTempView(string name, string sql, bool replace = true) => Views[name] = sql;

    public bool DropTempView(string name) => Views.Remove(name);

    public SourceView Persist(string sql, StructType schema)
    {
        Executed.Add("persist: " + sql);
        return new SourceView("kept", schema, false);
    }

    public void RegisterFunction(UserFunction function)
    {
        if (!Functions.Contains(function)) Functions.Add(function);
    }

    public void NameFunction(string name, UserFunction function) => NamedFunctions[name] = function;

    public void Unpersist(SourceView view) => Executed.Add("unpersist: " + view.Name);

    public void Write(string sql, StructType schema, SinkSpec sink, CancellationToken cancellationToken = default)
    {
        Executed.Add(sql);
        Written.Add(sink);
    }

    public IStreamingRun StartStream(StreamSpec stream)
    {
        Stream = stream;
        return NSubstitute.Substitute.For<IStreamingRun>();
    }

    public void Dispose() => IsDisposed = true;
}
