using System.Collections.Immutable;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql.Rendering;

/// <summary>A plan as one SQL text. Steps are merged into one SELECT where that keeps the meaning; a plan that is used twice becomes a WITH.</summary>
internal sealed partial class SqlRenderer
{
    private readonly SqlDialect dialect;
    private readonly ExprRenderer expressions;
    private readonly Dictionary<PlanNode, int> uses = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<PlanNode, string> shared = new(ReferenceEqualityComparer.Instance);
    private readonly List<string> commonTables = [];
    private int aliases;

    private SqlRenderer(SqlDialect dialect, Action<UserFunction>? onFunction)
    {
        this.dialect = dialect;
        expressions = new ExprRenderer(dialect, column => throw new InvalidOperationException($"Column '{column.Name}' is not bound to a table in the query."), onFunction);
    }

    /// <summary>The text of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="dialect">The engine's dialect.</param>
    /// <param name="onFunction">Told of each C# function that the text calls, so that the engine knows it before the text runs.</param>
    public static string Render(PlanNode plan, SqlDialect dialect, Action<UserFunction>? onFunction = null)
    {
        var renderer = new SqlRenderer(dialect, onFunction);
        renderer.CountUses(plan);
        var body = renderer.Write(renderer.Visit(plan), plan.Output);
        return renderer.commonTables.Count == 0 ? body : $"WITH {string.Join(",\n", renderer.commonTables)}\n{body}";
    }

    /// <summary>A resolved expression by itself, its columns written by the function given.</summary>
    public static string Condition(Expr condition, SqlDialect dialect, Func<Plan.Attribute, string> column, Action<UserFunction>? onFunction = null) =>
        new ExprRenderer(dialect, column, onFunction).Render(condition).Text;

    private void CountUses(PlanNode node)
    {
        uses[node] = uses.GetValueOrDefault(node) + 1;
        if (uses[node] > 1) return;
        foreach (var child in node.Children) CountUses(child);
    }

    private Select Visit(PlanNode node)
    {
        if (uses[node] < 2 || node is SourceNode or AliasNode { Child: SourceNode }) return Build(node);
        if (!shared.TryGetValue(node, out var name))
        {
            var body = Write(Build(node), node.Output);
            name = FormattableString.Invariant($"c{shared.Count + 1}");
            shared.Add(node, name);
            commonTables.Add($"{name} AS (\n{body}\n)");
        }
        return Relation(name, node.Output);
    }

    private Select Build(PlanNode node) => node switch
    {
        SourceNode source => Relation(dialect.QualifiedName(source.View.Name), source.Output, [.. source.View.Schema.FieldNames]),
        QueryNode query => new Select { From = null, Whole = query.Sql, IsPlainFrom = query.CanNest },
        AliasNode alias => Visit(alias.Child),
        FilterNode filter => Build(filter),
        ProjectNode project => Build(project),
        AggregateNode aggregate => Build(aggregate),
        SortNode sort => Build(sort),
        LimitNode limit => Build(limit),
        DistinctNode distinct => Build(distinct),
        JoinNode join => Build(join),
        SetNode set => Build(set),
        SampleNode sample => Build(sample),
        HintNode hint => Build(hint),
        UnpivotNode unpivot => Build(unpivot),
        _ => throw new InvalidOperationException($"There is no SQL for the plan node {node.GetType().Name}."),
    };

    private Select Open(PlanNode child, Func<Select, bool> mustWrap)
    {
        var select = Visit(child);
        return select.Whole is not null || !select.Generated.IsEmpty || mustWrap(select) ? Wrap(select, child) : select;
    }

    private Select Build(FilterNode node)
    {
        var select = Open(node.Child, select => select.IsDistinct || select.HasLimit || select.IsGrouped || select.Columns.Values.Any(Rewriter.HasWindow)
            || Rewriter.HasRaw(node.Condition) || Rewriter.References(node.Condition).Any(id => Rewriter.IsVolatile(select.Columns[id])));
        select.Where.Add(Rewriter.Substitute(node.Condition, select.Columns));
        return select;
    }

