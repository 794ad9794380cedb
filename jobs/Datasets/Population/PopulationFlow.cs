using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Contracts;
using Contract = Pipeline.Suite.Schemas.Population;

namespace Pipeline.Jobs.Datasets.Population;

/// <summary>Population: neighborhoods joined with three references, all sides kept, in one Parquet file and three metric tables.</summary>
public sealed class PopulationFlow : IDatasetFlow
{
    /// <inheritdoc/>
    public DatasetContract Dataset => Contract.Dataset;

    /// <inheritdoc/>
    public IEnrichmentFlow Enrichment { get; } = new PopulationEnrichment();

    /// <inheritdoc/>
    public IReadOnlyList<MetricTable> Metrics(DataFrame rows) => Population.Metrics.All(rows);

    /// <inheritdoc/>
    public IReadOnlyList<FileOutput> Outputs(OutputRows rows) =>
        rows.Enriched is { } neighborhoods ? [new ParquetOutput("population.parquet", Marts.Profile(neighborhoods))] : [];
}

/// <summary>The outer join of the four sources.</summary>
internal sealed class PopulationEnrichment : IEnrichmentFlow
{
    public string Table => "neighborhoods";

    /// <summary>A neighborhood that only a reference has belongs to no batch, and leaves its nulls when a later batch brings it.</summary>
    public bool IsIncremental => false;

    public DataFrame ExpectedRows(DataFrame rows, IReadOnlyDictionary<string, DataFrame> references) => Marts.CountNeighborhoods(rows, references);

    public DataFrame Enrich(DataFrame rows, IReadOnlyDictionary<string, DataFrame> references) => Marts.Neighborhoods(rows, references);

    public DataFrame Unmatched(DataFrame enriched) => Marts.Missing(enriched);
}
