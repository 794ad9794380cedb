using System.Text;
using Pipeline.Engine.Files;

namespace Pipeline.Producer.Messages;

/// <summary>Messages that are made of a file's rows, one a row, each with the place that it came from.</summary>
internal abstract class RowMessages(IRowSource rows) : IMessageSource
{
    public string Name => Rows.Name;

    public string PositionHeader => Rows.PositionKind == RowPosition.Line ? "source-line" : "source-cell";

    public long? Total => Rows.Total;

    public long Done => Rows.Done;

    public SourceWarnings Warnings { get; } = new();

    /// <summary>The rows.</summary>
    protected IRowSource Rows { get; } = rows;

    public bool Read(MessageBuffer message)
    {
        message.Clear();
        if (!Rows.Read())
            return false;
        Rows.WritePosition(message.Position);
        Write(message);
        return true;
    }

    public virtual void Dispose() => Rows.Dispose();

    /// <summary>Makes the message of the row that was read; its position is there already.</summary>
    protected abstract void Write(MessageBuffer message);

    /// <summary>The message's place in the file, as text.</summary>
    protected static string Place(MessageBuffer message) => Encoding.UTF8.GetString(message.Position.WrittenSpan);
}
