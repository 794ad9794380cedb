using System.Collections.Immutable;
using Pipeline.Engine.Sql.Dialects;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Plan;

/// <summary>Finds names, gives every expression its type and writes out the casts that Spark makes in silence.</summary>
internal static class Resolver
{
    private static readonly ImmutableDictionary<string, DataType?> NoVariables = ImmutableDictionary<string, DataType?>.Empty;

    public static Expr Resolve(Expr expr, Scope scope) => Resolve(expr, scope, NoVariables);

    /// <summary>A condition: boolean.</summary>
    public static Expr Condition(Expr expr, Scope scope, string what)
    {
        var condition = Resolve(expr, scope);
        return condition.Type is null or BooleanType or NullType ? condition
            : condition.Type is StringType ? Typing.Convert(condition, new BooleanType())
            : throw new ArgumentException($"The condition of {what} is of the type {condition.Type.SimpleString}, not boolean: {Naming.NameOf(expr)}.");
    }

    public static SortKey Key(Expr expr, Scope scope) =>
        expr is SortKey key ? key with { Value = Resolve(key.Value, scope) } : new SortKey(Resolve(expr, scope), true, true);

    /// <summary>The field of a struct, an array's structs or a map.</summary>
    public static Expr Field(Expr value, string name)
    {
        switch (value.Type)
        {
            case null:
                return new Call("getfield", value, LiteralValue.Of(name));
            case StructType fields:
                var field = fields.Find(name) ?? throw new ArgumentException($"Field '{name}' is not in the struct '{Naming.NameOf(value)}'. It has: {string.Join(", ", fields.FieldNames)}.");
                return new Call("getfield", value, LiteralValue.Of(field.Name)) { Type = field.DataType };
            case MapType map:
                return new Call("getitem", value, LiteralValue.Of(name)) { Type = map.ValueType };
            case ArrayType { ElementType: StructType elements } array:
                var inner = elements.Find(name) ?? throw new ArgumentException($"Field '{name}' is not in the structs of '{Naming.NameOf(value)}'. They have: {string.Join(", ", elements.FieldNames)}.");
                var element = new LambdaVariable("x") { Type = elements };
                return new Call("transform", value, new Lambda(["x"], Field(element, inner.Name)) { Type = inner.DataType }) { Type = new ArrayType(inner.DataType, array.ContainsNull) };
            default:
                throw new ArgumentException($"'{Naming.NameOf(value)}' has no field '{name}': it is of the type {value.Type.SimpleString}, not a struct.");
        }
    }

    private static Expr Resolve(Expr expr, Scope scope, ImmutableDictionary<string, DataType?> variables) => expr switch
    {
        NamedColumn column => scope.Find(column.Name),
        FrameColumn column => scope.Find(column),
        Literal or AttributeRef => expr,
        LambdaVariable variable => variable with { Type = variables.GetValueOrDefault(variable.Name) },
        Aliased alias => Rename(alias, Resolve(alias.Value, scope, variables)),
        Call call => ResolveCall(call, scope, variables),
        EngineCall call => call with { Arguments = All(call.Arguments, scope, variables) },
        UserCall call => ResolveUserCall(call, scope, variables),
        CastTo cast => Typing.Convert(Resolve(cast.Value, scope, variables), cast.Target, always: true),
        Case branches => ResolveCase(branches, scope, variables),
        Windowed windowed => ResolveWindow(windowed, scope, variables),
        SortKey => throw new ArgumentException($"An order ({Naming.NameOf(expr)}) stands where a value is expected. Asc() and Desc() belong into OrderBy."),
        Star => throw new ArgumentException("'*' stands where a value is expected. It belongs into Select and Count."),
        _ => expr,
    };

    private static ImmutableArray<Expr> All(ImmutableArray<Expr> expressions, Scope scope, ImmutableDictionary<string, DataType?> variables) =>
        [.. expressions.Select(expr => Resolve(expr, scope, variables))];

    private static Aliased Rename(Aliased alias, Expr value) => alias with { Value = value, Type = value.Type };

    private static Expr ResolveCall(Call call, Scope scope, ImmutableDictionary<string, DataType?> variables)
    {
        if (call.Function == "count" && call.Arguments is [Star] or [NamedColumn { Name: "*" }]) call = call with { Arguments = [LiteralValue.Of(1)] };
        if (call.Function is "getfield" && call.Arguments[1] is Literal { Value: string field }) return Field(Resolve(call.Arguments[0], scope, variables), field);
        if (call.Function is "struct") return ResolveStruct(call, scope, variables);
        var function = FunctionTable.Find(call.Function);
        function.CheckCount(call.Arguments.Length);
        var arguments = All([.. call.Arguments.Where(argument => argument is not Lambda)], scope, variables);
        if (call.Arguments.Length > arguments.Length) arguments = WithLambda(call, arguments, scope, variables);
        arguments = Typing.Coerce(function, arguments);
        var resolved = call with { Arguments = arguments };
        return resolved with { Type = call.Type ?? function.Returns(resolved) };
    }

