using System.Collections.Immutable;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>Makes joins.</summary>
internal static class JoinPlanner
{
    public static JoinKind Kind(string joinType) => joinType.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant() switch
    {
        "inner" => JoinKind.Inner,
        "cross" => JoinKind.Cross,
        "outer" or "full" or "fullouter" => JoinKind.FullOuter,
        "left" or "leftouter" => JoinKind.LeftOuter,
        "right" or "rightouter" => JoinKind.RightOuter,
        "semi" or "leftsemi" => JoinKind.LeftSemi,
        "anti" or "leftanti" => JoinKind.LeftAnti,
        _ => throw new ArgumentException($"The join type '{joinType}' is not known. Known are inner, cross, left, right, full, left_semi and left_anti."),
    };

    /// <summary>A join by condition (null: every row with every row).</summary>
    public static JoinNode On(PlanNode left, PlanNode right, JoinKind kind, Expr? condition)
    {
        var renumbered = Renumber(left, right);
        var rightColumns = Renumbered(right, renumbered);
        Expr? resolved = null;
        if (condition is not null) resolved = Resolver.Condition(condition, Scope.Of(left, right, renumbered, left.Output.AddRange(rightColumns)), "a join");
        return new JoinNode(left, right, kind, renumbered, resolved, Items(left.Output, rightColumns, kind));
    }

    /// <summary>A join by columns of the same name, which come out once and first.</summary>
    public static JoinNode Using(PlanNode left, PlanNode right, JoinKind kind, IReadOnlyList<string> names)
    {
        if (names.Count == 0) throw new ArgumentException("A join by names needs one name at least. Use CrossJoin for every row with every row.");
        var renumbered = Renumber(left, right);
        var rightColumns = Renumbered(right, renumbered);
        Expr? condition = null;
        var keys = new List<NamedExpr>();
        var taken = new HashSet<long>();
        foreach (var name in names)
        {
            var a = One(left.Output, name, "left");
            var b = One(rightColumns, name, "right");
            taken.UnionWith([a.Id, b.Id]);
            var equal = new Call("=", Typing.Comparable([Ref(a), Ref(b)])) { Type = new BooleanType() };
            condition = condition is null ? equal : new Call("and", condition, equal) { Type = new BooleanType() };
            keys.Add(kind switch
            {
                JoinKind.RightOuter => new NamedExpr(Ref(b), b),
                JoinKind.FullOuter => Merged(a, b),
                _ => new NamedExpr(Ref(a), a),
            });
        }
        var rest = Items([.. left.Output.Where(column => !taken.Contains(column.Id))], [.. rightColumns.Where(column => !taken.Contains(column.Id))], kind);
        return new JoinNode(left, right, kind, renumbered, condition, [.. keys, .. rest]);
    }

    private static NamedExpr Merged(Attribute left, Attribute right)
    {
        var type = Typing.Common(left.Type, right.Type) ?? left.Type;
        return new NamedExpr(new Call("coalesce", Typing.Convert(Ref(left), type), Typing.Convert(Ref(right), type)) { Type = type }, Attribute.New(left.Name, type, left.IsNullable || right.IsNullable));
    }

    private static ImmutableArray<NamedExpr> Items(ImmutableArray<Attribute> left, ImmutableArray<Attribute> right, JoinKind kind)
    {
        var leftItems = left.Select(column => new NamedExpr(Ref(column), kind is JoinKind.RightOuter or JoinKind.FullOuter ? column with { IsNullable = true } : column));
        if (kind is JoinKind.LeftSemi or JoinKind.LeftAnti) return [.. leftItems];
        return [.. leftItems, .. right.Select(column => new NamedExpr(Ref(column), kind is JoinKind.LeftOuter or JoinKind.FullOuter ? column with { IsNullable = true } : column))];
    }

    private static ImmutableDictionary<long, long> Renumber(PlanNode left, PlanNode right)
    {
        var onLeft = left.Output.Select(column => column.Id).ToHashSet();
        var seen = new HashSet<long>();
        var renumbered = ImmutableDictionary<long, long>.Empty;
        foreach (var column in right.Output)
            if (onLeft.Contains(column.Id) && seen.Add(column.Id)) renumbered = renumbered.Add(column.Id, Attribute.NextId());
        return renumbered;
    }

    private static ImmutableArray<Attribute> Renumbered(PlanNode right, ImmutableDictionary<long, long> renumbered) =>
        [.. right.Output.Select(column => column with { Id = renumbered.GetValueOrDefault(column.Id, column.Id) })];

    private static AttributeRef Ref(Attribute column) => new(column) { Type = column.Type };

    private static Attribute One(ImmutableArray<Attribute> columns, string name, string side)
    {
        var found = columns.Where(column => column.IsNamed(name)).ToArray();
        return found.Length switch
        {
            1 => found[0],
            0 => throw new ArgumentException($"Cannot join by '{name}': the {side} side has no such column. It has: {string.Join(", ", columns.Select(column => column.Name))}."),
            _ => throw new ArgumentException($"Cannot join by '{name}': the {side} side has {found.Length} columns of that name. Rename or drop the others."),
        };
    }
}
