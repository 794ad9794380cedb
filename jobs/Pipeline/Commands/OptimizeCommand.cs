using System.Globalization;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline optimize TABLE</c>: small files become large ones, as a new version.</summary>
internal sealed class OptimizeCommand : IJob
{
    private const string TargetSize = "target-size";
    private static readonly (string Suffix, long Bytes)[] Units = [("KB", 1L << 10), ("MB", 1L << 20), ("GB", 1L << 30), ("B", 1)];

    public string Name => "optimize";

    public string Purpose => "Rewrites small files of a table, or of all, as larger ones, as a new version; its rows stay as they are.";

    public IReadOnlyList<string> Examples => ["pipeline optimize water_samples", "pipeline optimize water_samples --target-size 32MB", "pipeline optimize --all"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        ChosenTables.Table,
        ChosenTables.All,
        new(TargetSize, "Size of a file to aim at: a number with B, KB, MB or GB (1 MB is 1,048,576 bytes)", "128MB") { ValueName = "SIZE" },
    ];

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var target = ParseSize(context.Get(TargetSize));
        var tables = await ChosenTables.OpenAsync(context, cancellationToken);
        var compacted = 0;
        var message = "";
        foreach (var (table, log) in tables)
        {
            var before = await log.LoadExistingAsync(cancellationToken);
            DeltaTable.ForPath(context.Spark, log.Table).Optimize(target).ExecuteCompaction();
            var after = await log.LoadExistingAsync(cancellationToken);
            context.TableTouched(table, log.Table, before.Version, after.Version);
            if (after.Version != before.Version) compacted++;
            message = after.Version == before.Version
                ? $"'{table}' has {Counted.Of(before.FileCount, "file")} and none to compact: nothing to do."
                : $"'{table}' has {Counted.Of(after.FileCount, "file")} of {Counted.Of(after.SizeBytes, "byte")}; it had {Counted.Of(before.FileCount, "file")} of {Counted.Of(before.SizeBytes, "byte")}.";
            // As JSON, stdout is result.json and nothing else.
            if (tables.Count > 1 && context.Get(CommonOptions.Output) != "json") context.Output.WriteLine(message);
        }
        return JobOutcome.Done(tables.Count == 1 ? message : $"{Counted.Of(compacted, "table")} of {tables.Count} compacted.");
    }

    /// <summary>Bytes of a size such as 128MB.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    internal static long ParseSize(string text)
    {
        foreach (var (suffix, bytes) in Units)
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text[..^suffix.Length].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number * bytes is >= 1 and < long.MaxValue)
                return (long)(number * bytes);
        throw new UsageException($"'{text}' is no size for --{TargetSize}. Write a number with B, KB, MB or GB, such as 128MB.");
    }
}
