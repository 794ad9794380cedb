using Pipeline.Engine.Sql;

namespace Pipeline.Jobs.Datasets;

/// <summary>What a job hands to <see cref="IDatasetFlow.Outputs"/>.</summary>
/// <param name="Source">The job that asks.</param>
/// <param name="Main">The main table as it stands, all rows that it ever took in: the contract's columns, batch_id, and row_id where the contract has no key.</param>
public sealed record OutputRows(OutputSource Source, DataFrame Main)
{
    /// <summary>The good rows (the contract's columns) of the files that this run loaded, whether they were new or not; null for other jobs than batch-etl.</summary>
    public DataFrame? Loaded { get; init; }

    /// <summary>The enriched table as it stands, or null where there is none or the job does not enrich.</summary>
    public DataFrame? Enriched { get; init; }
}

/// <summary>A job that leaves files.</summary>
public enum OutputSource
{
    /// <summary>batch-etl, after its files were loaded and enriched.</summary>
    BatchEtl,

    /// <summary>stream-ingest, at the end of its run.</summary>
    StreamIngest,

    /// <summary>hdfs-enrich.</summary>
    HdfsEnrich,
}
