using System.Collections.Frozen;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Delta;

/// <summary>What a change does to a table, as far as features ask for it.</summary>
/// <param name="IsCommit">Whether it makes a version; a vacuum makes none.</param>
/// <param name="AddsRows">Whether rows come that the table did not have, or its columns change.</param>
/// <param name="RemovesRows">Whether rows go.</param>
/// <param name="CopiesRows">Whether rows of the table may come to stand in other files.</param>
internal readonly record struct ChangeKind(bool IsCommit, bool AddsRows, bool RemovesRows, bool CopiesRows)
{
    /// <summary>Whether new rows meet the table's constraints and invariants, and have the values of its generated columns.</summary>
    public bool RowsMeetRules { get; init; }

    /// <summary>Whether the changes of rows are told: whole files come or go, or files of changes come along.</summary>
    public bool TellsChanges { get; init; }

    /// <summary>Files go that no version needs.</summary>
    public static ChangeKind Vacuum { get; }
}

/// <summary>Which features of Delta are known here; all others are refused by name.</summary>
/// <remarks>Source: Delta transaction log protocol, "Table Features", "Valid Feature Names in Table Features" and the requirements for readers and writers.</remarks>
internal static class TableFeatures
{
    public const string TimestampNtz = "timestampNtz";
    public const string ColumnMapping = "columnMapping";
    private const string RowTracking = "rowTracking";
    private const string Identity = "identityColumns";

