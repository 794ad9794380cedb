using System.Globalization;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>The names that expressions get where none is given, as Spark makes them.</summary>
internal static class Naming
{
    private static readonly HashSet<string> Infix = ["=", "<>", "<", ">", "<=", ">=", "<=>", "and", "or", "+", "-", "*", "/", "%", "&", "|", "^"];

    public static string NameOf(Expr expr) => expr switch
    {
        NamedColumn column => column.Name.Contains('.', StringComparison.Ordinal) ? column.Name[(column.Name.LastIndexOf('.') + 1)..].Trim('`') : column.Name.Trim('`'),
        FrameColumn column => column.Attribute.Name,
        AttributeRef column => column.Attribute.Name,
        Star star => star.Qualifier is null ? "*" : star.Qualifier + ".*",
        Literal literal => literal.Value switch
        {
            null => "NULL",
            bool flag => flag ? "true" : "false",
            IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
            var value => value.ToString()!,
        },
        Call { Function: "getfield" } call when call.Arguments[1] is Literal field => $"{NameOf(call.Arguments[0])}.{field.Value}",
        Call { Function: "getitem" } call => $"{NameOf(call.Arguments[0])}[{NameOf(call.Arguments[1])}]",
        Call { Function: "not" } call => $"(NOT {NameOf(call.Arguments[0])})",
        Call { Function: "isnull" } call => $"({NameOf(call.Arguments[0])} IS NULL)",
        Call { Function: "isnotnull" } call => $"({NameOf(call.Arguments[0])} IS NOT NULL)",
        Call { Function: "negative" } call => $"(- {NameOf(call.Arguments[0])})",
        Call { Function: "in" } call => $"({NameOf(call.Arguments[0])} IN ({string.Join(", ", call.Arguments.Skip(1).Select(NameOf))}))",
        Call { Arguments.Length: 2 } call when Infix.Contains(call.Function) => $"({NameOf(call.Arguments[0])} {call.Function.ToUpperInvariant()} {NameOf(call.Arguments[1])})",
        Call call => $"{call.Function}({(call.IsDistinct ? "DISTINCT " : "")}{string.Join(", ", call.Arguments.Select(NameOf))})",
        EngineCall call => $"{call.Function}({string.Join(", ", call.Arguments.Select(NameOf))})",
        UserCall call => $"{call.Function.Name}({string.Join(", ", call.Arguments.Select(NameOf))})",
        CastTo cast => NameOf(cast.Value),
        Case => "CASE",
        Aliased alias => string.Join(", ", alias.Names),
        SortKey key => NameOf(key.Value),
        Windowed windowed => $"{NameOf(windowed.Function)} OVER",
        Lambda lambda => $"lambda({string.Join(", ", lambda.Parameters)})",
        LambdaVariable variable => variable.Name,
        RawSql raw => raw.Text,
        Physical physical => physical.Sql,
        _ => expr.ToString(),
    };
}
