using System.Collections.Immutable;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>Makes plan nodes of unresolved expressions, refusing what cannot be where it is written.</summary>
internal static class Planner
{
    /// <summary>SELECT: stars and generators are taken apart.</summary>
    /// <param name="child">The input.</param>
    /// <param name="columns">The expressions.</param>
    /// <param name="describe">Asks the engine for the columns of a node whose types only it knows.</param>
    public static PlanNode Project(PlanNode child, IEnumerable<Expr> columns, Func<PlanNode, StructType> describe)
    {
        var scope = Scope.Of(child);
        var resolved = columns.SelectMany(column => Expanded(column, scope)).ToArray();
        if (resolved.Any(expr => Functions(expr).Any(function => function.Kind == FunctionKind.Aggregate)))
            return Aggregate(child, GroupingKind.Plain, [], resolved, describe);
        if (resolved.Count(expr => Generator(expr) is not null) > 1)
            throw new ArgumentException("A Select takes one generator (Explode, PosExplode …) at most. Use a Select for each, one after the other.");
        var input = WithEventTime(child, resolved);
        return Described(items => new ProjectNode(input, items), [.. resolved.SelectMany(Named)], describe);
    }

    public static PlanNode Aggregate(PlanNode child, GroupingKind kind, IReadOnlyList<Expr> keys, IEnumerable<Expr> aggregates, Func<PlanNode, StructType> describe)
    {
        var scope = Scope.Of(child);
        var resolvedKeys = keys.Select(key => Resolver.Resolve(key, scope)).ToArray();
        var items = resolvedKeys.Concat(aggregates.Select(aggregate => Resolver.Resolve(aggregate, scope))).SelectMany(Named).ToList();
        if (kind != GroupingKind.Plain)
            for (var i = 0; i < resolvedKeys.Length; i++)
                items[i] = items[i] with { Column = items[i].Column with { Id = Attribute.NextId(), IsNullable = true } };
        var plainKeys = resolvedKeys.Select(key => key is Aliased alias ? alias.Value : key).ToImmutableArray();
        foreach (var item in items.Skip(resolvedKeys.Length)) CheckGrouped(item.Value, plainKeys);
        var input = WithEventTime(child, resolvedKeys);
        return Described(all => new AggregateNode(input, kind, plainKeys, all), [.. items], describe);
    }

    public static FilterNode Filter(PlanNode child, Expr condition)
    {
        var resolved = Resolver.Condition(condition, Scope.Of(child), "a filter");
        foreach (var function in Functions(resolved))
            if (function.Kind is FunctionKind.Aggregate or FunctionKind.Window or FunctionKind.Generator)
                throw new ArgumentException($"'{function.Name}' cannot stand in a filter. Give it a name in Agg or WithColumn first and filter by that.");
        return new FilterNode(child, resolved);
    }

    public static SortNode Sort(PlanNode child, IEnumerable<Expr> keys)
    {
        var scope = Scope.Of(child);
        return new SortNode(child, [.. keys.Select(key => Resolver.Key(key, scope))]);
    }

    public static SetNode SetOperation(PlanNode left, PlanNode right, string operation)
    {
        if (left.Output.Length != right.Output.Length)
            throw new ArgumentException($"{operation} needs the same number of columns on both sides: the left has {left.Output.Length} ({Names(left)}), the right {right.Output.Length} ({Names(right)}).");
        var output = ImmutableArray.CreateBuilder<Attribute>(left.Output.Length);
        for (var i = 0; i < left.Output.Length; i++)
        {
            var (a, b) = (left.Output[i], right.Output[i]);
            var type = Typing.Common(a.Type, b.Type) ?? throw new ArgumentException($"{operation} cannot combine column {i + 1}: '{a.Name}' is {a.Type.SimpleString} on the left, '{b.Name}' is {b.Type.SimpleString} on the right. Cast one of them.");
            var isPlain = Typing.Same(type, a.Type);
            output.Add(new Attribute(isPlain ? a.Id : Attribute.NextId(), a.Name, type, a.IsNullable || b.IsNullable));
        }
        return new SetNode(Cast(left, output), Cast(right, output), operation, output.ToImmutable());
    }

