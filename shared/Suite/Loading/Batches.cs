using Pipeline.Engine.Types;

namespace Pipeline.Suite.Loading;

/// <summary>What became of a batch.</summary>
public static class BatchStatus
{
    /// <summary>Its rows are in the table; single bad ones may be in quarantine.</summary>
    public const string Committed = "committed";

    /// <summary>All of it is in quarantine: the table was not touched.</summary>
    public const string Quarantined = "quarantined";

    /// <summary>It was in quarantine and has been put into the table since.</summary>
    public const string Replayed = "replayed";

    /// <summary>It was in quarantine and was given up, with a reason.</summary>
    public const string Discarded = "discarded";

    /// <summary>The table was taken back to the version that this batch made.</summary>
    public const string RestoredFrom = "restored_from";
}

/// <summary>A row of the table <c>batches</c>.</summary>
/// <remarks>Grain: one row a batch and table; key <see cref="BatchId"/>. rows_read = written + quarantined + duplicate + late, always.</remarks>
/// <param name="BatchId">The batch: unique over all data sets, and the same when the same messages come again.</param>
/// <param name="Dataset">The data set.</param>
/// <param name="Job">The job that took it in.</param>
/// <param name="RunId">The run that did.</param>
/// <param name="BatchNumber">Number of the micro-batch in its stream; null outside streams.</param>
/// <param name="Source">Topic, file or URI that the rows came from.</param>
/// <param name="OffsetsFrom">First offset of each partition, as Spark's <c>startingOffsets</c>: <c>{"topic":{"0":100}}</c>; null where the source has none.</param>
/// <param name="OffsetsUntil">Offset after the last of each partition, in the same form.</param>
/// <param name="ReceivedAt">When it was read, UTC.</param>
/// <param name="CommittedAt">When its rows stood in the table, UTC; null where they never did.</param>
/// <param name="RowsRead">Rows or messages read.</param>
/// <param name="RowsWritten">Rows in the table.</param>
/// <param name="RowsQuarantined">Rows in quarantine.</param>
/// <param name="RowsDuplicate">Rows left out because the table has them.</param>
/// <param name="RowsLate">Rows left out because they came after their window.</param>
/// <param name="SizeBytes">Bytes of the messages or file.</param>
/// <param name="TableName">The table that it went to.</param>
/// <param name="TableVersion">Version of that table that has it; null where none.</param>
/// <param name="Checksum">Of the messages; the same whenever the same messages come again.</param>
/// <param name="Status">One of <see cref="BatchStatus"/>.</param>
/// <param name="Reason">Why, for a batch that was not committed; else null.</param>
public sealed record BatchRecord(
    string BatchId,
    string Dataset,
    string Job,
    string RunId,
    long? BatchNumber,
    string Source,
    string? OffsetsFrom,
    string? OffsetsUntil,
    DateTime ReceivedAt,
    DateTime? CommittedAt,
    long RowsRead,
    long RowsWritten,
    long RowsQuarantined,
    long RowsDuplicate,
    long RowsLate,
    long SizeBytes,
    string TableName,
    long? TableVersion,
    string Checksum,
    string Status,
    string? Reason)
{
    /// <summary>Whether each row that was read has its outcome.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsBalanced => RowsRead == RowsWritten + RowsQuarantined + RowsDuplicate + RowsLate;

    /// <summary>The values in the order of <see cref="Batches.Schema"/>.</summary>
    public object?[] ToValues() =>
    [
        BatchId, Dataset, Job, RunId, BatchNumber, Source, OffsetsFrom, OffsetsUntil, ReceivedAt, CommittedAt, RowsRead, RowsWritten, RowsQuarantined, RowsDuplicate, RowsLate,
        SizeBytes, TableName, TableVersion, Checksum, Status, Reason,
    ];

    /// <summary>Reads values in the order of <see cref="Batches.Schema"/>.</summary>
    public static BatchRecord FromValues(IReadOnlyList<object?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return new BatchRecord(
            (string)values[0]!, (string)values[1]!, (string)values[2]!, (string)values[3]!, (long?)values[4], (string)values[5]!, (string?)values[6], (string?)values[7],
            (DateTime)values[8]!, (DateTime?)values[9], (long)values[10]!, (long)values[11]!, (long)values[12]!, (long)values[13]!, (long)values[14]!,
            (long)values[15]!, (string)values[16]!, (long?)values[17], (string)values[18]!, (string)values[19]!, (string?)values[20]);
    }
}

/// <summary>The table <c>batches</c>.</summary>
public static class Batches
{
    /// <summary>Its columns; <see cref="BatchRecord"/> tells what each is.</summary>
    public static StructType Schema { get; } = new(
        new StructField("batch_id", new StringType(), false),
        new StructField("dataset", new StringType(), false),
        new StructField("job", new StringType(), false),
        new StructField("run_id", new StringType(), false),
        new StructField("batch_number", new LongType()),
        new StructField("source", new StringType(), false),
        new StructField("offsets_from", new StringType()),
        new StructField("offsets_until", new StringType()),
        new StructField("received_at", new TimestampType(), false),
        new StructField("committed_at", new TimestampType()),
        new StructField("rows_read", new LongType(), false),
        new StructField("rows_written", new LongType(), false),
        new StructField("rows_quarantined", new LongType(), false),
        new StructField("rows_duplicate", new LongType(), false),
        new StructField("rows_late", new LongType(), false),
        new StructField("size_bytes", new LongType(), false),
        new StructField("table_name", new StringType(), false),
        new StructField("table_version", new LongType()),
        new StructField("checksum", new StringType(), false),
        new StructField("status", new StringType(), false),
        new StructField("reason", new StringType()));
}
