using System.Diagnostics;

namespace Pipeline.Tests.Support.Processes;

/// <summary>How a program ended and what it printed.</summary>
public sealed record ProgramRun(int ExitCode, string Out, string Error)
{
    /// <summary>Runs a built program to its end.</summary>
    /// <param name="dll">Path of its dll.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables to set, beside those of the tests; null takes one away.</param>
    /// <param name="timeout">After it the program is killed and the test fails.</param>
    public static async Task<ProgramRun> DotnetAsync(string dll, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, TimeSpan? timeout = null)
    {
        using var process = Start(dll, arguments, environment);
        return await OfAsync(process, $"{dll} {string.Join(' ', arguments)}", timeout);
    }

    /// <summary>Waits for a process whose output is redirected.</summary>
    /// <param name="process">The process.</param>
    /// <param name="command">What it is, for an error.</param>
    /// <param name="timeout">After it the program is killed and the test fails.</param>
    public static async Task<ProgramRun> OfAsync(Process process, string command, TimeSpan? timeout = null)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var time = new CancellationTokenSource(timeout ?? TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(time.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{command}' did not end in time. It printed: {await output}{await error}");
        }
        return new ProgramRun(process.ExitCode, await output, await error);
    }

    /// <summary>Starts a built program; the caller waits for it or kills it, and disposes it.</summary>
    public static Process Start(string dll, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add(dll);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        var process = Process.Start(start) ?? throw new InvalidOperationException($"'{dll}' did not start.");
        process.StandardInput.Close();
        return process;
    }
}
