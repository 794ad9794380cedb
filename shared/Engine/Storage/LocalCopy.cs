namespace Pipeline.Engine.Storage;

/// <summary>A stored file as a path of this machine, for libraries that open files by path: the file itself on a local disk, else a copy that goes when this is disposed.</summary>
public sealed class LocalCopy : IDisposable
{
    private readonly bool isCopy;

    private LocalCopy(string path, bool isCopy)
    {
        Path = path;
        this.isCopy = isCopy;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Fetches a file where it is not on this machine's disk.</summary>
    /// <param name="storage">The store.</param>
    /// <param name="path">The file.</param>
    /// <param name="folder">Where copies go; null is the system's temporary folder.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StorageException">It is not there, or cannot be read.</exception>
    public static async Task<LocalCopy> FetchAsync(IStorage storage, string path, string? folder = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(storage);
        if (storage.LocalRoot is { } root) return new LocalCopy(System.IO.Path.Combine(root, StoragePath.Normalize(path)), isCopy: false);
        var copy = new LocalCopy(System.IO.Path.Combine(folder ?? System.IO.Path.GetTempPath(), $"{Guid.NewGuid():N}-{path[(path.LastIndexOf('/') + 1)..]}"), isCopy: true);
        try
        {
            await using var source = await storage.OpenReadAsync(path, cancellationToken: cancellationToken).ConfigureAwait(false);
            await using var target = new FileStream(copy.Path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.Asynchronous,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <summary>Deletes the copy; a file of a local disk stays.</summary>
    public void Dispose()
    {
        if (isCopy) File.Delete(Path);
    }
}
