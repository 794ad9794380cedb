using System.Buffers;
using System.Text;
using Pipeline.Engine.Files;
using Pipeline.Engine.Types;
using Pipeline.Suite.Schemas;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Producer.Messages;

/// <summary>Messages that stand in a file as they are sent (<see cref="MessageFiles"/>), each in the encoding that its row names.</summary>
internal sealed class TextMessages : RowMessages
{
    private readonly int _message;
    private readonly int _encoding;

    internal TextMessages(IRowSource rows, SourceFile file) : base(rows)
    {
        var names = HeaderCheck.Names(rows, file.InFile, Warnings);
        _message = names.IndexOf(MessageFiles.Message);
        _encoding = names.IndexOf(MessageFiles.Encoding);
    }

    protected override void Write(MessageBuffer message)
    {
        if (Rows.FieldCount <= Math.Max(_message, _encoding))
            Warnings.AddShortRow(() => Place(message));
        else
            Write(Rows.Field(_encoding), Rows.Field(_message), message);
    }

    private void Write(ReadOnlySpan<byte> encoding, ReadOnlySpan<byte> text, MessageBuffer message)
    {
        if (encoding.IsEmpty || encoding.SequenceEqual("utf-8"u8))
            message.Value.Write(text);
        else if (encoding.SequenceEqual("latin-1"u8))
            _ = Encoding.Latin1.GetBytes(Encoding.UTF8.GetString(text), message.Value);
        else
            throw new DataException($"'{Name}' names the encoding '{Encoding.UTF8.GetString(encoding)}' at {Place(message)}. Give utf-8 or latin-1, or leave it empty.");
    }
}
