using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>Runs measures, and other programs, in processes of their own.</summary>
internal static class Children
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs a measure of this program in a new process, which tells its figures itself: it is left alone meanwhile.</summary>
    public static async Task<Sample> MeasureAsync(string name, params string[] arguments)
    {
        var (run, _) = await RunAsync("dotnet", [Environment.GetCommandLineArgs()[0], "measure", name, .. arguments], isWatched: false);
        var last = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault(line => line.StartsWith("{\"Seconds\"", StringComparison.Ordinal));
        return last is not null && run.ExitCode == 0 ? Sample.FromJson(last) : throw new InvalidOperationException($"The measure {name} {string.Join(' ', arguments)} ended with {run.ExitCode}: {run.Out}{run.Error}");
    }

    /// <summary>Runs a program to its end: wall time from its start, CPU time of it and its children, and the largest memory of any of them.</summary>
    public static async Task<Sample> ProgramAsync(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? workingDirectory = null)
    {
        var (run, sample) = await RunAsync(program, arguments, environment, workingDirectory);
        return run.ExitCode == 0 ? sample : throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with {run.ExitCode}: {run.Out}{run.Error}");
    }

    /// <summary>Runs a program to its end; answers its sample and what it printed.</summary>
    public static async Task<(Sample Sample, string Output)> ProgramWithOutputAsync(string program, IReadOnlyList<string> arguments)
    {
        var (run, sample) = await RunAsync(program, arguments);
        return run.ExitCode == 0 ? (sample, run.Out) : throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with {run.ExitCode}: {run.Out}{run.Error}");
    }

    /// <summary>Runs a program to its end; answers what it printed.</summary>
    public static async Task<string> OutputAsync(string program, IReadOnlyList<string> arguments, string? workingDirectory = null)
    {
        var (run, _) = await RunAsync(program, arguments, null, workingDirectory);
        return run.ExitCode == 0 ? run.Out : throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with {run.ExitCode}: {run.Out}{run.Error}");
    }

    /// <summary>Runs a program to its end; the time is that until it printed the line, CPU and memory are of all of it.</summary>
    public static async Task<Sample> UntilLineAsync(string line, string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var (run, sample) = await RunAsync(program, arguments, environment, line: line);
        return run is { ExitCode: 0, LineSeconds: { } seconds }
            ? sample with { Seconds = seconds }
            : throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' ended with {run.ExitCode}, and was to print '{line}': {run.Out}{run.Error}");
    }

    /// <summary>Whether a program of this name can be started.</summary>
    public static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task<(Ended Run, Sample Sample)> RunAsync(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? workingDirectory = null, string? line = null, bool isWatched = true)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false, WorkingDirectory = workingDirectory ?? "" };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>()) start.Environment[name] = value;
        var cpu = EndedChildren.CpuSeconds();
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' did not start.");
        process.StandardInput.Close();
        double? lineSeconds = null;
        var (output, error) = (ReadAsync(process.StandardOutput), process.StandardError.ReadToEndAsync());
        // Stopped where the process ends: the polling below must not count.
        var ended = process.WaitForExitAsync().ContinueWith(_ => watch.Stop(), TaskContinuationOptions.ExecuteSynchronously);
        var peak = 0L;
        while (isWatched && !ended.IsCompleted)
        {
            peak = Math.Max(peak, Tree(process.Id).Max(id => Recorder.PeakKiB(id.ToString(CultureInfo.InvariantCulture))));
            await Task.WhenAny(ended, Task.Delay(PollInterval));
        }
        await ended;
        return (new Ended(process.ExitCode, await output, await error, lineSeconds), new Sample(watch.Elapsed.TotalSeconds, EndedChildren.CpuSeconds() - cpu, peak, new Dictionary<string, double>()));

        async Task<string> ReadAsync(StreamReader reader)
        {
            if (line is null) return await reader.ReadToEndAsync();
            var text = new StringBuilder();
            while (await reader.ReadLineAsync() is { } read)
            {
                if (read == line) lineSeconds ??= watch.Elapsed.TotalSeconds;
                _ = text.Append(read).Append('\n');
            }
            return text.ToString();
        }
    }

    private static IEnumerable<int> Tree(int root)
    {
        yield return root;
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{root}/task/{root}/children");
        }
        catch (IOException)
        {
            yield break;
        }
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            foreach (var id in Tree(int.Parse(word, CultureInfo.InvariantCulture))) yield return id;
    }

    private sealed record Ended(int ExitCode, string Out, string Error, double? LineSeconds);
}
