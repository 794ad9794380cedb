using System.Buffers;

namespace Pipeline.Producer.Messages;

/// <summary>One message under construction; its buffers are used again for the next.</summary>
public sealed class MessageBuffer
{
    private const int UsualValueBytes = 1024;
    private const int UsualKeyBytes = 64;

    /// <summary>The key; left empty where the message has none.</summary>
    public ArrayBufferWriter<byte> Key { get; } = new(UsualKeyBytes);

    /// <summary>The value.</summary>
    public ArrayBufferWriter<byte> Value { get; } = new(UsualValueBytes);

    /// <summary>Where it stands in its source.</summary>
    public ArrayBufferWriter<byte> Position { get; } = new(UsualKeyBytes);

    /// <summary>Empties all three.</summary>
    public void Clear()
    {
        Key.ResetWrittenCount();
        Value.ResetWrittenCount();
        Position.ResetWrittenCount();
    }
}
