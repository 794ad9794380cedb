using System.Collections.Frozen;
using Pipeline.Sql.Types;

namespace Pipeline.Lake.Delta;

/// <summary>Which features of Delta are known here; all others are refused by name.</summary>
/// <remarks>Source: Delta transaction log protocol, "Table Features", "Valid Feature Names in Table Features" and the requirements for readers and writers.</remarks>
internal static class TableFeatures
{
    public const string TimestampNtz = "timestampNtz";
    private const string DeletionVectors = "deletionVectors";
    private const string ColumnMapping = "columnMapping";

    /// <summary>Features with which a table can be read: those that change nothing for a reader, or that are looked at where they would (a mapping mode, a file's deletion vector).</summary>
    private static readonly FrozenSet<string> Readable = FrozenSet.Create(TimestampNtz, "vacuumProtocolCheck", DeletionVectors, ColumnMapping);

    /// <summary>Features with which a table can be written; whether one that stands dormant in the protocol is in use is looked at in the table's properties and columns.</summary>
    private static readonly FrozenSet<string> Writable = FrozenSet.Create(
        "appendOnly", "invariants", TimestampNtz, "vacuumProtocolCheck", "domainMetadata", "checkConstraints", "changeDataFeed", "generatedColumns", "identityColumns",
        DeletionVectors, ColumnMapping, "inCommitTimestamp", "checkpointProtection", "allowColumnDefaults");

    /// <summary>Delta's properties that a table made here may have: those that ask for no feature of the protocol.</summary>
    private static readonly FrozenSet<string> PlainProperties = FrozenSet.Create(
        "delta.appendOnly", AutoCompaction.Property, "delta.autoOptimize.optimizeWrite", "delta.checkpointInterval", "delta.dataSkippingNumIndexedCols", "delta.deletedFileRetentionDuration",
        "delta.enableExpiredLogCleanup", "delta.logRetentionDuration", "delta.setTransactionRetentionDuration", "delta.targetFileSize", "delta.tuneFileSizesForRewrites");

    /// <summary>The least protocol for these columns.</summary>
    public static Protocol ProtocolFor(StructType schema) => HasTimestampNtz(schema)
        ? new Protocol(3, 7) { ReaderFeatures = [TimestampNtz], WriterFeatures = ["appendOnly", "invariants", TimestampNtz] }
        : new Protocol(1, 2);

    /// <summary>A protocol with what the table has, and what new columns need beside.</summary>
    public static Protocol Upgrade(Protocol current, Protocol needed) => new(Math.Max(3, current.MinReaderVersion), 7)
    {
        ReaderFeatures = [.. current.ReaderFeatures.Union(needed.ReaderFeatures).Order(StringComparer.Ordinal)],
        WriterFeatures = [.. (current.MinWriterVersion >= 7 ? current.WriterFeatures : ImpliedBy(current.MinWriterVersion)).Union(needed.WriterFeatures).Order(StringComparer.Ordinal)],
    };

    private static IEnumerable<string> ImpliedBy(int writerVersion)
    {
        string[][] byVersion = [[], [], ["appendOnly", "invariants"], ["checkConstraints"], ["changeDataFeed", "generatedColumns"], [ColumnMapping], ["identityColumns"]];
        return byVersion.Take(writerVersion + 1).SelectMany(static features => features);
    }

    /// <summary>Refuses to make a table with properties of Delta that ask for what is not known here; properties of others are free.</summary>
    public static void RequirePlain(string table, IEnumerable<string> properties)
    {
        if (properties.FirstOrDefault(static key => key.StartsWith("delta.", StringComparison.Ordinal) && !PlainProperties.Contains(key)) is not { } other) return;
        throw new DeltaException(DeltaErrorKind.UnsupportedFeature, $"Cannot make the table '{table}' with the property '{other}', which is not known here. There are: {string.Join(", ", PlainProperties.Order(StringComparer.Ordinal))}. Make the table with Spark's Delta where it must have it.");
    }

