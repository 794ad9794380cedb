using Pipeline.Engine.Sql;

namespace Pipeline.Suite.Export;

/// <summary>The history of the data sets in a database: the lake's table <c>batches</c>, mirrored to <c>pipeline.dataset_version</c>.</summary>
public static class DatasetVersions
{
    /// <summary>The table to export. Batches that the lake has no more stay in the mirror.</summary>
    /// <param name="batches">The table <c>batches</c> or newer rows of it; key batch_id.</param>
    public static MetricsTable Of(DataFrame batches) => MetricsTable.Of("dataset_version", batches, "batch_id") with { Namespace = "pipeline", KeepsMissingRows = true };
}
