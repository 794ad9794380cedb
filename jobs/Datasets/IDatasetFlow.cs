using Pipeline.Engine.Sql;
using Pipeline.Jobs.Datasets.Parsing;
using Pipeline.Suite.Schemas.Contracts;
using Pipeline.Suite.Schemas.Staging;

namespace Pipeline.Jobs.Datasets;

/// <summary>What one data set does in each job: functions from tables to tables, without I/O. A new data set is a contract, and one of these.</summary>
/// <remarks>Only the contract must be given. A data set that is more than rows of a CSV file overrides the staging; one that is joined with references has an <see cref="Enrichment"/>.</remarks>
public interface IDatasetFlow
{
    /// <summary>Its contract.</summary>
    DatasetContract Dataset { get; }

    /// <summary>Typed rows from Kafka's columns (see <see cref="MessageReader.FromKafka"/>), with <see cref="StagedColumns.Provenance"/> and <see cref="StagedColumns.Broken"/>.</summary>
    /// <remarks>A message may become no row, one, or several; each row has an outcome of its own, and what is counted as read is rows. Rows of one message are told apart by <see cref="StagedColumns.Item"/>.</remarks>
    DataFrame StageMessages(DataFrame messages) => ContractParser.Parse(MessageReader.FromKafka(messages, Dataset.Main.Contract), Dataset.Main.Contract);

    /// <summary>Typed rows from a CSV's text columns (see <see cref="MessageReader.FromRecords"/>), with provenance and broken rules as in <see cref="StageMessages"/>.</summary>
    DataFrame StageRecords(DataFrame records, string corruptColumn) => ContractParser.Parse(MessageReader.FromRecords(records, Dataset.Main.Contract, corruptColumn), Dataset.Main.Contract);

    /// <summary>Whether a message is always one row, so that messages need not be counted apart from rows.</summary>
    bool HasRowPerMessage => true;

    /// <summary>The join with the references, or null where there are none: the main table is then the last one.</summary>
    IEnrichmentFlow? Enrichment => null;

    /// <summary>Name of the table from which metrics are computed: the enriched one where there is one, else the main one.</summary>
    string LastTable => Enrichment?.Table ?? Dataset.Main.Contract.Name;

    /// <summary>The metric tables; may be none.</summary>
    /// <param name="rows">Rows of <see cref="LastTable"/>.</param>
    IReadOnlyList<MetricTable> Metrics(DataFrame rows) => [];

    /// <summary>Pictures of the metrics, left in the folder of the run that exports them; may be none.</summary>
    /// <param name="rows">Rows of <see cref="LastTable"/>.</param>
    IReadOnlyList<Plot> Plots(DataFrame rows) => [];

    /// <summary>Files that a job leaves at its end; may be none.</summary>
    IReadOnlyList<FileOutput> Outputs(OutputRows rows) => [];

    /// <summary>Files that stream-ingest leaves for each batch; null for none. Called again with the same batch and rows where a batch runs again, and must then name the same files.</summary>
    IBatchOutputs? BatchOutputs => null;
}
