using System.Text.Encodings.Web;
using System.Text.Json;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Export.Files;

namespace Pipeline.Suite.Runtime.Queries;

/// <summary>Rows as text for people and programs.</summary>
public static class RowWriter
{
    private const string NullText = "∅";
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An aligned table: numbers to the right, null as ∅, at most <paramref name="limit"/> rows and then a line that says so.</summary>
    /// <returns>Rows written.</returns>
    public static int Table(TextWriter writer, StructType columns, IEnumerable<Row> rows, int limit = 1000, int cellWidth = 60)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(columns);
        var shown = rows.Take(limit + 1).Select(row => row.Values.Select(value => Cell(value, cellWidth)).ToArray()).ToList();
        var isCut = shown.Count > limit;
        if (isCut) shown.RemoveAt(limit);
        string[] heads = [.. columns.FieldNames.Select(name => Cell(name, cellWidth))];
        int[] widths = [.. heads.Select((head, i) => shown.Select(cells => cells[i].Length).Append(head.Length).Max())];
        bool[] isRight = [.. columns.Select(static column => column.DataType is NumericType)];
        string Line(string[] cells) => string.Join("  ", cells.Select((cell, i) => isRight[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd();
        writer.WriteLine(Line(heads));
        writer.WriteLine(string.Join("  ", widths.Select(static width => new string('─', width))));
        foreach (var cells in shown) writer.WriteLine(Line(cells));
        if (isCut) writer.WriteLine(FormattableString.Invariant($"… more than {limit} rows: -o csv or -o json writes all."));
        return shown.Count;
    }

    /// <summary>One JSON object a line; a number that JSON has no form for is its name as text.</summary>
    /// <returns>Rows written.</returns>
    public static long JsonLines(TextWriter writer, IEnumerable<Row> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(rows);
        var count = 0L;
        using var buffer = new MemoryStream();
        using var json = new Utf8JsonWriter(buffer, Json);
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            buffer.SetLength(0);
            json.Reset();
            Write(json, row);
            json.Flush();
            writer.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
            count++;
        }
        return count;
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case bool truth: json.WriteBooleanValue(truth); break;
            case sbyte or short or int or long: json.WriteNumberValue(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)); break;
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
        return text.Length <= width ? text : text[..(width - 1)] + "…";
    }
}
