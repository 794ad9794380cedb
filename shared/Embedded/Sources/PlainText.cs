using System.Text.Unicode;

namespace Pipeline.Embedded.Sources;

/// <summary>Whether a delimited file needs nothing but splitting.</summary>
internal static class PlainText
{
    /// <summary>True where the file is valid UTF-8 without a quote, and no CR stands without its LF.</summary>
    public static bool Is(string path)
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
            if (end == 0) return file.Position == file.Length && IsPlain(block);
            if (!IsPlain(block[..end])) return false;
            kept = block.Length - end;
            block[end..].CopyTo(buffer);
            if (kept == 0 || file.Position < file.Length) continue;
            return IsPlain(buffer.AsSpan(0, kept));
        }
    }

    private static bool IsPlain(ReadOnlySpan<byte> block)
    {
        if (block.Contains((byte)'"') || block.Contains((byte)0) || !Utf8.IsValid(block)) return false;
        for (var at = 0; at < block.Length;)
        {
            var found = block[at..].IndexOf((byte)'\r');
            if (found < 0) return true;
            at += found + 1;
            if (at < block.Length && block[at] != '\n') return false;
        }
        return true;
    }
}
