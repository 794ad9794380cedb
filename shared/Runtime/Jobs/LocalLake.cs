namespace Pipeline.Runtime;

/// <summary>The lake's root where it is a folder of this machine.</summary>
internal static class LocalLake
{
    /// <summary>The folder of a path or <c>file:</c> URI, or null where the lake is elsewhere.</summary>
    public static string? Folder(string uri)
    {
        if (uri.StartsWith("file:", StringComparison.OrdinalIgnoreCase)) return new Uri(uri).LocalPath;
        return uri.Contains("://", StringComparison.Ordinal) ? null : uri;
    }

    /// <summary>Makes the folder where it is missing and tries a file in it.</summary>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static void CheckWritable(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var trial = Path.Combine(folder, $".writable-{Guid.NewGuid():N}");
            File.WriteAllBytes(trial, [0]);
            File.Delete(trial);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new UsageException($"Cannot write to the lake '{folder}': access is denied. Give a folder that you may write to with --lake, or ask its owner for access.", error);
        }
        catch (IOException error) when (Failure.IsDiskFull(error))
        {
            throw new TransientException($"Cannot write to the lake '{folder}': there is no room left on the disk. Make room and run the same command again.", error);
        }
        catch (IOException error)
        {
            throw new UsageException($"Cannot write to the lake '{folder}': {error.Message.TrimEnd('.')}. Give a folder that you may write to with --lake.", error);
        }
    }
}
