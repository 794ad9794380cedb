using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Sql.Dialects;

/// <summary>Values as text in DuckDB's SQL, in the forms that Spark's text formats give them: <c>to_json</c>, JSON files, CSV files.</summary>
/// <remarks>The session's zone is UTC. Source: Spark's documentation of JSON files, "Data Source Option"; Spark, <c>JacksonGenerator</c>.</remarks>
public sealed record TextForms
{
    private static readonly JsonSerializerOptions PlainJson = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly DuckDbDialect Dialect = new();

    /// <summary>Java's pattern for instants.</summary>
    public string TimestampFormat { get; init; } = "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]";

    /// <summary>Java's pattern for local times.</summary>
    public string TimestampNtzFormat { get; init; } = "yyyy-MM-dd'T'HH:mm:ss[.SSS]";

    /// <summary>Java's pattern for days.</summary>
    public string DateFormat { get; init; } = "yyyy-MM-dd";

    /// <summary>Whether a field of a JSON object that is NULL is left out.</summary>
    public bool IgnoresNullFields { get; init; } = true;

    /// <summary>A day, a local time or an instant as text; NULL for NULL.</summary>
    /// <param name="value">SQL of the value.</param>
    /// <param name="type">Its type.</param>
    /// <exception cref="NotSupportedException">The pattern has letters that DuckDB has no counterpart for.</exception>
    public string Time(string value, DataType type) => type switch
    {
        TimestampType => $"strftime(CAST({value} AS TIMESTAMPTZ) AT TIME ZONE 'UTC', {Literal(DatePatterns.ForPrinting(TimestampFormat))})",
        TimestampNTZType => $"strftime(CAST({value} AS TIMESTAMP), {Literal(DatePatterns.ForPrinting(TimestampNtzFormat))})",
        _ => $"strftime(CAST({value} AS DATE), {Literal(DatePatterns.ForPrinting(DateFormat))})",
    };

    /// <summary>A number of floating point as text, with Spark's names for those that are no numbers.</summary>
    /// <param name="value">SQL of the value; it stands in the text more than once.</param>
    public static string Real(string value) =>
        $"CASE WHEN isnan({value}) THEN 'NaN' WHEN isinf({value}) THEN CASE WHEN {value} > 0 THEN 'Infinity' ELSE '-Infinity' END "
        + $"ELSE CAST({value} AS VARCHAR) END";

    /// <summary>A value as JSON; NULL for NULL.</summary>
    /// <param name="value">SQL of the value; a name and not a long expression, as it stands in the text more than once.</param>
    /// <param name="type">Its type.</param>
    public string Json(string value, DataType type) => Json(value, type, 0);

    /// <summary>An object of these fields as JSON.</summary>
    /// <param name="fields">Names, SQL of the values, and their types.</param>
    public string JsonObject(IEnumerable<(string Name, string Value, DataType Type)> fields) => Object(fields, 0);

    /// <summary>The name of a member of a JSON object, with the colon after it.</summary>
    internal static string Member(string name) => JsonSerializer.Serialize(name, PlainJson) + ":";

    private string Json(string value, DataType type, int depth) => type switch
    {
        StringType => $"CASE WHEN {value} IS NOT NULL THEN CAST(to_json({value}) AS VARCHAR) END",
        DoubleType or FloatType => $"CASE WHEN isfinite({value}) THEN CAST({value} AS VARCHAR) ELSE '\"' || {Real(value)} || '\"' END",
        DateType or TimestampType or TimestampNTZType => $"('\"' || {Time(value, type)} || '\"')",
        BinaryType => $"('\"' || base64({value}) || '\"')",
        StructType fields => $"CASE WHEN {value} IS NOT NULL THEN {Object(FieldsOf(value, fields), depth)} END",
        ArrayType array => $"('[' || {Joined(value, depth, element => OrNull(element, array.ElementType, depth + 1))} || ']')",
        MapType map => $"('{{' || {Joined($"map_entries({value})", depth, entry => Entry(entry, map, depth + 1))} || '}}')",
        _ => $"CAST({value} AS VARCHAR)",
    };

    private static IEnumerable<(string Name, string Value, DataType Type)> FieldsOf(string value, StructType fields) =>
        fields.Select(field => (field.Name, $"struct_extract({value}, {Literal(field.Name)})", field.DataType));

    private string Entry(string entry, MapType map, int depth) => $"{KeyText($"{entry}.key", map.KeyType)} || ':' || {OrNull($"{entry}.value", map.ValueType, depth)}";

    private string Object(IEnumerable<(string Name, string Value, DataType Type)> fields, int depth)
    {
        Func<string, DataType, int, string> text = IgnoresNullFields ? Json : OrNull;
        var members = fields.Select(field => $"{Literal(Member(field.Name))} || {text(field.Value, field.Type, depth)}");
        return $"('{{' || concat_ws(',', {string.Join(", ", members)}) || '}}')";
    }

    private string OrNull(string value, DataType type, int depth) => $"coalesce({Json(value, type, depth)}, 'null')";

    /// <summary>What stands between the brackets: NULL for a list that is NULL, nothing for an empty one.</summary>
    private static string Joined(string list, int depth, Func<string, string> element)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"e{depth}");
        return $"CASE WHEN len({list}) = 0 THEN '' ELSE array_to_string(list_transform({list}, lambda {name}: {element(name)}), ',') END";
    }

    private string KeyText(string key, DataType type)
    {
        var text = type is DateType or TimestampType or TimestampNTZType ? Time(key, type) : $"CAST({key} AS VARCHAR)";
        return $"CAST(to_json({text}) AS VARCHAR)";
    }

    private static string Literal(string text) => Dialect.Literal(text, new StringType());
}
