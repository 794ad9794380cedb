using System.Text.Json;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>A name that keeps a version: no vacuum of ours takes its files.</summary>
/// <param name="Name">The name, unique in the table.</param>
/// <param name="Version">The version.</param>
/// <param name="CreatedAt">When it was given.</param>
/// <param name="Note">Why, or null.</param>
public sealed record TableTag(string Name, long Version, DateTimeOffset CreatedAt, string? Note);

/// <summary>Tags of a table: a file each in <c>_delta_log/_tags</c>, a place that other programs pass over. Spark's VACUUM does not know them.</summary>
public static class TableTags
{
    private const string Folder = LogPath.Folder + "/_tags";
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>All tags, by name.</summary>
    /// <exception cref="DeltaException">A tag's file is cut.</exception>
    public static async Task<IReadOnlyList<TableTag>> ListAsync(DeltaLog log, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        var tags = new List<TableTag>();
        foreach (var entry in await log.Storage.ListAsync(Folder, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (entry.IsFolder || entry.Name[0] == '.' || !entry.Name.EndsWith(".json", StringComparison.Ordinal)) continue;
            if (await log.Storage.TryReadAsync(entry.Path, cancellationToken).ConfigureAwait(false) is not { } content) continue;
            try
            {
                tags.Add(JsonSerializer.Deserialize<TableTag>(content, Json) ?? throw new JsonException("It is null."));
            }
            catch (JsonException error)
            {
                throw new DeltaException(DeltaErrorKind.CorruptLog, $"Cannot read the tag '{log.Table}/{entry.Path}': {error.Message.TrimEnd('.')}. Delete the file and tag the version again.", error);
            }
        }

        return tags;
    }

    /// <summary>Gives a version a name.</summary>
    /// <exception cref="DeltaException">The name is taken or not a name, or there is no such version.</exception>
    public static async Task<TableTag> AddAsync(DeltaLog log, string name, long version, string? note = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        RequireName(name);
        await log.LoadVersionAsync(version, cancellationToken).ConfigureAwait(false);
        var tag = new TableTag(name, version, log.Clock.GetUtcNow(), note);
        if (await log.Storage.PutIfAbsentAsync($"{Folder}/{name}.json", JsonSerializer.SerializeToUtf8Bytes(tag, Json), cancellationToken).ConfigureAwait(false) == PutResult.Exists)
            throw new DeltaException(DeltaErrorKind.InvalidOperation, $"Cannot tag version {version} of '{log.Table}' as '{name}': the tag exists. Choose another name, or remove it first.");
        return tag;
    }

    /// <summary>Takes a name away; the version stays until a vacuum. True where there was one.</summary>
    public static Task<bool> RemoveAsync(DeltaLog log, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        RequireName(name);
        return log.Storage.DeleteAsync($"{Folder}/{name}.json", cancellationToken);
    }

    private static void RequireName(string name)
    {
        if (name.Length is 0 or > 100 || !char.IsAsciiLetterOrDigit(name[0]) || !name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_'))
            throw new DeltaException(DeltaErrorKind.InvalidOperation, $"'{name}' cannot be a tag: use letters, digits, '.', '-' and '_', 100 at most, a letter or digit first.");
    }
}
