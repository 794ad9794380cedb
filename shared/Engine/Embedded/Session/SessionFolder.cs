namespace Pipeline.Engine.Embedded.Session;

/// <summary>A session's private folder, for what does not fit in memory and files on their way. It goes with the session; what a killed process left goes when the next session begins.</summary>
/// <remarks>A session holds a lock on a file in its folder: a folder whose lock is free has no owner any more.</remarks>
internal sealed class SessionFolder : IDisposable
{
    private const string Prefix = "pipeline-embedded-";
    private const string LockFile = ".lock";
    private readonly FileStream held;

    private SessionFolder(string path, FileStream held) => (Path, this.held) = (path, held);

    public string Path { get; }

    /// <summary>Makes a folder below <paramref name="root"/>, and removes those there that have no owner.</summary>
    public static SessionFolder Create(string root)
    {
        foreach (var folder in Directory.EnumerateDirectories(root, Prefix + "*")) RemoveIfLeft(folder);
        var id = Guid.NewGuid().ToString("N");
        // It gets its name with the lock held: no other session can take it for one that was left.
        var (starting, path) = (System.IO.Path.Combine(root, $".{Prefix}{id}"), System.IO.Path.Combine(root, Prefix + id));
        CreatePrivate(starting);
        var held = Lock(starting, FileMode.CreateNew);
        Directory.Move(starting, path);
        return new SessionFolder(path, held);
    }

    public void Dispose()
    {
        if (Directory.Exists(Path)) Directory.Delete(Path, recursive: true);
        held.Dispose();
    }

    internal static void CreatePrivate(string path)
    {
        if (Directory.Exists(path)) return;
        if (OperatingSystem.IsWindows()) _ = Directory.CreateDirectory(path);
        else _ = Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static FileStream Lock(string folder, FileMode mode) => new(System.IO.Path.Combine(folder, LockFile), mode, FileAccess.ReadWrite, FileShare.None);

    private static void RemoveIfLeft(string folder)
    {
        try
        {
            // Only opened: created again it would be in the way of an owner that is just removing its folder.
            using var free = Lock(folder, FileMode.Open);
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Its owner lives, or it is another user's, or it has no lock and is not of this making.
        }
    }
}
