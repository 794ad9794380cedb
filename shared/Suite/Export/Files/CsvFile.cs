using System.Buffers;
using System.Globalization;
using System.Text;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Export.Files;

/// <summary>One CSV file of exactly the given name, replaced whole: readers see the old file or the new one.</summary>
/// <remarks>UTF-8 without a mark, LF, a header with the columns' names, rows in the order given; a field is quoted where it must be (RFC 4180). Null is the empty field, empty text is "".</remarks>
public static class CsvFile
{
    /// <summary>Beginnings of a text that spreadsheets take for a formula's.</summary>
    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t\r＝＋－＠");

    /// <summary>Writes the rows; answers how many.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="delimiter">What stands between fields.</param>
    /// <param name="guardsFormulas">Whether a text that a spreadsheet would take for a formula gets an apostrophe in front. Numbers stay as they are.</param>
    /// <param name="cancellationToken">Cancels between rows.</param>
    /// <exception cref="IOException">The file cannot be written; an older one stays as it was.</exception>
    public static long Write(string path, StructType columns, IEnumerable<Row> rows, char delimiter = ',', bool guardsFormulas = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        var count = 0L;
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
            count = Write(writer, columns, rows, delimiter, guardsFormulas, cancellationToken);
        });
        return count;
    }

    /// <summary>Writes header and rows to a writer; answers how many rows.</summary>
    public static long Write(TextWriter writer, StructType columns, IEnumerable<Row> rows, char delimiter = ',', bool guardsFormulas = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        var text = new TextBlocks(writer);
        var special = SearchValues.Create(['"', '\n', '\r', delimiter]);
        foreach (var (i, name) in columns.FieldNames.Index()) Append(name, i);
        text.EndLine();
        var count = 0L;
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < row.Values.Length; i++) Append(row.Values[i], i);
            text.EndLine();
            count++;
        }
        text.Flush();
        return count;

        void Append(object? value, int column)
        {
            if (column > 0) text.Append(delimiter);
            if (value is null) return;
            // Numbers and times hold nothing that is quoted.
            if (value is string words) Quote(text, guardsFormulas ? Guard(words) : words, special);
            else if (value is ISpanFormattable) text.AppendValue(value);
            else Quote(text, ValueText.Of(value)!, special);
        }
    }

    /// <summary>The text as one that no spreadsheet takes for a formula, blanks in front or not.</summary>
    private static string Guard(string text)
    {
        var isFormula = text.Length > 0 && (FormulaStarts.Contains(text[0]) || (text.AsSpan().TrimStart() is [var first, ..] && FormulaStarts.Contains(first)));
        return isFormula ? "'" + text : text;
    }

    private static void Quote(TextBlocks text, string words, SearchValues<char> special)
    {
        var mustQuote = words.Length == 0 || words[0] == ' ' || words[^1] == ' ' || words.AsSpan().ContainsAny(special);
        if (!mustQuote)
        {
            text.Append(words);
            return;
        }
        text.Append('"');
        text.Append(words.Replace("\"", "\"\"", StringComparison.Ordinal));
        text.Append('"');
    }
}

/// <summary>Values as text in files and on the screen: invariant, exact, ISO 8601.</summary>
public static class ValueText
{
    /// <summary>The text of a value; null for null.</summary>
    public static string? Of(object? value) => value switch
    {
        null => null,
        string text => text,
        bool truth => truth ? "true" : "false",
        DateTime { Kind: DateTimeKind.Utc } instant => instant.ToString(FormOf(instant), CultureInfo.InvariantCulture) + "Z",
        ISpanFormattable number => number.ToString(FormOf(number), CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToHexStringLower(bytes),
        Row row => $"{{{string.Join(", ", row.Schema.FieldNames.Zip(row.Values, static (name, each) => $"{name}: {Of(each) ?? "null"}"))}}}",
        System.Collections.IDictionary map => $"{{{string.Join(", ", map.Keys.Cast<object>().Select(key => $"{Of(key)}: {Of(map[key]) ?? "null"}"))}}}",
        System.Collections.IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(static each => Of(each) ?? "null"))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    /// <summary>Writes the same text to <paramref name="room"/>; false where the value is no number, date or time, or the room does not suffice.</summary>
    internal static bool TryFormat(object value, Span<char> room, out int written)
    {
        written = 0;
        if (value is not ISpanFormattable number || !number.TryFormat(room, out written, FormOf(number), CultureInfo.InvariantCulture)) return false;
        if (value is not DateTime { Kind: DateTimeKind.Utc }) return true;
        if (written == room.Length) return false;
        room[written++] = 'Z';
        return true;
    }

    /// <summary>The form of a number, date or time; an instant's is without the Z. .NET's own short forms are written several times as fast as those spelled out.</summary>
    private static string? FormOf(ISpanFormattable value) => value switch
    {
        double or float => "R",
        DateOnly => "o",
        DateTime time => time.Ticks % TimeSpan.TicksPerSecond == 0 ? "s" : "yyyy-MM-dd'T'HH:mm:ss.ffffff",
        _ => null,
    };
}
