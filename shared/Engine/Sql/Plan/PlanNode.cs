using System.Collections.Immutable;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>A step of a query: immutable, its output columns known.</summary>
internal abstract class PlanNode(ImmutableArray<Attribute> output, params ImmutableArray<PlanNode> children)
{
    public ImmutableArray<Attribute> Output { get; } = output;

    public ImmutableArray<PlanNode> Children { get; } = children;

    public virtual bool IsStreaming => Children.Any(child => child.IsStreaming);

    public StructType Schema => new(Output.Select(column => column.ToField()));

    /// <summary>The column's number at this node, when <paramref name="frame"/> is this node or one below; -1 where it does not come through.</summary>
    public virtual long Trace(PlanNode frame, long id)
    {
        if (ReferenceEquals(frame, this)) return Has(id) ? id : -1;
        foreach (var child in Children)
        {
            var found = child.Trace(frame, id);
            if (found >= 0 && Has(found)) return found;
        }
        return -1;
    }

    public bool Has(long id)
    {
        foreach (var column in Output)
            if (column.Id == id) return true;
        return false;
    }
}

/// <summary>A view that the engine made.</summary>
internal sealed class SourceNode(SourceView view, ImmutableArray<Attribute> output) : PlanNode(output)
{
    public SourceView View { get; } = view;

    public override bool IsStreaming => View.IsStreaming;

    public static SourceNode Of(SourceView view) =>
        new(view, [.. view.Schema.Select(field => Attribute.New(field.Name, field.DataType, field.IsNullable))]);
}

/// <summary>A query in the engine's own SQL.</summary>
internal sealed class QueryNode(string sql, ImmutableArray<Attribute> output, bool isStreaming, bool canNest) : PlanNode(output)
{
    public string Sql { get; } = sql;

    /// <summary>False for SHOW and DESCRIBE, which no other query can stand on.</summary>
    public bool CanNest { get; } = canNest;

    public override bool IsStreaming => isStreaming;
}

/// <summary>A resolved expression and the column it becomes.</summary>
internal sealed record NamedExpr(Expr Value, Attribute Column)
{
    public bool IsPlain => Value is AttributeRef;
}

/// <summary>SELECT of expressions.</summary>
internal sealed class ProjectNode(PlanNode child, ImmutableArray<NamedExpr> items) : PlanNode([.. items.Select(item => item.Column)], child)
{
    public PlanNode Child => Children[0];

    public ImmutableArray<NamedExpr> Items { get; } = items;
}

/// <summary>WHERE.</summary>
internal sealed class FilterNode(PlanNode child, Expr condition) : PlanNode(child.Output, child)
{
    public PlanNode Child => Children[0];

    public Expr Condition { get; } = condition;
}

/// <summary>How groups are made of the keys.</summary>
internal enum GroupingKind
{
    Plain,
    Rollup,
    Cube,
}

/// <summary>GROUP BY; without keys one row of all.</summary>
internal sealed class AggregateNode(PlanNode child, GroupingKind kind, ImmutableArray<Expr> keys, ImmutableArray<NamedExpr> items)
    : PlanNode([.. items.Select(item => item.Column)], child)
{
    public PlanNode Child => Children[0];

    public GroupingKind Kind { get; } = kind;

    public ImmutableArray<Expr> Keys { get; } = keys;

    public ImmutableArray<NamedExpr> Items { get; } = items;
}

/// <summary>ORDER BY.</summary>
internal sealed class SortNode(PlanNode child, ImmutableArray<SortKey> keys) : PlanNode(child.Output, child)
{
    public PlanNode Child => Children[0];

    public ImmutableArray<SortKey> Keys { get; } = keys;
}

/// <summary>LIMIT and OFFSET.</summary>
internal sealed class LimitNode(PlanNode child, long? count, long offset) : PlanNode(child.Output, child)
{
    public PlanNode Child => Children[0];

    public long? Count { get; } = count;

    public long Offset { get; } = offset;
}

/// <summary>SELECT DISTINCT.</summary>
internal sealed class DistinctNode(PlanNode child) : PlanNode(child.Output, child)
{
    public PlanNode Child => Children[0];
}

/// <summary>Names the columns' frame, so that <c>a.id</c> finds them.</summary>
internal sealed class AliasNode(PlanNode child, string name) : PlanNode([.. child.Output.Select(column => column with { Qualifier = name })], child)
{
    public PlanNode Child => Children[0];

    public string Name { get; } = name;
}

/// <summary>UNION ALL, INTERSECT or EXCEPT, column by column.</summary>
internal sealed class SetNode(PlanNode left, PlanNode right, string operation, ImmutableArray<Attribute> output) : PlanNode(output, left, right)
{
    public string Operation { get; } = operation;

    public override long Trace(PlanNode frame, long id)
    {
        if (ReferenceEquals(frame, this)) return Has(id) ? id : -1;
        var found = Children[0].Trace(frame, id);
        if (found < 0) return -1;
        for (var i = 0; i < Output.Length; i++)
            if (Children[0].Output[i].Id == found) return Output[i].Id;
        return -1;
    }
}

/// <summary>A share of the rows, taken at random.</summary>
internal sealed class SampleNode(PlanNode child, double fraction, long? seed) : PlanNode(child.Output, child)
{
    public PlanNode Child => Children[0];

    public double Fraction { get; } = fraction;

    public long? Seed { get; } = seed;
}

/// <summary>A wish for the way the query runs, such as <c>COALESCE(1)</c>; nothing on an engine without partitions.</summary>
internal sealed class HintNode(PlanNode child, string hint) : PlanNode(child.Output, child)
{
    public PlanNode Child => Children[0];

    public string Hint { get; } = hint;
}

/// <summary>Columns turned into rows of a name and a value.</summary>
internal sealed class UnpivotNode(PlanNode child, ImmutableArray<Attribute> ids, ImmutableArray<Attribute> values, ImmutableArray<Attribute> output) : PlanNode(output, child)
{
    public PlanNode Child => Children[0];

    public ImmutableArray<Attribute> Ids { get; } = ids;

    public ImmutableArray<Attribute> Values { get; } = values;
}
