using System.Globalization;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>What a family may use: sizes, folders, and the ways to measure.</summary>
internal sealed class BenchmarkRun(Report report, bool isQuick, string folder, int rounds, TimeSpan soak)
{
    public Report Report { get; } = report;

    /// <summary>Whether sizes are cut so that all ends in minutes.</summary>
    public bool IsQuick { get; } = isQuick;

    /// <summary>Folder for data and results of this run; gone at its end.</summary>
    public string Folder { get; } = folder;

    /// <summary>Pairs of measurements in a comparison.</summary>
    public int Rounds { get; } = rounds;

    /// <summary>How long the soak lasts.</summary>
    public TimeSpan Soak { get; } = soak;

    public string this[string name] => Path.Combine(Folder, name);

    public T Size<T>(T full, T quick) => IsQuick ? quick : full;

    /// <summary>A built program of the checkout, or null.</summary>
    public static string Program(string project, string assembly) => Repository.Program(project, assembly);

    /// <summary>A Kafka of the family's own, or null, and the family is named as left out, where there is none.</summary>
    public async Task<KafkaServer?> StartKafkaAsync(string family)
    {
        if (KafkaServer.IsPresent) return await KafkaServer.StartAsync();
        Report.LeaveOut(family, KafkaServer.HowToEnable);
        return null;
    }

    /// <summary>A PostgreSQL of the family's own, or null, and the family is named as left out, where it is not installed.</summary>
    public PostgresServer? StartPostgres(string family)
    {
        if (Directory.Exists("/usr/lib/postgresql")) return PostgresServer.Start();
        Report.LeaveOut(family, "PostgreSQL is not installed: apt-get install postgresql.");
        return null;
    }

    /// <summary>Measures both in turn (AB, BA, AB …) after one unmeasured turn of each, and adds the line.</summary>
    /// <param name="family">Family of the line.</param>
    /// <param name="work">What is done.</param>
    /// <param name="ours">Our side.</param>
    /// <param name="reference">The other side.</param>
    /// <param name="referenceName">What the other side is.</param>
    /// <param name="target">What is to be reached, from the medians in seconds and the ratio.</param>
    /// <param name="items">How many items a sample handles, to print rates; 0 prints times.</param>
    /// <param name="unit">The items' name.</param>
    /// <param name="rounds">Pairs; those of the run where null.</param>
    /// <param name="warmUp">Whether each side has an unmeasured turn first.</param>
    /// <param name="sameAnswers">Whether values that both tell must be equal.</param>
    public async Task<Comparison> CompareAsync(
        string family, string work, Func<Task<Sample>> ours, Func<Task<Sample>> reference, string referenceName, Target? target = null, long items = 0, string unit = "rows", int? rounds = null, bool warmUp = true, bool sameAnswers = true)
    {
        var pairs = new List<(Sample Ours, Sample Reference)>();
        if (warmUp)
        {
            _ = await ours();
            _ = await reference();
        }
        for (var round = 0; round < (rounds ?? Rounds); round++)
        {
            if (round % 2 == 0)
            {
                var first = await ours();
                pairs.Add((first, await reference()));
            }
            else
            {
                var second = await reference();
                pairs.Add((await ours(), second));
            }
        }
        if (sameAnswers) RequireSameAnswers(family, work, pairs[0].Ours, pairs[0].Reference);
        var comparison = new Comparison(pairs);
        Func<double, string> figure = items > 0 ? seconds => Figures.Rate(items / seconds, unit) : Figures.Time;
        Report.Add(new ReportRow(
            family, work,
            Figures.Spread(pairs.Select(pair => pair.Ours.Seconds), figure),
            $"{Figures.Spread(pairs.Select(pair => pair.Reference.Seconds), figure)}, {referenceName}",
            Figures.Spread(comparison.Ratios, Figures.Ratio),
            pairs[0].Reference.CpuSeconds > 0 ? Figures.Ratio(Statistics.Median(pairs.Select(pair => pair.Ours.CpuSeconds / pair.Reference.CpuSeconds))) : "",
            $"{Figures.Memory(pairs.Max(pair => pair.Ours.PeakKiB))} / {Figures.Memory(pairs.Max(pair => pair.Reference.PeakKiB))}",
            target?.Text ?? "", target?.IsMet(comparison)));
        return comparison;
    }

