using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Engines;

/// <summary>What the DataFrame layer asks of an engine: run one SQL text a query, and keep named sources for it to stand on.</summary>
/// <remarks>
/// A plan's leaves are views that the engine made (<see cref="OpenSource"/>, <see cref="CreateTempView"/>), so that the text of a query is all that differs between engines.
/// Not thread-safe, but for <see cref="IStreamingRun"/>'s members and cancellation. Whoever makes it disposes it.
/// Failures of the engine are <see cref="EngineException"/>.
/// </remarks>
public interface IEngine : IDisposable
{
    /// <summary><c>embedded</c> or <c>spark</c>; for reports, never for a decision in a job.</summary>
    string Name { get; }

    /// <summary>The engine's own version, such as <c>4.1.1</c>.</summary>
    string Version { get; }

    /// <summary>How this engine spells SQL.</summary>
    ISqlDialect Dialect { get; }

    /// <summary>Cancelled when the engine has gone without being asked to, so that the job cannot go on and a new start may; never for an engine in this process.</summary>
    CancellationToken Lost => CancellationToken.None;

    /// <summary>A setting of the session, or null where it is not set.</summary>
    string? GetConf(string key);

    /// <summary>Sets a setting of the session.</summary>
    void SetConf(string key, string value);

    /// <summary>Requires that a user's text is one query and nothing else: it changes nothing, runs no program and loads no code.</summary>
    /// <param name="sql">The text.</param>
    /// <param name="allowFiles">Whether the query may read files by their paths; else it reads tables and views by name.</param>
    /// <exception cref="EngineException">The text is something else; the message says what. Nothing was run.</exception>
    void RequireQuery(string sql, bool allowFiles);

    /// <summary>Closes the engine's way to files for the rest of the session, but for the tables that it has opened and what lies in <paramref name="folders"/>. Nothing where files are another process's matter.</summary>
    void CloseFiles(IReadOnlyList<string> folders);

    /// <summary>Columns that the query would answer with; nothing is run.</summary>
    StructType Describe(string sql);

    /// <summary>Runs a statement of which no rows are wanted.</summary>
    void Execute(string sql, CancellationToken cancellationToken = default);

    /// <summary>Runs the query and answers its rows as they come, values in the .NET types that <see cref="DataType"/>'s docs name.</summary>
    /// <param name="sql">One query in this engine's dialect.</param>
    /// <param name="schema">Its columns, as <see cref="Describe"/> or the plan gives them.</param>
    /// <param name="cancellationToken">Cancels the running query in the engine.</param>
    IEnumerable<Row> Query(string sql, StructType schema, CancellationToken cancellationToken = default);

    /// <summary>Makes the source readable under a view's name, unique in the session.</summary>
    SourceView OpenSource(SourceSpec spec);

    /// <summary>Gives rows of the caller as a source.</summary>
    SourceView OpenRows(StructType schema, IEnumerable<object?[]> rows);

    /// <summary>Names a query; <paramref name="replace"/> false fails where the name is taken.</summary>
    void CreateTempView(string name, string sql, bool replace = true);

    /// <summary>Forgets a view; true where there was one.</summary>
    bool DropTempView(string name);

    /// <summary>Runs the query once and keeps its rows for the session under a new view's name.</summary>
    SourceView Persist(string sql, StructType schema);

    /// <summary>Gives back what <see cref="Persist"/> or <see cref="OpenRows"/> kept.</summary>
    void Unpersist(SourceView view);

    /// <summary>Makes a C# function known under its <see cref="UserFunction.SqlName"/>, so that SQL can call it; nothing where it is known.</summary>
    /// <exception cref="EngineException">The engine cannot run the function; the message says why.</exception>
    void RegisterFunction(UserFunction function) => throw NoFunctions(function.Name);

    /// <summary>Makes a C# function known under a name of the user's, in place of an earlier one of that name.</summary>
    /// <exception cref="EngineException">The engine cannot run the function; the message says why.</exception>
    void NameFunction(string name, UserFunction function) => throw NoFunctions(function.Name);

    /// <summary>A view of what a C# function makes of a query's rows. Nothing runs before the view is read.</summary>
    /// <exception cref="EngineException">The engine cannot run the function; the message says why.</exception>
    SourceView OpenFunction(TableFunctionQuery query) => throw NoFunctions(query.Function.Name);

