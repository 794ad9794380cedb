namespace Pipeline.Engine.Storage;

/// <summary>Which other users of this machine a file or folder is open to.</summary>
public static class FileTrust
{
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Why what stands in a file may be somebody else's word, as the end of a sentence, or null where nobody but this user and root can change the file. Links are followed.</summary>
    public static string? Doubt(string path)
    {
        if (Posix.OwnerOf(path) is not { } owner) return "it cannot be looked at";
        if (owner != 0 && owner != Posix.User()) return "it belongs to another user";
        var mode = File.GetUnixFileMode(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        return (mode & OthersWrite) == 0 ? null : "other users may write it (chmod go-w takes that away)";
    }

    /// <summary>Closes a folder that others than its owner and group can look into, and leaves any other as it is; false where that is not for this user to do.</summary>
    public static bool TryClose(string folder)
    {
        if ((File.GetUnixFileMode(folder) & Others) == 0) return true;
        try
        {
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
