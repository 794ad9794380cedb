using System.Text.Json;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>JSON files: a value a line, or with multiLine a value (or an array of them) a file.</summary>
/// <remarks>A record that is not JSON, or has a value of another type than declared, does not fit: it is kept with nulls, left out, or fails the query, as the mode says.</remarks>
internal static class JsonSource
{
    public static SourceView Open(SessionContext session, SourceSpec spec)
    {
        var options = new SourceOptions(spec.Options);
        var mode = CsvOptions.ReadMode(options);
        var multiLine = options.Flag("multiLine", false);
        var scan = new TextScan(InputFiles.Resolve(session, spec), multiLine, TextEncoding.Find(options["encoding"] ?? options.Text("charset", "UTF-8")));
        var records = multiLine
            ? $"SELECT unnest(CASE WHEN TRY(json_type(value)) = 'ARRAY' THEN from_json(value, '[\"JSON\"]')::VARCHAR[] ELSE [value] END) AS value FROM {ScanFunction.Call(scan)}"
            : $"SELECT value FROM {ScanFunction.Call(scan)} WHERE trim(value) <> ''";
        var schema = spec.Schema ?? Infer(session, records);
        var corruptName = options.Text("columnNameOfCorruptRecord", "_corrupt_record");
        var corrupt = schema.IndexOf(corruptName);
        var data = new StructType(schema.Where((_, i) => i != corrupt));
        var parsed = $"SELECT value, TRY(json_transform(value, {DuckDbTypes.Literal(Structure(data))})) AS parsed FROM ({records})";
        var misfit = corrupt >= 0 || mode != ParseMode.Permissive ? Misfit(data) : "false";
        var columns = string.Join(", ", schema.Select((field, i) => i == corrupt
            ? $"CASE WHEN misfit THEN value END AS {DuckDbTypes.Quote(field.Name)}"
            : $"parsed.{DuckDbTypes.Quote(field.Name)} AS {DuckDbTypes.Quote(field.Name)}"));
        var checkedRows = $"SELECT *, {misfit} AS misfit FROM ({parsed})";
        var sql = mode switch
        {
            ParseMode.DropMalformed => $"SELECT {columns} FROM ({checkedRows}) WHERE NOT misfit",
            ParseMode.FailFast => $"SELECT {columns} FROM ({checkedRows}) WHERE CASE WHEN misfit THEN error('A JSON record does not fit the declared columns, and the mode is FAILFAST: ' || value[:200]) ELSE true END",
            _ => $"SELECT {columns} FROM ({checkedRows})",
        };
        return session.MakeView("json", sql, schema);
    }

    /// <summary>The declared columns as json_transform takes them.</summary>
    internal static string Structure(DataType type) => type switch
    {
        StructType fields => $"{{{string.Join(",", fields.Select(field => $"{JsonSerializer.Serialize(field.Name)}:{Structure(field.DataType)}"))}}}",
        ArrayType array => $"[{Structure(array.ElementType)}]",
        MapType map => $"\"MAP(VARCHAR, {DuckDbTypes.ToSql(map.ValueType).Replace("\"", "\\\"", StringComparison.Ordinal)})\"",
        _ => $"\"{DuckDbTypes.ToSql(type)}\"",
    };

    /// <summary>Whether a record is no JSON object, or a value that is there was not taken.</summary>
    private static string Misfit(StructType data)
    {
        var lost = data.Select(field => $"(parsed.{DuckDbTypes.Quote(field.Name)} IS NULL AND TRY(json_type(value, {DuckDbTypes.Literal(Pointer(field.Name))})) <> 'NULL')");
        return $"(parsed IS NULL OR TRY(json_type(value)) IS DISTINCT FROM 'OBJECT'{string.Concat(lost.Select(one => $" OR coalesce({one}, false)"))})";
    }

    private static string Pointer(string name) => "/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static StructType Infer(SessionContext session, string records)
    {
        using var lease = session.Connections.Rent();
        var structure = lease.Connection.Scalar($"SELECT json_group_structure(CASE WHEN json_valid(value) AND TRY(json_type(value)) = 'OBJECT' THEN value END::JSON)::VARCHAR FROM ({records})") as string
            ?? throw new EngineException("The JSON files have no object in them, so their columns cannot be known. Declare them with Schema(…).") { ErrorClass = "UNABLE_TO_INFER_SCHEMA", SqlState = "42KD9" };
        using var document = JsonDocument.Parse(structure);
        return TypeOf(document.RootElement) as StructType ?? new StructType();
    }

    private static DataType TypeOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => new StructType(element.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal).Select(property => new StructField(property.Name, TypeOf(property.Value)))),
        JsonValueKind.Array => new ArrayType(TypeOf(element[0])),
        _ => element.GetString() switch
        {
            "BOOLEAN" => new BooleanType(),
            "DOUBLE" => new DoubleType(),
            "BIGINT" or "UBIGINT" => new LongType(),
            _ => new StringType(),
        },
    };
}
