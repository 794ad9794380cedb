using Pipeline.Suite.Runtime.Commands;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Suite.Runtime.Results;

/// <summary>result.json of a command line that could not be read: only where it names a place for it.</summary>
internal static class UsageResult
{
    public static void Write(IReadOnlyList<string> args, CommandTree commands, string message)
    {
        if (ValueOf(args, "--" + CommonOptions.Result) is not { } path) return;
        var now = DateTimeOffset.UtcNow;
        RunResultFile.Write(path, new RunResult
        {
            RunId = RunIds.Next(now),
            SuiteVersion = JobHost.SuiteVersion,
            Host = Environment.MachineName,
            Job = commands.Jobs.FirstOrDefault(job => job.Name == args[0])?.Name ?? commands.Name,
            Dataset = ValueOf(args, "--" + CommonOptions.Dataset),
            Status = RunStatus.Failed,
            ExitCode = ExitCodes.Usage,
            Message = message,
            StartedAt = now,
            EndedAt = now,
            Counts = new RunCounts(0, 0, 0, 0, 0),
        });
    }

    private static string? ValueOf(IReadOnlyList<string> args, string option)
    {
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] == option && i + 1 < args.Count) return args[i + 1];
            if (args[i].StartsWith(option + "=", StringComparison.Ordinal)) return args[i][(option.Length + 1)..];
        }
        return null;
    }
}
