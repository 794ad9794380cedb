using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets;
using Pipeline.Jobs.Outputs;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.HdfsEnrich;

/// <summary>Rows of the main table joined with references that lie in HDFS or a folder, incrementally by batch.</summary>
public sealed class HdfsEnrichJob : IJob
{
    /// <inheritdoc/>
    public string Name => "hdfs-enrich";

    /// <inheritdoc/>
    public string Purpose => "Join a data set's table with its reference files, without multiplying rows, and report what found no match.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Examples { get; } =
    [
        "HdfsEnrich --dataset water-quality --reference ./data --lake ./lake",
        "HdfsEnrich --dataset water-quality --reference hdfs://namenode:8020/reference/water-quality --lake hdfs://namenode:8020/lake",
        "HdfsEnrich --dataset water-quality --reference ./data --lake ./lake --full",
    ];

    /// <inheritdoc/>
    public IReadOnlyList<JobOption> Options { get; } =
    [
        new("reference", "Folder of the reference files: a path, file: or hdfs: URI") { IsRequired = true, ValueName = "URI" },
        JobOption.Flag("full", "Make the enriched table again instead of adding the batches that it lacks"),
        OutputWriter.Option,
        OutputWriter.GuardOption,
    ];

    /// <inheritdoc/>
    public async Task<JobOutcome> RunAsync(JobContext context, CancellationToken cancellationToken)
    {
        var flow = DatasetFlows.Of(context.Dataset.Name);
        if (flow.Enrichment is not { } enrichment)
            throw new UsageException($"The data set '{flow.Dataset.Name}' has no references: there is nothing to join '{flow.Dataset.Main.Contract.Name}' with. Its metrics are computed from that table.");
        var references = await ReferenceFiles.ReadAsync(context, flow.Dataset, context.Get("reference"), cancellationToken).ConfigureAwait(false);
        context.EvolveTables(flow.Dataset.Main.Contract);
        var result = new Enrichment(context, flow, enrichment).Run(references, context.GetFlag("full"));
        await new OutputWriter(context).WriteAsync(
            flow.Outputs(new OutputRows(OutputSource.HdfsEnrich, context.ReadTable(flow.Dataset.Main.Contract.Name)) { Enriched = context.ReadTable(enrichment.Table) }), cancellationToken).ConfigureAwait(false);
        context.Counts.Add(read: result.Rows, written: result.Rows);
        return JobOutcome.Done(result.Message);
    }
}
