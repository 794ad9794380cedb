using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

internal static partial class FunctionTable
{
    private static IEnumerable<Function> Json() =>
    [
        new("from_json", "s.", call => call.Type, Spelling.By(call => $"from_json({call.Text(0)}, {call.Quote(Ddl(call))})"), Spelling.By(FromJson)),
        // The second argument is the meaning in plain SQL: what Spark is given, and what the session's own function must equal.
        new("json_fields", "s.", Of(1), Spelling.By(call => call.Operand(1)), Spelling.By(JsonFields)),
        new("json_object_keys", "s", Is(new ArrayType(String)), "json_object_keys({0})", "TRY(CASE WHEN json_type({0}) = 'OBJECT' THEN json_keys({0}) END)"),
        new("get_json_object", "ss", Is(String), "get_json_object({*})", "TRY(json_extract_string({*}))"),
        new("to_json", ".", Is(String), "to_json({0})", Spelling.By(ToJson)),
        new("is_valid_json", "s", Is(Boolean), "~get_json_object({0}, '$') IS NOT NULL", "coalesce(json_valid({0}), false)") { NeverNull = true },
    ];

    private static IEnumerable<Function> Windows() =>
    [
        Ranking("row_number"), Ranking("rank"), Ranking("dense_rank"),
        Both("percent_rank", "", Is(Double), "percent_rank()") with { Kind = FunctionKind.Window, NeverNull = true },
        Both("cume_dist", "", Is(Double), "cume_dist()") with { Kind = FunctionKind.Window, NeverNull = true },
        new("ntile", "i", Is(Integer), "ntile({0})", "CAST(ntile({0}){over} AS INTEGER)") { Kind = FunctionKind.Window, NeverNull = true },
        Both("lag", ".i.", Of(0), Spelling.By(Shifted)) with { Kind = FunctionKind.Window },
        Both("lead", ".i.", Of(0), Spelling.By(Shifted)) with { Kind = FunctionKind.Window },
        Both("nth_value", ".i", Of(0), "nth_value({*})") with { Kind = FunctionKind.Window },
    ];

    private static Function Ranking(string name) => new(name, "", Is(Integer), $"{name}()", $"CAST({name}(){{over}} AS INTEGER)") { Kind = FunctionKind.Window, NeverNull = true };

    private static string Shifted(CallText call)
    {
        var rest = call.Argument(2) is Literal { Value: null } ? "" : $", {call.Render(Typing.Convert(call.Argument(2), call.Type(0) ?? call.Type(2)!))}";
        return $"{call.Name}({call.Text(0)}, {call.Text(1)}{rest}){call.Over}";
    }

    private static string Ddl(CallText call) => call.Result is StructType fields ? fields.ToDdl() : call.Result!.SimpleString;

    /// <summary>A struct that is made of texts there and then is written in one go, and not made, written, read and written again.</summary>
    private static string ToJson(CallText call)
    {
        // The value stands in the text once for each of its parts: it is computed once.
        if (call.Argument(0) is not Call { Function: "named_struct" } made || made.Arguments.Where(static (_, i) => i % 2 == 1).Any(static value => value.Type is not StringType))
            return $"list_transform([{call.Text(0)}], lambda j: {new TextForms().Json("j", call.Type(0)!)})[1]";
        var names = made.Arguments.Where(static (_, i) => i % 2 == 0).Select(static name => TextForms.Member((string)((Literal)name).Value!));
        var values = made.Arguments.Where(static (_, i) => i % 2 == 1).Select(call.Render);
        return $"{DuckDbDialect.JsonOfTexts}({string.Join(", ", values.Prepend(call.Quote(string.Join('\n', names))))})";
    }

    /// <summary>PERMISSIVE: a struct of NULLs where the text is no JSON, a field is NULL where it does not fit.</summary>
    private static string FromJson(CallText call)
    {
        var transformed = $"TRY(json_transform({call.Text(0)}, {call.Quote(JsonStructure(call.Result!))}))";
        var converted = HasOwnJson(call.Result!) ? transformed : $"TRY_CAST({transformed} AS {call.Dialect.TypeName(call.Result!)})";
        if (call.Result is not StructType fields) return converted;
        var nothing = $"struct_pack({string.Join(", ", fields.Select(field => $"{call.Dialect.Identifier(field.Name)} := CAST(NULL AS {call.Dialect.TypeName(field.DataType)})"))})";
        return $"CASE WHEN {call.Operand(0)} IS NOT NULL THEN coalesce({converted}, {nothing}) END";
    }

    private static string JsonFields(CallText call)
    {
        var spec = call.Quote(JsonStructure(call.Result!));
        return $"json_transform({DuckDbDialect.JsonFields}({call.Text(0)}, {spec}), {spec})";
    }

    private static bool HasOwnJson(DataType type) => type switch
    {
        BinaryType => false,
        StructType fields => fields.All(field => HasOwnJson(field.DataType)),
        ArrayType array => HasOwnJson(array.ElementType),
        MapType map => HasOwnJson(map.KeyType) && HasOwnJson(map.ValueType),
        _ => true,
    };

    /// <summary>The structure as <c>json_transform</c> takes it.</summary>
    private static string JsonStructure(DataType type) => type switch
    {
        StructType fields => $"{{{string.Join(",", fields.Select(field => $"{System.Text.Json.JsonSerializer.Serialize(field.Name)}:{JsonStructure(field.DataType)}"))}}}",
        ArrayType array => $"[{JsonStructure(array.ElementType)}]",
        MapType map => $"\"MAP(VARCHAR, {Atomic(map.ValueType)})\"",
        _ => $"\"{Atomic(type)}\"",
    };

    private static string Atomic(DataType type) => type switch
    {
        StringType or BinaryType => "VARCHAR",
        StructType or ArrayType or Types.MapType => throw new NotSupportedException($"DuckDB cannot say 'from_json' of a map of {type.SimpleString}."),
        _ => new DuckDbDialect().TypeName(type),
    };
}
