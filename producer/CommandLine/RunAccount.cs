using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Producer.Sending;
using Pipeline.Schemas.Platform;

namespace Pipeline.Producer.CommandLine;

/// <summary>The run's account, in the shape of the jobs' result.json: what a producer has not (engine, tables) is null or empty.</summary>
internal sealed record RunAccount
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The start to the millisecond and six digits by chance: its order as text is the order of the starts.</summary>
    public string RunId { get; init; } = "";

    public required string Job { get; init; }

    public string? Dataset { get; init; }

    /// <summary>Succeeded, Failed or Cancelled, as the jobs write it.</summary>
    public string Status { get; init; } = "Failed";

    public int ExitCode { get; init; } = ExitCodes.Unexpected;

    public string Message { get; init; } = "";

    public object? Engine { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset EndedAt { get; init; }

    public AccountCounts Counts { get; init; } = AccountCounts.None;

    public IReadOnlyList<object> Batches { get; init; } = [];

    public IReadOnlyList<object> Tables { get; init; } = [];

    public IReadOnlyList<string> Outputs { get; init; } = [];

    public IReadOnlyList<string> Warnings { get; init; } = [];

    internal static string NewRunId(DateTimeOffset startedAt) =>
        string.Create(CultureInfo.InvariantCulture, $"{startedAt.UtcDateTime:yyyyMMdd'T'HHmmssfff'Z'}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}");

    internal string ToJson() => JsonSerializer.Serialize(this, AccountJson.Default.RunAccount);

    /// <summary>Writes it whole or not at all: a temporary file beside it, flushed, then renamed.</summary>
    internal void Write(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        _ = Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{RunId}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                JsonSerializer.Serialize(stream, this, AccountJson.Default.RunAccount);
                stream.WriteByte((byte)'\n');
                DiskFlush.Stream(stream);
            }
            File.Move(temporary, path, overwrite: true);
            DiskFlush.Folder(folder);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}

/// <summary>Rows by fate: the jobs' five (written is acknowledged; a producer quarantines nothing), then a producer's own.</summary>
internal sealed record AccountCounts(long Read, long Written, long Quarantined, long Duplicate, long Late, long Sent, long Acknowledged, long Failed, long Batches, long Bytes)
{
    internal static AccountCounts None { get; } = Of(SendCounts.None);

    internal static AccountCounts Of(SendCounts counts) => new(counts.Read, counts.Acknowledged, 0, 0, 0, counts.Sent, counts.Acknowledged, counts.Failed, counts.Batches, counts.Bytes);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(RunAccount))]
internal sealed partial class AccountJson : JsonSerializerContext;
