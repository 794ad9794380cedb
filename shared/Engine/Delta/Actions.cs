using System.Collections.Immutable;

namespace Pipeline.Engine.Delta;

/// <summary>One line of the log: a change of the table. The family is closed.</summary>
/// <remarks>Source: Delta transaction log protocol, "Actions".</remarks>
public abstract record DeltaAction
{
    private protected DeltaAction()
    {
    }
}

/// <summary>What the table is: its columns, partitions and properties.</summary>
/// <param name="Id">Identity of the table, kept for its life.</param>
/// <param name="SchemaString">The columns as Spark's JSON; empty in a table that has none yet.</param>
/// <param name="PartitionColumns">Columns by which files are parted, in order.</param>
/// <param name="Configuration">Table properties.</param>
public sealed record Metadata(string Id, string SchemaString, ImmutableArray<string> PartitionColumns, ImmutableSortedDictionary<string, string> Configuration) : DeltaAction
{
    /// <summary>Name for people, or null.</summary>
    public string? Name { get; init; }

    /// <summary>Description for people, or null.</summary>
    public string? Description { get; init; }

    /// <summary>When the table was made, ms since 1970 UTC, or null.</summary>
    public long? CreatedTime { get; init; }

    /// <summary>File format; always <c>parquet</c>.</summary>
    public string Provider { get; init; } = "parquet";

    /// <summary>Options of the format; empty.</summary>
    public ImmutableSortedDictionary<string, string> FormatOptions { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <inheritdoc/>
    public bool Equals(Metadata? other) =>
        other is not null && Id == other.Id && SchemaString == other.SchemaString && PartitionColumns.SequenceEqual(other.PartitionColumns) && Configuration.SequenceEqual(other.Configuration)
        && Name == other.Name && Description == other.Description && CreatedTime == other.CreatedTime && Provider == other.Provider && FormatOptions.SequenceEqual(other.FormatOptions);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, SchemaString, PartitionColumns.Length, Configuration.Count);
}

/// <summary>What a program must know to read or write the table.</summary>
/// <param name="MinReaderVersion">1 to 3.</param>
/// <param name="MinWriterVersion">2 to 7.</param>
public sealed record Protocol(int MinReaderVersion, int MinWriterVersion) : DeltaAction
{
    /// <summary>Names of features that readers must know; empty but for reader version 3.</summary>
    public ImmutableArray<string> ReaderFeatures { get; init; } = [];

    /// <summary>Names of features that writers must know; empty but for writer version 7.</summary>
    public ImmutableArray<string> WriterFeatures { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(Protocol? other) =>
        other is not null && MinReaderVersion == other.MinReaderVersion && MinWriterVersion == other.MinWriterVersion
        && ReaderFeatures.SequenceEqual(other.ReaderFeatures) && WriterFeatures.SequenceEqual(other.WriterFeatures);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(MinReaderVersion, MinWriterVersion, ReaderFeatures.Length, WriterFeatures.Length);
}

/// <summary>Rows that are deleted from a file by a bitmap beside it, in the log or in a file of its own.</summary>
/// <param name="StorageType">u, i or p.</param>
/// <param name="PathOrInlineDv">Where the bitmap is, or the bitmap.</param>
/// <param name="Offset">First byte in the file, or null.</param>
/// <param name="SizeInBytes">Bytes of the bitmap.</param>
/// <param name="Cardinality">Deleted rows.</param>
public sealed record DeletionVector(string StorageType, string PathOrInlineDv, int? Offset, int SizeInBytes, long Cardinality)
{
    internal string UniqueId => Offset is { } offset ? $"{StorageType}{PathOrInlineDv}@{offset}" : StorageType + PathOrInlineDv;
}

/// <summary>A data file that belongs to the table from this version on.</summary>
/// <param name="Path">Path from the table's folder, percent-encoded as it stands in the log; rarely an absolute URI.</param>
/// <param name="PartitionValues">Value of each partition column as text; null is SQL's NULL.</param>
/// <param name="SizeBytes">Size of the file.</param>
/// <param name="ModificationTime">When it was made, ms since 1970 UTC.</param>
/// <param name="DataChange">False where the rows stood in the table before (compaction).</param>
public sealed record AddFile(string Path, ImmutableSortedDictionary<string, string?> PartitionValues, long SizeBytes, long ModificationTime, bool DataChange) : DeltaAction
{
    /// <summary>Statistics as JSON, or null.</summary>
    public string? Stats { get; init; }

    /// <summary>Free labels, or null.</summary>
    public ImmutableSortedDictionary<string, string?>? Tags { get; init; }

    /// <summary>Deleted rows, or null for none.</summary>
    public DeletionVector? DeletionVector { get; init; }

    /// <summary>Id of the file's first row, from which the others count on; null in a table without row tracking.</summary>
    public long? BaseRowId { get; init; }

    /// <summary>The version that brought the file's rows; null in a table without row tracking.</summary>
    public long? DefaultRowCommitVersion { get; init; }

    /// <summary>What clustered the file's rows, or null.</summary>
    public string? ClusteringProvider { get; init; }

    /// <summary>Identity of the file: its path from the table's folder, decoded and without <c>.</c> and <c>..</c>, however the log spells it. In a snapshot it is never a file outside the folder.</summary>
    public string FilePath
    {
        get => identity ?? LogPath.Decode(Path);
        internal init => identity = value;
    }

    /// <summary>The statistics parsed, or null where there are none.</summary>
    public FileStatistics? ReadStatistics() => Stats is null ? null : FileStatistics.Parse(Stats);

