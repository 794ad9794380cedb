using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Pipeline.Engine.Files;

/// <summary>Finds a text's encoding while its bytes go by: its byte order mark, else UTF-8 where every byte fits, else Windows-1252, alone or mixed with UTF-8.</summary>
internal sealed class TextScan
{
    private const int LongestSequence = 4;
    private const int Windows1252 = 1252;

    private readonly byte[] cut = new byte[2 * LongestSequence];
    private int cutLength;
    private bool isFirst = true;
    private Encoding? marked;
    private bool hasOtherBytes;
    private bool hasSequences;

    static TextScan() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>The encoding of what went by.</summary>
    internal Encoding Encoding => marked ?? (hasOtherBytes ? Encoding.GetEncoding(Windows1252) : Encoding.UTF8);

    /// <summary>Whether there are characters of UTF-8 beside bytes that are none.</summary>
    internal bool IsMixed => marked is null && hasOtherBytes && hasSequences;

    /// <summary>Takes the next bytes; the first ones hold the byte order mark whole.</summary>
    internal void Append(ReadOnlySpan<byte> bytes)
    {
        if (isFirst && bytes.Length > 0)
        {
            marked = ByteOrderMark(bytes);
            isFirst = false;
        }
        if (marked is not null || (hasOtherBytes && hasSequences)) return;
        while (cutLength > 0 && bytes.Length > 0)
        {
            cut[cutLength++] = bytes[0];
            bytes = bytes[1..];
            if (Rune.DecodeFromUtf8(cut.AsSpan(0, cutLength), out _, out _) == OperationStatus.NeedMoreData) continue;
            Look(cut.AsSpan(0, cutLength));
            cutLength = 0;
        }
        var whole = WholeCharacters(bytes);
        Look(bytes[..whole]);
        bytes[whole..].CopyTo(cut);
        cutLength = bytes.Length - whole;
    }

    /// <summary>Nothing follows.</summary>
    internal void Finish()
    {
        Look(cut.AsSpan(0, cutLength));
        cutLength = 0;
    }

    private void Look(ReadOnlySpan<byte> bytes)
    {
        if (Ascii.IsValid(bytes)) return;
        if (Utf8.IsValid(bytes))
        {
            hasSequences = true;
            return;
        }
        hasOtherBytes = true;
        while (!hasSequences && bytes.IndexOfAnyInRange((byte)0x80, (byte)0xFF) is >= 0 and var at)
        {
            var status = Rune.DecodeFromUtf8(bytes[at..], out _, out var length);
            hasSequences = status == OperationStatus.Done;
            bytes = bytes[(at + Math.Max(length, 1))..];
        }
    }

    private static Encoding? ByteOrderMark(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xEF, 0xBB, 0xBF, ..] => Encoding.UTF8,
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        _ => null,
    };

    /// <summary>How many bytes there are before a character that the end may cut.</summary>
    private static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back < LongestSequence && back <= bytes.Length; back++)
        {
            if ((bytes[^back] & 0xC0) != 0x80) return bytes[^back] >= 0xC0 ? bytes.Length - back : bytes.Length;
        }
        return bytes.Length;
    }
}
