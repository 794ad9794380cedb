using System.Buffers.Binary;
using System.IO.Compression;
using Pipeline.Engine.Types;
using ZstdSharp;

namespace Pipeline.Engine.Files;

/// <summary>Text files as people compress them: gzip (<c>.gz</c>), Zstandard (<c>.zst</c>), and a zip archive (<c>.zip</c>) of one file. Known by their endings.</summary>
public static class CompressedFile
{
    /// <summary>A regular expression of what <see cref="PlainName"/> replaces by .csv, for queries over names.</summary>
    public const string EndingPattern = "(?i)([.]csv)?[.](gz|zst|zip)$";

    private const string Gzip = ".gz";
    private const string Zstandard = ".zst";
    private const string Zip = ".zip";

    /// <summary>Whether a name has an ending of a compressed file.</summary>
    public static bool IsCompressed(string name) => Path.GetExtension(name).ToLowerInvariant() is Gzip or Zstandard or Zip;

    /// <summary>The name without the ending of the compression: <c>a.csv</c> for <c>a.csv.gz</c>. One that tells nothing else is taken for a CSV's: <c>a.csv</c> for <c>a.zip</c>.</summary>
    public static string PlainName(string name)
    {
        if (!IsCompressed(name)) return name;
        var plain = name[..^Path.GetExtension(name).Length];
        return Path.GetExtension(plain).Equals(".csv", StringComparison.OrdinalIgnoreCase) ? plain : plain + ".csv";
    }

    /// <summary>The file's bytes, unpacked where it is compressed. Forward-only. The caller disposes it.</summary>
    /// <exception cref="DataException">A zip archive holds no file or several; while it is read: the file is damaged or cut, or unpacks to more than can be meant.</exception>
    public static Stream OpenRead(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Unpacked(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan), path);
    }

    /// <summary>What a file's bytes unpack to; they themselves where its name is no compressed file's.</summary>
    /// <param name="bytes">All of the file.</param>
    /// <param name="path">Its path or name.</param>
    /// <exception cref="DataException">As for <see cref="OpenRead"/>.</exception>
    public static byte[] Unpack(byte[] bytes, string path)
    {
        if (!IsCompressed(path)) return bytes;
        using var unpacked = new MemoryStream();
        using var stream = Unpacked(new MemoryStream(bytes, writable: false), path);
        stream.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    private static Stream Unpacked(Stream file, string path)
    {
        try
        {
            return Path.GetExtension(path).ToLowerInvariant() switch
            {
                Gzip => new UnpackedStream(new GZipStream(file, CompressionMode.Decompress), path, file.Length) { LengthModulo32 = GzipLength(file) },
                Zstandard => new UnpackedStream(new DecompressionStream(file, leaveOpen: false), path, file.Length),
                Zip => OpenZip(file, path),
                _ => file,
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static UnpackedStream OpenZip(Stream file, string path)
    {
        try
        {
            var archive = new ZipArchive(file, ZipArchiveMode.Read);
            // What macOS adds beside each file is not the user's.
            var entries = archive.Entries.Where(static entry => !entry.FullName.EndsWith('/') && !entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal) && entry.Name != ".DS_Store").ToList();
            if (entries.Count != 1)
                throw new DataException($"The archive '{path}' holds {(entries.Count == 0 ? "no file" : $"{entries.Count} files")}, where one CSV file is expected. Unpack it, and give the files.");
            if (Path.GetExtension(entries[0].Name).ToLowerInvariant() is ".xlsx" or ".xls" or ".xlsb" or ".xlsm" or ".ods")
                throw new DataException($"The archive '{path}' holds the workbook '{entries[0].Name}'. Unpack it, and give the workbook.");
            return new UnpackedStream(entries[0].Open(), path, entries[0].CompressedLength) { ExactLength = entries[0].Length, Also = archive };
        }
        catch (InvalidDataException error)
        {
            throw new DataException($"'{path}' is no zip archive, or it is cut: {error.Message}", error);
        }
    }

    /// <summary>The length modulo 2³² that stands at the end of a gzip file. Source: RFC 1952, ISIZE.</summary>
    private static uint GzipLength(Stream file)
    {
        Span<byte> last = stackalloc byte[sizeof(uint)];
        if (file.Length < last.Length) return 0;
        file.Seek(-last.Length, SeekOrigin.End);
        file.ReadExactly(last);
        file.Seek(0, SeekOrigin.Begin);
        return BinaryPrimitives.ReadUInt32LittleEndian(last);
    }
}
