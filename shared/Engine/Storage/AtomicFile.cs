namespace Pipeline.Engine.Storage;

/// <summary>Files that are there whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Has the content written to a hidden file beside the target, flushed to the disk, and puts it in the target's place.</summary>
    /// <exception cref="FlushException">The disk refused to flush; where that was the content, an older file stays as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var temporary = TemporaryName(path);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                DiskFlush.Stream(stream);
            }
            File.Move(temporary, path, overwrite: true);
            DiskFlush.Folder(Path.GetDirectoryName(temporary)!);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>A name in the target's folder, which is made where it is missing, that no reader takes for data.</summary>
    public static string TemporaryName(string path)
    {
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full)!;
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
    }
}