    /// <summary>Rows of the file that are not deleted, or null where the statistics do not tell.</summary>
    public long? CountRows() => (Stats is null ? null : FileStatistics.CountOf(Stats)) - (DeletionVector?.Cardinality ?? 0);

    internal string Key => LogPath.KeyOf(FilePath, DeletionVector);

    private readonly string? identity;
}

/// <summary>A data file that no longer belongs to the table; it stays on the disk for readers of earlier versions until a vacuum.</summary>
/// <param name="Path">Path as in <see cref="AddFile"/>.</param>
/// <param name="DeletionTimestamp">When it was removed, ms since 1970 UTC, or null.</param>
/// <param name="DataChange">False where its rows stay in the table (compaction).</param>
public sealed record RemoveFile(string Path, long? DeletionTimestamp, bool DataChange) : DeltaAction
{
    /// <summary>Whether the partition values and size are given.</summary>
    public bool ExtendedFileMetadata { get; init; }

    /// <summary>Partition values, or null where not given.</summary>
    public ImmutableSortedDictionary<string, string?>? PartitionValues { get; init; }

    /// <summary>Size of the file, or null where not given.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Deleted rows that the file had, or null.</summary>
    public DeletionVector? DeletionVector { get; init; }

    /// <inheritdoc cref="AddFile.BaseRowId"/>
    public long? BaseRowId { get; init; }

    /// <inheritdoc cref="AddFile.DefaultRowCommitVersion"/>
    public long? DefaultRowCommitVersion { get; init; }

    /// <summary>Identity of the file, as <see cref="AddFile.FilePath"/>; an absolute path or URI where it lies outside the table's folder.</summary>
    public string FilePath
    {
        get => identity ?? LogPath.Decode(Path);
        internal init => identity = value;
    }

    internal string Key => LogPath.KeyOf(FilePath, DeletionVector);

    private readonly string? identity;
}

/// <summary>The last piece of work of an application that the table holds, so that it is never done twice.</summary>
/// <param name="AppId">The application, such as a stream's query id.</param>
/// <param name="Version">Its own ever growing number, such as the micro-batch's.</param>
/// <param name="LastUpdated">When it was set, ms since 1970 UTC, or null.</param>
public sealed record SetTransaction(string AppId, long Version, long? LastUpdated = null) : DeltaAction;

/// <summary>Who committed what; for people and history, not for the table's content.</summary>
public sealed record CommitInfo : DeltaAction
{
    /// <summary>When, ms since 1970 UTC.</summary>
    public long Timestamp { get; init; }

    /// <summary>When, ms since 1970 UTC, where the table keeps instants in its commits; else null.</summary>
    public long? InCommitTimestamp { get; init; }

    /// <summary>WRITE, MERGE, OPTIMIZE …; null in logs of other writers.</summary>
    public string? Operation { get; init; }

    /// <summary>Parameters by name, as text.</summary>
    public ImmutableSortedDictionary<string, string> OperationParameters { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Counts by name, as text.</summary>
    public ImmutableSortedDictionary<string, string> OperationMetrics { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The version that the writer had read, or null.</summary>
    public long? ReadVersion { get; init; }

    /// <summary>Serializable, WriteSerializable or SnapshotIsolation, or null.</summary>
    public string? IsolationLevel { get; init; }

    /// <summary>Whether it only added files and read none, or null where not told.</summary>
    public bool? IsBlindAppend { get; init; }

    /// <summary>The writing program.</summary>
    public string? EngineInfo { get; init; }

    /// <summary>Identity of the transaction, or null.</summary>
    public string? TxnId { get; init; }

    /// <summary>What the writer's user set, or null.</summary>
    public string? UserMetadata { get; init; }

    /// <summary>Identity of the user, where the writer's platform has one; else null.</summary>
    public string? UserId { get; init; }

    /// <summary>Name of the user, where the writer's platform has one; else null.</summary>
    public string? UserName { get; init; }

    /// <summary>The platform's job by the names of its fields (jobId, jobName, jobRunId, runId, jobOwnerId, triggerType), or null.</summary>
    public ImmutableSortedDictionary<string, string>? Job { get; init; }

    /// <summary>Identity of the platform's notebook, or null.</summary>
    public string? NotebookId { get; init; }

    /// <summary>Identity of the platform's cluster, or null.</summary>
    public string? ClusterId { get; init; }
}

/// <summary>A file of row changes for readers of them: not part of the table's content. Where a commit has such files, they are all of its changes.</summary>
/// <param name="Path">Path as in <see cref="AddFile"/>.</param>
public sealed record CdcFile(string Path) : DeltaAction
{
    /// <summary>Value of each partition column, as in <see cref="AddFile"/>.</summary>
    public ImmutableSortedDictionary<string, string?> PartitionValues { get; init; } = ActionReader.NoTexts;

    /// <summary>Size of the file.</summary>
    public long SizeBytes { get; init; }
}

/// <summary>A file of actions that a checkpoint names, so that the checkpoint need not hold them itself. Source: Delta transaction log protocol, "Sidecar File Information".</summary>
/// <param name="Path">Its name in the log's folder of sidecars, or a path that ends with this name.</param>
internal sealed record SidecarFile(string Path) : DeltaAction;

/// <summary>A setting of a part of Delta or of an application, kept with the table.</summary>
/// <param name="Domain">Its name.</param>
/// <param name="Configuration">Its content, a text that only the domain's owner reads.</param>
/// <param name="Removed">Whether it is taken back.</param>
public sealed record DomainMetadata(string Domain, string Configuration, bool Removed) : DeltaAction;
