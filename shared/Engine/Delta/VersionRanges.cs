using System.Globalization;

namespace Pipeline.Engine.Delta;

/// <summary>Versions and instants as messages write them.</summary>
internal static class VersionRanges
{
    /// <summary><c>version 3</c>, <c>versions 0 to 4, 7 and 9 to 12</c>, or <c>no version</c>.</summary>
    public static string Format(IReadOnlyList<long> versions)
    {
        if (versions.Count == 0) return "no version";
        if (versions.Count == 1) return string.Create(CultureInfo.InvariantCulture, $"version {versions[0]}");
        var ranges = new List<string>();
        for (var i = 0; i < versions.Count;)
        {
            var first = i;
            while (i + 1 < versions.Count && versions[i + 1] == versions[i] + 1) i++;
            ranges.Add(first == i
                ? string.Create(CultureInfo.InvariantCulture, $"{versions[i]}")
                : string.Create(CultureInfo.InvariantCulture, $"{versions[first]} to {versions[i]}"));
            i++;
        }

        return "versions " + (ranges.Count == 1 ? ranges[0] : $"{string.Join(", ", ranges.SkipLast(1))} and {ranges[^1]}");
    }

    public static string Format(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
}
