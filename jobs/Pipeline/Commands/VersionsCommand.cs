using System.Text.Json;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Output;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary><c>pipeline versions TABLE</c>: what can be gone back to, and why not where it cannot.</summary>
internal sealed class VersionsCommand : IJob
{
    private static readonly StructType Columns = new(
        new StructField("version", new LongType()), new StructField("committed_at", new TimestampType()), new StructField("rows", new LongType()), new StructField("size_bytes", new LongType()),
        new StructField("files", new IntegerType()), new StructField("operation", new StringType()), new StructField("batch", new StringType()), new StructField("tags", new StringType()), new StructField("readable", new StringType()));

    public string Name => "versions";

    public string Purpose => "Lists the versions of a table, newest first: time, rows, size, what made it, and whether it can still be read.";

    public IReadOnlyList<string> Examples => ["pipeline versions water_samples", "pipeline versions water_samples --limit 5", "pipeline versions water_samples_quarantine --output json"];

    public IReadOnlyList<JobOption> Options { get; } =
    [
        JobOption.Argument("table", "Name of a table, as 'pipeline query' knows it"),
        new("limit", "Versions at most", "100") { Kind = OptionKind.Integer, Min = 0, ValueName = "N" },
    ];

    public bool ChangesLake => false;

    public bool NeedsDataset => false;

    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var tables = await LakeTables.ListAsync(context.Lake, cancellationToken);
        var log = DeltaLog.For(tables.PathOf(context.Get("table")), context.Lake.StorageOptions);
        var versions = await TableHistory.ReadWithFilesAsync(log, cancellationToken);
        var rows = versions.Take((int)context.GetInt("limit")).Select(static version => new Row(Columns,
        [
            version.Version, version.CommittedAt?.UtcDateTime, version.Rows, version.SizeBytes, version.FileCount, version.Info?.Operation, BatchOf(version.Info?.UserMetadata),
            version.Tags.Count == 0 ? null : string.Join(", ", version.Tags), version.IsReadable == false ? version.UnreadableBecause : "yes",
        ]));
        if (context.Get(CommonOptions.Output) == "json") RowWriter.JsonLines(context.Output, rows, cancellationToken);
        else RowWriter.Table(context.Output, Columns, rows, RowWriter.AllRows, width: context.Width);
        return JobOutcome.Done($"{Counted.Of(versions.Count, "version")}.");
    }

    /// <summary>The batch or the run that the jobs name in a commit's user metadata: a JSON object's batch_id or run_id, or the text itself.</summary>
    private static string? BatchOf(string? userMetadata)
    {
        if (userMetadata is not ['{', ..]) return userMetadata;
        try
        {
            using var json = JsonDocument.Parse(userMetadata);
            foreach (var name in (string[])["batch_id", "run_id"])
                if (json.RootElement.TryGetProperty(name, out var id) && id.ValueKind == JsonValueKind.String) return id.GetString();
            return userMetadata;
        }
        catch (JsonException)
        {
            return userMetadata;
        }
    }
}
