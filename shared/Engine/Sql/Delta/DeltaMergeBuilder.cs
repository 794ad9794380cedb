using System.Collections.Immutable;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Sql.Rendering;

namespace Pipeline.Engine.Sql.Delta;

/// <summary>Describes a merge: what happens to rows that match and to those that do not; then <see cref="Execute"/>.</summary>
/// <remarks>Immutable: each clause gives a new builder.</remarks>
public sealed class DeltaMergeBuilder
{
    private readonly DeltaTable target;
    private readonly DataFrame source;
    private readonly AliasNode targetNode;
    private readonly PlanNode sourceNode;
    private readonly string sourceAlias;
    private readonly string conditionSql;
    private readonly ImmutableList<MergeClause> clauses;
    private readonly ImmutableDictionary<string, string> options;

    internal DeltaMergeBuilder(DeltaTable target, DataFrame source, Expr condition)
    {
        ArgumentNullException.ThrowIfNull(source);
        this.target = target;
        this.source = source;
        targetNode = new AliasNode(target.Frame.Root, target.AliasName);
        sourceAlias = (source.Root as AliasNode)?.Name ?? "source";
        sourceNode = source.Root is AliasNode ? source.Root : new AliasNode(source.Root, sourceAlias);
        clauses = [];
        options = ImmutableDictionary<string, string>.Empty;
        conditionSql = Sql(condition, "the merge", true);
    }

    private DeltaMergeBuilder(DeltaMergeBuilder other, ImmutableList<MergeClause> clauses, ImmutableDictionary<string, string> options)
    {
        target = other.target;
        source = other.source;
        targetNode = other.targetNode;
        sourceNode = other.sourceNode;
        sourceAlias = other.sourceAlias;
        conditionSql = other.conditionSql;
        this.clauses = clauses;
        this.options = options;
    }

    /// <summary>Rows of the target that match.</summary>
    public DeltaMergeMatchedActionBuilder WhenMatched(Column? condition = null) => new(this, condition is null ? null : Sql(condition.Node, "WhenMatched", true));

    /// <summary>Rows of the target that match and for which the condition, in Spark's SQL, holds.</summary>
    public DeltaMergeMatchedActionBuilder WhenMatched(string condition) => new(this, Sql(SqlText.Parse(condition), "WhenMatched", true));

    /// <summary>Rows of the source that match none.</summary>
    public DeltaMergeNotMatchedActionBuilder WhenNotMatched(Column? condition = null) => new(this, condition is null ? null : Sql(condition.Node, "WhenNotMatched", true));

    /// <summary>Rows of the source that match none and for which the condition, in Spark's SQL, holds.</summary>
    public DeltaMergeNotMatchedActionBuilder WhenNotMatched(string condition) => new(this, Sql(SqlText.Parse(condition), "WhenNotMatched", true));

    /// <summary>Deletes rows of the target that no row of the source matches.</summary>
    public DeltaMergeBuilder WhenNotMatchedBySourceDelete(Column? condition = null) =>
        With(new MergeClause("notMatchedBySourceDelete", condition is null ? null : Sql(condition.Node, "WhenNotMatchedBySourceDelete", true), null));

    /// <summary>Rows of the target that no row of the source matches.</summary>
    public DeltaMergeNotMatchedBySourceActionBuilder WhenNotMatchedBySource(Column? condition = null) => new(this, condition is null ? null : Sql(condition.Node, "WhenNotMatchedBySource", true));

    /// <summary>Rows of the target that no row of the source matches and for which the condition, in Spark's SQL, holds.</summary>
    public DeltaMergeNotMatchedBySourceActionBuilder WhenNotMatchedBySource(string condition) => new(this, Sql(SqlText.Parse(condition), "WhenNotMatchedBySource", true));

    /// <summary>An option of the write, such as <c>txnAppId</c>, <c>txnVersion</c> or <c>userMetadata</c>.</summary>
    public DeltaMergeBuilder Option(string key, string value) => new(this, clauses, options.SetItem(key, value));

    /// <summary>Runs it; answers the new version.</summary>
    /// <exception cref="InvalidOperationException">It has no clause.</exception>
    public long Execute()
    {
        if (clauses.IsEmpty) throw new InvalidOperationException("The merge does nothing: it has no clause. Add WhenMatched().UpdateAll(), WhenNotMatched().InsertAll() or another.");
        var (sql, _) = source.Executable("merge");
        return target.Engine.Delta.Merge(new MergeSpec(target.Path, target.AliasName, sql, sourceAlias, conditionSql, clauses, options));
    }

    internal string ConditionSql => conditionSql;

    internal DeltaMergeBuilder With(MergeClause clause) => new(this, clauses.Add(clause), options);

