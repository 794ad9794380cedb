using Pipeline.Engine.Sql;
using Pipeline.Jobs.Datasets.Parsing;
using Pipeline.Suite.Schemas.Contracts;
using Contract = Pipeline.Suite.Schemas.DeviceEvents;

namespace Pipeline.Jobs.Datasets.DeviceEvents;

/// <summary>Device events: nested JSON to one row a device, and a CSV file a batch for <c>pipeline merge</c>.</summary>
public sealed class DeviceEventsFlow : IDatasetFlow, IBatchOutputs
{
    /// <summary>Folder of the batches' files among the data set's outputs.</summary>
    public const string BatchFolder = "batches";

    /// <inheritdoc/>
    public DatasetContract Dataset => Contract.Dataset;

    /// <inheritdoc/>
    public bool HasRowPerMessage => false;

    /// <inheritdoc/>
    public IBatchOutputs BatchOutputs => this;

    /// <inheritdoc/>
    public DataFrame StageMessages(DataFrame messages) => Stage(MessageTexts.FromKafka(messages, orLatin1: false));

    /// <inheritdoc/>
    public DataFrame StageRecords(DataFrame records, string corruptColumn) => Stage(MessageTexts.FromRecords(records, corruptColumn));

    /// <inheritdoc/>
    public IReadOnlyList<MetricTable> Metrics(DataFrame rows) => [new("device_stats", ["device_id", "measure"], Marts.DeviceStats(rows)), new("status_counts", ["customer_id", "status"], Marts.StatusCounts(rows))];

    /// <inheritdoc/>
    public IReadOnlyList<FileOutput> Of(string batchId, DataFrame rows) => [new CsvOutput($"{BatchFolder}/{batchId}.csv", Marts.AsReceived(rows))];

    private static DataFrame Stage(DataFrame texts) => ContractParser.Parse(DeviceEventReader.Read(texts), Contract.Readings);
}
