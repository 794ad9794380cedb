using Pipeline.Engine.Types;

namespace Pipeline.Suite.Schemas.Staging;

/// <summary>Names of the columns that staging adds to a contract's own; all begin with an underscore.</summary>
public static class StagedColumns
{
    /// <summary>Message or record as text; null for a null value or bytes that are not UTF-8.</summary>
    public const string Raw = "_raw";

    /// <summary>The message's bytes in base64 where they are not UTF-8 text, else null.</summary>
    public const string RawBase64 = "_raw_base64";

    /// <summary>Message key as text, or null.</summary>
    public const string Key = "_key";

    /// <summary>Topic the row came from, or null for a file.</summary>
    public const string Topic = "_topic";

    /// <summary>Partition (int) in the topic, or null.</summary>
    public const string Partition = "_partition";

    /// <summary>Offset (bigint) in the partition, or null.</summary>
    public const string Offset = "_offset";

    /// <summary>File the row came from as its producer named it, or null.</summary>
    public const string File = "_file";

    /// <summary>Line of the file, or <c>Sheet!A1</c> of a workbook; null where not known.</summary>
    public const string Line = "_line";

    /// <summary>Place (bigint, 0 upwards) of the row within its message where a message holds several rows; null where a message or record is one row.</summary>
    public const string Item = "_item";

    /// <summary>Version of the file that the row came from, as its producer names it (a hash of its content); null or absent where not known.</summary>
    public const string Version = "_version";

    /// <summary>What is wrong with the row as a whole (<c>null_value</c>, <c>not_utf8</c>, <c>conflict_marker</c> (a line that git left in a file), <c>malformed_json</c> (no object, or one with none of the fields), <c>wrong_field_count</c>), or null.</summary>
    public const string Format = "_format";

    /// <summary>Member of a JSON message that holds the fields of a file's row beyond its header, as an array; such a row is no row of its contract.</summary>
    public const string Extra = "_extra";

    /// <summary>What stands before the text of a JSON object, array or boolean where a text or number is expected; no table holds a text with U+0000.</summary>
    public const string WrongKind = "\0\0";

    /// <summary>The rule that such a value breaks.</summary>
    public const string WrongKindRule = "wrong_json_type";

    /// <summary>Every rule that the row breaks; empty for a good row: array of <see cref="BrokenType"/>.</summary>
    public const string Broken = "_broken";

    /// <summary>One broken rule: the column's source name (null where the row as a whole is meant), the rule, and the text found.</summary>
    public static StructType BrokenType { get; } = new(
        new StructField("column", new StringType()),
        new StructField("rule", new StringType()),
        new StructField("value", new StringType()));

    /// <summary>The columns that tell where a row came from, in order; each staged row has them.</summary>
    public static IReadOnlyList<string> Provenance { get; } = [Raw, RawBase64, Key, Topic, Partition, Offset, File, Line, Item];
}