    internal Dictionary<string, string> Assignments(IEnumerable<KeyValuePair<string, Column>> set) =>
        set.ToDictionary(pair => Scope.Of(targetNode).Find(pair.Key) is AttributeRef column ? column.Attribute.Name : pair.Key, pair => Sql(pair.Value.Node, "an assignment", false));

    internal Dictionary<string, string> Assignments(IEnumerable<KeyValuePair<string, string>> set) =>
        Assignments(set.Select(pair => KeyValuePair.Create(pair.Key, new Column(SqlText.Parse(pair.Value)))));

    private string Sql(Expr expr, string what, bool isCondition)
    {
        var session = target.ToDF().SparkSession;
        var dialect = session.Dialect;
        var join = JoinPlanner.On(targetNode, sourceNode, JoinKind.Inner, null);
        var scope = Scope.Of(targetNode, sourceNode, join.Renumbered, join.Output);
        var resolved = isCondition ? Resolver.Condition(expr, scope, what) : Resolver.Resolve(expr, scope);
        var onTarget = targetNode.Output.Select(column => column.Id).ToHashSet();
        string Column(Plan.Attribute column) => $"{dialect.Identifier(onTarget.Contains(column.Id) ? target.AliasName : sourceAlias)}.{dialect.Identifier(column.Name)}";
        return SqlRenderer.Condition(resolved, dialect, Column, session.Engine.RegisterFunction);
    }
}

/// <summary>What happens to rows that match.</summary>
public sealed class DeltaMergeMatchedActionBuilder
{
    private readonly DeltaMergeBuilder merge;
    private readonly string? condition;

    internal DeltaMergeMatchedActionBuilder(DeltaMergeBuilder merge, string? condition)
    {
        this.merge = merge;
        this.condition = condition;
    }

    /// <summary>Every column of the target takes the source's column of the name.</summary>
    public DeltaMergeBuilder UpdateAll() => merge.With(new MergeClause("matchedUpdate", condition, null));

    /// <summary>These columns take these values.</summary>
    public DeltaMergeBuilder Update(IEnumerable<KeyValuePair<string, Column>> set) => merge.With(new MergeClause("matchedUpdate", condition, merge.Assignments(set)));

    /// <summary>These columns take these values, in Spark's SQL.</summary>
    public DeltaMergeBuilder UpdateExpr(IEnumerable<KeyValuePair<string, string>> set) => merge.With(new MergeClause("matchedUpdate", condition, merge.Assignments(set)));

    /// <summary>The row goes.</summary>
    public DeltaMergeBuilder Delete() => merge.With(new MergeClause("matchedDelete", condition, null));
}

/// <summary>What happens to rows of the source that match none.</summary>
public sealed class DeltaMergeNotMatchedActionBuilder
{
    private readonly DeltaMergeBuilder merge;
    private readonly string? condition;

    internal DeltaMergeNotMatchedActionBuilder(DeltaMergeBuilder merge, string? condition)
    {
        this.merge = merge;
        this.condition = condition;
    }

    /// <summary>The row comes in, columns by name.</summary>
    public DeltaMergeBuilder InsertAll() => merge.With(new MergeClause("notMatchedInsert", condition, null));

    /// <summary>A row of these values comes in.</summary>
    public DeltaMergeBuilder Insert(IEnumerable<KeyValuePair<string, Column>> values) => merge.With(new MergeClause("notMatchedInsert", condition, merge.Assignments(values)));

    /// <summary>A row of these values, in Spark's SQL, comes in.</summary>
    public DeltaMergeBuilder InsertExpr(IEnumerable<KeyValuePair<string, string>> values) => merge.With(new MergeClause("notMatchedInsert", condition, merge.Assignments(values)));
}

/// <summary>What happens to rows of the target that no row of the source matches.</summary>
public sealed class DeltaMergeNotMatchedBySourceActionBuilder
{
    private readonly DeltaMergeBuilder merge;
    private readonly string? condition;

    internal DeltaMergeNotMatchedBySourceActionBuilder(DeltaMergeBuilder merge, string? condition)
    {
        this.merge = merge;
        this.condition = condition;
    }

    /// <summary>These columns take these values.</summary>
    public DeltaMergeBuilder Update(IEnumerable<KeyValuePair<string, Column>> set) => merge.With(new MergeClause("notMatchedBySourceUpdate", condition, merge.Assignments(set)));

    /// <summary>These columns take these values, in Spark's SQL.</summary>
    public DeltaMergeBuilder UpdateExpr(IEnumerable<KeyValuePair<string, string>> set) => merge.With(new MergeClause("notMatchedBySourceUpdate", condition, merge.Assignments(set)));

    /// <summary>The row goes.</summary>
    public DeltaMergeBuilder Delete() => merge.With(new MergeClause("notMatchedBySourceDelete", condition, null));
}
