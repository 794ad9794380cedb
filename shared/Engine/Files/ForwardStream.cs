namespace Pipeline.Engine.Files;

/// <summary>A stream that is read from its beginning on, and nothing else. A class of it has the reading.</summary>
internal abstract class ForwardStream : Stream
{
    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => false;

    public sealed override long Length => throw Unsupported();

    public sealed override long Position
    {
        get => throw Unsupported();
        set => throw Unsupported();
    }

    public abstract override int Read(Span<byte> buffer);

    public sealed override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public sealed override void Flush()
    {
    }

    public sealed override long Seek(long offset, SeekOrigin origin) => throw Unsupported();

    public sealed override void SetLength(long value) => throw Unsupported();

    public sealed override void Write(byte[] buffer, int offset, int count) => throw Unsupported();

    private static NotSupportedException Unsupported() => new("This stream is read from its beginning on: it has no length and no places, and nothing is written to it.");
}
