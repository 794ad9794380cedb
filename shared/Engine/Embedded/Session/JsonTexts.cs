using System.Buffers;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>A JSON object whose members are texts, written into a buffer that is used again: what <c>to_json</c> of a struct of texts says, a fraction of the time.</summary>
internal sealed class JsonTexts
{
    [ThreadStatic]
    private static JsonTexts? ofThread;

    /// <summary>Bytes that stand in a JSON text as something else: quotation mark, backslash, and all below the blank.</summary>
    private static readonly SearchValues<byte> Escaped = SearchValues.Create([.. Enumerable.Range(0, ' ').Select(static one => (byte)one), (byte)'"', (byte)'\\']);

    private byte[] buffer = new byte[4096];
    private int length;

    /// <summary>The calling thread's writer.</summary>
    public static JsonTexts Rent() => ofThread ??= new JsonTexts();

    /// <summary>Members' names from a text that has a line for each, as they stand in the object: <c>"name":</c>.</summary>
    public static byte[][] Members(ReadOnlySpan<byte> lines)
    {
        var members = new List<byte[]>();
        foreach (var line in lines.Split((byte)'\n')) members.Add(lines[line].ToArray());
        return [.. members];
    }

    /// <summary>Begins an object.</summary>
    public void Begin()
    {
        length = 1;
        buffer[0] = (byte)'{';
    }

    /// <summary>Adds a member.</summary>
    public void Add(ReadOnlySpan<byte> member, ReadOnlySpan<byte> text)
    {
        Reserve(member.Length + (6 * text.Length) + 4);
        if (length > 1) buffer[length++] = (byte)',';
        member.CopyTo(buffer.AsSpan(length));
        length += member.Length;
        buffer[length++] = (byte)'"';
        while (text.IndexOfAny(Escaped) is >= 0 and var at)
        {
            text[..at].CopyTo(buffer.AsSpan(length));
            length += at;
            Escape(text[at]);
            text = text[(at + 1)..];
        }
        text.CopyTo(buffer.AsSpan(length));
        length += text.Length;
        buffer[length++] = (byte)'"';
    }

    /// <summary>Ends the object; its bytes stay until the next one begins.</summary>
    public ReadOnlySpan<byte> End()
    {
        Reserve(1);
        buffer[length++] = (byte)'}';
        return buffer.AsSpan(0, length);
    }

    private void Escape(byte one)
    {
        var letter = one switch { (byte)'"' => '"', (byte)'\\' => '\\', (byte)'\b' => 'b', (byte)'\f' => 'f', (byte)'\n' => 'n', (byte)'\r' => 'r', (byte)'\t' => 't', _ => 'u' };
        buffer[length++] = (byte)'\\';
        buffer[length++] = (byte)letter;
        if (letter != 'u') return;
        "00"u8.CopyTo(buffer.AsSpan(length));
        buffer[length + 2] = "0123456789ABCDEF"u8[one >> 4];
        buffer[length + 3] = "0123456789ABCDEF"u8[one & 15];
        length += 4;
    }

    private void Reserve(int more)
    {
        if (buffer.Length - length < more) Array.Resize(ref buffer, Math.Max(2 * buffer.Length, length + more));
    }
}
