using System.Buffers;
using System.Text;

namespace Pipeline.Engine.Files;

/// <summary>UTF-8 of bytes that are UTF-8, Windows-1252 or both: what is a character of UTF-8 stays, every other byte is a character of Windows-1252. Reads forward only, and disposes the stream below.</summary>
internal sealed class MixedTextStream(Stream source) : ForwardStream
{
    private const int BufferBytes = 64 * 1024;

    private static readonly byte[][] Characters = MakeCharacters();

    private readonly byte[] raw = new byte[BufferBytes];
    private readonly byte[] text = new byte[3 * BufferBytes];
    private int rawLength;
    private int textStart;
    private int textEnd;
    private bool isAtEnd;

    public override int Read(Span<byte> buffer)
    {
        while (textStart == textEnd)
        {
            if (isAtEnd) return 0;
            Fill();
        }
        var length = Math.Min(buffer.Length, textEnd - textStart);
        text.AsSpan(textStart, length).CopyTo(buffer);
        textStart += length;
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) source.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        var read = source.Read(raw.AsSpan(rawLength));
        isAtEnd = read == 0;
        rawLength += read;
        (textStart, textEnd) = (0, 0);
        var rest = raw.AsSpan(0, rawLength);
        while (!rest.IsEmpty)
        {
            var plain = rest.IndexOfAnyInRange((byte)0x80, (byte)0xFF);
            Put(plain < 0 ? rest : rest[..plain]);
            if (plain < 0)
            {
                rest = [];
                break;
            }
            rest = rest[plain..];
            var status = Rune.DecodeFromUtf8(rest, out _, out var length);
            if (status == OperationStatus.NeedMoreData && !isAtEnd) break;
            if (status == OperationStatus.Done)
            {
                Put(rest[..length]);
                rest = rest[length..];
                continue;
            }
            Put(Characters[rest[0] - 0x80]);
            rest = rest[1..];
        }
        rest.CopyTo(raw);
        rawLength = rest.Length;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(text.AsSpan(textEnd));
        textEnd += bytes.Length;
    }

    private static byte[][] MakeCharacters()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var encoding = Encoding.GetEncoding(1252);
        return [.. Enumerable.Range(0x80, 0x80).Select(code => Encoding.UTF8.GetBytes(encoding.GetString([(byte)code])))];
    }
}
