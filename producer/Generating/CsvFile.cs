using System.Buffers;
using System.Text;
using Pipeline.Engine.Files;

namespace Pipeline.Producer.Generating;

/// <summary>Writes rows as a CSV file, quoting only what needs it.</summary>
internal static class CsvFile
{
    private const int FlushBytes = 256 * 1024;

    internal static async Task WriteAsync(string path, IRowSource rows, GeneratedFile description, CancellationToken cancellationToken)
    {
        var layout = description.Layout;
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
        var text = new ArrayBufferWriter<byte>(FlushBytes * 2);
        if (layout.HasByteOrderMark)
            text.Write(Encoding.UTF8.Preamble);
        var lineBreak = layout.LineBreakBytes;
        for (var i = 0; i < rows.Columns.Count; i++)
            WriteField(Encoding.UTF8.GetBytes(rows.Columns[i]), i, layout.Delimiter, text);
        text.Write(lineBreak);
        while (rows.Read())
        {
            for (var i = 0; i < rows.FieldCount; i++)
                WriteField(rows.Field(i), i, layout.Delimiter, text);
            text.Write(lineBreak);
            if (text.WrittenCount < FlushBytes)
                continue;
            await file.WriteAsync(text.WrittenMemory, cancellationToken).ConfigureAwait(false);
            text.ResetWrittenCount();
        }
        await file.WriteAsync(text.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    private static void WriteField(ReadOnlySpan<byte> field, int index, char delimiter, ArrayBufferWriter<byte> text)
    {
        if (index > 0)
            text.Write([(byte)delimiter]);
        if (field.IndexOfAny((byte)'"', (byte)'\r', (byte)'\n') < 0 && !field.Contains((byte)delimiter))
        {
            text.Write(field);
            return;
        }
        text.Write("\""u8);
        for (var quote = field.IndexOf((byte)'"'); quote >= 0; quote = field.IndexOf((byte)'"'))
        {
            text.Write(field[..quote]);
            text.Write("\"\""u8);
            field = field[(quote + 1)..];
        }
        text.Write(field);
        text.Write("\""u8);
    }
}
