using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pipeline.Suite.Loading;

/// <summary>A batch as a commit of its table carries it (Delta's <c>userMetadata</c>): enough to rebuild its row in <c>batches</c>.</summary>
/// <param name="Batch">The row as it was planned; <see cref="BatchRecord.TableVersion"/> is not known before the commit.</param>
/// <param name="ApplicationId">Delta's transaction under which its row is added to <c>batches</c>.</param>
/// <param name="Number">Number in the application.</param>
/// <param name="ReadVersion">The table's version by which its rows were classified; null where there was no table.</param>
internal sealed record BatchCommit(BatchRecord Batch, string ApplicationId, long Number, long? ReadVersion)
{
    private const string Application = "application_id";
    private const string ApplicationNumber = "application_number";
    private const string Read = "read_version";
    private const string Rejects = "new_rejects";
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>How many of its rejected rows the quarantine lacked; null in a commit of an earlier version of this program.</summary>
    public long? NewRejects { get; init; }

    /// <summary>The text for the commit: a JSON object with the columns of <c>batches</c>.</summary>
    public string ToText()
    {
        var json = JsonSerializer.SerializeToNode(Batch, Json)!.AsObject();
        json[Application] = ApplicationId;
        json[ApplicationNumber] = Number;
        json[Read] = ReadVersion;
        json[Rejects] = NewRejects;
        return json.ToJsonString();
    }

    /// <summary>The batch of a commit's text, or null where it carries none: a commit of another program, or of a version that wrote the batch's id only.</summary>
    public static BatchCommit? TryParse(string? userMetadata)
    {
        if (userMetadata is not ['{', ..]) return null;
        try
        {
            if (JsonNode.Parse(userMetadata) is not JsonObject json || json[Application]?.GetValue<string>() is not { } application || json[ApplicationNumber]?.GetValue<long>() is not { } number) return null;
            var batch = json.Deserialize<BatchRecord>(Json);
            return batch is { BatchId: not null, TableName: not null, Checksum: not null, Status: not null }
                ? new BatchCommit(batch, application, number, json[Read]?.GetValue<long>()) { NewRejects = json[Rejects]?.GetValue<long>() }
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            // JSON of another program.
            return null;
        }
    }

    /// <summary>The batch's id in a commit's text: of a commit that carries the batch, or of one whose text is the id.</summary>
    public static string? IdOf(string? userMetadata) => userMetadata is ['{', ..] ? TryParse(userMetadata)?.Batch.BatchId : userMetadata;
}
