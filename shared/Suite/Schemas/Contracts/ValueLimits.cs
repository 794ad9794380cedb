namespace Pipeline.Suite.Schemas.Contracts;

/// <summary>What a table may hold, whatever the rule: checked where a text becomes a value.</summary>
public static class ValueLimits
{
    /// <summary>The rule that a text with U+0000 breaks: PostgreSQL and many readers cannot hold that character.</summary>
    public const string HasNul = "contains_nul";

    /// <summary>The rule that a text of more than <see cref="LongestText"/> characters breaks.</summary>
    public const string IsTooLong = "too_long";

    /// <summary>The most characters of a text: what a cell of a workbook holds.</summary>
    public const int LongestText = 32_767;

    /// <summary>The first instant: the beginning of the year 1 in UTC.</summary>
    public static DateTime FirstInstant { get; } = DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc);

    /// <summary>The last instant: the last microsecond of the year 9999 in UTC.</summary>
    public static DateTime LastInstant { get; } = new DateTime(9999, 12, 31, 23, 59, 59, DateTimeKind.Utc).AddMicroseconds(999_999);
}
