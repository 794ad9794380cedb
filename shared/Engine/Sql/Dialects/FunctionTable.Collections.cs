using System.Globalization;
using Pipeline.Engine.Sql.Plan;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

internal static partial class FunctionTable
{
    private static IEnumerable<Function> Arrays() =>
    [
        new("array", ".*", call => CommonOf(call) is { } type ? new ArrayType(type) : null, "array({*})", "[{*}]") { SameTypes = true, NeverNull = true },
        new("array_contains", "..", Is(Boolean), "array_contains({*})", "CASE WHEN {(0)} IS NULL OR {(1)} IS NULL THEN NULL WHEN list_contains({*}) THEN true WHEN list_count({0}) < len({0}) THEN NULL ELSE false END"),
        new("size", ".", Is(Integer), "size({0})", Spelling.By(call => $"CAST(coalesce({(call.Type(0) is MapType ? "cardinality" : "len")}({call.Text(0)}), -1) AS INTEGER)")) { NeverNull = true },
        new("array_size", ".", Is(Integer), "array_size({0})", "CAST(len({0}) AS INTEGER)"),
        new("element_at", "..", ElementOf, "element_at({*})", Spelling.By(ElementAt)),
        new("get", ".i", ElementOf, "get({*})", "CASE WHEN {(1)} >= 0 THEN list_extract({0}, {(1)} + 1) END"),
        new("getitem", "..", ElementOf, "{(0)}[{1}]", Spelling.By(GetItem)),
        new("flatten", ".", ElementOf, "flatten({0})", "CASE WHEN list_count({0}) = len({0}) THEN flatten({0}) END"),
        new("array_join", ".s", Is(String), "array_join({*})", "CASE WHEN {(0)} IS NOT NULL THEN coalesce(array_to_string({*}), '') END"),
        new("sort_array", ".", Of(0), "sort_array({0})", "list_sort({0}, 'ASC', 'NULLS FIRST')"),
        new("sort_array_desc", ".", Of(0), "sort_array({0}, false)", "list_sort({0}, 'DESC', 'NULLS LAST')"),
        new("array_sort", ".", Of(0), "array_sort({0})", "list_sort({0}, 'ASC', 'NULLS LAST')"),
        new("slice", ".ii", Of(0), "slice({*})", Spelling.By(Slice)),
        new("array_distinct", ".", Of(0), "array_distinct({0})", Spelling.By(call => Distinct(call.Text(0)))),
        new("array_min", ".", ElementOf, "array_min({0})", "list_min({0})"),
        new("array_max", ".", ElementOf, "array_max({0})", "list_max({0})"),
        new("array_position", "..", Is(Long), "array_position({*})", "CASE WHEN {(0)} IS NOT NULL AND {(1)} IS NOT NULL THEN CAST(coalesce(list_position({*}), 0) AS BIGINT) END"),
        new("array_remove", "..", Of(0), "array_remove({*})", "CASE WHEN {(1)} IS NOT NULL THEN list_filter({0}, lambda e: e IS DISTINCT FROM {1}) END"),
        new("array_append", "..", Of(0), "array_append({*})", "CASE WHEN {(0)} IS NOT NULL THEN list_append({*}) END"),
        new("array_intersect", "..", Of(0), "array_intersect({*})", Spelling.By(call => Among(call, "IS NOT NULL"))),
        new("array_except", "..", Of(0), "array_except({*})", Spelling.By(call => Among(call, "IS NULL"))),
        new("array_union", "..", Of(0), "array_union({*})", Spelling.By(call => $"CASE WHEN {call.Operand(0)} IS NOT NULL AND {call.Operand(1)} IS NOT NULL THEN {Distinct($"list_concat({call.Text(0)}, {call.Text(1)})")} END")),
        new("arrays_overlap", "..", Is(Boolean), "arrays_overlap({*})", "list_has_any({*})"),
        new("array_repeat", ".i", ArrayOfElement, "array_repeat({*})", "list_transform(range(CAST({1} AS BIGINT)), lambda e: {0})"),
        new("sequence", "..", call => call.Arguments[0].Type is { } type ? new ArrayType(type, false) : null, "sequence({*})", Spelling.By(Sequence)),
        new("explode", ".", ElementOf, "explode({0})", "unnest({0})") { Kind = FunctionKind.Generator },
        new("explode_outer", ".", ElementOf, "explode_outer({0})", "unnest({0})") { Kind = FunctionKind.Generator },
        new("posexplode", ".", ElementOf, "posexplode({0})", "unnest({0})") { Kind = FunctionKind.Generator },
        new("posexplode_outer", ".", ElementOf, "posexplode_outer({0})", "unnest({0})") { Kind = FunctionKind.Generator },
        new("generated", "..", call => call.Type, "{0}", "{0}"),
    ];

