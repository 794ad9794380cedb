using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline vacuum TABLE</c>: deletes files that only old versions need, and names those versions.</summary>
/// <remarks>Always the lake's own vacuum, on either engine: Spark's does not know tags.</remarks>
internal sealed class VacuumCommand : IJob
{
    private const string Retention = "retention";
    private const string AllowShort = "allow-short-retention";

    public string Name => "vacuum";

    public string Purpose => "Deletes files of a table, or of all, that no recent, tagged or latest version needs, and names the versions that end with them.";

    public IReadOnlyList<string> Examples => ["pipeline vacuum water_samples --dry-run", "pipeline vacuum water_samples --retention 30d", "pipeline vacuum --all --dry-run"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        ChosenTables.Table,
        ChosenTables.All,
        new(Retention, "How long files that were taken out are kept; without it the table's delta.deletedFileRetentionDuration, else 7d") { Kind = OptionKind.Duration, ValueName = "TIME" },
        JobOption.Flag(AllowShort, "Allow a shorter retention than the table's: right only where nothing else uses the table now"),
        JobOption.Flag("dry-run", "Only say what would be deleted"),
    ];

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var tables = await ChosenTables.OpenAsync(context, cancellationToken);
        var isDryRun = context.GetFlag("dry-run");
        var results = new List<VacuumResult>();
        foreach (var (name, log) in tables)
        {
            var result = await VacuumAsync(context, log, isDryRun, cancellationToken);
            results.Add(result);
            // As JSON, stdout is result.json and nothing else.
            if (context.Get(CommonOptions.Output) == "json") continue;
            if (tables.Count > 1) context.Output.WriteLine(Told(result, name));
            Tell(context.Output, result);
        }
        if (results is [var only]) return JobOutcome.Done(Told(only, tables[0].Name));
        return JobOutcome.Done($"{(isDryRun ? "Would delete" : "Deleted")} {Counted.Of(results.Sum(static result => result.Files.Count), "file")}, {Counted.Of(results.Sum(static result => result.SizeBytes), "byte")}, of {Counted.Of(tables.Count, "table")}.");
    }

    private static async Task<VacuumResult> VacuumAsync(JobContext context, DeltaLog log, bool isDryRun, CancellationToken cancellationToken)
    {
        var isShortAllowed = context.GetFlag(AllowShort);
        TimeSpan? retention = context.Find(Retention) is null ? null : context.GetDuration(Retention);
        try
        {
            return await TableVacuum.RunAsync(log, retention, isDryRun, isShortAllowed, cancellationToken);
        }
        catch (DeltaException error) when (error.Kind == DeltaErrorKind.InvalidOperation && !isShortAllowed)
        {
            throw new UsageException($"{error.Message} The switch for that is --{AllowShort}.", error);
        }
    }

    private static string Told(VacuumResult result, string table)
    {
        var isOne = result.EndedVersions.Count == 1;
        var ends = result.EndedVersions.Count == 0
            ? result.IsDryRun ? "no version would end" : "no version ended"
            : string.Create(CultureInfo.InvariantCulture, $"{(isOne ? "this version" : "these versions")} {(result.IsDryRun ? "would end" : "ended")}: {string.Join(", ", result.EndedVersions)}");
        return $"{(result.IsDryRun ? "Would delete" : "Deleted")} {Counted.Of(result.Files.Count, "file")}, {Counted.Of(result.SizeBytes, "byte")}, of '{table}': {ends}.";
    }

    private static void Tell(TextWriter output, VacuumResult result)
    {
        foreach (var tag in result.KeptByTags) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  keeps version {tag.Version} for its tag '{tag.Name}'"));
        foreach (var file in result.Files) output.WriteLine($"  {(result.IsDryRun ? "would delete" : "deleted")} {file}");
    }
}