    private EngineException NoFunctions(string function) => new($"Cannot register the C# function '{function}': the engine '{Name}' runs none.");

    /// <summary>A view of the streaming query with a watermark: rows later than <paramref name="delay"/> behind the latest <paramref name="column"/> may be left out.</summary>
    SourceView WithWatermark(string sql, StructType schema, string column, string delay) =>
        throw new EngineException($"Cannot set a watermark on '{column}': the engine '{Name}' has none. Work on each batch in ForeachBatch, or run on Spark.");

    /// <summary>Runs the query and writes its rows; whole or not at all for Delta, whole files by rename for the rest.</summary>
    void Write(string sql, StructType schema, SinkSpec sink, CancellationToken cancellationToken = default);

    /// <summary>Starts a streaming query.</summary>
    IStreamingRun StartStream(StreamSpec stream);

    /// <summary>Operations on Delta tables.</summary>
    IDeltaEngine Delta { get; }
}

/// <summary>A source to read: format and options are Spark's (<c>csv</c> with <c>header</c>, <c>sep</c>, <c>mode</c>; <c>kafka</c> with <c>subscribe</c>; <c>delta</c> with <c>versionAsOf</c>).</summary>
/// <param name="Format">csv, json, parquet, delta, kafka, text, rate …, in lower case.</param>
/// <param name="Paths">Paths or URIs; empty where the format has none.</param>
/// <param name="Options">Options by name; names compare without case.</param>
/// <param name="Schema">The declared columns, or null for the format's own.</param>
/// <param name="IsStreaming">True for <c>ReadStream()</c>.</param>
public sealed record SourceSpec(string Format, IReadOnlyList<string> Paths, IReadOnlyDictionary<string, string> Options, StructType? Schema, bool IsStreaming);

/// <summary>A view that stands for a source in the text of a query.</summary>
/// <param name="Name">The view's name, unquoted.</param>
/// <param name="Schema">Its columns.</param>
/// <param name="IsStreaming">Whether it has no end, so that only a streaming query may run it.</param>
public sealed record SourceView(string Name, StructType Schema, bool IsStreaming);

/// <summary>Where rows go: format, mode and options are Spark's.</summary>
/// <param name="Format">delta, parquet, csv or json.</param>
/// <param name="Path">Path or URI of the table or folder.</param>
/// <param name="Mode">append, overwrite, errorifexists or ignore.</param>
/// <param name="PartitionBy">Columns that the files are partitioned by.</param>
/// <param name="Options">Options by name; for Delta <c>txnAppId</c>, <c>txnVersion</c>, <c>userMetadata</c>, <c>overwriteSchema</c>, <c>mergeSchema</c>.</param>
public sealed record SinkSpec(string Format, string Path, string Mode, IReadOnlyList<string> PartitionBy, IReadOnlyDictionary<string, string> Options);

/// <summary>A streaming query to start.</summary>
/// <param name="Sql">The query over streaming views, in the engine's dialect.</param>
/// <param name="Schema">Its columns.</param>
/// <param name="QueryName">A name for progress, or null.</param>
/// <param name="CheckpointLocation">Path or URI of the checkpoint folder.</param>
/// <param name="OutputMode">append, update or complete.</param>
/// <param name="Trigger">When batches start.</param>
/// <param name="Options">Options of the writer.</param>
/// <param name="Sink">Where the rows go when there is no <paramref name="ForeachBatch"/>.</param>
/// <param name="ForeachBatch">Called for each batch in turn with the engine that owns the batch, a view of its rows (gone after the call) and the batch's number. An exception fails the query and the batch is run again at the next start.</param>
public sealed record StreamSpec(
    string Sql,
    StructType Schema,
    string? QueryName,
    string? CheckpointLocation,
    string OutputMode,
    TriggerSpec Trigger,
    IReadOnlyDictionary<string, string> Options,
    SinkSpec? Sink,
    Action<IEngine, SourceView, long>? ForeachBatch);

/// <summary>When a micro-batch starts.</summary>
/// <param name="Kind">processingTime, once, availableNow or continuous.</param>
/// <param name="IntervalMs">Milliseconds between starts; 0 is as soon as data is there.</param>
public sealed record TriggerSpec(string Kind, long IntervalMs = 0);