    private static IEnumerable<Function> HigherOrder() =>
    [
        new("transform", "..", call => call.Arguments[1].Type is { } type ? new ArrayType(type) : null, "transform({*})", "list_transform({*})"),
        new("filter", "..", Of(0), "filter({*})", "list_filter({*})"),
        new("exists", "..", Is(Boolean), "exists({*})", Spelling.By(call => Quantified(call, "list_bool_or", "true"))),
        new("forall", "..", Is(Boolean), "forall({*})", Spelling.By(call => Quantified(call, "list_bool_and", "false"))),
        new("aggregate", "...", Of(1), "aggregate({*})", Spelling.By(call => $"CASE WHEN {call.Operand(0)} IS NOT NULL THEN list_reduce(list_prepend({call.Text(1)}, {call.Text(0)}), {call.Text(2)}) END")),
    ];

    private static IEnumerable<Function> Structures() =>
    [
        new("named_struct", ".*", NamedStructType, "named_struct({*})", Spelling.By(call => $"struct_pack({string.Join(", ", Enumerable.Range(0, call.Count / 2).Select(i => $"{call.Dialect.Identifier(call.Constant<string>(2 * i, "a name"))} := {call.Text(2 * i + 1)}"))})")) { NeverNull = true },
        new("getfield", "..", call => call.Type, Spelling.By(call => $"{call.Operand(0)}.{call.Dialect.Identifier(call.Constant<string>(1, "the field"))}"), "struct_extract({*})"),
        new("map", ".*", MapType, "map({*})", Spelling.By(call => $"MAP([{string.Join(", ", call.Texts().Where((_, i) => i % 2 == 0))}], [{string.Join(", ", call.Texts().Where((_, i) => i % 2 == 1))}])")) { NeverNull = true },
        new("map_from_arrays", "..", call => call.Arguments[0].Type is ArrayType key && call.Arguments[1].Type is ArrayType value ? new MapType(key.ElementType, value.ElementType) : null, "map_from_arrays({*})", "map({*})"),
        new("map_keys", ".", call => call.Arguments[0].Type is MapType map ? new ArrayType(map.KeyType, false) : null, "map_keys({0})", "map_keys({0})"),
        new("map_values", ".", call => call.Arguments[0].Type is MapType map ? new ArrayType(map.ValueType) : null, "map_values({0})", "map_values({0})"),
        new("map_entries", ".", call => call.Arguments[0].Type is MapType map ? new ArrayType(new StructType(new StructField("key", map.KeyType, false), new StructField("value", map.ValueType)), false) : null, "map_entries({0})", "map_entries({0})"),
        new("map_contains_key", "..", Is(Boolean), "map_contains_key({*})", "list_contains(map_keys({0}), {1})"),
    ];

