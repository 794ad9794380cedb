using System.Text.Json;

namespace Pipeline.Tests.Support.Processes;

/// <summary>Checks JSON against a JSON Schema of the few words that .NET's own exporter writes; a word that it does not know fails, so that nothing is passed over in silence.</summary>
public sealed class JsonShape : IDisposable
{
    private static readonly HashSet<string> Told = ["$schema", "$id", "title", "description", "default", "$defs"];
    private readonly JsonDocument schema;

    private JsonShape(JsonDocument schema) => this.schema = schema;

    /// <summary>The schema of result.json, as the repository has it.</summary>
    public static JsonShape OfResult() => new(JsonDocument.Parse(File.ReadAllText(ResultSchema)));

    /// <summary>Where the schema of result.json lies.</summary>
    public static string ResultSchema => Path.Combine(Repository.Root, "shared", "Suite", "Runtime", "Results", "result.schema.json");

    /// <summary>Everything in which a text is not so, each with its place; empty where it is right. A property that the schema does not name counts as wrong.</summary>
    public IReadOnlyList<string> Faults(string json)
    {
        using var document = JsonDocument.Parse(json);
        var faults = new List<string>();
        Check(document.RootElement, schema.RootElement, "$", faults);
        return faults;
    }

    /// <inheritdoc/>
    public void Dispose() => schema.Dispose();

    private void Check(JsonElement value, JsonElement shape, string place, List<string> faults)
    {
        if (shape.ValueKind == JsonValueKind.True) return;
        foreach (var word in shape.EnumerateObject())
        {
            switch (word.Name)
            {
                case "$ref":
                    Check(value, Find(word.Value.GetString()!), place, faults);
                    break;
                case "type":
                    string[] types = word.Value.ValueKind == JsonValueKind.Array ? [.. word.Value.EnumerateArray().Select(static type => type.GetString()!)] : [word.Value.GetString()!];
                    if (!types.Any(type => IsOf(value, type))) faults.Add($"{place} is {value.GetRawText()}, and not {string.Join(" or ", types)}");
                    break;
                case "enum":
                    if (!word.Value.EnumerateArray().Any(known => JsonElement.DeepEquals(known, value))) faults.Add($"{place} is {value.GetRawText()}, which is none of {word.Value.GetRawText()}");
                    break;
                case "format" when word.Value.GetString() == "date-time":
                    if (value.ValueKind == JsonValueKind.String && !value.TryGetDateTimeOffset(out _)) faults.Add($"{place} is {value.GetRawText()}, and no instant");
                    break;
                case "required":
                    if (value.ValueKind == JsonValueKind.Object) faults.AddRange(word.Value.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{place} has no {name.GetString()}"));
                    break;
                case "properties":
                    if (value.ValueKind != JsonValueKind.Object) break;
                    foreach (var member in value.EnumerateObject())
                        if (word.Value.TryGetProperty(member.Name, out var inner)) Check(member.Value, inner, $"{place}.{member.Name}", faults);
                        else faults.Add($"{place} has {member.Name}, which the schema does not name");
                    break;
                case "items":
                    if (value.ValueKind == JsonValueKind.Array)
                        foreach (var (i, item) in value.EnumerateArray().Index()) Check(item, word.Value, $"{place}[{i}]", faults);
                    break;
                default:
                    if (!Told.Contains(word.Name)) throw new NotSupportedException($"The schema says '{word.Name}' at {place}, which is not known here.");
                    break;
            }
        }
    }

    private JsonElement Find(string pointer)
    {
        var found = schema.RootElement;
        foreach (var step in pointer.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries)) found = found.GetProperty(step);
        return found;
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new NotSupportedException($"The schema has the type '{type}', which is not known here."),
    };
}
