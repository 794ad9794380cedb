using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pipeline.Engine.Delta;

/// <summary>What is known of the rows in a data file, so that a reader may pass it over.</summary>
/// <remarks>
/// Values are JSON texts as the log has them: numbers bare, text quoted (cut to 32 characters: a minimum down, a maximum up), days <c>"2020-01-31"</c>, instants in UTC with milliseconds (a minimum down, a maximum up).
/// Only top-level columns; a column without a value is left out. Source: Delta transaction log protocol, "Per-file Statistics".
/// </remarks>
/// <param name="NumRecords">Rows in the file, or null where not known.</param>
public sealed record FileStatistics(long? NumRecords)
{
    /// <summary>Smallest value by column, as JSON.</summary>
    public ImmutableSortedDictionary<string, string> MinValues { get; init; } = Empty;

    /// <summary>Largest value by column, as JSON.</summary>
    public ImmutableSortedDictionary<string, string> MaxValues { get; init; } = Empty;

    /// <summary>Nulls by column.</summary>
    public ImmutableSortedDictionary<string, long> NullCount { get; init; } = ImmutableSortedDictionary<string, long>.Empty.WithComparers(StringComparer.Ordinal);

    private static ImmutableSortedDictionary<string, string> Empty { get; } = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Reads the JSON of the log.</summary>
    /// <exception cref="FormatException">It is not JSON, or not an object.</exception>
    public static FileStatistics Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new FileStatistics(root.TryGetProperty("numRecords", out var records) && records.ValueKind == JsonValueKind.Number ? records.GetInt64() : null)
            {
                MinValues = Values(root, "minValues"),
                MaxValues = Values(root, "maxValues"),
                NullCount = root.TryGetProperty("nullCount", out var nulls) && nulls.ValueKind == JsonValueKind.Object
                    ? nulls.EnumerateObject().Where(static entry => entry.Value.ValueKind == JsonValueKind.Number).ToImmutableSortedDictionary(static entry => entry.Name, static entry => entry.Value.GetInt64(), StringComparer.Ordinal)
                    : ImmutableSortedDictionary<string, long>.Empty,
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FormatException($"Cannot read file statistics from '{(json.Length <= 120 ? json : json[..120] + "…")}': {error.Message}", error);
        }
    }

    /// <summary>The number of rows alone, which most writers put first: a table of many files is counted without reading the rest.</summary>
    /// <exception cref="FormatException">It is not JSON, or not an object.</exception>
    public static long? CountOf(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(json.Length));
        try
        {
            var reader = new Utf8JsonReader(bytes.AsSpan(0, Encoding.UTF8.GetBytes(json, bytes)));
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return Parse(json).NumRecords;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isCount = reader.ValueTextEquals("numRecords"u8);
                _ = reader.Read();
                if (isCount) return reader.TokenType == JsonTokenType.Number ? reader.GetInt64() : null;
                reader.Skip();
            }

            return null;
        }
        catch (JsonException)
        {
            return Parse(json).NumRecords; // Which says what is wrong.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>The statistics of a file of which rows are marked as deleted: smallest and largest values are bounds, as the rows that had them may be gone.</summary>
    internal static string? WithWideBounds(string? json)
    {
        if (json is null || System.Text.Json.Nodes.JsonNode.Parse(json) is not System.Text.Json.Nodes.JsonObject root) return json;
        root["tightBounds"] = false;
        return root.ToJsonString(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    /// <summary>The JSON of the log.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (NumRecords is { } records) json.WriteNumber("numRecords"u8, records);
            Write(json, "minValues", MinValues);
            Write(json, "maxValues", MaxValues);
            json.WriteStartObject("nullCount"u8);
            foreach (var (column, count) in NullCount) json.WriteNumber(column, count);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, string> values)
    {
        json.WriteStartObject(name);
        foreach (var (column, value) in values)
        {
            json.WritePropertyName(column);
            json.WriteRawValue(value);
        }

        json.WriteEndObject();
    }

    private static ImmutableSortedDictionary<string, string> Values(JsonElement root, string name) =>
        root.TryGetProperty(name, out var values) && values.ValueKind == JsonValueKind.Object
            ? values.EnumerateObject().Where(static entry => entry.Value.ValueKind != JsonValueKind.Null).ToImmutableSortedDictionary(static entry => entry.Name, static entry => entry.Value.GetRawText(), StringComparer.Ordinal)
            : Empty;
}
