using System.Globalization;

namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>Figures as people read them.</summary>
internal static class Figures
{
    public static string Time(double seconds) => seconds switch
    {
        < 0.001 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6:0} µs"),
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e3:0.#} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} s"),
    };

    public static string Rate(double perSecond, string unit) => perSecond switch
    {
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{perSecond / 1e6:0.00} M {unit}/s"),
        >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{perSecond / 1e3:0} k {unit}/s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{perSecond:0.#} {unit}/s"),
    };

    public static string Ratio(double ratio) => string.Create(CultureInfo.InvariantCulture, $"{ratio:0.00} ×");

    public static string Memory(long kibibytes) => string.Create(CultureInfo.InvariantCulture, $"{kibibytes / 1024.0:0} MiB");

    public static string Spread(IEnumerable<double> values, Func<double, string> format)
    {
        var all = values.ToList();
        return all.Count < 2 ? format(all[0]) : $"{format(Statistics.Median(all))} ({format(all.Min())} – {format(all.Max())})";
    }

    public static string Plain(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
