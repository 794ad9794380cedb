using System.Globalization;
using System.Text.Json;

namespace Pipeline.Engine.Sql.Streaming;

/// <summary>Reading of the JSON that Spark writes about streams; what is not there is null.</summary>
internal static class ProgressJson
{
    public static JsonDocument Read(string json, string what)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            throw new FormatException($"Cannot read the {what} of a streaming query, it is not JSON: {error.Message}", error);
        }
    }

    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    public static bool Flag(this JsonElement element, string name) => element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.True;

    public static long? Whole(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Number ? member.GetInt64() : null;

    public static double Real(this JsonElement element, string name) => element.TryGetProperty(name, out var member)
        ? member.ValueKind switch
        {
            JsonValueKind.Number => member.GetDouble(),
            JsonValueKind.String when double.TryParse(member.GetString(), CultureInfo.InvariantCulture, out var number) => number,
            _ => double.NaN,
        }
        : double.NaN;

    public static IEnumerable<JsonProperty> Members(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Object ? member.EnumerateObject() : Enumerable.Empty<JsonProperty>();

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Array ? member.EnumerateArray() : Enumerable.Empty<JsonElement>();

    public static string? RawMember(this JsonElement element, string name) => element.TryGetProperty(name, out var member) ? Raw(member) : null;

    public static string? Raw(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };
}
