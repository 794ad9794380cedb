using System.Text.Json;

namespace Pipeline.Engine.Storage;

/// <summary>A folder on HDFS, reached by its HTTP interface.</summary>
/// <remarks>
/// A new file is written under a temporary name (CREATE without overwrite, in two steps: the name node redirects to a data node) and takes its name by RENAME, which HDFS refuses where the target exists.
/// A reply that is lost on the way is told from a refusal by whether the temporary file is still there.
/// Source: Apache Hadoop 3.4, "WebHDFS REST API".
/// </remarks>
internal sealed class WebHdfsStorage : IStorage
{
    private readonly WebHdfsClient client;
    private readonly string root;
    private readonly bool isPrivate;

    private WebHdfsStorage(WebHdfsClient client, Uri uri, string root, bool isPrivate)
    {
        this.client = client;
        this.root = root;
        this.isPrivate = isPrivate;
        Root = uri;
    }

    public Uri Root { get; }

    public string? LocalRoot => null;

    public static WebHdfsStorage For(Uri uri, StorageOptions options)
    {
        var client = new WebHdfsClient(HttpAddressOf(uri, options), options.HdfsUser);
        var root = Uri.UnescapeDataString(uri.AbsolutePath).TrimEnd('/');
        return new WebHdfsStorage(client, new Uri(uri.GetLeftPart(UriPartial.Path).TrimEnd('/')), root, options.IsPrivate);
    }

    /// <summary>The name node's HTTP address for a URI.</summary>
    internal static Uri HttpAddressOf(Uri uri, StorageOptions options)
    {
        if (uri.Host.Length == 0)
            throw new ArgumentException($"Cannot open '{uri}': it names no host. Write hdfs://namenode:8020/path or webhdfs://namenode:9870/path.", nameof(uri));
        if (uri.Scheme.Equals("swebhdfs", StringComparison.OrdinalIgnoreCase)) return new Uri($"https://{uri.Host}:{(uri.Port > 0 ? uri.Port : 9871)}");
        if (uri.Scheme.Equals("webhdfs", StringComparison.OrdinalIgnoreCase)) return new Uri($"http://{uri.Host}:{(uri.Port > 0 ? uri.Port : 9870)}");
        return options.HdfsHttpAddresses.TryGetValue(uri.Authority, out var address) || options.HdfsHttpAddresses.TryGetValue("*", out address)
            ? new Uri(address)
            : new Uri($"http://{uri.Host}:9870");
    }

    public IStorage At(string folder)
    {
        folder = StoragePath.Normalize(folder);
        if (folder.Length == 0) return this;
        var suffix = string.Join('/', folder.Split('/').Select(Uri.EscapeDataString));
        return new WebHdfsStorage(client, new Uri($"{Root.AbsoluteUri.TrimEnd('/')}/{suffix}"), $"{root}/{folder}", isPrivate);
    }

    public async Task<IReadOnlyList<StorageEntry>> ListAsync(string folder, bool recursive = false, string? startAt = null, CancellationToken cancellationToken = default)
    {
        folder = StoragePath.Normalize(folder);
        var entries = new List<StorageEntry>();
        await ListAsync(folder, recursive, startAt, entries, cancellationToken).ConfigureAwait(false);
        entries.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return entries;
    }

    public async Task<StorageEntry?> StatAsync(string path, CancellationToken cancellationToken = default)
    {
        path = StoragePath.Normalize(path);
        using var answer = await client.GetJsonAsync(FullPath(path), "GETFILESTATUS", null, cancellationToken).ConfigureAwait(false);
        return answer is null ? null : EntryOf(path, answer.RootElement.GetProperty("FileStatus"));
    }

    public async Task<byte[]?> TryReadAsync(string path, CancellationToken cancellationToken = default)
    {
        using var response = await client.OpenAsync(FullPath(path), 0, null, cancellationToken).ConfigureAwait(false);
        return response is null ? null : await client.ReadAllAsync(response, FullPath(path), cancellationToken).ConfigureAwait(false);
    }

    public async Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        var response = await client.OpenAsync(FullPath(path), offset, length, cancellationToken).ConfigureAwait(false)
            ?? throw new StorageException($"Cannot read '{Root}/{path}': there is no such file.") { IsNotFound = true };
        return await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task<PutResult> PutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        PublishAsync(path, () => new ReadOnlyMemoryContent(content), cancellationToken);

