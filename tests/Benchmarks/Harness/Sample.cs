using System.Globalization;
using System.Text.Json;

namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>One measured piece of work in a process of its own.</summary>
/// <param name="Seconds">Wall time of the work.</param>
/// <param name="CpuSeconds">Time on cores, user and system, of the process that did it.</param>
/// <param name="PeakKiB">Largest resident memory of the process (VmHWM).</param>
/// <param name="Values">Whatever else the work tells: rows, sums, latencies.</param>
internal sealed record Sample(double Seconds, double CpuSeconds, long PeakKiB, IReadOnlyDictionary<string, double> Values)
{
    public double this[string name] => Values.TryGetValue(name, out var value) ? value : throw new KeyNotFoundException($"The sample has no value '{name}'. It has: {string.Join(", ", Values.Keys)}.");

    public string ToJson() => JsonSerializer.Serialize(this);

    public static Sample FromJson(string json) => JsonSerializer.Deserialize<Sample>(json) ?? throw new FormatException($"'{json}' is no sample.");
}

/// <summary>Arguments of a measure, <c>key=value</c> each.</summary>
internal sealed class Arguments(IReadOnlyDictionary<string, string> values)
{
    public static Arguments Parse(IEnumerable<string> words) =>
        new(words.Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal));

    public string this[string name] => Find(name) ?? throw new ArgumentException($"The measure needs {name}=….");

    public string? Find(string name) => values.GetValueOrDefault(name);

    public int Int(string name) => int.Parse(this[name], CultureInfo.InvariantCulture);
}
