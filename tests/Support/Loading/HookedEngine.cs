using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Support.Loading;

/// <summary>An engine whose appends a test can look at, change, or have die: everything else goes to the real one.</summary>
public sealed class HookedEngine(IEngine inner) : IEngine, IDeltaEngine
{
    /// <summary>Called with the table's folder name before an append.</summary>
    public Action<string>? BeforeAppend { get; set; }

    /// <summary>Called with the table's folder name after an append.</summary>
    public Action<string>? AfterAppend { get; set; }

    /// <summary>Changes what the writer is given, such as one that drops a row.</summary>
    public Func<AppendSpec, AppendSpec> Change { get; set; } = static append => append;

    public string Name => inner.Name;

    public string Version => inner.Version;

    public ISqlDialect Dialect => inner.Dialect;

    public CancellationToken Lost => inner.Lost;

    public IDeltaEngine Delta => this;

    public AppendResult Append(AppendSpec append, CancellationToken cancellationToken = default)
    {
        var table = Path.GetFileName(append.Path);
        if (append.Path.Contains("/quarantine/", StringComparison.Ordinal)) table = "quarantine";
        BeforeAppend?.Invoke(table);
        var result = inner.Delta.Append(Change(append), cancellationToken);
        AfterAppend?.Invoke(table);
        return result;
    }

    public string? GetConf(string key) => inner.GetConf(key);

    public void SetConf(string key, string value) => inner.SetConf(key, value);

    public void RequireQuery(string sql, bool allowFiles) => inner.RequireQuery(sql, allowFiles);

    public void CloseFiles(IReadOnlyList<string> folders) => inner.CloseFiles(folders);

    public StructType Describe(string sql) => inner.Describe(sql);

    public void Execute(string sql, CancellationToken cancellationToken = default) => inner.Execute(sql, cancellationToken);

    public IEnumerable<Row> Query(string sql, StructType schema, CancellationToken cancellationToken = default) => inner.Query(sql, schema, cancellationToken);

    public SourceView OpenSource(SourceSpec spec) => inner.OpenSource(spec);

    public SourceView OpenRows(StructType schema, IEnumerable<object?[]> rows) => inner.OpenRows(schema, rows);

    public void CreateTempView(string name, string sql, bool replace = true) => inner.CreateTempView(name, sql, replace);

    public bool DropTempView(string name) => inner.DropTempView(name);

    public SourceView Persist(string sql, StructType schema) => inner.Persist(sql, schema);

    public void Unpersist(SourceView view) => inner.Unpersist(view);

    public void RegisterFunction(UserFunction function) => inner.RegisterFunction(function);

    public void NameFunction(string name, UserFunction function) => inner.NameFunction(name, function);

    public void Write(string sql, StructType schema, SinkSpec sink, CancellationToken cancellationToken = default) => inner.Write(sql, schema, sink, cancellationToken);

    public IStreamingRun StartStream(StreamSpec stream) => inner.StartStream(stream);

    public bool Exists(string path) => inner.Delta.Exists(path);

    public long LatestVersion(string path) => inner.Delta.LatestVersion(path);

    public IReadOnlyList<DeltaCommit> History(string path, int? limit = null) => inner.Delta.History(path, limit);

    public long RestoreToVersion(string path, long version) => inner.Delta.RestoreToVersion(path, version);

    public long RestoreToTimestamp(string path, string timestamp) => inner.Delta.RestoreToTimestamp(path, timestamp);

    public IReadOnlyList<string> Vacuum(string path, double retentionHours, bool dryRun) => inner.Delta.Vacuum(path, retentionHours, dryRun);

    public void Optimize(string path, long targetFileSizeBytes) => inner.Delta.Optimize(path, targetFileSizeBytes);

    public long Delete(string path, string? conditionSql, IReadOnlyDictionary<string, string> options) => inner.Delta.Delete(path, conditionSql, options);

    public long Update(UpdateSpec update) => inner.Delta.Update(update);

    public long Merge(MergeSpec merge) => inner.Delta.Merge(merge);

    public void Dispose() => inner.Dispose();
}
