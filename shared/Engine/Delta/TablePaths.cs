using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>Where the paths in a table's log lead. Every data file has one identity, however the log spells it: its path from the table's folder, without <c>.</c> and <c>..</c>.</summary>
/// <remarks>
/// A path in the log is percent-encoded, relative to the table's folder or absolute (<c>/data/t/x</c>, <c>file:///data/t/x</c>, <c>hdfs://host/t/x</c>).
/// What leads out of the folder keeps an absolute identity, by which <see cref="IsOutside"/> tells it; a table with such a file is refused when it is read.
/// Source: Delta transaction log protocol, "Add File and Remove File".
/// </remarks>
internal sealed class TablePaths(IStorage storage)
{
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create("%:\0");
    private readonly Lazy<string?> realRoot = new(() => storage.LocalRoot is { } root ? Posix.RealPath(root) : null);

    /// <summary>The action with the identity of its file; the same object where that is the path as it stands.</summary>
    public DeltaAction Locate(DeltaAction action) => action switch
    {
        AddFile add => Locate(add),
        RemoveFile remove => Locate(remove),
        _ => action,
    };

    /// <inheritdoc cref="Locate(DeltaAction)"/>
    public AddFile Locate(AddFile add) => IsPlain(add.Path) ? add : add with { FilePath = IdentityOf(add.Path) };

    /// <inheritdoc cref="Locate(DeltaAction)"/>
    public RemoveFile Locate(RemoveFile remove) => IsPlain(remove.Path) ? remove : remove with { FilePath = IdentityOf(remove.Path) };

    /// <summary>Identities of the files that a data file needs to be read: itself, and that of its deletion vector.</summary>
    public IEnumerable<string> FilesOf(AddFile add) => FilesOf(add.FilePath, add.DeletionVector);

    /// <inheritdoc cref="FilesOf(AddFile)"/>
    public IEnumerable<string> FilesOf(RemoveFile remove) => FilesOf(remove.FilePath, remove.DeletionVector);

    private IEnumerable<string> FilesOf(string file, DeletionVector? vector)
    {
        yield return file;
        if (vector is not null && DeletedRows.FileOf(this, vector) is { } place) yield return place;
    }

    /// <summary>Whether an identity is that of a file outside the table's folder.</summary>
    public static bool IsOutside(string identity) => identity.Length == 0 || identity[0] == '/' || identity.Contains('\0', StringComparison.Ordinal) || SchemeLength(identity) > 0;

    /// <summary>The first symbolic link between the table's folder and one of its files, or null.</summary>
    /// <param name="root">The table's folder on this machine's disk.</param>
    /// <param name="identity">The file's path from there.</param>
    public static string? FindLink(string root, string identity)
    {
        for (var slash = identity.IndexOf('/', StringComparison.Ordinal); ; slash = identity.IndexOf('/', slash + 1))
        {
            var part = slash < 0 ? identity : identity[..slash];
            if (Posix.KindOf($"{root}/{part}") == PathKind.Link) return part;
            if (slash < 0) return null;
        }
    }

    /// <summary>The identity of the file that a path of the log names.</summary>
    public string IdentityOf(string path)
    {
        var root = LexicalRoot();
        var scheme = SchemeLength(path);
        string absolute;
        if (scheme > 0)
        {
            var (authority, rest) = SplitAuthority(path[(scheme + 1)..]);
            absolute = Normalize(Uri.UnescapeDataString(rest));
            if (!IsSameStore(path[..scheme], authority)) return $"{path[..scheme]}://{authority}{absolute}";
        }
        else
        {
            var decoded = LogPath.Decode(path);
            absolute = Normalize(decoded.StartsWith('/') ? decoded : $"{root}/{decoded}");
        }

        return Below(root, absolute) ?? BelowRealRoot(absolute) ?? absolute;
    }

    /// <summary>Whether a path needs no more than to be taken as it stands.</summary>
    private static bool IsPlain(string path)
    {
        if (path.AsSpan().ContainsAny(Special)) return false;
        var isStart = true;
        foreach (var letter in path)
        {
            // A part that begins with a dot may be '.' or '..'; an empty one is none.
            if (isStart && letter is '.' or '/') return false;
            isStart = letter == '/';
        }

        return path.Length > 0 && !isStart;
    }

    private string LexicalRoot() => storage.LocalRoot is { } local ? local.TrimEnd('/') : Uri.UnescapeDataString(storage.Root.AbsolutePath).TrimEnd('/');

    /// <summary>A path of this machine may lead to the table's folder by another name of it, or of a folder above.</summary>
    private string? BelowRealRoot(string absolute)
    {
        if (realRoot.Value is not { } real || absolute.Contains('\0', StringComparison.Ordinal)) return null;
        if (Below(real, absolute) is { } below) return below;
        // The folder that the file is in, or the nearest above that is there: a file that is gone keeps its identity.
        for (var slash = absolute.LastIndexOf('/'); slash > 0; slash = absolute.LastIndexOf('/', slash - 1))
            if (Posix.RealPath(absolute[..slash]) is { } folder) return Below(real, folder + absolute[slash..]);
        return null;
    }

    private static string? Below(string root, string absolute) =>
        absolute.Length > root.Length + 1 && absolute.StartsWith(root, StringComparison.Ordinal) && absolute[root.Length] == '/' ? absolute[(root.Length + 1)..] : null;

    /// <summary>An absolute path without empty parts, <c>.</c> and <c>..</c>.</summary>
    private static string Normalize(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part is "" or ".") continue;
            if (part != "..") parts.Add(part);
            else if (parts.Count > 0) parts.RemoveAt(parts.Count - 1);
        }

        return "/" + string.Join('/', parts);
    }

    /// <summary>Length of the scheme of <c>scheme:/…</c>, or 0.</summary>
    private static int SchemeLength(string path)
    {
        var colon = path.IndexOf(":/", StringComparison.Ordinal);
        if (colon <= 0 || !char.IsAsciiLetter(path[0])) return 0;
        return path.AsSpan(0, colon).ContainsAnyExcept(SchemeLetters) ? 0 : colon;
    }

    private static readonly System.Buffers.SearchValues<char> SchemeLetters = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.");

    private static (string Authority, string Path) SplitAuthority(string afterScheme)
    {
        if (!afterScheme.StartsWith("//", StringComparison.Ordinal)) return ("", afterScheme);
        var slash = afterScheme.IndexOf('/', 2);
        return slash < 0 ? (afterScheme[2..], "/") : (afterScheme[2..slash], afterScheme[slash..]);
    }

    private bool IsSameStore(string scheme, string authority)
    {
        if (storage.LocalRoot is not null) return scheme.Equals("file", StringComparison.OrdinalIgnoreCase) && authority is "" or "localhost";
        string[] hadoop = ["hdfs", "webhdfs", "swebhdfs"];
        return hadoop.Contains(scheme, StringComparer.OrdinalIgnoreCase) && (authority.Length == 0 || authority.Equals(storage.Root.Authority, StringComparison.OrdinalIgnoreCase));
    }
}
