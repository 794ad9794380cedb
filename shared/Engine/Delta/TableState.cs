using System.Collections.Immutable;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Delta;

/// <summary>What replaying the log up to a version comes to. Immutable; a commit's change costs by its own size, not the table's.</summary>
internal sealed record TableState
{
    public static TableState Empty { get; } = new();

    public Protocol? Protocol { get; init; }

    public Metadata? Metadata { get; init; }

    public ImmutableSortedDictionary<string, AddFile> Files { get; init; } = ImmutableSortedDictionary.Create<string, AddFile>(StringComparer.Ordinal);

    /// <summary>Files removed since <see cref="Earlier"/>, or ever where that is null.</summary>
    public ImmutableSortedDictionary<string, RemoveFile> Tombstones { get; init; } = ImmutableSortedDictionary.Create<string, RemoveFile>(StringComparer.Ordinal);

    /// <summary>Files removed before, which stand in the checkpoint that this state began with and are read when they are asked for; null where there was none.</summary>
    public CheckpointTombstones? Earlier { get; init; }

    public ImmutableSortedDictionary<string, SetTransaction> Transactions { get; init; } = ImmutableSortedDictionary.Create<string, SetTransaction>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, DomainMetadata> Domains { get; init; } = ImmutableSortedDictionary.Create<string, DomainMetadata>(StringComparer.Ordinal);

    public long SizeBytes { get; init; }

    /// <summary>Active files outside the table's folder.</summary>
    public int OutsideCount { get; init; }

    /// <summary>Instant of the last commit by the table's own clock, ms since 1970 UTC; null where the table keeps none.</summary>
    public long? InCommitTimestamp { get; init; }

    /// <summary>Identity of the last commit's transaction; null where it has none, or only the checkpoint of it was read.</summary>
    public string? TxnId { get; init; }

    /// <summary>A file outside the table's folder, or null.</summary>
    public AddFile? FirstOutside() => OutsideCount == 0 ? null : Files.Values.First(static file => TablePaths.IsOutside(file.FilePath));

    /// <summary>All files removed that a vacuum may still have to keep: those of before that were not added again since, and those since.</summary>
    /// <param name="earlier">The removed files of <see cref="Earlier"/>.</param>
    public IReadOnlyCollection<RemoveFile> AllTombstones(IEnumerable<RemoveFile> earlier) =>
        [.. earlier.Where(remove => !Files.ContainsKey(remove.Key) && !Tombstones.ContainsKey(remove.Key)), .. Tombstones.Values];

    /// <summary>This state without removed files that nobody asks for any more.</summary>
    public TableState Forget(Func<RemoveFile, bool> isExpired) => this with
    {
        Earlier = Earlier?.Forget(isExpired),
        Tombstones = Tombstones.RemoveRange(Tombstones.Values.Where(isExpired).Select(static remove => remove.Key)),
    };

    /// <summary>This state after one commit, or after the rows of a checkpoint.</summary>
    public TableState Apply(IReadOnlyList<DeltaAction> actions)
    {
        var replay = new TableReplay(this);
        replay.Apply(actions);
        return replay.State();
    }
}

/// <summary>Commits applied to a state one after the other, as many as there are, and made a state once at the end.</summary>
internal sealed class TableReplay(TableState start)
{
    private readonly ImmutableSortedDictionary<string, AddFile>.Builder files = start.Files.ToBuilder();
    private readonly ImmutableSortedDictionary<string, RemoveFile>.Builder tombstones = start.Tombstones.ToBuilder();
    private ImmutableSortedDictionary<string, SetTransaction> transactions = start.Transactions;
    private ImmutableSortedDictionary<string, DomainMetadata> domains = start.Domains;
    private Protocol? protocol = start.Protocol;
    private Metadata? metadata = start.Metadata;
    private long size = start.SizeBytes;
    private int outside = start.OutsideCount;
    private long? instant = start.InCommitTimestamp;
    private string? id = start.TxnId;

    /// <summary>Applies one commit, or the rows of a checkpoint.</summary>
    /// <remarks>
    /// Within a commit the order of lines has no meaning: a file that is removed and added again in one commit (with another deletion vector) is told apart by its key.
    /// Source: Delta transaction log protocol, "Action Reconciliation".
    /// </remarks>
    public void Apply(IReadOnlyList<DeltaAction> actions)
    {
        (instant, id) = (null, null);
        foreach (var action in actions)
        {
            switch (action)
            {
                case RemoveFile remove: Apply(remove); break;
                case SetTransaction transaction: transactions = transactions.SetItem(transaction.AppId, transaction); break;
                case DomainMetadata domain: domains = domain.Removed ? domains.Remove(domain.Domain) : domains.SetItem(domain.Domain, domain); break;
                case Metadata value: metadata = value; break;
                case Protocol value: protocol = value; break;
                case CommitInfo info: (instant, id) = (info.InCommitTimestamp, info.TxnId); break;
            }
        }

        foreach (var action in actions)
        {
            if (action is not AddFile add) continue;
            var key = add.Key;
            if (files.TryGetValue(key, out var before)) size -= before.SizeBytes;
            else if (TablePaths.IsOutside(add.FilePath)) outside++;
            size += add.SizeBytes;
            files[key] = add;
            if (tombstones.Count > 0) tombstones.Remove(key);
        }
    }

    /// <summary>What all of it comes to.</summary>
    public TableState State() => start with
    {
        Protocol = protocol,
        Metadata = metadata,
        Files = files.ToImmutable(),
        Tombstones = tombstones.ToImmutable(),
        Transactions = transactions,
        Domains = domains,
        SizeBytes = size,
        OutsideCount = outside,
        InCommitTimestamp = instant,
        TxnId = id,
    };

    private void Apply(RemoveFile remove)
    {
        var key = remove.Key;
        if (files.TryGetValue(key, out var removed))
        {
            size -= removed.SizeBytes;
            if (TablePaths.IsOutside(removed.FilePath)) outside--;
            files.Remove(key);
        }

        tombstones[key] = remove;
    }
}

/// <summary>What <see cref="Metadata"/> says, read.</summary>
internal static class MetadataReading
{
    public static StructType ReadSchema(this Metadata metadata, string table)
    {
        if (metadata.SchemaString.Length == 0)
            throw new DeltaException(DeltaErrorKind.CorruptLog, $"Cannot read the columns of the table '{table}': the action 'metaData' has no schemaString in this version of the table. Read a later version, which may have it.");
        try
        {
            return DataType.ParseDataType(metadata.SchemaString) as StructType
                ?? throw new FormatException("the schema is not a struct");
        }
        catch (FormatException error)
        {
            throw new DeltaException(DeltaErrorKind.UnsupportedFeature, $"Cannot read the columns of the table '{table}': {error.Message.TrimEnd('.')}.", error);
        }
    }
}