    /// <summary>The features that are known. One that stands in the protocol and is not in use hinders nothing.</summary>
    private static readonly FrozenDictionary<string, Feature> Known = ((Feature[])
    [
        new("appendOnly") { Reads = true, Writes = true },
        new("invariants") { Reads = true, Writes = true },
        new("checkConstraints") { Reads = true, Writes = true },
        new("changeDataFeed") { Reads = true, Writes = true },
        new("generatedColumns") { Reads = true, Writes = true },
        new("identityColumns") { Reads = true, Writes = true },
        new("allowColumnDefaults") { Reads = true, Writes = true },
        new("domainMetadata") { Reads = true, Writes = true },
        new("clustering") { Reads = true, Writes = true },
        new("inCommitTimestamp") { Reads = true, Writes = true },
        new("vacuumProtocolCheck") { Reads = true, Writes = true },
        new("checkpointProtection") { Reads = true, Writes = true },
        new(TimestampNtz) { Reads = true, Writes = true },
        // Files are read by the table's types, and statistics are values, not bytes.
        new("typeWidening") { Reads = true, Writes = true },
        new("typeWidening-preview") { Reads = true, Writes = true },
        // A checkpoint that only this feature allows is refused when it is met; those that are written here every reader knows.
        new("v2Checkpoint") { Reads = true, Writes = true },
        // Deleted rows are left out of every scan; a file that is rewritten here needs no vector any more.
        new("deletionVectors") { Reads = true, Writes = true },
        // Files and partition values are read and written by the stored names.
        new(ColumnMapping) { Reads = true, Writes = true },
        new("variantType") { IsInUse = HasVariant },
        new("variantType-preview") { IsInUse = HasVariant },
        new("variantShredding") { IsInUse = HasVariant },
        new("variantShredding-preview") { IsInUse = HasVariant },
        new("icebergCompatV1") { Reads = true, IsInUse = static metadata => IsTrue(metadata, "delta.enableIcebergCompatV1") },
        new("icebergCompatV2") { Reads = true, IsInUse = static metadata => IsTrue(metadata, "delta.enableIcebergCompatV2") },
        // New rows are numbered as soon as the protocol has it, whatever the properties say; a change that copies rows is refused.
        new(RowTracking) { Reads = true, Writes = true },
    ]).ToFrozenDictionary(static feature => feature.Name, StringComparer.Ordinal);

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
        ReaderFeatures = [.. (current.MinReaderVersion == 2 ? [ColumnMapping] : current.ReaderFeatures).Union(needed.ReaderFeatures).Order(StringComparer.Ordinal)],
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
        foreach (var name in protocol.ReaderFeatures)
            if (!Known.TryGetValue(name, out var feature) || (!feature.Reads && feature.IsInUse(metadata))) throw Refused(table, "read", name);
        _ = Delta.ColumnMapping.ModeOf(table, protocol, metadata);
        if (metadata.Provider != "parquet") throw Refused(table, "read", $"the file format '{metadata.Provider}'");
    }

    /// <summary>Refuses a change that would damage a table, as it is made without what one of the table's features asks for.</summary>
    /// <param name="table">The table, for messages.</param>
    /// <param name="protocol">Its protocol.</param>
    /// <param name="metadata">Its metadata.</param>
    /// <param name="change">What is done.</param>
    public static void RequireWritable(string table, Protocol protocol, Metadata metadata, ChangeKind change)
    {
        if (protocol.MinWriterVersion > 7) throw Refused(table, "write", $"writer version {protocol.MinWriterVersion} of Delta's protocol");
        foreach (var name in protocol.WriterFeatures)
            if (!Known.TryGetValue(name, out var feature) || (change.IsCommit && !feature.Writes && feature.IsInUse(metadata))) throw Refused(table, "write", name);
        if (change.RemovesRows && IsTrue(metadata, "delta.appendOnly"))
            throw new DeltaException(DeltaErrorKind.SchemaMismatch, $"Cannot remove rows from the table '{table}': its property delta.appendOnly is true. Append to it, or set the property to false.");
        if (change.RemovesRows && !change.TellsChanges && KeepsChanges(metadata)) throw Refused(table, "write", "changeDataFeed");
        if (change.CopiesRows && protocol.WriterFeatures.Contains(RowTracking)) throw Refused(table, "rewrite files of", RowTracking);
        if (!change.AddsRows) return;
        if (!change.RowsMeetRules && HasConstraints(protocol) && metadata.Configuration.Keys.FirstOrDefault(static key => key.StartsWith("delta.constraints.", StringComparison.Ordinal)) is { } constraint)
            throw Refused(table, "write", $"checkConstraints ({constraint["delta.constraints.".Length..]})");
        // Columns, nested ones too, whose values a writer must check or make.
        foreach (var (path, field) in TableSchema.Fields(metadata.ReadSchema(table)))
        {
            var isChecked = change.RowsMeetRules && !path.Contains('.', StringComparison.Ordinal);
            if (field.Metadata.Keys.Select(FeatureOfColumn).FirstOrDefault(feature => feature is not null && !(isChecked && feature != Identity)) is { } feature) throw Refused(table, "write", $"{feature} (column '{path}')");
        }
    }

    /// <summary>Whether writers must check the constraints among the table's properties.</summary>
    public static bool HasConstraints(Protocol protocol) => protocol.MinWriterVersion >= 3;

    /// <summary>Whether writers mark deleted rows in place of rewriting files.</summary>
    public static bool MarksDeletedRows(Protocol protocol, Metadata metadata) => protocol.WriterFeatures.Contains("deletionVectors") && IsTrue(metadata, "delta.enableDeletionVectors");

    /// <summary>Whether writers keep the changes of rows.</summary>
    public static bool KeepsChanges(Metadata metadata) => IsTrue(metadata, "delta.enableChangeDataFeed");

    /// <summary>Whether two forms of a table ask the same of new rows: constraints, invariants and generated columns.</summary>
    public static bool HasSameRules(string table, Metadata one, Metadata other)
    {
        return RulesOf(one).SequenceEqual(RulesOf(other));

        IEnumerable<(string, string)> RulesOf(Metadata metadata) =>
        [
            .. metadata.Configuration.Where(static entry => entry.Key.StartsWith("delta.constraints.", StringComparison.Ordinal)).Select(static entry => (entry.Key, entry.Value)),
            .. TableSchema.Fields(metadata.ReadSchema(table)).SelectMany(static entry => entry.Field.Metadata.Where(static rule => FeatureOfColumn(rule.Key) is not (null or Identity)).Select(rule => (entry.Path + ":" + rule.Key, rule.Value))),
        ];
    }

    /// <summary>Whether files of new rows get ids for them.</summary>
    public static bool TracksRows(Protocol protocol, Metadata metadata) => protocol.WriterFeatures.Contains(RowTracking) && !IsTrue(metadata, "delta.rowTrackingSuspended");

    /// <summary>Whether the table keeps instants inside its commits.</summary>
    public static bool UsesInCommitTimestamps(Metadata metadata) => IsTrue(metadata, "delta.enableInCommitTimestamps");

    /// <summary>The first version that keeps its instant inside its commit, or null where the table keeps none.</summary>
    public static long? InCommitTimestampsSince(Metadata metadata)
    {
        if (!UsesInCommitTimestamps(metadata)) return null;
        return long.TryParse(Property(metadata, "delta.inCommitTimestampEnablementVersion"), System.Globalization.CultureInfo.InvariantCulture, out var version) ? version : 0;
    }

    public static DeltaException Refused(string table, string doing, string feature) => new(
        DeltaErrorKind.UnsupportedFeature,
        $"Cannot {doing} the table '{table}': the table uses {feature}, which is not known here. Use Spark's Delta for it, or copy the rows into a table without that feature.");

    private static string? FeatureOfColumn(string metadataKey) => metadataKey switch
    {
        "delta.invariants" => "invariants",
        "delta.generationExpression" => "generatedColumns",
        _ when metadataKey.StartsWith("delta.identity.", StringComparison.Ordinal) => Identity,
        _ => null,
    };

    private static bool HasVariant(Metadata metadata) => metadata.SchemaString.Contains("\"variant\"", StringComparison.Ordinal);

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

    /// <summary>A feature of Delta, and what is known of it here.</summary>
    /// <param name="Name">Its name in the protocol.</param>
    private sealed record Feature(string Name)
    {
        /// <summary>Whether a table that uses it can be read.</summary>
        public bool Reads { get; init; }

        /// <summary>Whether a table that uses it can be written, or is refused where it would be broken.</summary>
        public bool Writes { get; init; }

        /// <summary>Whether a table that declares it uses it.</summary>
        public Func<Metadata, bool> IsInUse { get; init; } = static _ => true;
    }
}
