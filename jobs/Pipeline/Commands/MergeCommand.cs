using Microsoft.Extensions.Logging;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Cli.Merging;
using Pipeline.Jobs.Datasets.DeviceEvents;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline merge</c>: the files that a stream leaves batch by batch become one, and stay one.</summary>
internal sealed class MergeCommand : IJob
{
    public string Name => "merge";

    public string Purpose => "Keeps one CSV file, with one header, of all CSV files that appear in a folder; each row once, whatever dies when.";

    public IReadOnlyList<string> Examples =>
    [
        "pipeline merge --lake ./lake",
        "pipeline merge --once --input ./incoming --merged ./all.csv",
        "pipeline merge --every 30s --list ./state/processed_files.txt --lake ./lake",
    ];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        new("input", "Folder of the CSV files; <lake>/outputs/<dataset>/batches where not given") { ValueName = "DIR" },
        new("merged", "The one file; <lake>/outputs/<dataset>/merged.csv where not given") { ValueName = "FILE" },
        new("list", "List of the files that were taken; processed_files.txt beside the merged file where not given. A name that is taken out has its file looked at again") { ValueName = "FILE" },
        new("every", "Time between two looks at the folder", "10s") { Kind = OptionKind.Duration, ValueName = "TIME" },
        JobOption.Flag("once", "One look, then end"),
    ];

    public string? DefaultDataset => DeviceEventsName;

    private static string DeviceEventsName => Suite.Schemas.DeviceEvents.Dataset.Name;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var places = Places(context);
        var merge = new CsvMerge(places);
        var files = 0;
        var last = DateTime.UtcNow;
        while (true)
        {
            var pass = merge.Run(cancellationToken);
            files += pass.Taken.Count;
            context.Counts.Add(read: pass.Rows, written: pass.Rows);
            foreach (var (name, reason) in pass.LeftOut) context.Warn($"'{name}' is left out: it {reason}. It is looked at again when it changes.");
            if (pass.Taken.Count > 0)
                context.Log.LogInformation("{Files} files taken, {Rows} rows; '{Merged}' has {Total} rows", pass.Taken.Count, pass.Rows, places.Merged, merge.TotalRows);
            if (context.GetFlag("once")) break;
            last += context.GetDuration("every");
            // A pass that took longer than the time between two is followed at once, and not by all that were missed.
            if (last < DateTime.UtcNow) last = DateTime.UtcNow;
            try
            {
                await Task.Delay(last - DateTime.UtcNow is { Ticks: > 0 } wait ? wait : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
        }
        context.Outputs.Add(places.Merged);
        context.Outputs.Add(places.List);
        return JobOutcome.Done(FormattableString.Invariant($"{files} files taken, {context.Counts.Written} rows; '{places.Merged}' has {merge.TotalRows} rows."));
    }

    private static MergePlaces Places(JobContext context)
    {
        var outputs = context.Lake.Storage.LocalRoot is null ? null : context.Lake.Outputs(context.Dataset.Name);
        var merged = Local(context, "merged", outputs is null ? null : Path.Combine(outputs, "merged.csv"));
        return new MergePlaces(
            Local(context, "input", outputs is null ? null : Path.Combine(outputs, DeviceEventsFlow.BatchFolder)),
            merged,
            Local(context, "list", Path.Combine(Path.GetDirectoryName(merged)!, "processed_files.txt")),
            [.. context.Dataset.Main.Contract.Columns.Select(static column => column.SourceName)]);
    }

    private static string Local(JobContext context, string option, string? otherwise)
    {
        var given = context.Find(option) ?? otherwise ?? throw new UsageException($"The lake '{context.Lake.Root}' is not on this machine: give --{option} with a path that is.");
        return given.Contains("://", StringComparison.Ordinal)
            ? throw new UsageException($"--{option} is '{given}', and merge works on this machine's disk. Give a path.")
            : Path.GetFullPath(given);
    }
}
