namespace Pipeline.Engine.Storage;

/// <summary>Relative paths below a storage's root.</summary>
internal static class StoragePath
{
    /// <summary>The path without empty parts; refuses one that would leave the root.</summary>
    public static string Normalize(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0) return path;
        if (path[0] == '/') throw Refused(path, "it begins with '/'");
        if (path.Contains('\0', StringComparison.Ordinal)) throw Refused(path.Replace('\0', '?'), "it has a NUL character");
        var isClean = true;
        foreach (var range in path.AsSpan().Split('/'))
        {
            var part = path.AsSpan()[range];
            if (part is "..") throw Refused(path, "it has the part '..'");
            if (part is "" or ".") isClean = false;
        }

        return isClean ? path : string.Join('/', path.Split('/').Where(static part => part is not ("" or ".")));
    }

    public static string Join(string folder, string name) => folder.Length == 0 ? name : name.Length == 0 ? folder : $"{folder}/{name}";

    public static string FolderOf(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? "" : path[..slash];
    }

    private static ArgumentException Refused(string path, string why) =>
        new($"The path '{path}' is refused: {why}. Paths are relative to the storage's root and stay below it.", nameof(path));
}
