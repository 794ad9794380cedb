using System.Buffers.Binary;
using System.Text;

namespace Pipeline.Engine.UserFunctions.Worker;

/// <summary>Reads Spark's worker protocol: big-endian numbers, booleans of one byte, texts with their length before them.</summary>
internal sealed class WireReader(Stream stream)
{
    private const int MaxLength = 1 << 30;
    private readonly byte[] number = new byte[8];

    /// <summary>The bytes that follow.</summary>
    public Stream Stream => stream;

    public int ReadInt()
    {
        stream.ReadExactly(number, 0, 4);
        return BinaryPrimitives.ReadInt32BigEndian(number);
    }

    public long ReadLong()
    {
        stream.ReadExactly(number, 0, 8);
        return BinaryPrimitives.ReadInt64BigEndian(number);
    }

    public bool ReadBool()
    {
        stream.ReadExactly(number, 0, 1);
        return number[0] != 0;
    }

    public byte[] ReadBytes()
    {
        var length = ReadCount("a field");
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public string ReadText() => Encoding.UTF8.GetString(ReadBytes());

    /// <summary>A number of things that follow.</summary>
    /// <exception cref="ProtocolException">It is none, so what was read before is not what it was taken for.</exception>
    public int ReadCount(string what)
    {
        var count = ReadInt();
        return count is >= 0 and <= MaxLength ? count : throw new ProtocolException($"The length of {what} is {count}.");
    }

    /// <summary>The next number, or null where the connection has ended in good order.</summary>
    public int? ReadIntOrEnd()
    {
        var read = stream.ReadAtLeast(number.AsSpan(0, 4), 4, throwOnEndOfStream: false);
        return read switch
        {
            0 => null,
            4 => BinaryPrimitives.ReadInt32BigEndian(number),
            _ => throw new EndOfStreamException($"The connection ended within a number, after {read} of 4 bytes."),
        };
    }
}

/// <summary>What was read does not fit the protocol of the Spark version that the driver named.</summary>
internal sealed class ProtocolException(string message) : Exception($"Spark's worker protocol is not as expected: {message} This version of Spark is not one that is known here.");
