using Pipeline.Jobs.Cli.Commands;
using Pipeline.Runtime;

namespace Pipeline.Jobs.Cli;

/// <summary>The program <c>pipeline</c>: its commands, each a class in Commands/.</summary>
internal static class PipelineProgram
{
    private const string Purpose = "Runs, asks, and looks after the lake's data sets.";

    public static Task<int> RunAsync(string[] args, HostConsole? console = null)
    {
        IJob[] jobs = [];
        IJob[] commands = [new QueryCommand(), new VersionsCommand(), new ConfigShowCommand(jobs)];
        return JobHost.RunSuiteAsync(args, "pipeline", Purpose, commands, console);
    }
}
