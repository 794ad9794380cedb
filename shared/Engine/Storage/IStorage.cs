namespace Pipeline.Engine.Storage;

/// <summary>A folder tree on one store, addressed by relative paths with <c>/</c>; the empty path is the root.</summary>
/// <remarks>
/// The guarantees that the Delta log and the checkpoints rest on stand at each member. Thread-safe. Paths that would leave the root (<c>..</c>, a leading <c>/</c>)
/// are refused with <see cref="ArgumentException"/>; failures of the store are <see cref="StorageException"/>.
/// </remarks>
public interface IStorage
{
    /// <summary>The root as a URI, without a trailing slash: <c>file:///data/lake</c>, <c>webhdfs://host:9870/lake</c>.</summary>
    Uri Root { get; }

    /// <summary>The root as a path on this machine's disk, or null where files must be fetched to be opened by path.</summary>
    string? LocalRoot { get; }

    /// <summary>The same store seen from a folder below; the folder need not exist.</summary>
    IStorage At(string folder);

    /// <summary>Entries of a folder, ordered by name (ordinal), or none where there is no such folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="recursive">Whether folders below are listed too (their files, not themselves); ordered by path. A symbolic link to a folder is not entered: it is an entry itself.</param>
    /// <param name="startAt">Leaves out names before this one; only without <paramref name="recursive"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<StorageEntry>> ListAsync(string folder, bool recursive = false, string? startAt = null, CancellationToken cancellationToken = default);

    /// <summary>What is at the path, or null.</summary>
    Task<StorageEntry?> StatAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>The whole file, or null where there is none.</summary>
    Task<byte[]?> TryReadAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Opens a file from an offset on; the caller disposes the stream.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes at most, or all that follow.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default);

    /// <summary>Makes a new file, whole or absent, and flushed to the disk when the call returns; leaves an existing file as it is. Folders on the way are made.</summary>
    /// <returns><see cref="PutResult.Exists"/> where a file of that name is there: of any number of callers at once exactly one is told <see cref="PutResult.Created"/>.</returns>
    Task<PutResult> PutIfAbsentAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Makes a new file as <see cref="PutIfAbsentAsync"/> does, in the place of one that nobody needs any more: that is gone when a new one was made. The store may use its room on the disk again: after a power cut the old name may be back, with the old content or the new.</summary>
    /// <param name="path">The new file.</param>
    /// <param name="obsolete">The old file; it need not be there.</param>
    /// <param name="content">The whole new file.</param>
    /// <param name="cancellationToken">Cancels.</param>
    async Task<PutResult> PutInPlaceOfAsync(string path, string obsolete, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        var result = await PutIfAbsentAsync(path, content, cancellationToken).ConfigureAwait(false);
        if (result == PutResult.Created) _ = await DeleteAsync(obsolete, cancellationToken).ConfigureAwait(false);
        return result;
    }

    /// <summary>Makes or replaces a file: a reader sees the old content or the new, never a part. Flushed when the call returns.</summary>
    Task PutAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Brings a file of this machine into the store, whole or absent and flushed, as <see cref="PutIfAbsentAsync"/>; the local file may be moved or stay.</summary>
    Task<PutResult> PutFileIfAbsentAsync(string path, string localFile, CancellationToken cancellationToken = default);

    /// <summary>Flushes files that were written under their paths (below <see cref="LocalRoot"/>), and the names of all on the way from the root; nothing where files only come by a put.</summary>
    Task FlushAsync(IReadOnlyList<string> files, CancellationToken cancellationToken = default);

    /// <summary>Renames a file or folder in one step. Answers <see cref="PutResult.Exists"/>, and does nothing, where the target is there.</summary>
    Task<PutResult> RenameAsync(string from, string to, CancellationToken cancellationToken = default);

    /// <summary>Deletes a file, or a folder with all in it. True where there was one.</summary>
    Task<bool> DeleteAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Makes a folder and those above it; nothing where it exists.</summary>
    Task CreateFolderAsync(string folder, CancellationToken cancellationToken = default);
}

/// <summary>What came of making a file that must be new.</summary>
public enum PutResult
{
    /// <summary>This call made it.</summary>
    Created,

    /// <summary>It was there; nothing was changed.</summary>
    Exists,
}

/// <summary>A file or folder as the store lists it.</summary>
/// <param name="Path">Path from the storage's root.</param>
/// <param name="SizeBytes">Bytes; 0 for a folder.</param>
/// <param name="ModifiedAt">Last change, UTC.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
public sealed record StorageEntry(string Path, long SizeBytes, DateTimeOffset ModifiedAt, bool IsFolder)
{
    /// <summary>The last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>Whether it is a symbolic link; what it leads to decides <see cref="IsFolder"/>.</summary>
    public bool IsLink { get; init; }
}

/// <summary>The store could not do it: no rights, no room, no such file, no connection.</summary>
public sealed class StorageException : IOException
{
    /// <summary>An error with its sentence and cause.</summary>
    public StorageException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>Whether the same call may succeed later with nothing changed: a full disk, a lost connection, a busy name node.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether the disk refused to flush. The file may stand under its name all the same, and a power cut may take it away again.</summary>
    public bool IsFlushFailure { get; init; }

    /// <summary>Whether the file that was asked for is not there.</summary>
    public bool IsNotFound { get; init; }
}
