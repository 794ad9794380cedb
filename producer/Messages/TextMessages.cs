using System.Buffers;
using System.Text;
using Pipeline.Files;
using Pipeline.Schemas;

namespace Pipeline.Producer.Messages;

/// <summary>Messages that stand in a file as they are sent (<see cref="MessageFiles"/>), each in the encoding that its row names.</summary>
internal sealed class TextMessages : IMessageSource
{
    private readonly IRowSource _rows;
    private readonly int _message;
    private readonly int _encoding;

    internal TextMessages(IRowSource rows, SourceFile file)
    {
        _rows = rows;
        var names = HeaderCheck.Names(rows, file.InFile, Warnings);
        _message = names.IndexOf(MessageFiles.Message);
        _encoding = names.IndexOf(MessageFiles.Encoding);
    }

    public string Name => _rows.Name;

    public string PositionHeader => _rows.PositionKind == RowPosition.Line ? "source-line" : "source-cell";

    public long? Total => _rows.Total;

    public long Done => _rows.Done;

    public SourceWarnings Warnings { get; } = new();

    public bool Read(MessageBuffer message)
    {
        message.Clear();
        if (!_rows.Read())
            return false;
        _rows.WritePosition(message.Position);
        if (_rows.FieldCount <= Math.Max(_message, _encoding))
        {
            Warnings.AddShortRow(() => Encoding.UTF8.GetString(message.Position.WrittenSpan));
            return true;
        }
        Write(_rows.Field(_encoding), _rows.Field(_message), message);
        return true;
    }

    public void Dispose() => _rows.Dispose();

    private void Write(ReadOnlySpan<byte> encoding, ReadOnlySpan<byte> text, MessageBuffer message)
    {
        if (encoding.IsEmpty || encoding.SequenceEqual("utf-8"u8))
            message.Value.Write(text);
        else if (encoding.SequenceEqual("latin-1"u8))
            _ = Encoding.Latin1.GetBytes(Encoding.UTF8.GetString(text), message.Value);
        else
            throw new DataException($"'{Name}' names the encoding '{Encoding.UTF8.GetString(encoding)}' at {Encoding.UTF8.GetString(message.Position.WrittenSpan)}. Give utf-8 or latin-1, or leave it empty.");
    }
}