    public async Task PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        path = StoragePath.Normalize(path);
        var temporary = TemporaryNameFor(path);
        await client.CreateAsync(FullPath(temporary), () => new ReadOnlyMemoryContent(content), isPrivate, cancellationToken).ConfigureAwait(false);
        await client.ReplaceAsync(FullPath(temporary), FullPath(path), cancellationToken).ConfigureAwait(false);
    }

    public Task<PutResult> PutFileIfAbsentAsync(string path, string localFile, CancellationToken cancellationToken = default) =>
        PublishAsync(path, () => new StreamContent(File.OpenRead(localFile)), cancellationToken);

    public Task FlushAsync(IReadOnlyList<string> files, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public async Task<PutResult> RenameAsync(string from, string to, CancellationToken cancellationToken = default)
    {
        (from, to) = (StoragePath.Normalize(from), StoragePath.Normalize(to));
        if (await StatAsync(to, cancellationToken).ConfigureAwait(false) is not null) return PutResult.Exists; // HDFS would move it into a folder of that name.
        await client.MakeFolderAsync(FullPath(StoragePath.FolderOf(to)), isPrivate, cancellationToken).ConfigureAwait(false);
        if (await client.RenameAsync(FullPath(from), FullPath(to), cancellationToken).ConfigureAwait(false)) return PutResult.Created;
        if (await StatAsync(from, cancellationToken).ConfigureAwait(false) is not null) return PutResult.Exists;
        if (await StatAsync(to, cancellationToken).ConfigureAwait(false) is not null) return PutResult.Created;
        throw new StorageException($"Cannot rename '{Root}/{from}': there is no such file.") { IsNotFound = true };
    }

    public Task<bool> DeleteAsync(string path, CancellationToken cancellationToken = default) => client.DeleteAsync(FullPath(path), cancellationToken);

    public Task CreateFolderAsync(string folder, CancellationToken cancellationToken = default) => client.MakeFolderAsync(FullPath(folder), isPrivate, cancellationToken);

    private static string TemporaryNameFor(string path) =>
        StoragePath.Join(StoragePath.FolderOf(path), $".{path[(path.LastIndexOf('/') + 1)..]}.{Guid.NewGuid():N}.tmp");

    private async Task<PutResult> PublishAsync(string path, Func<HttpContent> content, CancellationToken cancellationToken)
    {
        path = StoragePath.Normalize(path);
        if (await StatAsync(path, cancellationToken).ConfigureAwait(false) is not null) return PutResult.Exists;
        var temporary = TemporaryNameFor(path);
        await client.CreateAsync(FullPath(temporary), content, isPrivate, cancellationToken).ConfigureAwait(false);
        if (path.Contains("_delta_log/", StringComparison.Ordinal)) KillPoint.Reach(StorageKillPoints.BeforeLink);
        var isRenamed = false;
        try
        {
            isRenamed = await client.RenameAsync(FullPath(temporary), FullPath(path), cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException error) when (error.IsTransient)
        {
            // Whether it was done before the reply was lost is asked below; where that fails too, the caller is told of the failure.
        }

        if (isRenamed || await StatAsync(temporary, cancellationToken).ConfigureAwait(false) is null) return PutResult.Created;
        await client.DeleteAsync(FullPath(temporary), cancellationToken).ConfigureAwait(false);
        if (await StatAsync(path, cancellationToken).ConfigureAwait(false) is not null) return PutResult.Exists;
        throw new StorageException($"Cannot write '{Root}/{path}': HDFS would not rename the finished file '{temporary}' and gave no reason. Check the rights on its folder.");
    }

    private string FullPath(string path)
    {
        path = StoragePath.Normalize(path);
        return path.Length == 0 ? (root.Length == 0 ? "/" : root) : $"{root}/{path}";
    }

    private async Task ListAsync(string folder, bool recursive, string? startAt, List<StorageEntry> entries, CancellationToken cancellationToken)
    {
        // startAfter leaves out the name itself, so the batch begins after the greatest name before it that can be written: the same without its last character.
        var startAfter = startAt is { Length: > 1 } ? startAt[..^1] : null;
        while (true)
        {
            using var answer = await client.GetJsonAsync(FullPath(folder), "LISTSTATUS_BATCH", startAfter is null ? null : $"startAfter={Uri.EscapeDataString(startAfter)}", cancellationToken).ConfigureAwait(false);
            if (answer is null) return;
            var listing = answer.RootElement.GetProperty("DirectoryListing");
            string? last = null;
            foreach (var status in listing.GetProperty("partialListing").GetProperty("FileStatuses").GetProperty("FileStatus").EnumerateArray())
            {
                var name = status.GetProperty("pathSuffix").GetString()!;
                last = name;
                if (name.Length == 0 || (startAt is not null && string.CompareOrdinal(name, startAt) < 0)) continue;
                var entry = EntryOf(StoragePath.Join(folder, name), status);
                if (entry.IsFolder && recursive) await ListAsync(entry.Path, true, null, entries, cancellationToken).ConfigureAwait(false);
                else entries.Add(entry);
            }

            if (listing.GetProperty("remainingEntries").GetInt64() == 0 || last is null) return;
            startAfter = last;
        }
    }

    private static StorageEntry EntryOf(string path, JsonElement status) => new(
        path,
        status.GetProperty("length").GetInt64(),
        DateTimeOffset.FromUnixTimeMilliseconds(status.GetProperty("modificationTime").GetInt64()),
        status.GetProperty("type").ValueEquals("DIRECTORY"));
}
