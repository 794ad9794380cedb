using System.Collections.Immutable;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>Aggregates for each value of a column, side by side.</summary>
internal static class Pivot
{
    public static ImmutableArray<Expr> Spread(Expr column, object?[] values, ImmutableArray<Expr> aggregates) =>
    [
        .. values.SelectMany(value => aggregates.Select(aggregate =>
        {
            var (body, name) = aggregate is Aliased { Names: [var alias] } aliased ? (aliased.Value, alias) : (aggregate, Naming.NameOf(aggregate));
            var label = value is null ? "null" : TablePrinter.Text(value);
            return (Expr)new Aliased(Only(body, new Call("<=>", column, LiteralValue.Of(value))), [aggregates.Length == 1 ? label : $"{label}_{name}"]);
        })),
    ];

    private static Expr Only(Expr aggregate, Expr condition) => aggregate switch
    {
        Call { Function: "count", Arguments: [Star or Literal] } call => call with { Arguments = [When(condition, LiteralValue.Of(1))] },
        Call call when Dialects.FunctionTable.Find(call.Function).Kind == Dialects.FunctionKind.Aggregate =>
            call with { Arguments = [When(condition, call.Arguments[0]), .. call.Arguments.Skip(1)] },
        Call call => call with { Arguments = [.. call.Arguments.Select(argument => Only(argument, condition))] },
        CastTo cast => cast with { Value = Only(cast.Value, condition) },
        _ => aggregate,
    };

    private static Case When(Expr condition, Expr value) => new([new CaseBranch(condition, value)], null);
}