/// <summary>A running streaming query. Thread-safe.</summary>
public interface IStreamingRun : IDisposable
{
    /// <summary>Stable over restarts: kept in the checkpoint's <c>metadata</c>.</summary>
    Guid Id { get; }

    /// <summary>New at each start.</summary>
    Guid RunId { get; }

    /// <summary>Whether it has not ended.</summary>
    bool IsActive { get; }

    /// <summary>The last batch's progress as Spark's JSON of StreamingQueryProgress, or null before the first.</summary>
    string? LastProgressJson { get; }

    /// <summary>The latest progresses, oldest first.</summary>
    IReadOnlyList<string> RecentProgressJson { get; }

    /// <summary>Status as Spark's JSON: message, isDataAvailable, isTriggerActive.</summary>
    string StatusJson { get; }

    /// <summary>Why it failed, or null.</summary>
    EngineException? Failure { get; }

    /// <summary>Waits until it ends or the time is over; true where it ended. Throws <see cref="Failure"/>.</summary>
    bool AwaitTermination(TimeSpan? timeout, CancellationToken cancellationToken = default);

    /// <summary>Runs until all that is there now is processed.</summary>
    void ProcessAllAvailable(CancellationToken cancellationToken = default);

    /// <summary>Ends it after the current batch or in it, and waits.</summary>
    void Stop();
}

/// <summary>Operations on Delta tables that are not a query.</summary>
public interface IDeltaEngine
{
    /// <summary>Whether there is a Delta table at the path.</summary>
    bool Exists(string path);

    /// <summary>Number of the latest version. Fails where there is no table.</summary>
    long LatestVersion(string path);

    /// <summary>Versions, newest first; all where <paramref name="limit"/> is null.</summary>
    IReadOnlyList<DeltaCommit> History(string path, int? limit = null);

    /// <summary>Makes the content of an earlier version the newest one; answers the new version.</summary>
    long RestoreToVersion(string path, long version);

    /// <summary>Makes the content at an instant (ISO 8601) the newest version; answers the new version.</summary>
    long RestoreToTimestamp(string path, string timestamp);

    /// <summary>Deletes files that no kept version needs; answers their paths (deleted, or that would be where <paramref name="dryRun"/>).</summary>
    IReadOnlyList<string> Vacuum(string path, double retentionHours, bool dryRun);

    /// <summary>Rewrites small files to a target size.</summary>
    void Optimize(string path, long targetFileSizeBytes);

    /// <summary>Deletes the rows for which the condition holds (all where null), in the engine's dialect; answers the new version.</summary>
    long Delete(string path, string? conditionSql, IReadOnlyDictionary<string, string> options);

    /// <summary>Changes the rows for which the condition holds; answers the new version.</summary>
    long Update(UpdateSpec update);

    /// <summary>Merges a query's rows into the table.</summary>
    long Merge(MergeSpec merge);

    /// <summary>Appends rows that were chosen by what the table held, and refuses where it holds something else by then; the rows that were written are counted.</summary>
    AppendResult Append(AppendSpec append, CancellationToken cancellationToken = default);
}

/// <summary>A change of rows in place.</summary>
/// <param name="Path">The table.</param>
/// <param name="ConditionSql">Which rows, in the engine's dialect; all where null.</param>
/// <param name="Assignments">Their new values by column, in the engine's dialect.</param>
/// <param name="Options">Writer options, as in <see cref="SinkSpec"/>.</param>
public sealed record UpdateSpec(string Path, string? ConditionSql, IReadOnlyDictionary<string, string> Assignments, IReadOnlyDictionary<string, string> Options);

/// <summary>An upsert by condition.</summary>
/// <param name="Path">The target table.</param>
/// <param name="TargetAlias">Alias of the target in the expressions.</param>
/// <param name="SourceSql">Query of the source rows.</param>
/// <param name="SourceAlias">Alias of the source in the expressions.</param>
/// <param name="ConditionSql">Which rows match.</param>
/// <param name="Clauses">What happens to them, in order.</param>
/// <param name="Options">Writer options, as in <see cref="SinkSpec"/>.</param>
public sealed record MergeSpec(string Path, string TargetAlias, string SourceSql, string SourceAlias, string ConditionSql, IReadOnlyList<MergeClause> Clauses, IReadOnlyDictionary<string, string> Options);