    /// <summary>Arguments in the declared types: an engine does not know a C# function's parameters when it reads the text.</summary>
    private static UserCall ResolveUserCall(UserCall call, Scope scope, ImmutableDictionary<string, DataType?> variables)
    {
        var function = call.Function;
        if (call.Arguments.Length != function.Parameters.Length)
            throw new ArgumentException($"The function '{function.Name}' takes {function.Parameters.Length} arguments, and {call.Arguments.Length} are given.");
        var arguments = call.Arguments.Select((argument, i) => Argument(function, i, Resolve(argument, scope, variables)));
        return call with { Arguments = [.. arguments], Type = function.ResultType };
    }

    /// <summary>An argument in the type of its parameter.</summary>
    private static Expr Argument(UserFunction function, int place, Expr value)
    {
        var parameter = function.Parameters[place];
        if (!parameter.IsNested) return Typing.Convert(value, parameter.Type, always: true);
        if (value.Type is null) return value;
        if (!FunctionParameter.Takes(parameter.Type, value.Type))
            throw new ArgumentException($"Argument {place + 1} of the function '{function.Name}' is {value.Type.SimpleString}, and the parameter is {parameter.Type.SimpleString}. Within arrays, maps and structs only numbers are widened: cast the argument.");
        return parameter.IsOpen ? value : Typing.Convert(value, parameter.Type, always: true);
    }

    private static ImmutableArray<Expr> WithLambda(Call call, ImmutableArray<Expr> arguments, Scope scope, ImmutableDictionary<string, DataType?> variables)
    {
        var lambda = (Lambda)call.Arguments[^1];
        var element = (arguments[0].Type as ArrayType)?.ElementType;
        // The accumulator of aggregate comes first and has the start's type.
        DataType?[] types = lambda.Parameters.Length == 2 && arguments.Length == 2 ? [arguments[1].Type, element] : [element, new IntegerType()];
        var inner = variables;
        for (var i = 0; i < lambda.Parameters.Length; i++) inner = inner.SetItem(lambda.Parameters[i], types[i]);
        var body = Resolve(lambda.Body, scope, inner);
        return arguments.Add(lambda with { Body = body, Type = body.Type });
    }

    private static Expr ResolveStruct(Call call, Scope scope, ImmutableDictionary<string, DataType?> variables)
    {
        var parts = new List<Expr>();
        var position = 0;
        foreach (var argument in call.Arguments.SelectMany(argument => Fields(argument, scope)))
        {
            position++;
            var name = argument switch
            {
                Aliased { Names: [var alias] } => alias,
                NamedColumn or AttributeRef or FrameColumn or Call { Function: "getfield" } => LastPart(Naming.NameOf(argument)),
                _ => $"col{position}",
            };
            parts.Add(LiteralValue.Of(name));
            parts.Add(argument is Aliased named ? named.Value : argument);
        }
        return Resolve(new Call("named_struct", parts.ToImmutableArray()), scope, variables);
    }

    private static IEnumerable<Expr> Fields(Expr argument, Scope scope) => argument is Star star
        ? scope.Expand(star.Qualifier).Select(column => new AttributeRef(column) { Type = column.Type })
        : [argument];

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];

    private static Case ResolveCase(Case branches, Scope scope, ImmutableDictionary<string, DataType?> variables)
    {
        var resolved = branches.Branches.Select(branch => new CaseBranch(Resolve(branch.When, scope, variables), Resolve(branch.Then, scope, variables))).ToArray();
        var otherwise = branches.Otherwise is null ? null : Resolve(branches.Otherwise, scope, variables);
        var type = Typing.Common([.. resolved.Select(branch => branch.Then.Type), .. otherwise is null ? Array.Empty<DataType?>() : [otherwise.Type]]);
        if (type is null) return new Case([.. resolved], otherwise);
        return new Case([.. resolved.Select(branch => branch with { Then = Typing.Convert(branch.Then, type) })], otherwise is null ? null : Typing.Convert(otherwise, type)) { Type = type };
    }

    private static Windowed ResolveWindow(Windowed windowed, Scope scope, ImmutableDictionary<string, DataType?> variables)
    {
        var function = Resolve(windowed.Function, scope, variables);
        if (function is Call call && FunctionTable.Find(call.Function).Kind is not (FunctionKind.Aggregate or FunctionKind.Window))
            throw new ArgumentException($"Over() belongs to an aggregate or a window function; '{call.Function}' is neither.");
        return windowed with
        {
            Function = function,
            PartitionBy = All(windowed.PartitionBy, scope, variables),
            OrderBy = [.. windowed.OrderBy.Select(key => key with { Value = Resolve(key.Value, scope, variables) })],
            Type = function.Type,
        };
    }
}
