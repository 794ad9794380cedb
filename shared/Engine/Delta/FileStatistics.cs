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
