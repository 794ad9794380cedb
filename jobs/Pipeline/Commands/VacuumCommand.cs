using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline vacuum TABLE</c>: deletes files that only old versions need, and names those versions.</summary>
/// <remarks>Always the lake's own vacuum, on either engine: Spark's does not know tags.</remarks>
internal sealed class VacuumCommand : IJob
{
    private const string Retention = "retention";
    private const string AllowShort = "allow-short-retention";

    public string Name => "vacuum";

    public string Purpose => "Deletes a table's files that no recent, tagged or latest version needs, and names the versions that end with them.";

    public IReadOnlyList<string> Examples => ["pipeline vacuum water_samples --dry-run", "pipeline vacuum water_samples --retention 30d", "pipeline vacuum water_samples_quarantine"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("table", "Name of a table, as 'pipeline query' knows it"),
        new(Retention, "How long files that were taken out are kept; without it the table's delta.deletedFileRetentionDuration, else 7d") { Kind = OptionKind.Duration, ValueName = "TIME" },
        JobOption.Flag(AllowShort, "Allow a shorter retention than the table's: right only where nothing else uses the table now"),
        JobOption.Flag("dry-run", "Only say what would be deleted"),
    ];

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var table = context.Get("table");
        var log = await TableLog.OpenAsync(context, table, cancellationToken);
        var isDryRun = context.GetFlag("dry-run");
        var isShortAllowed = context.GetFlag(AllowShort);
        TimeSpan? retention = context.Find(Retention) is null ? null : context.GetDuration(Retention);
        VacuumResult result;
        try
        {
            result = await TableVacuum.RunAsync(log, retention, isDryRun, isShortAllowed, cancellationToken);
        }
        catch (DeltaException error) when (error.Kind == DeltaErrorKind.InvalidOperation && !isShortAllowed)
        {
            throw new UsageException($"{error.Message} The switch for that is --{AllowShort}.", error);
        }
        // As JSON, stdout is result.json and nothing else.
        if (context.Get(CommonOptions.Output) != "json") Tell(context.Output, result);
        var ends = result.EndedVersions.Count == 0
            ? isDryRun ? "no version would end" : "no version ended"
            : string.Create(CultureInfo.InvariantCulture, $"{(isDryRun ? "these versions would end" : "these versions ended")}: {string.Join(", ", result.EndedVersions)}");
        return JobOutcome.Done(string.Create(CultureInfo.InvariantCulture, $"{(isDryRun ? "Would delete" : "Deleted")} {result.Files.Count} files, {result.SizeBytes:N0} bytes, of '{table}': {ends}."));
    }

    private static void Tell(TextWriter output, VacuumResult result)
    {
        foreach (var tag in result.KeptByTags) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  keeps version {tag.Version} for its tag '{tag.Name}'"));
        foreach (var file in result.Files) output.WriteLine($"  {(result.IsDryRun ? "would delete" : "deleted")} {file}");
    }
}
