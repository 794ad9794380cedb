using System.IO.Compression;
using System.Text;

namespace Pipeline.Tests.Support.Files;

/// <summary>Bytes as compressed files have them.</summary>
public static class Packed
{
    /// <summary>The bytes as a file of this name has them: .gz, .zst or .zip, else as they are.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="bytes">What is in it.</param>
    /// <param name="entry">The name within a zip archive.</param>
    public static byte[] As(string name, byte[] bytes, string entry)
    {
        if (Path.GetExtension(name).Equals(".zip", StringComparison.OrdinalIgnoreCase)) return Zip((entry, bytes));
        using var packed = new MemoryStream();
        using (var stream = Stream(name, packed)) stream.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>A stream that compresses into another as a file of this name does.</summary>
    public static Stream Stream(string name, Stream target) => Path.GetExtension(name).ToLowerInvariant() switch
    {
        ".gz" => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true),
        ".zst" => new ZstdSharp.CompressionStream(target, leaveOpen: true),
        _ => target,
    };

    /// <summary>A zip archive of texts by name.</summary>
    public static byte[] Zip(params (string Name, string Text)[] entries) => Zip([.. entries.Select(static entry => (entry.Name, Encoding.UTF8.GetBytes(entry.Text)))]);

    /// <summary>A zip archive of bytes by name.</summary>
    public static byte[] Zip(params (string Name, byte[] Bytes)[] entries)
    {
        using var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                using var stream = archive.CreateEntry(name).Open();
                stream.Write(bytes);
            }
        }
        return packed.ToArray();
    }
}