    private static DataType? NamedStructType(Call call)
    {
        var fields = new List<StructField>();
        for (var i = 0; i + 1 < call.Arguments.Length; i += 2)
        {
            if (call.Arguments[i] is not Literal { Value: string name }) throw new ArgumentException("The names of a struct's fields are literals: NamedStruct(Lit(\"id\"), Col(\"id\")).");
            if (call.Arguments[i + 1].Type is not { } type) return null;
            fields.Add(new StructField(name, type));
        }
        return new StructType(fields);
    }

    private static DataType? MapType(Call call)
    {
        var key = Typing.Common([.. call.Arguments.Where((_, i) => i % 2 == 0).Select(argument => argument.Type)]);
        var value = Typing.Common([.. call.Arguments.Where((_, i) => i % 2 == 1).Select(argument => argument.Type)]);
        return key is null || value is null ? null : new MapType(key, value);
    }

    /// <summary>Each element once, NULL too, in the order of their first places; DuckDB's own leaves NULL out and keeps no order.</summary>
    private static string Distinct(string list) => $"list_filter({list}, lambda e, k: k = list_position({list}, e))";

    private static string Among(CallText call, string condition) =>
        $"CASE WHEN {call.Operand(0)} IS NOT NULL AND {call.Operand(1)} IS NOT NULL THEN list_filter({call.Text(0)}, lambda e, k: k = list_position({call.Text(0)}, e) AND list_position({call.Text(1)}, e) {condition}) END";

    /// <summary>Three-valued: NULL where nothing decides and an element gave NULL.</summary>
    private static string Quantified(CallText call, string function, string deciding)
    {
        var flags = $"list_transform({call.Text(0)}, {call.Text(1)})";
        return $"CASE WHEN {call.Operand(0)} IS NULL THEN NULL WHEN {function}({flags}) = {deciding} THEN {deciding} WHEN list_count({flags}) < len({call.Text(0)}) THEN NULL ELSE NOT {deciding} END";
    }

    private static string ElementAt(CallText call) => call.Type(0) is MapType
        ? $"map_extract_value({call.Text(0)}, {call.Text(1)})"
        : $"list_extract({call.Text(0)}, {call.Text(1)})";

    private static string GetItem(CallText call)
    {
        if (call.Type(0) is MapType) return $"map_extract_value({call.Text(0)}, {call.Text(1)})";
        if (call.Type(0) is StructType) return $"struct_extract({call.Text(0)}, {call.Text(1)})";
        if (call.ConstantOrNull(1) is int place)
            return place < 0 ? "NULL" : string.Create(CultureInfo.InvariantCulture, $"list_extract({call.Text(0)}, {place + 1})");
        return $"CASE WHEN {call.Operand(1)} >= 0 THEN list_extract({call.Text(0)}, {call.Operand(1)} + 1) END";
    }

    private static string Slice(CallText call)
    {
        var start = call.Constant<int>(1, "the start");
        var length = call.Constant<int>(2, "the length");
        if (start == 0 || length < 0) throw new NotSupportedException("'slice' starts at 1 or counts from the end by a negative number, and its length is not negative.");
        var list = call.Operand(0);
        if (start > 0) return string.Create(CultureInfo.InvariantCulture, $"list_slice({call.Text(0)}, {start}, {(long)start + length - 1})");
        return string.Create(CultureInfo.InvariantCulture, $"CASE WHEN len({list}) < {-start} THEN list_slice({list}, 1, 0) ELSE list_slice({list}, len({list}) + {start} + 1, len({list}) + {start} + {length}) END");
    }

    private static string Sequence(CallText call)
    {
        if (call.Type(0) is not (IntegralType or null)) throw new NotSupportedException("DuckDB cannot say 'sequence' of anything but whole numbers.");
        var series = $"CASE WHEN {call.Operand(0)} <= {call.Operand(1)} THEN generate_series({call.Text(0)}, {call.Text(1)}) ELSE generate_series({call.Text(0)}, {call.Text(1)}, -1) END";
        return call.Result is { } type ? $"CAST({series} AS {call.Dialect.TypeName(type)})" : series;
    }
}
