using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary>The corrections of a row in quarantine, oldest first, as its column <c>fixes</c> has them: a JSON array.</summary>
internal static class FixHistory
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The history with one correction more.</summary>
    public static string Add(string? fixes, Fix fix) => JsonSerializer.Serialize(Parse(fixes).Append(fix), Json);

    /// <summary>The correction that holds: the last that was not taken back; null for none.</summary>
    public static Fix? Current(string? fixes)
    {
        var standing = new Stack<Fix>();
        foreach (var fix in Parse(fixes))
        {
            if (fix.Text is not null) standing.Push(fix);
            else _ = standing.TryPop(out _);
        }
        return standing.TryPeek(out var last) ? last : null;
    }

    /// <summary>The correction that holds once the last one is taken back; null for none.</summary>
    public static Fix? BeforeLast(string? fixes) => Current(Add(fixes, new Fix { Text = null, By = "", At = default, Reason = "" }));

    /// <summary>The history with every text hidden by a function.</summary>
    public static string Hide(string fixes, Func<string, string> hide) =>
        JsonSerializer.Serialize(Parse(fixes).Select(fix => fix with { Text = fix.Text is null ? null : hide(fix.Text) }), Json);

    private static IReadOnlyList<Fix> Parse(string? fixes) => fixes is null ? [] : JsonNode.Parse(fixes).Deserialize<List<Fix>>(Json) ?? [];
}

/// <summary>A correction of a row.</summary>
internal sealed record Fix
{
    /// <summary>The whole row as it should have come; null where the correction before was taken back.</summary>
    public required string? Text { get; init; }

    /// <summary>Name of the user who made it.</summary>
    public required string By { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}
