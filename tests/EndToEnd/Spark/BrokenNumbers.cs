namespace Pipeline.Tests.EndToEnd.Spark;

/// <summary>Letters in place of a number, in some lines of a file whose fields are separated by semicolons.</summary>
internal static class BrokenNumbers
{
    /// <summary>Numbers of the lines that <see cref="In"/> breaks in a file of so many rows; the header is line 1.</summary>
    public static List<long> Lines(int rows, int every, int first) => [.. Enumerable.Range(2, rows).Where(line => line % every == first).Select(static line => (long)line)];

    /// <summary>Breaks the column in these lines of the file.</summary>
    public static void In(string path, string column, int every, int first)
    {
        var lines = File.ReadAllLines(path);
        var place = lines[0].Split(';').IndexOf(column);
        foreach (var line in Lines(lines.Length - 1, every, first))
        {
            var cells = lines[line - 1].Split(';');
            cells[place] = "ninety";
            lines[line - 1] = string.Join(';', cells);
        }
        File.WriteAllLines(path, lines);
    }
}