    /// <summary>A figure of ours alone.</summary>
    public void Tell(string family, string work, string ours, string target = "", bool? isMet = null, Sample? sample = null, string reference = "", string ratio = "") =>
        Report.Add(new ReportRow(family, work, ours, reference, ratio, sample is null ? "" : Figures.Time(sample.CpuSeconds), sample is null ? "" : Figures.Memory(sample.PeakKiB), target, isMet));

    /// <summary>Measures growing work and fits the exponent of its cost; memory is told too.</summary>
    public async Task GrowAsync(string family, string work, IReadOnlyList<int> sizes, Func<int, Task<Sample>> measure, int repeats = 3)
    {
        var points = new List<(double Size, double Cost)>();
        var memory = new List<long>();
        foreach (var size in sizes)
        {
            var samples = new List<Sample>();
            for (var i = 0; i < repeats; i++) samples.Add(await measure(size));
            points.Add((size, Statistics.Median(samples.Select(sample => sample.Seconds))));
            memory.Add(samples.Max(sample => sample.PeakKiB));
        }
        var exponent = Statistics.Exponent(points);
        // Per step of ten, whatever the steps taken were.
        var growth = Enumerable.Range(1, sizes.Count - 1).Max(i => Math.Pow((double)memory[i] / memory[i - 1], 1 / Math.Log10((double)sizes[i] / sizes[i - 1])));
        var named = string.Join(", ", sizes.Select(size => string.Create(CultureInfo.InvariantCulture, $"{size:N0}×")));
        Report.Add(new ReportRow(family, $"{work}: cost at {named}", string.Join(", ", points.Select(point => Figures.Time(point.Cost))), "", "", "", "", string.Create(CultureInfo.InvariantCulture, $"exponent ≤ 1.05 (is {exponent:0.00})"), exponent <= 1.05));
        Report.Add(new ReportRow(family, $"{work}: memory at {named}", string.Join(", ", memory.Select(Figures.Memory)), "", "", "", "", string.Create(CultureInfo.InvariantCulture, $"10× the data ≤ 2× the memory (is {growth:0.00}×)"), growth <= 2));
    }

    /// <summary>Values that both sides tell under one name must be equal: a comparison of different answers is none.</summary>
    private static void RequireSameAnswers(string family, string work, Sample ours, Sample reference)
    {
        foreach (var (name, value) in ours.Values)
        {
            if (!reference.Values.TryGetValue(name, out var other) || Math.Abs(value - other) <= 1e-9 * Math.Max(Math.Abs(value), Math.Abs(other))) continue;
            throw new InvalidOperationException($"{family}, {work}: '{name}' is {value:R} on our side and {other:R} on the other. They do not do the same work.");
        }
    }
}

/// <summary>Pairs of samples taken in turn.</summary>
internal sealed class Comparison(IReadOnlyList<(Sample Ours, Sample Reference)> pairs)
{
    public IReadOnlyList<double> Ratios { get; } = [.. pairs.Select(pair => pair.Ours.Seconds / pair.Reference.Seconds)];

    public double Ratio => Statistics.Median(Ratios);

    public double OurSeconds => Statistics.Median(pairs.Select(pair => pair.Ours.Seconds));

    public double ReferenceSeconds => Statistics.Median(pairs.Select(pair => pair.Reference.Seconds));

    public long OurPeakKiB => pairs.Max(pair => pair.Ours.PeakKiB);
}

/// <summary>What is to be reached.</summary>
internal sealed record Target(string Text, Func<Comparison, bool> IsMet)
{
    /// <summary>At most so many times the reference, and a constant.</summary>
    public static Target AtMost(double times, double plusSeconds = 0) => new(
        string.Create(CultureInfo.InvariantCulture, $"≤ {times:0.##} ×{(plusSeconds > 0 ? $" + {plusSeconds * 1000:0} ms" : "")}"),
        comparison => plusSeconds > 0 ? comparison.OurSeconds <= (times * comparison.ReferenceSeconds) + plusSeconds : comparison.Ratio <= times);

    /// <summary>At least so many times as fast.</summary>
    public static Target Faster(double times) => new(string.Create(CultureInfo.InvariantCulture, $"≥ {times:0.##} × as fast"), comparison => 1 / comparison.Ratio >= times);

    public static Target Under(double seconds) => new($"< {Figures.Time(seconds)}", comparison => comparison.OurSeconds < seconds);
}
