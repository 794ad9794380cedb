using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Contracts;
using static Pipeline.Engine.Sql.Functions;
using Contract = Pipeline.Suite.Schemas.WaterQuality;

namespace Pipeline.Jobs.Datasets.WaterQuality;

/// <summary>Water quality: samples as the contract reads them, turned into measurements, and measured.</summary>
public sealed class WaterQualityFlow : IDatasetFlow
{
    /// <inheritdoc/>
    public DatasetContract Dataset => Contract.Dataset;

    /// <inheritdoc/>
    public IEnrichmentFlow Enrichment { get; } = new WaterQualityEnrichment();

    /// <inheritdoc/>
    public IReadOnlyList<MetricTable> Metrics(DataFrame rows) => WaterQuality.Metrics.All(rows);

    /// <inheritdoc/>
    public IReadOnlyList<Plot> Plots(DataFrame rows) => WaterQuality.Plots.All(rows);
}

/// <summary>Samples turned into values, each with its method and site.</summary>
internal sealed class WaterQualityEnrichment : IEnrichmentFlow
{
    public string Table => "water_measurements";

    public bool IsIncremental => true;

    public DataFrame ExpectedRows(DataFrame rows, IReadOnlyDictionary<string, DataFrame> references) =>
        rows.Agg(Contract.Measurements.Select(measurement => Count(Col(measurement.ColumnName))).Aggregate((left, right) => left + right).As("n"));

    public DataFrame Enrich(DataFrame rows, IReadOnlyDictionary<string, DataFrame> references) =>
        Marts.Measurements(rows, references["methods"], references["sites"]);

    public DataFrame Unmatched(DataFrame enriched)
    {
        var methods = enriched.Filter(Col("method").IsNull()).GroupBy(Col("program_id").As("detail")).Agg(Count(Lit(1)).As("n")).Select(Lit("methods").As("reference"), Col("detail"), Col("n"));
        var sites = enriched.Filter(Col("site_name").IsNull()).GroupBy(Concat(Col("program_id"), Lit(" "), Col("site_id")).As("detail")).Agg(Count(Lit(1)).As("n")).Select(Lit("sites").As("reference"), Col("detail"), Col("n"));
        return methods.Union(sites);
    }
}
