using System.Collections;
using System.Globalization;
using Pipeline.Engine.Sql;

namespace Pipeline.Tests.Conformance.Sql;

/// <summary>Values as text that tells them apart, and their comparison: doubles to a part in 10⁹, everything else exactly.</summary>
internal static class ValueText
{
    private const double Tolerance = 1e-9;

    public static string Of(object? value) => value switch
    {
        null => "NULL",
        string text => text,
        bool flag => flag ? "true" : "false",
        double number => Number(number),
        float number => Number(number),
        DateTime time => FormattableString.Invariant($"ts{(time.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond}"),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        byte[] bytes => $"x{Convert.ToHexString(bytes)}",
        Row row => $"{{{string.Join(", ", row.Values.Select(Of))}}}",
        IDictionary map => $"{{{string.Join(", ", map.Keys.Cast<object>().Select(key => (Key: Of(key), Value: Of(map[key]))).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} -> {pair.Value}"))}}}",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    /// <summary>A row: its value, or all of them where there are several columns.</summary>
    public static string Of(Row row) => row.Values.Length == 1 ? Of(row.Values[0]) : Of((object)row);

    public static bool AreSame(string left, string right)
    {
        if (left == right) return true;
        var a = Parts(left);
        var b = Parts(right);
        return a.Length == b.Length && a.Zip(b).All(pair => pair.First == pair.Second || AreClose(pair.First, pair.Second));
    }

    private static string Number(double number) => double.IsNaN(number) ? "NaN"
        : double.IsInfinity(number) ? number > 0 ? "Infinity" : "-Infinity"
        : FormattableString.Invariant($"d{number:R}");

    private static string[] Parts(string text) => text.Split(',', ' ', '[', ']', '{', '}');

    private static bool AreClose(string left, string right) =>
        left.StartsWith('d') && right.StartsWith('d')
        && double.TryParse(left[1..], CultureInfo.InvariantCulture, out var a) && double.TryParse(right[1..], CultureInfo.InvariantCulture, out var b)
        && Math.Abs(a - b) <= Tolerance * Math.Max(Math.Abs(a), Math.Abs(b));
}
