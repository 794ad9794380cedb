using Pipeline.Schemas;
using Pipeline.Sql;

namespace Pipeline.Jobs.Datasets;

/// <summary>What one data set does in each job: functions from tables to tables, without I/O. A new data set is a contract, and one of these.</summary>
public interface IDatasetFlow
{
    /// <summary>Its contract.</summary>
    DatasetContract Dataset { get; }

    /// <summary>Typed rows from Kafka's columns (see <see cref="Parsing.MessageReader.FromKafka"/>), with provenance and broken rules.</summary>
    DataFrame StageMessages(DataFrame messages);

    /// <summary>Typed rows from a CSV's text columns (see <see cref="Parsing.MessageReader.FromRecords"/>), with provenance and broken rules.</summary>
    DataFrame StageRecords(DataFrame records, string corruptColumn);

    /// <summary>Name of the table that <see cref="Enrich"/> makes.</summary>
    string EnrichedTable { get; }

    /// <summary>How many rows <see cref="Enrich"/> must make of these, counted without its joins: a join that multiplies rows is caught by it.</summary>
    DataFrame ExpectedRows(DataFrame rows);

    /// <summary>Rows of the main table joined with the references, parsed by their contracts.</summary>
    /// <param name="rows">Rows of the main table.</param>
    /// <param name="references">By the names in <see cref="DatasetContract.References"/>.</param>
    DataFrame Enrich(DataFrame rows, IReadOnlyDictionary<string, DataFrame> references);

    /// <summary>Counts of rows that found nothing to join with.</summary>
    /// <remarks>Out: reference (string), detail (string, such as the programme), n (bigint); only what is unmatched.</remarks>
    DataFrame Unmatched(DataFrame enriched);

    /// <summary>The metric tables of the enriched table.</summary>
    IReadOnlyList<MetricTable> Metrics(DataFrame enriched);
}
