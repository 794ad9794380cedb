using System.Globalization;

namespace Pipeline.Suite.Runtime.Output;

/// <summary>Numbers of things as people write them.</summary>
public static class Counted
{
    /// <summary>The number and its noun, in the singular for one: <c>1 row</c>, <c>2,000 rows</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="noun">The noun in the singular.</param>
    /// <param name="plural">Its plural; null is the noun with an s.</param>
    public static string Of(long count, string noun, string? plural = null) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? noun : plural ?? noun + "s")}");
}