    /// <summary>The columns in the types of a set operation's result.</summary>
    private static PlanNode Cast(PlanNode side, IReadOnlyList<Attribute> output)
    {
        if (side.Output.Zip(output).All(pair => Typing.Same(pair.First.Type, pair.Second.Type))) return side;
        return new ProjectNode(side, [.. side.Output.Zip(output).Select(pair => Typing.Same(pair.First.Type, pair.Second.Type)
            ? new NamedExpr(new AttributeRef(pair.First) { Type = pair.First.Type }, pair.First)
            : new NamedExpr(Typing.Convert(new AttributeRef(pair.First) { Type = pair.First.Type }, pair.Second.Type), Attribute.New(pair.First.Name, pair.Second.Type, pair.First.IsNullable)))]);
    }

    public static UnpivotNode Unpivot(PlanNode child, IEnumerable<Expr> ids, IEnumerable<Expr>? values, string variableName, string valueName)
    {
        var scope = Scope.Of(child);
        var idColumns = ids.Select(id => PlainColumn(id, scope, "Unpivot")).ToImmutableArray();
        var valueColumns = values is null
            ? [.. child.Output.Where(column => !idColumns.Any(id => id.Id == column.Id))]
            : values.Select(value => PlainColumn(value, scope, "Unpivot")).ToImmutableArray();
        if (valueColumns.IsEmpty) throw new ArgumentException("Unpivot needs a column of values at least.");
        var type = Typing.Common([.. valueColumns.Select(column => column.Type)])
            ?? throw new ArgumentException($"Unpivot cannot combine columns of different types: {string.Join(", ", valueColumns.Select(column => $"{column.Name} {column.Type.SimpleString}"))}. Cast them first.");
        return new UnpivotNode(child, idColumns, valueColumns,
            [.. idColumns, Attribute.New(variableName, new StringType(), false), Attribute.New(valueName, type, true)]);
    }

    public static Attribute PlainColumn(Expr expr, Scope scope, string what) => Resolver.Resolve(expr, scope) is AttributeRef column
        ? column.Attribute
        : throw new ArgumentException($"{what} takes columns as they are, not the expression {Naming.NameOf(expr)}. Make it a column first, by WithColumn.");

    /// <summary>Every function of an expression that is not under a window.</summary>
    public static IEnumerable<Function> Functions(Expr expr) => expr switch
    {
        Call call => call.Arguments.SelectMany(Functions).Prepend(FunctionTable.Find(call.Function)),
        Windowed windowed => (windowed.Function as Call)?.Arguments.SelectMany(Functions) ?? [],
        _ => Children(expr).SelectMany(Functions),
    };

    /// <summary>The parts of an expression.</summary>
    public static IEnumerable<Expr> Children(Expr expr) => expr switch
    {
        Call call => call.Arguments,
        EngineCall call => call.Arguments,
        UserCall call => call.Arguments,
        CastTo cast => [cast.Value],
        Case branches => branches.Branches.SelectMany(branch => new[] { branch.When, branch.Then }).Concat(branches.Otherwise is { } otherwise ? [otherwise] : []),
        Aliased alias => [alias.Value],
        SortKey key => [key.Value],
        Windowed windowed => [windowed.Function, .. windowed.PartitionBy, .. windowed.OrderBy.Select(key => key.Value)],
        Lambda lambda => [lambda.Body],
        _ => [],
    };

    /// <summary>The generator that makes rows, where the expression is one.</summary>
    public static Call? Generator(Expr expr) => expr switch
    {
        Aliased alias => Generator(alias.Value),
        Call call when FunctionTable.Find(call.Function).Kind == FunctionKind.Generator => call,
        _ => null,
    };

    /// <summary>Rows without a time belong to no window: Spark leaves them out, and so it is written.</summary>
    private static PlanNode WithEventTime(PlanNode child, IEnumerable<Expr> expressions) =>
        expressions.SelectMany(Rewriter.Parts).OfType<Call>().FirstOrDefault(call => call.Function == "window") is { } window
            ? new FilterNode(child, new Call("isnotnull", window.Arguments[0]) { Type = new BooleanType() })
            : child;

