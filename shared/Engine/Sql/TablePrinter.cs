using System.Globalization;
using System.Text;

namespace Pipeline.Engine.Sql;

/// <summary>Rows as the table that Spark's <c>show</c> draws.</summary>
internal static class TablePrinter
{
    private const int LeastWidth = 3;

    public static string Print(string[] columns, IReadOnlyList<Row> rows, int limit, int truncate, bool vertical)
    {
        var shown = rows.Take(limit).Select(row => row.Values.Select(value => Cut(Text(value), truncate)).ToArray()).ToArray();
        var text = vertical ? Vertical(columns, shown) : Table(columns, shown, truncate);
        if (rows.Count > limit) text.AppendLine(CultureInfo.InvariantCulture, $"only showing top {limit} row{(limit == 1 ? "" : "s")}");
        return text.ToString();
    }

    /// <summary>A value as Spark shows it.</summary>
    public static string Text(object? value) => value switch
    {
        null => "NULL",
        bool flag => flag ? "true" : "false",
        string text => text,
        double number => Number(number),
        float number => Number(number),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString(time.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-dd HH:mm:ss" : "yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        byte[] bytes => $"[{string.Join(' ', bytes.Select(one => one.ToString("X2", CultureInfo.InvariantCulture)))}]",
        Row row => $"{{{string.Join(", ", row.Values.Select(Text))}}}",
        System.Collections.IDictionary map => $"{{{string.Join(", ", map.Keys.Cast<object>().Select(key => $"{Text(key)} -> {Text(map[key])}"))}}}",
        System.Collections.IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Text))}]",
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Number(double number) =>
        Math.Abs(number) is >= 1e-3 and < 1e7 || number == 0
            ? number.ToString(Math.Floor(number) == number ? "0.0" : "R", CultureInfo.InvariantCulture)
            : number.ToString("R", CultureInfo.InvariantCulture);

    private static string Cut(string text, int truncate)
    {
        text = text.Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal);
        if (truncate <= 0 || text.Length <= truncate) return text;
        return truncate < 4 ? text[..truncate] : text[..(truncate - 3)] + "...";
    }

    private static StringBuilder Table(string[] columns, string[][] rows, int truncate)
    {
        var heads = columns.Select(column => Cut(column, truncate)).ToArray();
        var widths = heads.Select((head, i) => Math.Max(LeastWidth, Math.Max(head.Length, rows.Length == 0 ? 0 : rows.Max(row => row[i].Length)))).ToArray();
        var rule = $"+{string.Join('+', widths.Select(width => new string('-', width)))}+";
        string Line(string[] cells) => $"|{string.Join('|', cells.Select((cell, i) => truncate > 0 ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])))}|";
        var text = new StringBuilder().AppendLine(rule).AppendLine(Line(heads)).AppendLine(rule);
        foreach (var row in rows) text.AppendLine(Line(row));
        return text.AppendLine(rule);
    }

    private static StringBuilder Vertical(string[] columns, string[][] rows)
    {
        var width = columns.Max(column => column.Length);
        var text = new StringBuilder();
        for (var i = 0; i < rows.Length; i++)
        {
            text.AppendLine(FormattableString.Invariant($"-RECORD {i}").PadRight(width + 4, '-'));
            for (var j = 0; j < columns.Length; j++) text.AppendLine(CultureInfo.InvariantCulture, $" {columns[j].PadRight(width)} | {rows[i][j]}");
        }
        return text;
    }
}
