using System.Reflection;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Spark;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Commands;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>Runs jobs: command line, settings, engine, lock, signals, result.json and exit code are its business, the work is the job's.</summary>
public static class JobHost
{
    /// <summary>The suite's version, as <c>--version</c> prints it.</summary>
    public static string SuiteVersion { get; } =
        typeof(JobHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Runs a program that is one job; answers the process's exit code.</summary>
    public static Task<int> RunAsync(string[] args, IJob job) => RunAsync(args, job, HostConsole.OfProcess());

    /// <summary>Runs a program that is one job in a given world; for tests.</summary>
    public static Task<int> RunAsync(string[] args, IJob job, HostConsole console)
    {
        ArgumentNullException.ThrowIfNull(job);
        return RunAsync(args, new CommandTree(job.Name, job.Purpose, [job]), console);
    }

    /// <summary>Runs a program of several commands, such as <c>pipeline</c>; answers the process's exit code.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="name">The program's name.</param>
    /// <param name="purpose">What it is, in a line.</param>
    /// <param name="jobs">Its commands; a name of several words is a nested command.</param>
    /// <param name="console">The world around; null is this process's.</param>
    /// <param name="spark">A session to use and leave open, or null for one that the command's master names.</param>
    public static Task<int> RunSuiteAsync(string[] args, string name, string purpose, IReadOnlyList<IJob> jobs, HostConsole? console = null, SparkSession? spark = null) =>
        RunAsync(args, new CommandTree(name, purpose, jobs), console ?? HostConsole.OfProcess(), spark);

    /// <summary>Runs a job inside this process, with settings given as data; errors are in the answer, as they would be in result.json.</summary>
    /// <param name="job">The job.</param>
    /// <param name="settings">Values by option name; they win over environment and file.</param>
    /// <param name="spark">A session to use and leave open, or null for one of its own.</param>
    /// <param name="console">The world around; null is this process's environment with nothing printed.</param>
    /// <param name="cancellationToken">Ends the run; it is then <see cref="RunStatus.Cancelled"/>.</param>
    public static async Task<RunResult> RunInProcessAsync(IJob job, IReadOnlyDictionary<string, string> settings, SparkSession? spark = null, HostConsole? console = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(job);
        var world = console ?? HostConsole.OfProcess() with { Out = TextWriter.Null, Error = TextWriter.Null, IsErrorTerminal = false };
        var flags = settings.ToDictionary(static entry => entry.Key, static entry => (IReadOnlyList<string>)[entry.Value], StringComparer.Ordinal);
        var run = new JobRun(job, new SettingsResolver(world.Environment, KnownSections.With([job])), world, spark is null ? null : new SessionSource(spark)) { SummaryOnOut = false };
        return await run.RunAsync(flags, () => null, cancellationToken);
    }

    private static async Task<int> RunAsync(string[] args, CommandTree commands, HostConsole console, SparkSession? spark = null)
    {
        // A job's executable is also what Spark's executors start for its C# functions.
        if (SparkWorkerProgram.Handles(args)) return SparkWorkerProgram.Run(args);
        KillPoint.RequireKnown([.. StorageKillPoints.All, .. DeltaKillPoints.All, .. EmbeddedKillPoints.All, .. LoadingKillPoints.All]);
        if (args is ["--version"])
        {
            console.Out.WriteLine($"{commands.Name} {SuiteVersion}");
            return ExitCodes.Done;
        }
        Invocation invocation;
        try
        {
            invocation = commands.Parse(args);
        }
        catch (UsageException error)
        {
            var message = Secrets.Mask(error.Message);
            console.Error.WriteLine($"error: {PrintableText.OneLine(message)}");
            UsageResult.Write(args, commands, message);
            return ExitCodes.Usage;
        }
        if (invocation.IsHelp)
        {
            console.Out.Write(invocation.Job is { } asked
                ? HelpText.OfJob(invocation.Path, asked, console.Width)
                : HelpText.OfGroup(invocation.Path, commands.Purpose, commands.Jobs, invocation.Path[commands.Name.Length..].Trim(), console.Width));
            return ExitCodes.Done;
        }

        using var signals = new Signals(console.Error);
        var run = new JobRun(invocation.Job!, new SettingsResolver(console.Environment, KnownSections.With(commands.Jobs)), console, spark is null ? null : new SessionSource(spark));
        var result = await run.RunAsync(invocation.Flags, () => signals.ExitCode, signals.Token);
        return result.ExitCode;
    }
}