    /// <summary>Refuses a table that a reader without its features would read wrongly.</summary>
    public static void RequireReadable(string table, Protocol protocol, Metadata metadata)
    {
        if (protocol.MinReaderVersion > 3) throw Refused(table, "read", $"reader version {protocol.MinReaderVersion} of Delta's protocol");
        foreach (var feature in protocol.ReaderFeatures)
            if (!Readable.Contains(feature)) throw Refused(table, "read", feature);
        if (Property(metadata, "delta.columnMapping.mode") is { } mode and not "none") throw Refused(table, "read", $"columnMapping (mode {mode})");
        if (metadata.Provider != "parquet") throw Refused(table, "read", $"the file format '{metadata.Provider}'");
    }

    /// <summary>Refuses a table with a file of which a part of the rows is deleted.</summary>
    public static DeltaException RefusedDeletionVector(string table, AddFile file) => new(
        DeltaErrorKind.UnsupportedFeature,
        $"Cannot read the table '{table}': the table uses deletionVectors (the file '{file.FilePath}' has one), which is not known here. In Spark, REORG TABLE … APPLY (PURGE) rewrites such files; setting delta.enableDeletionVectors to false keeps new ones away.");

    /// <summary>Refuses a table that would be damaged by a writer without its features.</summary>
    /// <param name="table">The table, for messages.</param>
    /// <param name="protocol">Its protocol.</param>
    /// <param name="metadata">Its metadata.</param>
    /// <param name="removesRows">Whether files with rows are taken away, too.</param>
    public static void RequireWritable(string table, Protocol protocol, Metadata metadata, bool removesRows)
    {
        if (protocol.MinWriterVersion > 7) throw Refused(table, "write", $"writer version {protocol.MinWriterVersion} of Delta's protocol");
        foreach (var feature in protocol.WriterFeatures)
            if (!Writable.Contains(feature)) throw Refused(table, "write", feature);
        if (protocol.MinWriterVersion >= 3 && metadata.Configuration.Keys.FirstOrDefault(static key => key.StartsWith("delta.constraints.", StringComparison.Ordinal)) is { } constraint)
            throw Refused(table, "write", $"checkConstraints ({constraint["delta.constraints.".Length..]})");
        if (removesRows && IsTrue(metadata, "delta.appendOnly"))
            throw new DeltaException(DeltaErrorKind.SchemaMismatch, $"Cannot remove rows from the table '{table}': its property delta.appendOnly is true. Append to it, or set the property to false.");
        if (removesRows && IsTrue(metadata, "delta.enableChangeDataFeed")) throw Refused(table, "write", "changeDataFeed");
        if (IsTrue(metadata, "delta.enableRowTracking")) throw Refused(table, "write", "rowTracking");
        foreach (var field in metadata.ReadSchema(table))
            foreach (var key in field.Metadata.Keys)
                if (FeatureOfColumn(key) is { } feature) throw Refused(table, "write", $"{feature} (column '{field.Name}')");
    }

    /// <summary>Whether the table keeps instants inside its commits.</summary>
    public static bool UsesInCommitTimestamps(Metadata metadata) => IsTrue(metadata, "delta.enableInCommitTimestamps");

    public static DeltaException Refused(string table, string doing, string feature) => new(
        DeltaErrorKind.UnsupportedFeature,
        $"Cannot {doing} the table '{table}': the table uses {feature}, which is not known here. Use Spark's Delta for it, or copy the rows into a table without that feature.");

    private static string? FeatureOfColumn(string metadataKey) => metadataKey switch
    {
        "delta.invariants" => "invariants",
        "delta.generationExpression" => "generatedColumns",
        _ when metadataKey.StartsWith("delta.identity.", StringComparison.Ordinal) => "identityColumns",
        _ => null,
    };

    private static string? Property(Metadata metadata, string key) => metadata.Configuration.GetValueOrDefault(key);

    private static bool IsTrue(Metadata metadata, string key) => string.Equals(Property(metadata, key), "true", StringComparison.OrdinalIgnoreCase);

    private static bool HasTimestampNtz(DataType type) => type switch
    {
        TimestampNTZType => true,
        StructType fields => fields.Any(static field => HasTimestampNtz(field.DataType)),
        ArrayType array => HasTimestampNtz(array.ElementType),
        MapType map => HasTimestampNtz(map.KeyType) || HasTimestampNtz(map.ValueType),
        _ => false,
    };
}
