using Pipeline.Engine.Sql;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Jobs.Datasets;

/// <summary>How a data set's main table is joined with its references.</summary>
public interface IEnrichmentFlow
{
    /// <summary>Name of the table that <see cref="Enrich"/> makes.</summary>
    string Table { get; }

    /// <summary>Whether a row of the result depends on one row of the main table only, so that batches can be added one by one; else the table is created again whenever it would differ.</summary>
    bool IsIncremental { get; }

    /// <summary>One row, one bigint: how many rows <see cref="Enrich"/> must make, counted without its joins, so that a join that multiplies or loses rows is caught.</summary>
    DataFrame ExpectedRows(DataFrame rows, IReadOnlyDictionary<string, DataFrame> references);

    /// <summary>Rows of the main table joined with the references, parsed by their contracts. Keeps batch_id.</summary>
    /// <param name="rows">Rows of the main table.</param>
    /// <param name="references">By the names in <see cref="DatasetContract.References"/>.</param>
    DataFrame Enrich(DataFrame rows, IReadOnlyDictionary<string, DataFrame> references);

    /// <summary>Counts of rows that found nothing to join with.</summary>
    /// <remarks>Out: reference (string), detail (string, such as the programme), n (bigint); only what is unmatched.</remarks>
    DataFrame Unmatched(DataFrame enriched);
}
