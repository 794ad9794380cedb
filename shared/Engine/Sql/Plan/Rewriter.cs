using System.Collections.Immutable;
using Pipeline.Engine.Sql.Dialects;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>Expressions with parts replaced.</summary>
internal static class Rewriter
{
    /// <summary>Columns replaced by what they are bound to.</summary>
    public static Expr Substitute(Expr expr, IReadOnlyDictionary<long, Expr> bindings) => Map(expr, part => part is AttributeRef column ? bindings[column.Attribute.Id] : null);

    /// <summary>Each part that <paramref name="replace"/> answers for, replaced; the outermost first.</summary>
    public static Expr Map(Expr expr, Func<Expr, Expr?> replace)
    {
        if (replace(expr) is { } replaced) return replaced;
        ImmutableArray<Expr> All(ImmutableArray<Expr> parts) => [.. parts.Select(part => Map(part, replace))];
        return expr switch
        {
            Call call => call with { Arguments = All(call.Arguments) },
            EngineCall call => call with { Arguments = All(call.Arguments) },
            UserCall call => call with { Arguments = All(call.Arguments) },
            CastTo cast => cast with { Value = Map(cast.Value, replace) },
            Case branches => branches with
            {
                Branches = [.. branches.Branches.Select(branch => new CaseBranch(Map(branch.When, replace), Map(branch.Then, replace)))],
                Otherwise = branches.Otherwise is null ? null : Map(branches.Otherwise, replace),
            },
            Aliased alias => alias with { Value = Map(alias.Value, replace) },
            SortKey key => key with { Value = Map(key.Value, replace) },
            Lambda lambda => lambda with { Body = Map(lambda.Body, replace) },
            Windowed windowed => windowed with
            {
                Function = Map(windowed.Function, replace),
                PartitionBy = All(windowed.PartitionBy),
                OrderBy = [.. windowed.OrderBy.Select(key => key with { Value = Map(key.Value, replace) })],
            },
            _ => expr,
        };
    }

    /// <summary>The expression and all its parts.</summary>
    public static IEnumerable<Expr> Parts(Expr expr) => Planner.Children(expr).SelectMany(Parts).Prepend(expr);

    public static bool HasWindow(Expr expr) => Parts(expr).Any(part => part is Windowed);

    public static bool HasRaw(Expr expr) => Parts(expr).Any(part => part is RawSql);

    public static bool HasAggregate(Expr expr) => Planner.Functions(expr).Any(function => function.Kind == FunctionKind.Aggregate);

    public static bool IsVolatile(Expr expr) => Parts(expr).Any(part => part is EngineCall or RawSql or UserCall { Function.IsDeterministic: false } || part is Call call && FunctionTable.Find(call.Function).IsVolatile);

    public static IEnumerable<long> References(Expr expr) => Parts(expr).OfType<AttributeRef>().Select(column => column.Attribute.Id);
}
