using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Export.Files;
using Pipeline.Suite.Runtime.Output;

namespace Pipeline.Suite.Runtime.Queries;

/// <summary>Rows as text for people and programs.</summary>
public static class RowWriter
{
    /// <summary>A limit of <see cref="Table"/> that leaves no row out.</summary>
    public const int AllRows = int.MaxValue - 1;

    private const string NullText = "∅";
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An aligned table: numbers to the right, null as ∅, at most <paramref name="limit"/> rows and then a line that says so.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="limit">Rows at most.</param>
    /// <param name="cellWidth">Characters of a cell at most.</param>
    /// <param name="width">Columns of the terminal: texts are cut to fit, the first column last, and where that does not suffice each row is a block of lines (<see cref="Records"/>). Null is no limit.</param>
    /// <param name="wrapsLast">Whether the last column's texts go on in further lines where they do not fit, and are not cut.</param>
    /// <returns>Rows written.</returns>
    public static int Table(TextWriter writer, StructType columns, IEnumerable<Row> rows, int limit = 1000, int cellWidth = 60, int? width = null, bool wrapsLast = false)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(columns);
        var taken = rows.Take(limit + 1).ToList();
        var isCut = taken.Count > limit;
        if (isCut) taken.RemoveAt(limit);
        string[] heads = [.. columns.FieldNames.Select(name => Cell(name, cellWidth))];
        var shown = taken.Select(row => row.Values.Select(value => Cell(value, cellWidth)).ToArray()).ToList();
        int[] widths = [.. heads.Select((head, i) => shown.Select(cells => cells[i].Length).Append(head.Length).Max())];
        bool[] isRight = [.. columns.Select(static column => column.DataType is NumericType)];
        if (width is { } room && !Fit(widths, isRight, room))
        {
            Records(writer, columns, taken, room);
        }
        else
        {
            writer.WriteLine(Line(heads));
            writer.WriteLine(string.Join("  ", widths.Select(static width => new string('─', width))));
            foreach (var cells in shown)
            {
                string[] last = wrapsLast ? [.. WrappedText.Lines(cells[^1], widths[^1])] : [cells[^1]];
                writer.WriteLine(Line([.. cells[..^1], last[0]]));
                foreach (var more in last.Skip(1)) writer.WriteLine(Line([.. cells[..^1].Select(static _ => ""), more]));
            }
        }
        if (isCut) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"… more than {limit} rows: -o csv or -o json writes all."));
        return shown.Count;

        string Line(string[] cells) => string.Join("  ", cells.Select((cell, i) => isRight[i] ? Cut(cell, widths[i]).PadLeft(widths[i]) : Cut(cell, widths[i]).PadRight(widths[i]))).TrimEnd();
    }

    /// <summary>Each row as a block of lines, one a column: the column's name and its value.</summary>
    /// <param name="writer">Where they go.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="width">Characters of a line at most; null is no limit.</param>
    /// <returns>Rows written.</returns>
    public static long Records(TextWriter writer, StructType columns, IEnumerable<Row> rows, int? width = null)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        var text = new TextBlocks(writer);
        var names = columns.FieldNames.Select(name => Cell(name, int.MaxValue)).ToList();
        var left = names.Select(static name => name.Length).DefaultIfEmpty().Max();
        var count = 0L;
        foreach (var row in rows)
        {
            if (count++ > 0) text.EndLine();
            for (var i = 0; i < names.Count; i++)
            {
                text.Append(Cut($"{names[i].PadRight(left)}  {Cell(row.Values[i], int.MaxValue)}", width ?? int.MaxValue));
                text.EndLine();
            }
        }
        text.Flush();
        return count;
    }

    /// <summary>Takes from the widest texts what is over; false where numbers and the least of each text are too wide all the same.</summary>
    private static bool Fit(int[] widths, bool[] isRight, int room)
    {
        const int leastText = 8;
        var over = widths.Sum() + (2 * (widths.Length - 1)) - room;
        while (over > 0)
        {
            // The first column names the row: others are cut before it.
            var widest = Widest(1);
            if (widest < 0) widest = Widest(0);
            if (widest < 0) return false;
            widths[widest]--;
            over--;
        }
        return true;

        int Widest(int from) => Enumerable.Range(from, widths.Length - from).Where(i => !isRight[i] && widths[i] > leastText).OrderByDescending(i => widths[i]).FirstOrDefault(-1);
    }

    /// <summary>One JSON object a line; a number that JSON has no form for is its name as text.</summary>
    /// <returns>Rows written.</returns>
    public static long JsonLines(TextWriter writer, IEnumerable<Row> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(rows);
        var count = 0L;
        var text = new TextBlocks(writer);
        var buffer = new ArrayBufferWriter<byte>(1 << 12);
        using var json = new Utf8JsonWriter(buffer, Json);
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            buffer.ResetWrittenCount();
            json.Reset();
            Write(json, row);
            json.Flush();
            text.Append(Encoding.UTF8.GetString(buffer.WrittenSpan));
            text.EndLine();
            count++;
        }
        text.Flush();
        return count;
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case bool truth: json.WriteBooleanValue(truth); break;
            case sbyte or short or int or long: json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
            case float number when float.IsFinite(number): json.WriteNumberValue(number); break;
            case decimal number: json.WriteNumberValue(number); break;
            case byte[] bytes: json.WriteBase64StringValue(bytes); break;
            case Row row:
                json.WriteStartObject();
                for (var i = 0; i < row.Values.Length; i++)
                {
                    json.WritePropertyName(row.Schema[i].Name);
                    Write(json, row.Values[i]);
                }
                json.WriteEndObject();
                break;
            case System.Collections.IDictionary map:
                json.WriteStartObject();
                foreach (var key in map.Keys)
                {
                    json.WritePropertyName(ValueText.Of(key) ?? "null");
                    Write(json, map[key]);
                }
                json.WriteEndObject();
                break;
            case string text: json.WriteStringValue(text); break;
            case System.Collections.IEnumerable list:
                json.WriteStartArray();
                foreach (var item in list) Write(json, item);
                json.WriteEndArray();
                break;
            default: json.WriteStringValue(ValueText.Of(value)); break;
        }
    }

    private static string Cell(object? value, int width)
    {
        var text = PrintableText.OneLine((ValueText.Of(value) ?? NullText).ReplaceLineEndings("⏎").Replace('\t', ' '));
        return Cut(text, width);
    }

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "…";
}
