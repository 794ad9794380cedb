using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pipeline.Engine.Types;

/// <summary>Types to and from the JSON that Spark's <c>DataType.json</c> writes and that Delta keeps in <c>schemaString</c>.</summary>
internal static class DataTypeJson
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(DataType type)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Compact)) Write(json, type);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, DataType type)
    {
        switch (type)
        {
            case StructType structType:
                json.WriteStartObject();
                json.WriteString("type", "struct");
                json.WriteStartArray("fields");
                foreach (var field in structType)
                {
                    json.WriteStartObject();
                    json.WriteString("name", field.Name);
                    json.WritePropertyName("type");
                    Write(json, field.DataType);
                    json.WriteBoolean("nullable", field.IsNullable);
                    json.WriteStartObject("metadata");
                    foreach (var (key, value) in field.Metadata)
                    {
                        json.WritePropertyName(key);
                        json.WriteRawValue(value);
                    }
                    json.WriteEndObject();
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteEndObject();
                break;
            case ArrayType array:
                json.WriteStartObject();
                json.WriteString("type", "array");
                json.WritePropertyName("elementType");
                Write(json, array.ElementType);
                json.WriteBoolean("containsNull", array.ContainsNull);
                json.WriteEndObject();
                break;
            case MapType map:
                json.WriteStartObject();
                json.WriteString("type", "map");
                json.WritePropertyName("keyType");
                Write(json, map.KeyType);
                json.WritePropertyName("valueType");
                Write(json, map.ValueType);
                json.WriteBoolean("valueContainsNull", map.ValueContainsNull);
                json.WriteEndObject();
                break;
            case DecimalType:
                json.WriteStringValue(type.SimpleString);
                break;
            default:
                json.WriteStringValue(type.TypeName);
                break;
        }
    }

    public static DataType Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException($"Cannot read a type from the JSON '{Shorten(json)}': {error.Message}", error);
        }
    }

    private static DataType Read(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String) return ReadName(element.GetString()!);
        return element.GetProperty("type").GetString() switch
        {
            "struct" => new StructType(element.GetProperty("fields").EnumerateArray().Select(ReadField)),
            "array" => new ArrayType(Read(element.GetProperty("elementType")), element.GetProperty("containsNull").GetBoolean()),
            "map" => new MapType(Read(element.GetProperty("keyType")), Read(element.GetProperty("valueType")), element.GetProperty("valueContainsNull").GetBoolean()),
            var other => throw new FormatException($"Cannot read a type from JSON: the type '{other}' is not known here. Known are struct, array, map and Spark's atomic types."),
        };
    }

    private static StructField ReadField(JsonElement field) => new(
        field.GetProperty("name").GetString()!,
        Read(field.GetProperty("type")),
        !field.TryGetProperty("nullable", out var nullable) || nullable.GetBoolean(),
        field.TryGetProperty("metadata", out var metadata)
            ? metadata.EnumerateObject().ToImmutableSortedDictionary(entry => entry.Name, entry => entry.Value.GetRawText(), StringComparer.Ordinal)
            : null);

    private static DataType ReadName(string name) => name switch
    {
        "string" => new StringType(),
        "binary" => new BinaryType(),
        "boolean" => new BooleanType(),
        "date" => new DateType(),
        "timestamp" => new TimestampType(),
        "timestamp_ntz" => new TimestampNTZType(),
        "double" => new DoubleType(),
        "float" => new FloatType(),
        "byte" or "tinyint" => new ByteType(),
        "short" or "smallint" => new ShortType(),
        "integer" or "int" => new IntegerType(),
        "long" or "bigint" => new LongType(),
        "void" or "null" => new NullType(),
        "decimal" => new DecimalType(),
        _ when name.StartsWith("decimal(", StringComparison.Ordinal) && name.EndsWith(')') => ReadDecimal(name),
        _ => throw new FormatException($"Cannot read a type from JSON: the type '{name}' is not known here. Known are struct, array, map and Spark's atomic types."),
    };

    private static DecimalType ReadDecimal(string name)
    {
        var parts = name["decimal(".Length..^1].Split(',', StringSplitOptions.TrimEntries);
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var precision)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var scale)
            && precision is >= 1 and <= 38 && scale <= precision
            ? new DecimalType(precision, scale)
            : throw new FormatException($"Cannot read a type from JSON: '{name}' is not decimal(precision,scale) with a precision from 1 to 38 and a scale up to it.");
    }

    private static string Shorten(string text) => text.Length <= 120 ? text : text[..120] + "…";
}
