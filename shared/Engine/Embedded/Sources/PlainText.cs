using System.Text.Unicode;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>Whether a delimited file needs nothing but splitting.</summary>
internal static class PlainText
{
    /// <summary>True where the file is valid UTF-8 without a quote, no CR stands without its LF, and every line has so many fields (any number where 0).</summary>
    public static bool Is(string path, byte separator = 0, int fields = 0)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        var buffer = new byte[1 << 20];
        var kept = 0;
        while (true)
        {
            var read = file.Read(buffer.AsSpan(kept));
            if (read == 0) return kept == 0;
            var block = buffer.AsSpan(0, kept + read);
            // Up to the last line's end, so that neither a character nor a CR LF is cut.
            var end = block.LastIndexOf((byte)'\n') + 1;
            if (end == 0) return file.Position == file.Length && IsPlain(block, separator, fields);
            if (!IsPlain(block[..end], separator, fields)) return false;
            kept = block.Length - end;
            block[end..].CopyTo(buffer);
            if (kept == 0 || file.Position < file.Length) continue;
            return IsPlain(buffer.AsSpan(0, kept), separator, fields);
        }
    }

    private static bool IsPlain(ReadOnlySpan<byte> block, byte separator, int fields)
    {
        if (block.Contains((byte)'"') || block.Contains((byte)0) || !Utf8.IsValid(block)) return false;
        if (fields > 0 && !HaveFields(block, separator, fields)) return false;
        for (var at = 0; at < block.Length;)
        {
            var found = block[at..].IndexOf((byte)'\r');
            if (found < 0) return true;
            at += found + 1;
            if (at < block.Length && block[at] != '\n') return false;
        }
        return true;
    }

    private static bool HaveFields(ReadOnlySpan<byte> block, byte separator, int fields)
    {
        while (!block.IsEmpty)
        {
            var end = block.IndexOf((byte)'\n');
            if ((end < 0 ? block : block[..end]).Count(separator) != fields - 1) return false;
            if (end < 0) return true;
            block = block[(end + 1)..];
        }
        return true;
    }
}
