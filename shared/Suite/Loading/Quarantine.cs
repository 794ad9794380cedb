using Pipeline.Engine.Types;

namespace Pipeline.Suite.Loading;

/// <summary>What became of a row in quarantine.</summary>
public static class QuarantineStatus
{
    /// <summary>It waits for someone.</summary>
    public const string Waiting = "waiting";

    /// <summary>It was corrected and waits for its replay.</summary>
    public const string Fixed = "fixed";

    /// <summary>It is in its table now.</summary>
    public const string Replayed = "replayed";

    /// <summary>It was given up, with a reason.</summary>
    public const string Discarded = "discarded";
}

/// <summary>The tables under <c>quarantine/</c>: rows that broke a rule, whole, with why and from where.</summary>
/// <remarks>Grain: one row a rejected row or message; key row_id, which is the same whenever the same row comes again, so that a repetition is written once.</remarks>
public static class Quarantine
{
    /// <summary>Column: identity of the row.</summary>
    public const string RowId = "row_id";

    /// <summary>Column: the rules that it broke, each with the column and the value found.</summary>
    public const string RulesBroken = "rules_broken";

    /// <summary>A broken rule: column (null for the whole row), rule (such as <c>not_a_number</c>), value (null where there was none, or where it is masked). Nothing in it is NOT NULL: Delta has no such constraint inside arrays.</summary>
    public static StructType BrokenRule { get; } = new(
        new StructField("column", new StringType()),
        new StructField("rule", new StringType()),
        new StructField("value", new StringType()));

    /// <summary>The columns: identity, source (topic, partition, offset; or file, line, cell; and the place in a message of several rows), the row as it came (text, and base64 of its bytes where they are not UTF-8), why, the batch, what became of it since, and its corrections.</summary>
    public static StructType Schema { get; } = new(
        new StructField(RowId, new StringType(), false),
        new StructField("dataset", new StringType(), false),
        new StructField("table_name", new StringType(), false),
        new StructField("batch_id", new StringType(), false),
        new StructField("quarantined_at", new TimestampType(), false),
        new StructField("source_topic", new StringType()),
        new StructField("source_partition", new IntegerType()),
        new StructField("source_offset", new LongType()),
        new StructField("source_file", new StringType()),
        new StructField("source_line", new LongType()),
        new StructField("source_cell", new StringType()),
        new StructField("message_key", new StringType()),
        new StructField("raw_text", new StringType()),
        new StructField("raw_base64", new StringType()),
        new StructField(RulesBroken, new ArrayType(BrokenRule), false),
        new StructField("is_whole_batch", new BooleanType(), false),
        new StructField("status", new StringType(), false),
        new StructField("status_at", new TimestampType(), false),
        new StructField("status_reason", new StringType()),
        new StructField("fixed_text", new StringType()),
        new StructField("replay_batch_id", new StringType()),
        new StructField("source_item", new LongType()),
        // JSON: each correction with its text, by whom, when and why, oldest first; a text that is null took the one before back.
        new StructField("fixes", new StringType()));
}
