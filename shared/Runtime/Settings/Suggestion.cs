namespace Pipeline.Runtime;

/// <summary>The nearest known name to one that is not known.</summary>
internal static class Suggestion
{
    /// <summary><c> Did you mean 'x'?</c> with a leading space, or nothing where none is near.</summary>
    public static string For(string unknown, IEnumerable<string> known, string prefix = "") => Nearest(unknown, known) is { } near ? $" Did you mean '{prefix}{near}'?" : "";

    public static string? Nearest(string unknown, IEnumerable<string> known)
    {
        var limit = Math.Max(2, unknown.Length / 3);
        return known
            .Select(name => (Name: name, Distance: Distance(unknown.ToLowerInvariant(), name.ToLowerInvariant())))
            .Select(each => each.Name.StartsWith(unknown, StringComparison.OrdinalIgnoreCase) && unknown.Length >= 2 ? each with { Distance = 0 } : each)
            .Where(each => each.Distance <= limit && each.Distance < Math.Max(unknown.Length, 2))
            .OrderBy(static each => each.Distance)
            .ThenBy(static each => each.Name, StringComparer.Ordinal)
            .Select(static each => each.Name)
            .FirstOrDefault();
    }

    /// <summary>Edits between two words: insert, delete, replace, or swap neighbours.</summary>
    private static int Distance(string from, string to)
    {
        var rows = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= to.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var cost = from[i - 1] == to[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[from.Length, to.Length];
    }
}