    private static IEnumerable<Expr> Expanded(Expr column, Scope scope) => column switch
    {
        Star star => scope.Expand(star.Qualifier).Select(attribute => new AttributeRef(attribute) { Type = attribute.Type }),
        NamedColumn { Name: var name } when name.EndsWith(".*", StringComparison.Ordinal) => ExpandStruct(name[..^2], scope),
        _ => [Resolver.Resolve(column, scope)],
    };

    private static IEnumerable<Expr> ExpandStruct(string name, Scope scope) => scope.Expand(name).Select(attribute => (Expr)new AttributeRef(attribute) { Type = attribute.Type });

    private static IEnumerable<NamedExpr> Named(Expr expr)
    {
        if (Generator(expr) is { } generator)
        {
            foreach (var item in GeneratorItems(generator, expr as Aliased)) yield return item;
            yield break;
        }
        var (value, name) = expr is Aliased { Names: [var alias] } aliased ? (aliased.Value, alias)
            : expr is Aliased many ? throw new ArgumentException($"{many.Names.Length} names ({string.Join(", ", many.Names)}) are given to {Naming.NameOf(many.Value)}, which makes one column.")
            : (expr, Naming.NameOf(expr));
        if (value is AttributeRef column)
        {
            // A renamed column is a new one, so that a frame's own column does not find it under another name.
            yield return new NamedExpr(value, expr is Aliased ? Attribute.New(name, column.Attribute.Type, column.Attribute.IsNullable) : column.Attribute);
            yield break;
        }
        yield return new NamedExpr(value, Attribute.New(name, value.Type ?? new NullType(), IsNullable(value)));
    }

    private static IEnumerable<NamedExpr> GeneratorItems(Call generator, Aliased? alias)
    {
        var parts = GeneratorParts.Of(generator);
        if (alias is not null && alias.Names.Length != parts.Length)
            throw new ArgumentException($"'{generator.Function}' makes {parts.Length} columns ({string.Join(", ", parts.Select(part => part.Name))}), and {alias.Names.Length} names are given ({string.Join(", ", alias.Names)}).");
        return parts.Select((part, i) => new NamedExpr(
            new Call("generated", generator, LiteralValue.Of(i)) { Type = part.Type },
            Attribute.New(alias?.Names[i] ?? part.Name, part.Type ?? new NullType(), true)));
    }

    private static bool IsNullable(Expr value) => value switch
    {
        Literal literal => literal.Value is null,
        Windowed windowed => IsNullable(windowed.Function),
        Call call => !FunctionTable.Find(call.Function).NeverNull,
        _ => true,
    };

    /// <summary>Where a type is known to the engine alone, asks it.</summary>
    private static PlanNode Described(Func<ImmutableArray<NamedExpr>, PlanNode> make, ImmutableArray<NamedExpr> items, Func<PlanNode, StructType> describe)
    {
        var node = make(items);
        if (items.All(item => item.Value.Type is not null)) return node;
        var schema = describe(node);
        return make([.. items.Select((item, i) => item.Value.Type is not null ? item
            : item with { Column = item.Column with { Type = schema[i].DataType, IsNullable = schema[i].IsNullable }, Value = item.Value with { Type = schema[i].DataType } })]);
    }

    private static void CheckGrouped(Expr expr, ImmutableArray<Expr> keys)
    {
        if (keys.Any(key => key.Equals(expr)) || expr is RawSql or EngineCall) return;
        if (expr is Call call && FunctionTable.Find(call.Function).Kind == FunctionKind.Aggregate)
        {
            if (call.Arguments.SelectMany(Functions).Any(function => function.Kind == FunctionKind.Aggregate))
                throw new ArgumentException($"An aggregate stands within an aggregate: {Naming.NameOf(expr)}. Group twice.");
            return;
        }
        if (expr is AttributeRef column && !keys.Any(key => key is AttributeRef other && other.Attribute.Id == column.Attribute.Id))
            throw new ArgumentException($"Column '{column.Attribute.Name}' is neither grouped by nor within an aggregate. Group by it, or take First(\"{column.Attribute.Name}\").");
        foreach (var child in Children(expr)) CheckGrouped(child, keys);
    }

    private static string Names(PlanNode node) => string.Join(", ", node.Output.Select(column => column.Name));
}
