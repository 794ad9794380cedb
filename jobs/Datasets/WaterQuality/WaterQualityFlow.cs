using Pipeline.Jobs.Datasets.Parsing;
using Pipeline.Schemas;
using Pipeline.Sql;
using static Pipeline.Sql.Functions;
using Contract = Pipeline.Schemas.WaterQuality;

namespace Pipeline.Jobs.Datasets.WaterQuality;

/// <summary>Water quality: samples staged, turned into measurements, and measured.</summary>
public sealed class WaterQualityFlow : IDatasetFlow
{
    /// <inheritdoc/>
    public DatasetContract Dataset => Contract.Dataset;

    /// <inheritdoc/>
    public string EnrichedTable => "water_measurements";

    /// <inheritdoc/>
    public DataFrame StageMessages(DataFrame messages) => ContractParser.Parse(MessageReader.FromKafka(messages, Contract.Samples), Contract.Samples);

    /// <inheritdoc/>
    public DataFrame StageRecords(DataFrame records, string corruptColumn) =>
        ContractParser.Parse(MessageReader.FromRecords(records, Contract.Samples, corruptColumn), Contract.Samples);

    /// <inheritdoc/>
    public DataFrame ExpectedRows(DataFrame rows) =>
        rows.Agg(Contract.Measurements.Select(measurement => Count(Col(measurement.ColumnName))).Aggregate((left, right) => left + right).As("n"));

    /// <inheritdoc/>
    public DataFrame Enrich(DataFrame rows, IReadOnlyDictionary<string, DataFrame> references) =>
        Marts.Measurements(rows, references["methods"], references["sites"]);

    /// <inheritdoc/>
    public DataFrame Unmatched(DataFrame enriched)
    {
        var methods = enriched.Filter(Col("method").IsNull()).GroupBy(Col("program_id").As("detail")).Agg(Count(Lit(1)).As("n")).Select(Lit("methods").As("reference"), Col("detail"), Col("n"));
        var sites = enriched.Filter(Col("site_name").IsNull()).GroupBy(Concat(Col("program_id"), Lit(" "), Col("site_id")).As("detail")).Agg(Count(Lit(1)).As("n")).Select(Lit("sites").As("reference"), Col("detail"), Col("n"));
        return methods.Union(sites);
    }

    /// <inheritdoc/>
    public IReadOnlyList<MetricTable> Metrics(DataFrame enriched) => WaterQuality.Metrics.All(enriched);
}
