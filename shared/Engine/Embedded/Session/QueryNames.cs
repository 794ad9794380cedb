using System.Text.Json;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>Names of tables in a query, from DuckDB's own syntax tree: nothing is resolved, so they need not exist.</summary>
internal static class QueryNames
{
    /// <summary>Reads the JSON of <c>json_serialize_sql</c>.</summary>
    public static IReadOnlyList<string> Read(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 2000 });
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        Collect(document.RootElement, names);
        return [.. names];
    }

    private static void Collect(JsonElement element, HashSet<string> names)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) Collect(item, names);
            return;
        }
        if (element.ValueKind != JsonValueKind.Object) return;
        if (element.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("BASE_TABLE") && element.TryGetProperty("table_name", out var name))
            _ = names.Add(name.GetString()!);
        foreach (var member in element.EnumerateObject()) Collect(member.Value, names);
    }
}
