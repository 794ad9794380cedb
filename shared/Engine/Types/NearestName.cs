namespace Pipeline.Engine.Types;

/// <summary>Finds what somebody probably meant by a misspelt name.</summary>
public static class NearestName
{
    private const int LongestName = 128;

    /// <summary>The known name with the fewest edits (insert, remove, change, swap of neighbors) from this one, case aside; null where none is near.</summary>
    /// <remarks>Near is at most a third of the name's length, and at least 1 edit is always allowed.</remarks>
    public static string? Find(string name, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(known);
        if (name.Length > LongestName)
            return null;
        var allowed = Math.Max(1, name.Length / 3);
        string? best = null;
        foreach (var candidate in known)
        {
            var edits = Edits(name, candidate);
            if (edits > allowed)
                continue;
            allowed = edits - 1;
            best = candidate;
        }
        return best;
    }

    /// <summary>The sentence <c>Did you mean 'x'?</c> with a space before it, or nothing.</summary>
    public static string Suggestion(string name, IEnumerable<string> known) => Find(name, known) is { } nearest ? $" Did you mean '{nearest}'?" : "";

    private static int Edits(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= right.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var change = Same(left[i - 1], right[j - 1]) ? 0 : 1;
                var edits = Math.Min(rows[i - 1, j - 1] + change, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                    edits = Math.Min(edits, rows[i - 2, j - 2] + 1);
                rows[i, j] = edits;
            }
        }
        return rows[left.Length, right.Length];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
