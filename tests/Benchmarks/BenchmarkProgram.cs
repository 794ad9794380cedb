using Pipeline.Tests.Benchmarks.Families;
using Pipeline.Tests.Benchmarks.Harness;
using Pipeline.Tests.Benchmarks.Measures;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Benchmarks;

/// <summary>The command line: <c>[family …] [--quick] [--write] [--rounds N] [--minutes N]</c>, and <c>measure NAME key=value …</c> for the children.</summary>
internal static class BenchmarkProgram
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.FirstOrDefault() == "measure") return await MeasureAsync(args);
        var names = args.Where(static word => !word.StartsWith('-')).ToList();
        var (rounds, minutes) = (NumberAfter("--rounds"), NumberAfter("--minutes"));
        if (args.Contains("--help") || names.FirstOrDefault(static name => AllFamilies.List.All(family => family.Name != name)) is not null)
        {
            Console.Error.WriteLine($"Usage: tests/bench.sh [family …] [--quick] [--write] [--rounds N] [--minutes N]. Families: {string.Join(", ", AllFamilies.List.Select(static family => family.Name))}.");
            return args.Contains("--help") ? 0 : 2;
        }
        var isQuick = args.Contains("--quick");
        using var folder = new TemporaryFolder();
        var machine = await Machine.DescribeAsync(folder.Path);
        Console.WriteLine(machine);
        var report = new Report(Console.Out);
        var run = new BenchmarkRun(report, isQuick, folder.Path, (int)(rounds ?? 5), TimeSpan.FromMinutes(minutes ?? (isQuick ? 1 : 10)));
        foreach (var family in AllFamilies.List.Where(family => names.Count == 0 || names.Contains(family.Name)))
        {
            Console.WriteLine($"-- {family.Name} (load {Machine.Load()})");
            try
            {
                await family.RunAsync(run);
            }
            catch (Exception error) when (error is InvalidOperationException or IOException or KeyNotFoundException)
            {
                // One family that breaks must not cost the others' figures; it is in the table as what it is.
                report.LeaveOut(family.Name, $"failed: {error.Message.Split('\n')[0].Replace(folder.Path, "FOLDER", StringComparison.Ordinal)}");
                await Console.Error.WriteLineAsync(error.ToString());
            }
            // After each family: a run that is cut short leaves what it has.
            if (args.Contains("--write")) report.Write(Path.Combine(Repository.Root, "tests", "Benchmarks", "RESULTS.md"), $"{machine} Now: {Machine.Load()}.");
        }
        machine += $" At the end: {Machine.Load()}.";
        Console.WriteLine();
        Console.WriteLine(report.ToMarkdown(machine));
        return 0;

        double? NumberAfter(string option)
        {
            if (args.SkipWhile(word => word != option).Skip(1).FirstOrDefault() is not { } number) return null;
            _ = names.Remove(number);
            return double.Parse(number, System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    private static async Task<int> MeasureAsync(string[] args)
    {
        if (args.Length < 2 || !MeasureList.All.TryGetValue(args[1], out var measure))
        {
            await Console.Error.WriteLineAsync($"Usage: measure NAME key=value …. Measures: {string.Join(", ", MeasureList.All.Keys)}.");
            return 2;
        }
        var recorder = new Recorder();
        await measure(Arguments.Parse(args[2..]), recorder);
        Console.WriteLine(recorder.ToSample().ToJson());
        return 0;
    }
}
