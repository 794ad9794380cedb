using System.Text;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Files;

/// <summary>Finds a text file's encoding: its byte order mark, else UTF-8 where every byte fits, else Windows-1252.</summary>
internal static class TextEncoding
{
    private const int ChunkBytes = 1 << 20;

    static TextEncoding() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>The encoding of this name, such as <c>utf-8</c>, <c>windows-1252</c> or <c>cp1252</c>.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    internal static Encoding Named(string name)
    {
        try
        {
            return name.StartsWith("cp", StringComparison.OrdinalIgnoreCase) && int.TryParse(name.AsSpan(2), out var page) ? Encoding.GetEncoding(page) : Encoding.GetEncoding(name);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new UsageException($"'{name}' is not a known encoding. Give --encoding utf-8, windows-1252, iso-8859-1 or another of IANA's names, or leave it out to have it found.", exception);
        }
    }

    /// <summary>The encoding of a file; reads it to its end.</summary>
    internal static Encoding Detect(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        var scan = new TextScan();
        var buffer = new byte[ChunkBytes];
        for (var read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false); read > 0; read = file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false))
            scan.Append(buffer.AsSpan(0, read));
        scan.Finish();
        return scan.Encoding;
    }
}
