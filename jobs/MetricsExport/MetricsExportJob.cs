using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.MetricsExport;

/// <summary>The metric tables of a data set, computed from its last table and written in one transaction.</summary>
public sealed class MetricsExportJob : IJob
{
    /// <inheritdoc/>
    public string Name => "metrics-export";

    /// <inheritdoc/>
    public string Purpose => "Compute a data set's metric tables and upsert them into SQLite or PostgreSQL in one transaction, read back and compared.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Examples { get; } =
    [
        "MetricsExport --dataset water-quality --lake ./lake --to sqlite:metrics.db",
        "MetricsExport --dataset water-quality --lake hdfs://namenode:8020/lake --to postgres://etl@db.example.org/metrics",
        "MetricsExport --dataset water-quality --lake ./lake --to sqlite:metrics.db --output json",
    ];

    /// <inheritdoc/>
    public IReadOnlyList<JobOption> Options { get; } =
    [
        new("to", "Where the metrics go: sqlite:PATH, or postgres://user@host/database (the password from PGPASSWORD or a pgpass file)") { IsRequired = true, ValueName = "TARGET" },
    ];

    /// <inheritdoc/>
    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var result = await new MetricsWriter(context, DatasetFlows.Of(context.Dataset.Name)).RunAsync(context.Get("to"), cancellationToken).ConfigureAwait(false);
        context.Counts.Add(read: result.Rows, written: result.Rows);
        return JobOutcome.Done(result.Message);
    }
}
