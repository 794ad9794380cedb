using System.Globalization;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql.Rendering;

/// <summary>Resolved expressions as text.</summary>
/// <param name="dialect">The engine's dialect.</param>
/// <param name="column">The text of a column.</param>
/// <param name="onFunction">Told of each C# function that the text calls.</param>
internal sealed class ExprRenderer(SqlDialect dialect, Func<Plan.Attribute, string> column, Action<UserFunction>? onFunction = null)
{
    private readonly Dictionary<string, string> variables = [];

    public SqlDialect Dialect => dialect;

    public Fragment Render(Expr expr) => expr switch
    {
        Physical physical => new Fragment(physical.Sql, true),
        AttributeRef reference => new Fragment(column(reference.Attribute), true),
        Literal literal => RenderLiteral(literal),
        Call call => dialect.Spelling(FunctionTable.Find(call.Function)).Write(new CallText(call, this, "")),
        EngineCall call => new Fragment($"{call.Function}({string.Join(", ", call.Arguments.Select(argument => Render(argument).Text))})", true),
        UserCall call => RenderUserCall(call),
        CastTo cast => dialect.Cast(cast.Value, cast.Target, this),
        Case branches => new Fragment(RenderCase(branches), true),
        Aliased alias => Render(alias.Value),
        Windowed windowed => RenderWindow(windowed),
        Lambda lambda => new Fragment(RenderLambda(lambda), false),
        LambdaVariable variable => new Fragment(variables.GetValueOrDefault(variable.Name, variable.Name), true),
        RawSql raw => new Fragment(raw.Text, false),
        _ => throw new InvalidOperationException($"The expression {Naming.NameOf(expr)} is not resolved, so it has no SQL."),
    };

    public string Key(Plan.SortKey key) => $"{Render(key.Value).Text} {(key.IsAscending ? "ASC" : "DESC")} NULLS {(key.NullsFirst ? "FIRST" : "LAST")}";

    private Fragment RenderUserCall(UserCall call)
    {
        onFunction?.Invoke(call.Function);
        return new Fragment($"{call.Function.SqlName}({string.Join(", ", call.Arguments.Select(argument => Render(argument).Text))})", true);
    }

    private Fragment RenderLiteral(Literal literal)
    {
        var text = dialect.Literal(literal.Value, literal.Type!);
        return new Fragment(text, text[0] != '-');
    }

    private string RenderCase(Case branches)
    {
        var whens = string.Concat(branches.Branches.Select(branch => $" WHEN {Render(branch.When).Text} THEN {Render(branch.Then).Text}"));
        return $"CASE{whens}{(branches.Otherwise is { } otherwise ? $" ELSE {Render(otherwise).Text}" : "")} END";
    }

    private Fragment RenderWindow(Windowed windowed)
    {
        var parts = new List<string>();
        if (!windowed.PartitionBy.IsEmpty) parts.Add($"PARTITION BY {string.Join(", ", windowed.PartitionBy.Select(key => Render(key).Text))}");
        if (!windowed.OrderBy.IsEmpty) parts.Add($"ORDER BY {string.Join(", ", windowed.OrderBy.Select(Key))}");
        if (windowed.Frame is { } frame) parts.Add($"{(frame.IsRows ? "ROWS" : "RANGE")} BETWEEN {Bound(frame.Start)} AND {Bound(frame.End)}");
        var over = $" OVER ({string.Join(' ', parts)})";
        return windowed.Function switch
        {
            Call call => dialect.Spelling(FunctionTable.Find(call.Function)).Write(new CallText(call, this, over)),
            var function => new Fragment(Render(function).Text + over, true),
        };
    }

    private static string Bound(long offset) => offset switch
    {
        long.MinValue => "UNBOUNDED PRECEDING",
        long.MaxValue => "UNBOUNDED FOLLOWING",
        0 => "CURRENT ROW",
        < 0 => string.Create(CultureInfo.InvariantCulture, $"{-offset} PRECEDING"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{offset} FOLLOWING"),
    };

    /// <summary>Parameters are named by how deep they stand, so that the text is the same each time.</summary>
    private string RenderLambda(Lambda lambda)
    {
        var outer = new Dictionary<string, string>(variables);
        var names = lambda.Parameters.Select(parameter => variables[parameter] = $"x{variables.Count + 1}").ToArray();
        var text = dialect.Lambda(names, Render(lambda.Body).Text);
        variables.Clear();
        foreach (var (key, value) in outer) variables[key] = value;
        return text;
    }
}
