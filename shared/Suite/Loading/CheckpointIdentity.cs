using System.Text;
using System.Text.Json;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Loading;

/// <summary>The id that a checkpoint keeps in its <c>metadata</c> file, as Structured Streaming writes it: <c>{"id":"…"}</c>.</summary>
/// <remarks>A job makes it before its query starts, so that what it writes carries an id that is new with each new checkpoint and the same after each restart.</remarks>
public static class CheckpointIdentity
{
    /// <summary>The checkpoint's id; made where there is none.</summary>
    /// <exception cref="DataException">The file is there, but is not what a checkpoint's metadata is.</exception>
    public static async Task<string> GetOrCreateAsync(IStorage checkpoint, CancellationToken cancellationToken)
    {
        const string path = "metadata";
        var created = JsonSerializer.Serialize(new Dictionary<string, string> { ["id"] = Guid.NewGuid().ToString() });
        await checkpoint.PutIfAbsentAsync(path, Encoding.UTF8.GetBytes(created), cancellationToken).ConfigureAwait(false);
        var text = Encoding.UTF8.GetString(await checkpoint.TryReadAsync(path, cancellationToken).ConfigureAwait(false) ?? []);
        try
        {
            using var document = JsonDocument.Parse(text);
            return Guid.Parse(document.RootElement.GetProperty("id").GetString()!).ToString();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentNullException)
        {
            throw new DataException($"The checkpoint's file '{checkpoint.Root}/{path}' does not hold an id as {{\"id\":\"…\"}}. It was cut, or belongs to something else: restore it from a backup, or start a new checkpoint with --checkpoint.", error);
        }
    }
}
