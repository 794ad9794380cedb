using System.Collections.Immutable;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>Kinds of joins.</summary>
internal enum JoinKind
{
    Inner,
    Cross,
    LeftOuter,
    RightOuter,
    FullOuter,
    LeftSemi,
    LeftAnti,
}

/// <summary>A join. Where both sides hand on a column of the same number, the right side's gets a new one (<see cref="Renumbered"/>).</summary>
internal sealed class JoinNode(
    PlanNode left,
    PlanNode right,
    JoinKind kind,
    ImmutableDictionary<long, long> renumbered,
    Expr? condition,
    ImmutableArray<NamedExpr> items) : PlanNode([.. items.Select(item => item.Column)], left, right)
{
    public PlanNode Left => Children[0];

    public PlanNode Right => Children[1];

    public JoinKind Kind { get; } = kind;

    /// <summary>New numbers of the right side's columns by their old ones.</summary>
    public ImmutableDictionary<long, long> Renumbered { get; } = renumbered;

    public Expr? Condition { get; } = condition;

    /// <summary>The columns that come out; plain but for the keys of a full join by name.</summary>
    public ImmutableArray<NamedExpr> Items { get; } = items;

    public override long Trace(PlanNode frame, long id)
    {
        if (ReferenceEquals(frame, this)) return Has(id) ? id : -1;
        var (fromLeft, fromRight) = TraceSides(Left, Right, Renumbered, frame, id);
        if (fromLeft >= 0 && Has(fromLeft)) return fromLeft;
        return fromRight >= 0 && Has(fromRight) ? fromRight : -1;
    }

    /// <summary>Where a frame's column stands on each side, in the join's numbers; -1 where it does not.</summary>
    public static (long Left, long Right) TraceSides(PlanNode left, PlanNode right, ImmutableDictionary<long, long> renumbered, PlanNode frame, long id)
    {
        var fromLeft = left.Trace(frame, id);
        var fromRight = right.Trace(frame, id);
        if (fromRight >= 0) fromRight = renumbered.GetValueOrDefault(fromRight, fromRight);
        return (fromLeft, fromRight);
    }
}
