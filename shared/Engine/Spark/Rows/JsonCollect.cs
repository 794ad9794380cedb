using System.Globalization;
using System.Text.Json;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Columns;

namespace Pipeline.Engine.Spark.Rows;

/// <summary>Collects a Dataset as one JSON text a row: slower than Arrow, as exact. Columns go by place, so that names may repeat.</summary>
internal static class JsonCollect
{
    private const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.SSSSSS";

    /// <summary>Runs the Dataset's query now.</summary>
    public static IEnumerable<Row> Start(JvmScope scope, JvmObject dataset, StructType schema)
    {
        var names = schema.Select(static (_, place) => (object?)$"c{place.ToString(CultureInfo.InvariantCulture)}").ToArray();
        var renamed = scope.Object(dataset, "toDF", scope.Array("java.lang.String", names));
        var text = $"to_json(struct(*), map('timestampFormat', \"{InstantFormat}\", 'timestampNTZFormat', \"{TimeFormat}\", 'ignoreNullFields', 'false'))";
        var lines = scope.Object(renamed, "selectExpr", scope.Array("java.lang.String", [schema.Count == 0 ? "'{}'" : text]));
        var rows = scope.Object(lines, "collectAsList");
        var count = (int)scope.Call(rows, "size")!;
        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            using var row = scope.Gateway.BeginScope();
            texts[i] = row.Text(row.Object(rows, "get", i), "getString", 0);
        }
        return texts.Select(line => Read(line, schema));
    }

    /// <summary>One row from its JSON.</summary>
    internal static Row Read(string json, StructType schema)
    {
        using var document = JsonDocument.Parse(json);
        var values = new object?[schema.Count];
        for (var place = 0; place < values.Length; place++)
            values[place] = document.RootElement.TryGetProperty($"c{place.ToString(CultureInfo.InvariantCulture)}", out var value) ? Value(value, schema[place].DataType) : null;
        return new Row(schema, values);
    }

    private static object? Value(JsonElement json, DataType type) => json.ValueKind == JsonValueKind.Null ? null : type switch
    {
        NullType => null,
        StringType => json.GetString(),
        BinaryType => json.GetBytesFromBase64(),
        BooleanType => json.GetBoolean(),
        ByteType => json.GetSByte(),
        ShortType => json.GetInt16(),
        IntegerType => json.GetInt32(),
        LongType => json.GetInt64(),
        FloatType => json.ValueKind == JsonValueKind.String ? (float)Special(json.GetString()) : json.GetSingle(),
        DoubleType => json.ValueKind == JsonValueKind.String ? Special(json.GetString()) : json.GetDouble(),
        DecimalType number => Decimal(json.GetRawText(), number),
        DateType => DateOnly.ParseExact(json.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimestampType => DateTime.Parse(json.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal),
        TimestampNTZType => DateTime.Parse(json.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.None),
        ArrayType list => json.EnumerateArray().Select(element => Value(element, list.ElementType)).ToArray(),
        MapType map => json.EnumerateObject().ToDictionary(entry => Key(entry.Name, map.KeyType), entry => Value(entry.Value, map.ValueType)),
        StructType fields => new Row(fields, [.. fields.Select(field => json.TryGetProperty(field.Name, out var value) ? Value(value, field.DataType) : null)]),
        _ => throw new EngineException($"A column of type {type.SimpleString} cannot be read as JSON; cast it in the query."),
    };

    private static object Key(string text, DataType type) => type switch
    {
        StringType => text,
        ByteType => sbyte.Parse(text, CultureInfo.InvariantCulture),
        ShortType => short.Parse(text, CultureInfo.InvariantCulture),
        IntegerType => int.Parse(text, CultureInfo.InvariantCulture),
        LongType => long.Parse(text, CultureInfo.InvariantCulture),
        BooleanType => bool.Parse(text),
        DateType => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => throw new EngineException($"A map's key of type {type.SimpleString} cannot be read as JSON; cast it to a string in the query."),
    };

    private static double Special(string? text) => text switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => throw new EngineException($"'{text}' is not a number that Spark writes in JSON."),
    };

    private static object Decimal(string text, DecimalType type)
    {
        Span<byte> bytes = stackalloc byte[DecimalValue.Width];
        DecimalValue.Write(bytes, text.Contains('E', StringComparison.OrdinalIgnoreCase) ? decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) : text, type.Precision, type.Scale);
        return DecimalValue.Read(bytes, type.Scale);
    }
}
