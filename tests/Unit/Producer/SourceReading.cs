using System.Buffers;
using System.Text;
using Pipeline.Engine.Files;
using Pipeline.Producer.Messages;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Tests.Unit.Producer;

/// <summary>Short ways to read a whole source in a test.</summary>
internal static class SourceReading
{
    public static List<string[]> Rows(IRowSource source)
    {
        var rows = new List<string[]>();
        while (source.Read())
            rows.Add([.. Enumerable.Range(0, source.FieldCount).Select(index => Encoding.UTF8.GetString(source.Field(index)))]);
        return rows;
    }

    public static List<string> Positions(IRowSource source)
    {
        var positions = new List<string>();
        var buffer = new ArrayBufferWriter<byte>();
        while (source.Read())
        {
            buffer.ResetWrittenCount();
            source.WritePosition(buffer);
            positions.Add(Encoding.UTF8.GetString(buffer.WrittenSpan));
        }
        return positions;
    }

    public static List<(string Key, string Value, string Position)> Messages(IMessageSource source)
    {
        var messages = new List<(string, string, string)>();
        var buffer = new MessageBuffer();
        while (source.Read(buffer))
            messages.Add((Encoding.UTF8.GetString(buffer.Key.WrittenSpan), Encoding.UTF8.GetString(buffer.Value.WrittenSpan), Encoding.UTF8.GetString(buffer.Position.WrittenSpan)));
        return messages;
    }

    /// <summary>A data set of three columns, for tests that need no more.</summary>
    public static DatasetContract Small { get; } = new("small", "A small data set", "small", 1, 1,
        new SourceFile("small*", ';', new TableContract("small", "one row",
        [
            new ColumnContract("id", "ID", new TextRule(), "Key"),
            new ColumnContract("name", "NAME", new TextRule(), "Name"),
            new ColumnContract("value", "VALUE", new NumberRule(), "Value"),
        ])), System.Collections.Immutable.ImmutableDictionary<string, SourceFile>.Empty)
    {
        MessageKey = "ID",
    };
}