    private Select Build(ProjectNode node)
    {
        var values = node.Items.Select(item => item.Value).ToArray();
        var hasWindow = values.Any(Rewriter.HasWindow);
        var select = Open(node.Child, select => select.IsDistinct || (hasWindow && (select.HasLimit || select.IsGrouped)) || values.Any(Rewriter.HasRaw)
            || values.Any(value => Planner.Generator(Inner(value)) is not null) && !select.IsBare
            || (hasWindow && select.IsComputedLate(values.Where(Rewriter.HasWindow))) || RepeatsWork(select, values));
        if (values.Any(value => value is Call { Function: "generated" })) return Generate(node, select);
        return Selected(select, node.Items);
    }

    private static Expr Inner(Expr value) => value is Call { Function: "generated" } call ? call.Arguments[0] : value;

    /// <summary>Whether a computed column would be computed more than once, were it written out where it is used.</summary>
    private static bool RepeatsWork(Select select, Expr[] values)
    {
        if (select.Columns.Values.All(value => value is Physical)) return false;
        foreach (var group in values.SelectMany(Rewriter.References).GroupBy(id => id))
        {
            var bound = select.Columns[group.Key];
            if (bound is Physical or Literal) continue;
            if (group.Skip(1).Any() || (Rewriter.IsVolatile(bound) && !values.Any(value => value is AttributeRef column && column.Attribute.Id == group.Key))) return true;
        }
        return false;
    }

    private static Select Selected(Select select, ImmutableArray<NamedExpr> items)
    {
        var columns = items.Select(item => (item.Column.Id, Value: Rewriter.Substitute(item.Value, select.Columns))).ToArray();
        select.Columns.Clear();
        foreach (var (id, value) in columns) select.Columns[id] = value;
        return select;
    }

    private Select Build(AggregateNode node)
    {
        var values = node.Items.Select(item => item.Value).Concat(node.Keys).ToArray();
        var select = Open(node.Child, select => select.IsDistinct || select.HasLimit || select.IsGrouped || !select.OrderBy.IsEmpty || select.Hint.Length > 0
            || select.IsComputedLate(values) || values.Any(Rewriter.HasRaw)
            || values.SelectMany(Rewriter.References).Distinct().Any(id => Rewriter.IsVolatile(select.Columns[id])));
        select.GroupBy = [.. node.Keys.Select(key => Rewriter.Substitute(key, select.Columns))];
        select.Grouping = node.Kind;
        return Selected(select, node.Items);
    }

    private Select Build(SortNode node)
    {
        var values = node.Keys.Select(key => key.Value).ToArray();
        var select = Open(node.Child, select => select.IsDistinct || select.HasLimit || select.Hint.Length > 0 || (select.IsGrouped && select.Grouping != GroupingKind.Plain)
            || values.Any(value => Rewriter.HasWindow(value) || Rewriter.HasRaw(value))
            || values.SelectMany(Rewriter.References).Any(id => Rewriter.HasWindow(select.Columns[id]) || Rewriter.IsVolatile(select.Columns[id])));
        select.OrderBy = [.. node.Keys.Select(key => (SortKey)Rewriter.Substitute(key, select.Columns))];
        return select;
    }

    private Select Build(LimitNode node)
    {
        var select = Open(node.Child, select => select.HasLimit);
        select.Limit = node.Count;
        select.Offset = node.Offset;
        return select;
    }

    private Select Build(DistinctNode node)
    {
        var select = Open(node.Child, select => select.IsDistinct || select.HasLimit || !select.OrderBy.IsEmpty || select.Hint.Length > 0);
        select.IsDistinct = true;
        return select;
    }

    private Select Build(HintNode node)
    {
        if (dialect.Hint(node.Hint).Length == 0) return Visit(node.Child);
        var select = Open(node.Child, select => select.Hint.Length > 0);
        select.Hint = dialect.Hint(node.Hint);
        return select;
    }

