using System.Collections.Immutable;

namespace Pipeline.Suite.Schemas.Contracts;

/// <summary>Columns and tables that the loading of rows makes, the same for all data sets.</summary>
public static class LakeColumns
{
    /// <summary>Columns that a loaded table may have beside its contract's.</summary>
    public static ImmutableArray<ColumnDescription> Provenance { get; } =
    [
        new("batch_id", "Batch that brought the row; 'pipeline batches show' explains it"),
        new("row_id", "Identity of the row, made from the place it came from") { IsRequired = true },
        new("source_file", "File that the row came from"),
        new("source_line", "Line of the file, or sheet and cell of a workbook"),
        new("source_version", "Version of the file: a hash of its content"),
    ];

    /// <summary>The table of all batches.</summary>
    public static TableDescription Batches { get; } = new("batches", "one batch of one table",
    [
        new("batch_id", "Identity of the batch; the same when the same messages come again") { IsRequired = true },
        new("dataset", "Data set") { IsRequired = true },
        new("job", "Job that loaded the batch") { IsRequired = true },
        new("run_id", "Run that loaded the batch; 'pipeline runs show' explains it") { IsRequired = true },
        new("batch_number", "Number of the micro-batch in its stream; null outside streams"),
        new("source", "Topic, file or URI that the rows came from") { IsRequired = true },
        new("offsets_from", "First offset of each partition, as JSON; null where the source has none"),
        new("offsets_until", "Offset after the last of each partition, as JSON"),
        new("received_at", "When the batch was read, UTC") { IsRequired = true },
        new("committed_at", "When its rows were in the table, UTC; null where they never were"),
        new("rows_read", "Rows or messages read") { IsRequired = true },
        new("rows_written", "Rows in the table") { IsRequired = true },
        new("rows_quarantined", "Rejected rows, kept in quarantine") { IsRequired = true },
        new("rows_duplicate", "Rows left out because the table has them") { IsRequired = true },
        new("rows_late", "Rows left out because they came after their window") { IsRequired = true },
        new("size_bytes", "Size of the messages or file") { Unit = "B", IsRequired = true },
        new("table_name", "Table that the batch went to") { IsRequired = true },
        new("table_version", "Version of the table that has the batch; null where none"),
        new("checksum", "Checksum of the messages") { IsRequired = true },
        new("status", "committed, quarantined, replayed, discarded or restored_from") { IsRequired = true },
        new("reason", "Why the batch was not committed; else null"),
    ])
    {
        Key = ["batch_id", "table_name"],
        Lineage = "every job that loads rows",
    };

    /// <summary>The rejected rows of a table.</summary>
    /// <param name="table">The table that they were meant for.</param>
    public static TableDescription Quarantine(string table) => new($"{table}_quarantine", $"one row or message that '{table}' rejected", QuarantineColumns)
    {
        Key = ["row_id"],
        Lineage = $"rows on their way to '{table}' that broke a rule",
    };

    private static ImmutableArray<ColumnDescription> QuarantineColumns { get; } =
    [
        new("row_id", "Identity of the row; the same when the same row comes again") { IsRequired = true },
        new("dataset", "Data set") { IsRequired = true },
        new("table_name", "Table that the row was meant for") { IsRequired = true },
        new("batch_id", "Batch that brought the row") { IsRequired = true },
        new("quarantined_at", "When the row was rejected, UTC") { IsRequired = true },
        new("source_topic", "Topic that the row came from; null for a file"),
        new("source_partition", "Partition of the topic"),
        new("source_offset", "Offset in the partition"),
        new("source_file", "File that the row came from; null for a topic without one"),
        new("source_line", "Line of the file"),
        new("source_cell", "Sheet and cell of a workbook"),
        new("message_key", "Key of the message"),
        new("raw_text", "The row as it came"),
        new("raw_base64", "The row's bytes in base64 where they are not UTF-8"),
        new("rules_broken", "Every rule that the row broke, with column and value") { IsRequired = true },
        new("is_whole_batch", "Whether its whole batch was quarantined") { IsRequired = true },
        new("status", "waiting, fixed, replayed or discarded") { IsRequired = true },
        new("status_at", "When the status last changed, UTC") { IsRequired = true },
        new("status_reason", "Why the status changed, by whoever changed it"),
        new("fixed_text", "The row as it was corrected"),
        new("replay_batch_id", "Batch that loaded the row after all"),
        new("source_item", "Place of the row in a message of several rows"),
        new("fixes", "Each correction with its author, time and reason, as JSON"),
    ];
}
