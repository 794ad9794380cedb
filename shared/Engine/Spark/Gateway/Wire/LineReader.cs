namespace Pipeline.Engine.Spark.Gateway.Wire;

/// <summary>Lines of bytes from a stream, without their LF. Not thread-safe.</summary>
internal sealed class LineReader(Stream stream)
{
    private const int UsualSize = 16 * 1024;
    private byte[] buffer = new byte[UsualSize];
    private int start;
    private int end;

    /// <summary>Whether bytes have come that no line has taken.</summary>
    public bool HasMore => end > start;

    /// <summary>Reads the next line; false at the end of the stream. The span holds until the next call.</summary>
    /// <exception cref="EndOfStreamException">The stream ended within a line.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        if (start == end)
        {
            start = end = 0;
            if (buffer.Length > 64 * UsualSize) buffer = new byte[UsualSize];
        }
        var searched = start;
        while (true)
        {
            var at = buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                line = buffer.AsSpan(start, searched + at - start);
                start = searched + at + 1;
                return true;
            }
            MakeRoom();
            searched = end;
            var read = stream.Read(buffer, end, buffer.Length - end);
            if (read == 0)
            {
                line = default;
                return start == end ? false : throw new EndOfStreamException("The connection ended in the middle of a line.");
            }
            end += read;
        }
    }

    private void MakeRoom()
    {
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
        }
        if (end == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
    }
}
