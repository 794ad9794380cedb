using System.Globalization;
using FluentAssertions;
using Pipeline.Engine.Files;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Tests.Unit.Producer;

/// <summary>Compares a CSV file and a workbook of the same rows by what their texts mean: numbers as numbers, dates as dates, all else as it is written.</summary>
internal static class SameValues
{
    public static void Assert(string stem, SourceFile file, bool ordered)
    {
        var (columns, text) = Read(stem + ".csv", file);
        var (sheetColumns, sheet) = Read(stem + ".xlsx", file);
        sheetColumns.Should().Equal(columns);
        var numeric = file.Contract.Columns.Where(column => column.Rule is not TextRule).Select(column => column.SourceName).ToHashSet();
        string Meaning(string[] row) => string.Join('|', row.Select((field, index) => Number(field, columns[index], numeric)?.ToString("R", CultureInfo.InvariantCulture) ?? Date(field) ?? field));
        var expected = ordered ? text : [.. text.OrderBy(Meaning, StringComparer.Ordinal)];
        var found = ordered ? sheet : [.. sheet.OrderBy(Meaning, StringComparer.Ordinal)];
        found.Should().HaveCount(expected.Count);
        var different =
            from row in Enumerable.Range(0, expected.Count)
            from column in Enumerable.Range(0, columns.Count)
            where !IsSame(expected[row][column], found[row][column], columns[column], numeric)
            select $"'{columns[column]}' of row {row} is '{expected[row][column]}' in the CSV and '{found[row][column]}' in the workbook";
        different.Should().BeEmpty();
    }

    private static (List<string>, List<string[]>) Read(string path, SourceFile file)
    {
        using var source = RowSources.Open(path, file.Delimiter, null, null, _ => { });
        return ([.. source.Columns], SourceReading.Rows(source));
    }

    /// <summary>Numbers may differ below the CSV's last decimal, to which it was rounded when it was saved.</summary>
    private static bool IsSame(string text, string cell, string column, HashSet<string> numeric)
    {
        if (Number(text, column, numeric) is not { } left || Number(cell, column, numeric) is not { } right)
            return (Date(text) ?? text) == (Date(cell) ?? cell);
        var comma = text.IndexOfAny([',', '.']);
        return Math.Abs(left - right) <= (comma < 0 ? 0 : 0.5000001 * Math.Pow(10, comma + 1 - text.Length));
    }

    private static double? Number(string field, string column, HashSet<string> numeric) => numeric.Contains(column)
        && double.TryParse(field.Replace(" ", "").Replace("\u00A0", "").Replace(',', '.'), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Date(string field) => DateTime.TryParseExact(field, ["MM/dd/yyyy HH:mm:ss", "yyyy-MM-dd HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time.ToString("s", CultureInfo.InvariantCulture) : null;
}
