using System.Collections;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Storage;
using Pipeline.Jobs.Cli;
using Pipeline.Producer.Jobs;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Tests.Support.Processes;

/// <summary>The programs' entry points, called in this process with a console of the test: what a command line prints and how it ends, without the start of a process.</summary>
/// <remarks>What only a process of its own can show (signals, a kill, the start itself) goes through <see cref="ProgramRun.DotnetAsync"/>.</remarks>
public static class Programs
{
    /// <summary>Runs a command line of <c>pipeline</c>.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="environment">Variables to set, beside those of this process; null takes one away.</param>
    /// <param name="spark">A session to use and leave open, or null for one that the command's master names.</param>
    /// <param name="wrapStorage">What stands in front of the run's stores.</param>
    public static Task<ProgramRun> PipelineAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, SparkSession? spark = null, Func<IStorage, IStorage>? wrapStorage = null) =>
        RunAsync((output, error) =>
        {
            var console = new HostConsole(Variables(environment), output, error, IsErrorTerminal: false) { WrapStorage = wrapStorage };
            return PipelineProgram.RunAsync([.. arguments], console, spark);
        });

    /// <summary>Runs a command line of <c>producer</c>.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="environment">Variables to set, beside those of this process; null takes one away.</param>
    public static Task<ProgramRun> ProducerAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null) =>
        RunAsync((output, error) => ProducerJobs.RunAsync([.. arguments], new HostConsole(Variables(environment), output, error, IsErrorTerminal: false)));

    private static async Task<ProgramRun> RunAsync(Func<TextWriter, TextWriter, Task<int>> program)
    {
        // A job may print from several threads.
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        // A program blocks its caller for as long as it works; tests of other fixtures go on beside it.
        var exitCode = await Task.Run(() => program(TextWriter.Synchronized(output), TextWriter.Synchronized(error)));
        return new ProgramRun(exitCode, output.ToString(), error.ToString());
    }

    private static Dictionary<string, string> Variables(IReadOnlyDictionary<string, string?>? changes)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(static entry => (string)entry.Key, static entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
        foreach (var (name, value) in changes ?? new Dictionary<string, string?>())
        {
            if (value is null) variables.Remove(name);
            else variables[name] = value;
        }
        return variables;
    }
}
