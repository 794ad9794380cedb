using System.Globalization;
using Pipeline.Engine.Spark.Rows;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Spark.Delta;

/// <summary>Delta's operations through Spark SQL.</summary>
/// <remarks>The run's lock is asked for when a change is sent to Spark, which commits it some time later: a run that loses it between the two is not held back. Source: Delta Lake documentation, "Table utility commands", "Table deletes, updates, and merges" and "Idempotent writes".</remarks>
internal sealed class SparkDelta(SparkEngine engine) : IDeltaEngine
{
    private const double CheckedRetentionHours = 168;

    private static readonly StructType PathColumn = new(new StructField("path", new StringType()));

    /// <inheritdoc/>
    public bool Exists(string path)
    {
        using var scope = engine.Begin();
        return scope.Static("io.delta.tables.DeltaTable", "isDeltaTable", engine.Session, path) is true;
    }

    /// <inheritdoc/>
    public long LatestVersion(string path) =>
        History(path, 1) is [var latest, ..] ? latest.Version : throw new EngineException($"The Delta table at '{path}' has no version.");

    /// <inheritdoc/>
    public IReadOnlyList<DeltaCommit> History(string path, int? limit = null) =>
        [.. Collect($"DESCRIBE HISTORY {DeltaSql.Table(path)}{(limit is { } most ? string.Create(CultureInfo.InvariantCulture, $" LIMIT {most}") : "")}", DeltaCommit.Columns).Select(Commit)];

    /// <inheritdoc/>
    public long RestoreToVersion(string path, long version) => Restore(path, string.Create(CultureInfo.InvariantCulture, $"VERSION AS OF {version}"));

    /// <inheritdoc/>
    public long RestoreToTimestamp(string path, string timestamp) => Restore(path, $"TIMESTAMP AS OF {DeltaSql.Text(timestamp)}");

