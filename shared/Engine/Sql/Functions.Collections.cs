using Pipeline.Engine.Sql.Plan;

namespace Pipeline.Engine.Sql;

// Arrays, maps, structs and JSON.
public static partial class Functions
{
    /// <summary>An array of the values.</summary>
    public static Column Array(params Column[] columns) => Of("array", [.. Sql.Column.Nodes(columns)]);

    /// <summary>Whether the value is in the array.</summary>
    public static Column ArrayContains(Column column, object value) => Of("array_contains", column.Node, Operand(value));

    /// <summary>Number of elements of an array or map; -1 for NULL, as Spark without ANSI mode.</summary>
    public static Column Size(Column column) => Of("size", column.Node);

    /// <summary>Number of elements of an array; NULL for NULL.</summary>
    public static Column ArraySize(Column column) => Of("array_size", column.Node);

    /// <summary>A row for each element; none for NULL and empty ones. Of a map: <c>key</c> and <c>value</c>.</summary>
    public static Column Explode(Column column) => Of("explode", column.Node);

    /// <summary>A row for each element, and one with NULL for NULL and empty ones.</summary>
    public static Column ExplodeOuter(Column column) => Of("explode_outer", column.Node);

    /// <summary>A row for each element with its place from 0: <c>pos</c> and <c>col</c>.</summary>
    public static Column PosExplode(Column column) => Of("posexplode", column.Node);

    /// <summary>The element by place from 1 (from the end where negative) or key; NULL where there is none.</summary>
    public static Column ElementAt(Column column, object value) => Of("element_at", column.Node, Operand(value));

    /// <summary>The element by place from 0; NULL where there is none.</summary>
    public static Column Get(Column column, Column index) => Of("get", column.Node, index.Node);

    /// <summary>An array of arrays as one.</summary>
    public static Column Flatten(Column column) => Of("flatten", column.Node);

    /// <summary>Texts of an array joined; NULLs left out.</summary>
    public static Column ArrayJoin(Column column, string delimiter) => Of("array_join", column.Node, Value(delimiter));

    /// <summary>Sorted; NULL first when ascending, last when not.</summary>
    public static Column SortArray(Column column, bool asc = true) => Of(asc ? "sort_array" : "sort_array_desc", column.Node);

    /// <summary>Sorted ascending, NULL last.</summary>
    public static Column ArraySort(Column column) => Of("array_sort", column.Node);

    /// <summary>Elements from a place (from 1, from the end where negative), so many.</summary>
    public static Column Slice(Column column, int start, int length) => Of("slice", column.Node, Value(start), Value(length));

    /// <summary>Each element once.</summary>
    public static Column ArrayDistinct(Column column) => Of("array_distinct", column.Node);

    /// <summary>The smallest element.</summary>
    public static Column ArrayMin(Column column) => Of("array_min", column.Node);

    /// <summary>The greatest element.</summary>
    public static Column ArrayMax(Column column) => Of("array_max", column.Node);

    /// <summary>Place of the value from 1; 0 where it is not in it.</summary>
    public static Column ArrayPosition(Column column, object value) => Of("array_position", column.Node, Operand(value));

    /// <summary>Without the elements that equal the value.</summary>
    public static Column ArrayRemove(Column column, object element) => Of("array_remove", column.Node, Operand(element));

    /// <summary>With one more element at its end.</summary>
    public static Column ArrayAppend(Column column, object element) => Of("array_append", column.Node, Operand(element));

    /// <summary>Elements that are in both, each once.</summary>
    public static Column ArrayIntersect(Column column1, Column column2) => Of("array_intersect", column1.Node, column2.Node);

    /// <summary>Elements of the first that are not in the second, each once.</summary>
    public static Column ArrayExcept(Column column1, Column column2) => Of("array_except", column1.Node, column2.Node);

    /// <summary>Elements of both, each once.</summary>
    public static Column ArrayUnion(Column column1, Column column2) => Of("array_union", column1.Node, column2.Node);

    /// <summary>Whether they have an element in common.</summary>
    public static Column ArraysOverlap(Column column1, Column column2) => Of("arrays_overlap", column1.Node, column2.Node);

    /// <summary>So many times the value.</summary>
    public static Column ArrayRepeat(Column column, int count) => Of("array_repeat", column.Node, Value(count));

    /// <summary>Whole numbers from one to another, both included.</summary>
    public static Column Sequence(Column start, Column stop) => Of("sequence", start.Node, stop.Node);

    /// <summary>Each element by a function.</summary>
    public static Column Transform(Column column, Func<Column, Column> function) => Of("transform", column.Node, LambdaOf(function));