    private Select Build(SampleNode node)
    {
        var alias = NextAlias();
        var relation = $"(\n{Write(Visit(node.Child), node.Child.Output)}\n)";
        return Named(dialect.Sampled(relation, alias, node.Fraction * 100, node.Seed), alias, node.Output, UniqueNames(node.Output));
    }

    private Select Build(UnpivotNode node)
    {
        var select = Open(node.Child, select => !select.IsBare);
        var ids = node.Ids.Select(id => $"{Text(select.Columns[id.Id])} AS {dialect.Identifier(id.Name)}");
        var type = node.Output[^1].Type;
        var values = node.Values.Select(value => (value.Name, expressions.Render(Typing.Convert(select.Columns[value.Id] with { Type = value.Type }, type)).Text)).ToArray();
        var items = ids.Concat(dialect.Unpivoted(values, node.Output[^2].Name, node.Output[^1].Name));
        return Subquery($"SELECT {string.Join(", ", items)}\nFROM {select.From}", node.Output, [.. node.Output.Select(column => column.Name)]);
    }

    private Select Build(SetNode node)
    {
        var branches = new List<string>();
        Collect(node);
        void Collect(PlanNode branch)
        {
            if (branch is SetNode set && set.Operation == node.Operation && (ReferenceEquals(branch, node) || (uses[branch] < 2 && node.Operation == "UNION ALL")))
            {
                Collect(set.Children[0]);
                Collect(set.Children[1]);
                return;
            }
            branches.Add($"({Write(Visit(branch), branch.Output)})");
        }
        return Subquery(string.Join($"\n{node.Operation}\n", branches), node.Output, UniqueNames(FirstBranch(node).Output));
    }

    private static PlanNode FirstBranch(SetNode node)
    {
        PlanNode first = node;
        while (first is SetNode set) first = set.Children[0];
        return first;
    }

    private Select Build(JoinNode node)
    {
        var left = Visit(node.Left);
        if (left.Whole is not null || !left.IsBare) left = Wrap(left, node.Left);
        var right = Visit(node.Right);
        if (right.Whole is not null || !right.IsBare || right.Starred.IsEmpty) right = Wrap(right, node.Right);
        var columns = new Dictionary<long, Expr>(left.Columns);
        foreach (var (id, value) in right.Columns) columns[node.Renumbered.GetValueOrDefault(id, id)] = value;
        var kind = node.Kind == JoinKind.Inner && node.Condition is null ? JoinKind.Cross : node.Kind;
        var on = node.Condition is { } condition && kind != JoinKind.Cross ? $" ON {Text(Rewriter.Substitute(condition, columns))}" : kind == JoinKind.Cross ? "" : " ON true";
        var select = new Select { From = $"{left.From}\n{dialect.Join(kind)} {right.From}{on}", Columns = columns };
        if (kind == JoinKind.Cross && node.Condition is { } where) select.Where.Add(Rewriter.Substitute(where, columns));
        return Selected(select, node.Items);
    }

    private Select Generate(ProjectNode node, Select select)
    {
        var items = new List<string>();
        var names = UniqueNames(node.Output);
        for (var i = 0; i < node.Items.Length; i++)
        {
            if (node.Items[i].Value is not Call { Function: "generated" } call)
            {
                items.Add($"{Text(Rewriter.Substitute(node.Items[i].Value, select.Columns))} AS {dialect.Identifier(names[i])}");
                continue;
            }
            var generator = (Call)Rewriter.Substitute(call.Arguments[0], select.Columns);
            var parts = new List<(int, string)>();
            for (; i < node.Items.Length && node.Items[i].Value is Call { Function: "generated" } next && next.Arguments[1] is Literal { Value: int part }; i++) parts.Add((part, names[i]));
            i--;
            items.AddRange(dialect.Generated(generator, parts, expressions));
        }
        var from = select.From is null ? "" : $"\nFROM {select.From}";
        return Subquery($"SELECT {string.Join(", ", items)}{from}", node.Output, names);
    }

    private string Text(Expr expr) => expressions.Render(expr).Text;

    private string NextAlias() => FormattableString.Invariant($"t{++aliases}");
}
