using System.Globalization;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql.Delta;

/// <summary>A Delta table at a path: what is not a query.</summary>
public sealed class DeltaTable
{
    private const double DefaultRetentionHours = 168;
    private const long DefaultFileSizeBytes = 128L * 1024 * 1024;
    private readonly SparkSession session;
    private readonly string alias;

    private DeltaTable(SparkSession session, string path, string alias)
    {
        this.session = session;
        this.alias = alias;
        Path = path;
    }

    /// <summary>Path or URI of the table.</summary>
    public string Path { get; }

    internal IEngine Engine => session.Engine;

    internal string AliasName => alias;

    internal DataFrame Frame => session.Read().Format("delta").Load(Path);

    /// <summary>The table at a path.</summary>
    /// <exception cref="EngineException">There is none.</exception>
    public static DeltaTable ForPath(SparkSession sparkSession, string path)
    {
        ArgumentNullException.ThrowIfNull(sparkSession);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return sparkSession.Engine.Delta.Exists(path)
            ? new DeltaTable(sparkSession, path, "target")
            : throw new EngineException($"There is no Delta table at '{path}'. Write one first: frame.Write().Format(\"delta\").Save(path).") { ErrorClass = "DELTA_TABLE_NOT_FOUND" };
    }

    /// <summary>The table at a path, of the active session.</summary>
    public static DeltaTable ForPath(string path) => ForPath(SparkSession.Active(), path);