    /// <summary>The elements for which the function holds.</summary>
    public static Column Filter(Column column, Func<Column, Column> function) => Of("filter", column.Node, LambdaOf(function));

    /// <summary>Whether the function holds for an element.</summary>
    public static Column Exists(Column column, Func<Column, Column> function) => Of("exists", column.Node, LambdaOf(function));

    /// <summary>Whether the function holds for all elements.</summary>
    public static Column ForAll(Column column, Func<Column, Column> function) => Of("forall", column.Node, LambdaOf(function));

    /// <summary>Elements taken together from a start.</summary>
    public static Column Aggregate(Column column, Column initialValue, Func<Column, Column, Column> merge) => Of("aggregate", column.Node, initialValue.Node, LambdaOf(merge));

    /// <summary>A struct of the columns under their names.</summary>
    public static Column Struct(params Column[] columns) => Of("struct", [.. Sql.Column.Nodes(columns)]);

    /// <summary>A struct of names and values in turn.</summary>
    public static Column NamedStruct(params Column[] namesAndValues) => Of("named_struct", [.. Sql.Column.Nodes(namesAndValues)]);

    /// <summary>A map of keys and values in turn.</summary>
    public static Column Map(params Column[] keysAndValues) => Of("map", [.. Sql.Column.Nodes(keysAndValues)]);

    /// <summary>A map of an array of keys and one of values.</summary>
    public static Column MapFromArrays(Column keys, Column values) => Of("map_from_arrays", keys.Node, values.Node);

    /// <summary>The keys of a map.</summary>
    public static Column MapKeys(Column column) => Of("map_keys", column.Node);

    /// <summary>The values of a map.</summary>
    public static Column MapValues(Column column) => Of("map_values", column.Node);

    /// <summary>The map as an array of <c>key</c> and <c>value</c>.</summary>
    public static Column MapEntries(Column column) => Of("map_entries", column.Node);

    /// <summary>Whether the map has the key.</summary>
    public static Column MapContainsKey(Column column, object key) => Of("map_contains_key", column.Node, Operand(key));

    /// <summary>A value at a path such as <c>$.a.b[0]</c> as text; NULL where there is none or the JSON is broken.</summary>
    public static Column GetJsonObject(Column column, string path) => Of("get_json_object", column.Node, Value(path));

    /// <summary>The value as JSON; NULL fields left out.</summary>
    public static Column ToJson(Column column) => Of("to_json", column.Node);

    /// <summary>A struct, array or map of JSON text by schema; NULL where the JSON is broken (PERMISSIVE: all fields NULL), fields that do not fit are NULL.</summary>
    public static Column FromJson(Column column, Types.DataType schema) => new(new Call("from_json", column.Node, Value(null)) { Type = schema });

    /// <summary>The same by a schema in Spark's DDL, such as <c>id BIGINT, name STRING</c>.</summary>
    public static Column FromJson(Column column, string schema) => FromJson(column, DdlParser.ParseSchema(schema));

    /// <summary>The fields of one JSON object, read strictly; NULL where the text is not that. Ours, not Spark's.</summary>
    /// <remarks>
    /// Strict is RFC 8259 and more: one object and nothing after it, no key twice in an object that is read, no half of a surrogate pair, at most <see cref="Dialects.DuckDbDialect.DeepestJson"/> levels.
    /// Fields asked for are texts, structs of them, and lists of texts (elements as they are written). A field that is absent is NULL, <c>null</c> is the empty text, a number its digits;
    /// an object, array or boolean where a text is asked for is its text behind <see cref="Dialects.DuckDbDialect.WrongJsonKind"/>; anything but an object or list where one is asked for is NULL.
    /// </remarks>
    /// <param name="text">The text.</param>
    /// <param name="meaning">The same in plain functions, a struct, for engines without a function of their own for it.</param>
    public static Column JsonFields(Column text, Column meaning) => Of("json_fields", text.Node, meaning.Node);

    /// <summary>The keys of a JSON object in their order, a repeated one as often as it stands; NULL where the text is no object.</summary>
    public static Column JsonObjectKeys(Column json) => Of("json_object_keys", json.Node);

    /// <summary>A row for each element with its place from 0, and one with NULL for NULL and empty ones.</summary>
    public static Column PosExplodeOuter(Column column) => Of("posexplode_outer", column.Node);

    /// <summary>Whether the text is JSON; false for NULL. Ours, not Spark's.</summary>
    public static Column IsValidJson(Column column) => Of("is_valid_json", column.Node);
}