/// <summary>One WHEN of a merge.</summary>
/// <param name="Kind">matchedUpdate, matchedDelete, notMatchedInsert, notMatchedBySourceUpdate or notMatchedBySourceDelete.</param>
/// <param name="ConditionSql">A further condition, or null.</param>
/// <param name="Assignments">Expressions by target column; null is all columns by name.</param>
public sealed record MergeClause(string Kind, string? ConditionSql, IReadOnlyDictionary<string, string>? Assignments);

/// <summary>A version of a Delta table.</summary>
/// <param name="Version">Its number, from 0.</param>
/// <param name="CommittedAt">When it was committed, UTC.</param>
/// <param name="Operation">WRITE, MERGE, RESTORE …</param>
/// <param name="OperationParameters">Parameters of the operation.</param>
/// <param name="OperationMetrics">Counts such as <c>numOutputRows</c>, as text.</param>
/// <param name="UserMetadata">What the writer set as <c>userMetadata</c>, or null.</param>
public sealed record DeltaCommit(
    long Version,
    DateTimeOffset CommittedAt,
    string Operation,
    IReadOnlyDictionary<string, string> OperationParameters,
    IReadOnlyDictionary<string, string> OperationMetrics,
    string? UserMetadata)
{
    /// <summary>The columns of a history, as Delta has them.</summary>
    public static StructType Columns { get; } = MakeColumns();

    /// <summary>Identity of the user, where the writer's platform has one; else null.</summary>
    public string? UserId { get; init; }

    /// <summary>Name of the user, where the writer's platform has one; else null.</summary>
    public string? UserName { get; init; }

    /// <summary>The platform's job by the names of its fields (jobId, jobName, jobRunId, runId, jobOwnerId, triggerType), or null.</summary>
    public IReadOnlyDictionary<string, string>? Job { get; init; }

    /// <summary>Identity of the platform's notebook, or null.</summary>
    public string? NotebookId { get; init; }

    /// <summary>Identity of the platform's cluster, or null.</summary>
    public string? ClusterId { get; init; }

    /// <summary>The version that the writer had read, or null.</summary>
    public long? ReadVersion { get; init; }

    /// <summary>Serializable, WriteSerializable or SnapshotIsolation, or null.</summary>
    public string? IsolationLevel { get; init; }

    /// <summary>Whether it only added files and read none, or null where not told.</summary>
    public bool? IsBlindAppend { get; init; }

    /// <summary>The writing program, or null.</summary>
    public string? EngineInfo { get; init; }

    /// <summary>The commit as a row of <see cref="Columns"/>.</summary>
    public object?[] ToValues()
    {
        var jobColumns = (StructType)Columns.Find("job")!.DataType;
        var notebookColumns = (StructType)Columns.Find("notebook")!.DataType;
        var job = Job is null ? null : new Row(jobColumns, [.. jobColumns.FieldNames.Select(name => Job.GetValueOrDefault(name))]);
        var notebook = NotebookId is null ? null : new Row(notebookColumns, [NotebookId]);
        return
        [
            Version, CommittedAt.UtcDateTime, UserId, UserName, Operation, OperationParameters, job, notebook, ClusterId, ReadVersion, IsolationLevel, IsBlindAppend, OperationMetrics, UserMetadata, EngineInfo,
        ];
    }

    private static StructType MakeColumns()
    {
        var text = new StringType();
        var map = new MapType(text, text);
        string[] jobFields = ["jobId", "jobName", "jobRunId", "runId", "jobOwnerId", "triggerType"];
        return new StructType(
            new StructField("version", new LongType(), false),
            new StructField("timestamp", new TimestampType()),
            new StructField("userId", text),
            new StructField("userName", text),
            new StructField("operation", text),
            new StructField("operationParameters", map),
            new StructField("job", new StructType(jobFields.Select(name => new StructField(name, text)))),
            new StructField("notebook", new StructType(new StructField("notebookId", text))),
            new StructField("clusterId", text),
            new StructField("readVersion", new LongType()),
            new StructField("isolationLevel", text),
            new StructField("isBlindAppend", new BooleanType()),
            new StructField("operationMetrics", map),
            new StructField("userMetadata", text),
            new StructField("engineInfo", text));
    }
}
