using System.Globalization;
using System.Text;
using Pipeline.Producer.Messages;

namespace Pipeline.Producer.Sending;

/// <summary>The headers of each message: its file and which version of it, the schema's version, the batch's number and where in the file it stands.</summary>
internal sealed class MessageHeaders(int schemaVersion, string sourceVersion)
{
    internal const string SourceFile = "source-file";
    internal const string SourceVersion = "source-version";
    internal const string SchemaVersion = "schema-version";
    internal const string BatchNumber = "batch-number";

    private readonly int[] _lengths = new int[5];
    private byte[] _bytes = new byte[256];
    private int _shared;

    /// <summary>The values one after another, in the order of <see cref="Names"/>.</summary>
    internal ReadOnlySpan<byte> Values => _bytes.AsSpan(0, _shared + _lengths[4]);

    internal ReadOnlySpan<int> Lengths => _lengths;

    internal static string[] Names(IMessageSource source) => [SourceFile, SourceVersion, SchemaVersion, BatchNumber, source.PositionHeader];

    /// <summary>Sets what all messages of a batch share.</summary>
    internal void Begin(IMessageSource source, long batch)
    {
        _shared = 0;
        Add(0, source.Name);
        Add(1, sourceVersion);
        Add(2, schemaVersion.ToString(CultureInfo.InvariantCulture));
        Add(3, batch.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Sets where the next message stands.</summary>
    internal void At(ReadOnlySpan<byte> position)
    {
        Reserve(position.Length);
        position.CopyTo(_bytes.AsSpan(_shared));
        _lengths[4] = position.Length;
    }

    private void Add(int index, string value)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(value.Length));
        _lengths[index] = Encoding.UTF8.GetBytes(value, _bytes.AsSpan(_shared));
        _shared += _lengths[index];
    }

    private void Reserve(int more)
    {
        if (_shared + more > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _shared + more));
    }
}