    /// <summary>The table of a name; names are those by path, <c>delta.`/data/t`</c>.</summary>
    /// <exception cref="EngineException">There is none.</exception>
    public static DeltaTable ForName(SparkSession sparkSession, string tableOrViewName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tableOrViewName);
        return ForPath(sparkSession, SqlText.DeltaPath(tableOrViewName)
            ?? throw new EngineException($"'{tableOrViewName}' is not the name of a Delta table. Name it by its path: delta.`/path/of/the/table`.") { ErrorClass = "DELTA_MISSING_DELTA_TABLE", SqlState = "42P01" });
    }

    /// <summary>The table of a name, of the active session.</summary>
    public static DeltaTable ForName(string tableOrViewName) => ForName(SparkSession.Active(), tableOrViewName);

    /// <summary>Whether there is a table at a path.</summary>
    public static bool IsDeltaTable(SparkSession sparkSession, string identifier)
    {
        ArgumentNullException.ThrowIfNull(sparkSession);
        return sparkSession.Engine.Delta.Exists(SqlText.DeltaPath(identifier) ?? identifier);
    }

    /// <summary>Whether there is a table at a path, by the active session.</summary>
    public static bool IsDeltaTable(string identifier) => IsDeltaTable(SparkSession.Active(), identifier);

    /// <summary>The table under a name for conditions.</summary>
    public DeltaTable As(string alias)
    {
        ArgumentException.ThrowIfNullOrEmpty(alias);
        return new(session, Path, alias);
    }

    /// <summary>As <see cref="As"/>.</summary>
    public DeltaTable Alias(string alias) => As(alias);

    /// <summary>The latest version's rows.</summary>
    public DataFrame ToDF() => Frame;

    /// <summary>Number of the latest version.</summary>
    public long LatestVersion() => Engine.Delta.LatestVersion(Path);

    /// <summary>The versions, newest first, as values.</summary>
    public IReadOnlyList<DeltaCommit> Commits(int? limit = null) => Engine.Delta.History(Path, limit);

    /// <summary>The versions, newest first, with the fifteen columns of Delta's history: <see cref="DeltaCommit.Columns"/>.</summary>
    public DataFrame History(int limit) => HistoryFrame(limit);

    /// <summary>All versions, newest first, with the fifteen columns of Delta's history: <see cref="DeltaCommit.Columns"/>.</summary>
    public DataFrame History() => HistoryFrame(null);

    /// <summary>Deletes the rows for which the condition holds; answers the new version.</summary>
    public long Delete(Column condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Engine.Delta.Delete(Path, Condition(condition.Node), Options());
    }

    /// <summary>Deletes the rows for which the condition, in Spark's SQL, holds.</summary>
    public long Delete(string condition) => Engine.Delta.Delete(Path, Condition(SqlText.Parse(condition)), Options());

    /// <summary>Deletes all rows.</summary>
    public long Delete() => Engine.Delta.Delete(Path, null, Options());

    /// <summary>Sets columns of all rows; answers the new version.</summary>
    public long Update(IEnumerable<KeyValuePair<string, Column>> set) => Updated(null, set);

    /// <summary>Sets columns of the rows for which the condition holds; answers the new version.</summary>
    public long Update(Column condition, IEnumerable<KeyValuePair<string, Column>> set)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return Updated(condition.Node, set);
    }

    /// <summary>Sets columns of all rows, the values in Spark's SQL; answers the new version.</summary>
    public long UpdateExpr(IEnumerable<KeyValuePair<string, string>> set) => Updated(null, Parsed(set));

    /// <summary>Sets columns of the rows for which the condition holds, both in Spark's SQL; answers the new version.</summary>
    public long UpdateExpr(string condition, IEnumerable<KeyValuePair<string, string>> set) => Updated(SqlText.Parse(condition), Parsed(set));

    /// <summary>Deletes files that no version of the last hours needs; the paths that went.</summary>
    public IReadOnlyList<string> Vacuum(double retentionHours = DefaultRetentionHours, bool dryRun = false) => Engine.Delta.Vacuum(Path, retentionHours, dryRun);

    /// <summary>Makes the content of an earlier version the newest; answers the new version.</summary>
    public long RestoreToVersion(long version) => Engine.Delta.RestoreToVersion(Path, version);

    /// <summary>Makes the content at an instant (ISO 8601) the newest; answers the new version.</summary>
    public long RestoreToTimestamp(string timestamp) => Engine.Delta.RestoreToTimestamp(Path, timestamp);

    /// <summary>Makes the content at an instant the newest; answers the new version.</summary>
    public long RestoreToTimestamp(DateTimeOffset timestamp) =>
        RestoreToTimestamp(timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));

    /// <summary>Starts the rewriting of small files: <c>Optimize().ExecuteCompaction()</c>.</summary>
    public DeltaOptimizeBuilder Optimize(long targetFileSizeBytes = DefaultFileSizeBytes) => new(this, targetFileSizeBytes);

    /// <summary>Starts a merge of rows into the table.</summary>
    /// <param name="source">The rows; give it an <see cref="DataFrame.Alias"/> for the condition.</param>
    /// <param name="condition">Which rows match, such as <c>Col("target.id") == Col("s.id")</c>.</param>
    public DeltaMergeBuilder Merge(DataFrame source, Column condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return new(this, source, condition.Node);
    }

    /// <summary>Starts a merge of rows into the table, the condition in Spark's SQL.</summary>
    public DeltaMergeBuilder Merge(DataFrame source, string condition) => new(this, source, SqlText.Parse(condition));

    /// <summary>Appends rows that were chosen by what the table held, such as rows whose keys it lacked.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="path">Path or URI of the table; it is created where <see cref="AppendTerms.ReadVersion"/> is null.</param>
    /// <param name="terms">What the choice depended on, and what is to be written.</param>
    /// <param name="cancellationToken">Stops the engine.</param>
    public static AppendResult Append(DataFrame rows, string path, AppendTerms terms, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(terms);
        var (sql, schema) = rows.Executable("append");
        var session = rows.SparkSession;
        return session.Engine.Delta.Append(
            new AppendSpec { Path = path, Sql = sql, Schema = schema, ReadVersion = terms.ReadVersion, Rows = terms.Rows, ConditionSql = Condition, Options = terms.Options }, cancellationToken);

        string Condition()
        {
            var sameKey = terms.Key.Select(static name => Functions.Col($"{AppendSpec.TargetAlias}.{name}").EqNullSafe(Functions.Col($"{AppendSpec.SourceAlias}.{name}"))).Aggregate(static (left, right) => left & right);
            var within = terms.Within?.Invoke(AppendSpec.TargetAlias + ".");
            return ForPath(session, path).As(AppendSpec.TargetAlias).Merge(rows.Alias(AppendSpec.SourceAlias), within is null ? sameKey : within & sameKey).ConditionSql;
        }
    }

    private static Dictionary<string, string> Options() => [];

    private string Condition(Expr condition, string what = "a delete") => Sql(Resolver.Condition(condition, Scope.Of(new AliasNode(Frame.Root, alias)), what));

    private string Sql(Expr resolved) => Rendering.SqlRenderer.Condition(resolved, session.Dialect, column => session.Dialect.Identifier(column.Name), session.Engine.RegisterFunction);

    private static IEnumerable<KeyValuePair<string, Column>> Parsed(IEnumerable<KeyValuePair<string, string>> set) => set.Select(static pair => KeyValuePair.Create(pair.Key, new Column(SqlText.Parse(pair.Value))));

    private long Updated(Expr? condition, IEnumerable<KeyValuePair<string, Column>> set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var scope = Scope.Of(new AliasNode(Frame.Root, alias));
        var assignments = set.ToDictionary(
            pair => scope.Find(pair.Key) is AttributeRef column ? column.Attribute.Name : throw new ArgumentException($"Cannot update '{pair.Key}': it is a field of a column. Set the whole column.", nameof(set)),
            pair => Sql(Resolver.Resolve(pair.Value.Node, scope)), StringComparer.Ordinal);
        if (assignments.Count == 0) throw new ArgumentException("The update sets no column.", nameof(set));
        return Engine.Delta.Update(new UpdateSpec(Path, condition is null ? null : Condition(condition, "an update"), assignments, Options()));
    }

    private DataFrame HistoryFrame(int? limit) => session.CreateDataFrame(Commits(limit).Select(static commit => commit.ToValues()), DeltaCommit.Columns);
}

/// <summary>Describes the rewriting of small files.</summary>
public sealed class DeltaOptimizeBuilder
{
    private readonly DeltaTable table;
    private readonly long targetFileSizeBytes;

    internal DeltaOptimizeBuilder(DeltaTable table, long targetFileSizeBytes)
    {
        this.table = table;
        this.targetFileSizeBytes = targetFileSizeBytes;
    }

    /// <summary>Rewrites small files to larger ones; the rows stay as they are.</summary>
    public void ExecuteCompaction() => table.Engine.Delta.Optimize(table.Path, targetFileSizeBytes);
}