    /// <inheritdoc/>
    public IReadOnlyList<string> Vacuum(string path, double retentionHours, bool dryRun)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(retentionHours);
        using var unchecked_ = retentionHours < CheckedRetentionHours ? new TemporaryConf(engine, "spark.databricks.delta.retentionDurationCheck.enabled", "false") : null;
        var vacuum = string.Create(CultureInfo.InvariantCulture, $"VACUUM {DeltaSql.Table(path)} RETAIN {retentionHours:0.######} HOURS");
        // Spark names files in a dry run only.
        var paths = Collect(vacuum + " DRY RUN", PathColumn).Select(static row => (string)row.Get(0)!).ToList();
        if (dryRun) return paths;
        engine.RequireMayChange();
        engine.Execute(vacuum);
        return paths;
    }

    /// <inheritdoc/>
    public void Optimize(string path, long targetFileSizeBytes)
    {
        var size = targetFileSizeBytes.ToString(CultureInfo.InvariantCulture);
        using var target = new TemporaryConf(engine, "spark.databricks.delta.optimize.maxFileSize", size);
        using var small = new TemporaryConf(engine, "spark.databricks.delta.optimize.minFileSize", size);
        engine.RequireMayChange();
        engine.Execute($"OPTIMIZE {DeltaSql.Table(path)}");
    }

    /// <inheritdoc/>
    public long Delete(string path, string? conditionSql, IReadOnlyDictionary<string, string> options)
    {
        using var confs = TemporaryConf.OfWriter(engine, options);
        engine.RequireMayChange();
        engine.Execute($"DELETE FROM {DeltaSql.Table(path)}{(conditionSql is null ? "" : $" WHERE {conditionSql}")}");
        return LatestVersion(path);
    }

    /// <inheritdoc/>
    public long Update(UpdateSpec update)
    {
        ArgumentNullException.ThrowIfNull(update);
        using var confs = TemporaryConf.OfWriter(engine, update.Options);
        engine.Execute(DeltaSql.Update(update));
        return LatestVersion(update.Path);
    }

    /// <inheritdoc/>
    public long Merge(MergeSpec merge)
    {
        ArgumentNullException.ThrowIfNull(merge);
        using var confs = TemporaryConf.OfWriter(engine, merge.Options);
        engine.RequireMayChange();
        engine.Execute(DeltaSql.Merge(merge));
        return LatestVersion(merge.Path);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// An insert-only MERGE by the key: Delta finds that another writer was first (OSS Delta's isolation is Serializable for what read rows) and ends it with a Concurrent… error, and what was added
    /// between the caller's reading and the merge's own is matched and not inserted. The rows are counted by the commit's metrics, that is after the commit.
    /// </remarks>
    public AppendResult Append(AppendSpec append, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(append);
        try
        {
            if (append.ReadVersion is null || append.Options.ContainsKey("replaceWhere"))
            {
                var mode = append.ReadVersion is null ? "errorifexists" : "overwrite";
                engine.Write(append.Sql, append.Schema, new SinkSpec("delta", append.Path, mode, [], append.Options), cancellationToken);
            }
            else
            {
                if (!Exists(append.Path)) return new AppendConflict($"The table '{append.Path}' was deleted after it was read.");
                var columns = append.Schema.FieldNames.ToDictionary(static name => name, static name => $"{DeltaSql.Name(AppendSpec.SourceAlias)}.{DeltaSql.Name(name)}", StringComparer.Ordinal);
                var merge = new MergeSpec(append.Path, AppendSpec.TargetAlias, append.Sql, AppendSpec.SourceAlias, append.ConditionSql(), [new MergeClause("notMatchedInsert", null, columns)], append.Options);
                using var confs = TemporaryConf.OfWriter(engine, append.Options);
                engine.RequireMayChange();
                engine.Execute(DeltaSql.Merge(merge), cancellationToken);
            }
        }
        catch (EngineException error) when (IsConflict(error))
        {
            return new AppendConflict(error.Message);
        }

        var metadata = append.Options.GetValueOrDefault("userMetadata");
        if (Since(append.Path, append.ReadVersion ?? -1).FirstOrDefault(commit => commit.UserMetadata == metadata && commit.Operation != "OPTIMIZE") is not { } made) return new AppendRepeated();
        var rows = long.Parse(made.OperationMetrics.GetValueOrDefault("numTargetRowsInserted") ?? made.OperationMetrics.GetValueOrDefault("numOutputRows") ?? "0", CultureInfo.InvariantCulture);
        if (rows == append.Rows) return new RowsAppended(made.Version, rows);
        return rows < append.Rows && !append.Options.ContainsKey("replaceWhere") && append.ReadVersion is { } read && made.Version > read + 1 ? new AppendNarrowed(made.Version, rows) : new AppendMiscounted(rows, made.Version);
    }

    /// <summary>Whether another writer was first, by Delta's own detection or because it created the table.</summary>
    private static bool IsConflict(EngineException error) =>
        error.ErrorClass is { } name && (name.StartsWith("DELTA_CONCURRENT", StringComparison.Ordinal) || name is "DELTA_PATH_EXISTS" or "DELTA_METADATA_CHANGED" or "DELTA_PROTOCOL_CHANGED")
        || error is Gateway.JvmException jvm && jvm.RemoteClasses.Any(static type =>
            type.Contains(".Concurrent", StringComparison.Ordinal) || type.EndsWith("MetadataChangedException", StringComparison.Ordinal) || type.EndsWith("ProtocolChangedException", StringComparison.Ordinal));

    /// <summary>The commits after a version, newest first.</summary>
    private IEnumerable<DeltaCommit> Since(string path, long version)
    {
        const int most = 20;
        var commits = History(path, most);
        if (commits.Count == most && commits[^1].Version > version + 1) commits = History(path);
        return commits.TakeWhile(commit => commit.Version > version);
    }

    private static DeltaCommit Commit(Row row) => new(
        row.GetAs<long>("version"),
        new DateTimeOffset(row.GetAs<DateTime>("timestamp")),
        row.GetAs<string>("operation"),
        Texts(row.Get("operationParameters")),
        Texts(row.Get("operationMetrics")),
        row.Get("userMetadata") as string)
    {
        UserId = row.Get("userId") as string,
        UserName = row.Get("userName") as string,
        Job = row.Get("job") is Row job ? Fields(job) : null,
        NotebookId = row.Get("notebook") is Row notebook ? notebook.Get(0) as string : null,
        ClusterId = row.Get("clusterId") as string,
        ReadVersion = row.Get("readVersion") as long?,
        IsolationLevel = row.Get("isolationLevel") as string,
        IsBlindAppend = row.Get("isBlindAppend") as bool?,
        EngineInfo = row.Get("engineInfo") as string,
    };

    private static Dictionary<string, string> Fields(Row row) =>
        row.Schema.FieldNames.Where(name => row.Get(name) is string).ToDictionary(static name => name, row.GetAs<string>, StringComparer.Ordinal);

    private static Dictionary<string, string> Texts(object? map) =>
        map is Dictionary<object, object?> entries
            ? entries.Where(static entry => entry.Value is not null).ToDictionary(static entry => (string)entry.Key, static entry => (string)entry.Value!, StringComparer.Ordinal)
            : [];

    private long Restore(string path, string to)
    {
        engine.RequireMayChange();
        engine.Execute($"RESTORE TABLE {DeltaSql.Table(path)} TO {to}");
        return LatestVersion(path);
    }

    /// <summary>A command's rows: commands cannot be subqueries, so the columns are chosen on the Dataset.</summary>
    private List<Row> Collect(string command, StructType columns)
    {
        using var scope = engine.Begin();
        var dataset = scope.Object(engine.Session, "sql", command);
        var chosen = scope.Object(dataset, "selectExpr", scope.Array("java.lang.String", [.. columns.FieldNames]));
        return [.. RowCollect.Start(scope, chosen, columns)];
    }
}
