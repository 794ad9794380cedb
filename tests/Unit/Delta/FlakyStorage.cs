using Pipeline.Engine.Storage;

namespace Pipeline.Tests.Unit.Delta;

/// <summary>A store that does what it is asked and then loses the reply to a put, as often as told.</summary>
internal sealed class FlakyStorage(IStorage inner, int lostReplies) : IStorage
{
    private int left = lostReplies;

    /// <summary>Whether it refuses the put in place of losing the reply.</summary>
    public bool IsRefusing { get; init; }

    /// <summary>A file that its listings do not show, as one may miss what is made beside it.</summary>
    public string? Unlisted { get; init; }

    public Uri Root => inner.Root;

    public string? LocalRoot => inner.LocalRoot;

    public IStorage At(string folder) => new FlakyStorage(inner.At(folder), left) { IsRefusing = IsRefusing, Unlisted = Unlisted };

    public async Task<PutResult> PutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        if (IsRefusing && left-- > 0) throw new StorageException("No space left.") { IsTransient = true };
        var result = await inner.PutIfAbsentAsync(path, content, cancellationToken);
        return left-- > 0 ? throw new StorageException("The reply was lost.") { IsTransient = true } : result;
    }

    public async Task<IReadOnlyList<StorageEntry>> ListAsync(string folder, bool recursive = false, string? startAt = null, CancellationToken cancellationToken = default) =>
        [.. (await inner.ListAsync(folder, recursive, startAt, cancellationToken)).Where(entry => entry.Path != Unlisted)];

    public Task<StorageEntry?> StatAsync(string path, CancellationToken cancellationToken = default) => inner.StatAsync(path, cancellationToken);

    public Task<byte[]?> TryReadAsync(string path, CancellationToken cancellationToken = default) => inner.TryReadAsync(path, cancellationToken);

    public Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default) => inner.OpenReadAsync(path, offset, length, cancellationToken);

    public Task PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) => inner.PutAsync(path, content, cancellationToken);

    public Task<PutResult> PutFileIfAbsentAsync(string path, string localFile, CancellationToken cancellationToken = default) => inner.PutFileIfAbsentAsync(path, localFile, cancellationToken);

    public Task FlushAsync(IReadOnlyList<string> files, CancellationToken cancellationToken = default) => inner.FlushAsync(files, cancellationToken);

    public Task<PutResult> RenameAsync(string from, string to, CancellationToken cancellationToken = default) => inner.RenameAsync(from, to, cancellationToken);

    public Task<bool> DeleteAsync(string path, CancellationToken cancellationToken = default) => inner.DeleteAsync(path, cancellationToken);

    public Task CreateFolderAsync(string folder, CancellationToken cancellationToken = default) => inner.CreateFolderAsync(folder, cancellationToken);
}
