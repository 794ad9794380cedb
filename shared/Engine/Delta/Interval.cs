using System.Globalization;

namespace Pipeline.Engine.Delta;

/// <summary>Durations as table properties write them: <c>interval 30 days</c>, <c>interval 1 week 12 hours</c>.</summary>
internal static class Interval
{
    /// <summary>The duration, or null where there is none or it is not understood (its user then takes the default).</summary>
    public static TimeSpan? Parse(string? text)
    {
        if (text is null) return null;
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var start = words.Length > 0 && words[0].Equals("interval", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
        if (words.Length == start || (words.Length - start) % 2 != 0) return null;
        var sum = TimeSpan.Zero;
        for (var i = start; i < words.Length; i += 2)
        {
            if (!double.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var count)) return null;
            TimeSpan? unit = words[i + 1].TrimEnd('s', 'S').ToUpperInvariant() switch
            {
                "WEEK" => TimeSpan.FromDays(7),
                "DAY" => TimeSpan.FromDays(1),
                "HOUR" => TimeSpan.FromHours(1),
                "MINUTE" => TimeSpan.FromMinutes(1),
                "SECOND" => TimeSpan.FromSeconds(1),
                "MILLISECOND" => TimeSpan.FromMilliseconds(1),
                _ => null,
            };
            if (unit is null) return null;
            sum += unit.Value * count;
        }

        return sum;
    }
}
