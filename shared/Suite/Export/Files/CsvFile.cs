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
        writer.WriteLine(string.Join(delimiter, columns.FieldNames.Select(name => Quote(guardsFormulas ? Guard(name) : name, delimiter))));
        var count = 0L;
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < row.Values.Length; i++)
            {
                if (i > 0) writer.Write(delimiter);
                writer.Write(Quote(guardsFormulas && row.Values[i] is string text ? Guard(text) : ValueText.Of(row.Values[i]), delimiter));
            }
            writer.WriteLine();
            count++;
        }
        return count;
    }

    /// <summary>The text as one that no spreadsheet takes for a formula, blanks in front or not.</summary>
    private static string Guard(string text)
    {
        var isFormula = text.Length > 0 && (FormulaStarts.Contains(text[0]) || (text.AsSpan().TrimStart() is [var first, ..] && FormulaStarts.Contains(first)));
        return isFormula ? "'" + text : text;
    }

    private static string? Quote(string? text, char delimiter)
    {
        if (text is null) return null;
        var mustQuote = text.Length == 0 || text.AsSpan().IndexOfAny('"', '\n', '\r') >= 0 || text.Contains(delimiter) || text[0] == ' ' || text[^1] == ' ';
        return mustQuote ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
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
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime { Kind: DateTimeKind.Utc } instant => instant.ToString(instant.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        DateTime time => time.ToString(time.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd'T'HH:mm:ss" : "yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToHexStringLower(bytes),
        Row row => $"{{{string.Join(", ", row.Schema.FieldNames.Zip(row.Values, static (name, each) => $"{name}: {Of(each) ?? "null"}"))}}}",
        System.Collections.IDictionary map => $"{{{string.Join(", ", map.Keys.Cast<object>().Select(key => $"{Of(key)}: {Of(map[key]) ?? "null"}"))}}}",
        System.Collections.IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(static each => Of(each) ?? "null"))}]",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
