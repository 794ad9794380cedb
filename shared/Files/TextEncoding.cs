using System.Text;
using System.Text.Unicode;

namespace Pipeline.Files;

/// <summary>Finds a text file's encoding: its byte order mark, else UTF-8 where every byte fits, else Windows-1252.</summary>
internal static class TextEncoding
{
    private const int ChunkBytes = 1 << 20;
    private const int LongestSequence = 4;
    private const int Windows1252 = 1252;

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

    /// <summary>The encoding of a file; reads it to its end unless it has a byte order mark or ceases to be UTF-8.</summary>
    internal static Encoding Detect(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        var buffer = new byte[ChunkBytes];
        var kept = 0;
        var first = true;
        while (true)
        {
            var read = file.ReadAtLeast(buffer.AsSpan(kept), buffer.Length - kept, throwOnEndOfStream: false);
            var bytes = buffer.AsSpan(0, kept + read);
            if (first && ByteOrderMark(bytes) is { } marked)
                return marked;
            first = false;
            var isEnd = bytes.Length < buffer.Length;
            var whole = isEnd ? bytes.Length : WholeCharacters(bytes);
            if (!Utf8.IsValid(bytes[..whole]))
                return Encoding.GetEncoding(Windows1252);
            if (isEnd)
                return Encoding.UTF8;
            kept = bytes.Length - whole;
            bytes[whole..].CopyTo(buffer);
        }
    }

    private static Encoding? ByteOrderMark(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => Encoding.UTF8,
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        _ => null,
    };

    /// <summary>How many bytes there are before a character that the chunk's end may cut.</summary>
    private static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back < LongestSequence && back <= bytes.Length; back++)
        {
            if ((bytes[^back] & 0xC0) != 0x80)
                return bytes[^back] >= 0xC0 ? bytes.Length - back : bytes.Length;
        }
        return bytes.Length;
    }
}
