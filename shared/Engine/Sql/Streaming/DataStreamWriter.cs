using System.Globalization;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Sql.Streaming;

/// <summary>Which rows of a result go out with each batch.</summary>
public enum OutputMode
{
    /// <summary>New rows.</summary>
    Append,

    /// <summary>All rows.</summary>
    Complete,

    /// <summary>Rows that changed.</summary>
    Update,
}

/// <summary>Describes a streaming query, and starts it.</summary>
public sealed class DataStreamWriter
{
    private readonly DataFrame frame;
    private readonly Dictionary<string, string> options = new(StringComparer.OrdinalIgnoreCase);
    private string? format;
    private string outputMode = "append";
    private string? queryName;
    private string[] partitionBy = [];
    private Trigger trigger = Streaming.Trigger.ProcessingTime(0);
    private Action<DataFrame, long>? foreachBatch;

    internal DataStreamWriter(DataFrame frame) => this.frame = frame;

    /// <summary>delta, parquet, csv, json, kafka or console.</summary>
    public DataStreamWriter Format(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        format = source.ToLowerInvariant();
        return this;
    }

    /// <summary>Which rows go out with each batch.</summary>
    public DataStreamWriter OutputMode(OutputMode outputMode) => OutputMode(outputMode.ToString());

    /// <summary>append, update or complete.</summary>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public DataStreamWriter OutputMode(string outputMode)
    {
        ArgumentNullException.ThrowIfNull(outputMode);
        this.outputMode = outputMode.ToLowerInvariant() is "append" or "update" or "complete"
            ? outputMode.ToLowerInvariant()
            : throw new ArgumentException($"The output mode '{outputMode}' is not known. Known are append, update and complete.", nameof(outputMode));
        return this;
    }

    /// <summary>When a batch starts; at first as soon as there are data.</summary>
    public DataStreamWriter Trigger(Trigger trigger)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        this.trigger = trigger;
        return this;
    }

    /// <summary>A name for progress and logs.</summary>
    public DataStreamWriter QueryName(string queryName)
    {
        this.queryName = queryName;
        return this;
    }

    /// <summary>Columns that the files are partitioned by.</summary>
    public DataStreamWriter PartitionBy(params string[] colNames)
    {
        foreach (var name in colNames) _ = frame.Col(name);
        partitionBy = colNames;
        return this;
    }

    /// <summary>An option, such as <c>checkpointLocation</c>.</summary>
    public DataStreamWriter Option(string key, string value)
    {
        options[key] = value;
        return this;
    }

    /// <summary>An option.</summary>
    public DataStreamWriter Option(string key, bool value) => Option(key, value ? "true" : "false");

    /// <summary>An option.</summary>
    public DataStreamWriter Option(string key, long value) => Option(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>An option.</summary>
    public DataStreamWriter Option(string key, double value) => Option(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Options.</summary>
    public DataStreamWriter Options(IEnumerable<KeyValuePair<string, string>> options)
    {
        foreach (var (key, value) in options) this.options[key] = value;
        return this;
    }

    /// <summary>Calls the function with the rows of each batch and its number.</summary>
    /// <remarks>
    /// The batch's frame belongs to a session of its own (<see cref="DataFrame.SparkSession"/>): read other tables by that one. It is gone after the call.
    /// The same number comes again with the same rows where the function failed or the program died in it: make what it does repeatable (Delta: <c>txnAppId</c>, <c>txnVersion</c>).
    /// </remarks>
    public DataStreamWriter ForeachBatch(Action<DataFrame, long> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        foreachBatch = function;
        return this;
    }

    /// <summary>Starts it.</summary>
    /// <param name="path">Path or URI of what is written to; none for ForeachBatch and for sinks without a path.</param>
    public StreamingQuery Start(string? path = null)
    {
        if (foreachBatch is null && format is null)
            throw new InvalidOperationException("Cannot start a stream: it has no sink. Call ForeachBatch(…), or Format(\"delta\") and Start(path).");
        if (foreachBatch is not null && (format is not null || path is not null))
            throw new InvalidOperationException("Cannot start a stream with two sinks: it has ForeachBatch and a format or path. Write within ForeachBatch.");
        var (sql, schema) = frame.Executable("start", allowStreaming: true);
        path ??= options.GetValueOrDefault("path");
        var sink = foreachBatch is null ? new SinkSpec(format!, path ?? "", outputMode, partitionBy, options) : null;
        var checkpoint = options.GetValueOrDefault("checkpointLocation");
        return new StreamingQuery(
            frame.SparkSession.Engine.StartStream(new StreamSpec(sql, schema, queryName, checkpoint, outputMode, trigger.Spec, options, sink, foreachBatch is null ? null : OnBatch)),
            queryName);
    }

    private void OnBatch(IEngine engine, SourceView view, long batchId)
    {
        var session = SparkSession.ForEngine(engine);
        foreachBatch!(new DataFrame(session, Plan.SourceNode.Of(view with { IsStreaming = false })), batchId);
    }
}
