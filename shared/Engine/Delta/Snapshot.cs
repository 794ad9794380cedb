using System.Collections.Immutable;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Delta;

/// <summary>A table as one version has it. Immutable and thread-safe.</summary>
public sealed class Snapshot
{
    private readonly DeltaLog log;
    private StructType? schema;
    private ColumnMapping? mapping;

    internal Snapshot(DeltaLog log, long version, TableState state, Storage.StorageEntry? commit)
    {
        this.log = log;
        Version = version;
        State = state;
        Commit = commit;
    }

    /// <summary>The table's folder as a URI, for messages.</summary>
    public string Table => log.Table;

    /// <summary>Number of the version, from 0.</summary>
    public long Version { get; }

    /// <summary>What programs must know to use the table.</summary>
    public Protocol Protocol => State.Protocol!;

    /// <summary>Columns, partitions and properties.</summary>
    public Metadata Metadata => State.Metadata!;

    /// <summary>The columns, partition columns included.</summary>
    public StructType Schema => schema ??= Metadata.ReadSchema(Table);

    /// <summary>The columns as readers name them, and as the files and the log name them.</summary>
    /// <exception cref="DeltaException">The table's column mapping is broken.</exception>
    public ColumnMapping Mapping => mapping ??= ColumnMapping.Of(Table, Protocol, Metadata);

    /// <summary>Columns by which the files are parted, in order.</summary>
    public ImmutableArray<string> PartitionColumns => Metadata.PartitionColumns;

    /// <summary>The data files, ordered by path (ordinal).</summary>
    public IReadOnlyCollection<AddFile> Files => new ValueCollection<AddFile>(State.Files);

    /// <summary>Number of data files.</summary>
    public int FileCount => State.Files.Count;

    /// <summary>Size of the data files.</summary>
    public long SizeBytes => State.SizeBytes;

    /// <summary>Files removed in this version or before that a vacuum may still have to keep, in no order. Those of a checkpoint are read from it now.</summary>
    /// <exception cref="DeltaException">The checkpoint cannot be read, and the log has not what makes up for it.</exception>
    public Task<IReadOnlyCollection<RemoveFile>> ReadTombstonesAsync(CancellationToken cancellationToken = default) => log.ReadTombstonesAsync(this, cancellationToken);

    /// <summary>Rows of the table by the files' statistics, or null where a file has none.</summary>
    public long? CountRows()
    {
        long rows = 0;
        foreach (var file in State.Files.Values)
        {
            if (file.CountRows() is not { } records) return null;
            rows += records;
        }

        return rows;
    }

    /// <summary>The last piece of work of an application that this version holds, or null where it holds none.</summary>
    public long? TransactionVersion(string appId) => State.Transactions.TryGetValue(appId, out var transaction) ? transaction.Version : null;

    /// <summary>All applications' last pieces of work.</summary>
    public IReadOnlyCollection<SetTransaction> Transactions => new ValueCollection<SetTransaction>(State.Transactions);

    /// <summary>Settings of parts of Delta and of applications, kept as they are.</summary>
    public IReadOnlyCollection<DomainMetadata> Domains => new ValueCollection<DomainMetadata>(State.Domains);

    /// <summary>Whether the table asks writers to mark deleted rows (<c>delta.enableDeletionVectors</c>) in place of rewriting files.</summary>
    public bool MarksDeletedRows => TableFeatures.MarksDeletedRows(Protocol, Metadata);

    /// <summary>Whether the table keeps its changes of rows for readers of them (<c>delta.enableChangeDataFeed</c>).</summary>
    public bool KeepsChanges => TableFeatures.KeepsChanges(Metadata);

    internal TableState State { get; }

    /// <summary>The commit file as it was listed, by which a table that was deleted and created again is known; null where not seen.</summary>
    internal Storage.StorageEntry? Commit { get; }

    /// <summary>The values of a sorted map, without a copy.</summary>
    private sealed class ValueCollection<T>(ImmutableSortedDictionary<string, T> map) : IReadOnlyCollection<T>
    {
        public int Count => map.Count;

        public IEnumerator<T> GetEnumerator() => map.Values.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
