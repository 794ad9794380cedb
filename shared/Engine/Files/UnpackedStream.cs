using Pipeline.Engine.Types;
using ZstdSharp;

namespace Pipeline.Engine.Files;

/// <summary>What a compressed file unpacks to, held against the length that the file says, and bounded. It owns the stream below it.</summary>
/// <remarks>.NET's reader of gzip ends without a word where the file is cut: rows would be lost.</remarks>
internal sealed class UnpackedStream(Stream inner, string path, long packedBytes) : ForwardStream
{
    /// <summary>A file may always unpack to this much.</summary>
    private const long FreeBytes = 256L << 20;

    /// <summary>The most that gzip can do is 1,032; a table of text is far below.</summary>
    private const long LargestRatio = 1100;

    private long count;
    private bool hasEnded;

    /// <summary>Bytes modulo 2³², as a gzip file ends with; null where the form has no such number.</summary>
    public uint? LengthModulo32 { get; init; }

    /// <summary>Bytes, as a zip archive says; null where the form does not.</summary>
    public long? ExactLength { get; init; }

    /// <summary>What is disposed with the stream.</summary>
    public IDisposable? Also { get; init; }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || hasEnded) return 0;
        try
        {
            var read = inner.Read(buffer);
            count += read;
            if (read == 0) End();
            else RefuseTooMuch();
            return read;
        }
        catch (Exception error) when (error is InvalidDataException or ZstdException or EndOfStreamException)
        {
            throw Damaged(error);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            Also?.Dispose();
        }
        base.Dispose(disposing);
    }

    private void End()
    {
        hasEnded = true;
        if (ExactLength is { } exact && exact != count) throw Damaged(null);
        if (LengthModulo32 is { } length && length != unchecked((uint)count))
            throw new DataException($"'{path}' is cut or damaged, or consists of several gzip files in one: its end does not fit what it unpacks to. Get it again, or unpack it with gunzip and give the plain file.");
    }

    private void RefuseTooMuch()
    {
        if (count > FreeBytes && count / LargestRatio > packedBytes)
            throw new DataException($"'{path}' unpacks to more than {LargestRatio} times its size, which no table of text does. It was not read on.");
    }

    private DataException Damaged(Exception? error) =>
        new($"'{path}' is cut or damaged: it cannot be unpacked to its end{(error is null ? "" : $" ({error.Message.TrimEnd('.')})")}. Get it again.", error);
}
