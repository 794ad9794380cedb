using Pipeline.Engine.Sql;
using Pipeline.Jobs.BatchEtl;
using Pipeline.Jobs.Cli.Commands;
using Pipeline.Jobs.Cli.Demo;
using Pipeline.Jobs.Cli.Docs;
using Pipeline.Jobs.Cli.Doctor;
using Pipeline.Jobs.Cli.Inspect;
using Pipeline.Jobs.Cli.Report;
using Pipeline.Jobs.HdfsEnrich;
using Pipeline.Jobs.MetricsExport;
using Pipeline.Jobs.StreamIngest;
using Pipeline.Producer.Jobs;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.Cli;

/// <summary>The program <c>pipeline</c>: its commands, each a class in Commands/.</summary>
internal static class PipelineProgram
{
    private const string Purpose = "Runs, asks, and looks after the lake's data sets.";

    /// <summary>All commands, in the order of the help; made for one run.</summary>
    public static IReadOnlyList<IJob> MakeCommands()
    {
        IJob[] jobs = [new StreamIngestJob(), new HdfsEnrichJob(), new MetricsExportJob(), new BatchEtlJob()];
        var commands = new List<IJob>();
        commands.AddRange(
        [
            new DemoJob(), .. jobs, .. ProducerJobs.Under("produce"), new MergeCommand(), new QueryCommand(), new TablesCommand(), new DescribeCommand(), new DocsCommand(),
            new BatchesListCommand(), new BatchesShowCommand(), new BatchesReplayCommand(),
            new VersionsCommand(), new DiffCommand(), new RestoreCommand(), new TagCommand(), new VacuumCommand(), new OptimizeCommand(), new RetainCommand(), new UnlockCommand(commands),
            new QuarantineListCommand(), new QuarantineShowCommand(), new QuarantineFixCommand(), new QuarantineReplayCommand(), new QuarantineDiscardCommand(), new QuarantinePurgeCommand(),
            new RunsListCommand(), new RunsShowCommand(), new ReportCommand(), new ConfigShowCommand(jobs), new DoctorCommand(), new InspectCommand(),
        ]);
        return commands;
    }

    /// <summary>Runs a command line; answers the exit code.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="console">The world around; null is this process's.</param>
    /// <param name="spark">A session to use and leave open, or null for one that the command's master names.</param>
    public static Task<int> RunAsync(string[] args, HostConsole? console = null, SparkSession? spark = null) =>
        JobHost.RunSuiteAsync(args, "pipeline", Purpose, MakeCommands(), console, spark);
}
