using System.Collections.Immutable;

namespace Pipeline.Engine.Delta;

/// <summary>Rows of one file that a version inserted or deleted, or a file that tells itself what became of its rows.</summary>
/// <param name="Version">The version.</param>
/// <param name="CommittedAt">When it was committed.</param>
/// <param name="File">The file.</param>
/// <param name="Kind"><c>insert</c> or <c>delete</c>; null where each row has it in its column <c>_change_type</c>.</param>
/// <param name="Rows">Numbers of the rows; null for all that the file's deletion vector leaves.</param>
public sealed record FileChange(long Version, DateTimeOffset CommittedAt, AddFile File, string? Kind, IReadOnlyList<long>? Rows);

/// <summary>The changes of a table's rows, version by version.</summary>
/// <remarks>Where a commit has files of changes they are all of it; else whole files that came and went are, and rows that deletion vectors began or ceased to name. Source: Delta transaction log protocol, "Add CDC File" and "Change Data Files".</remarks>
public static class TableChanges
{
    /// <summary>Columns that the changes have after the table's: what became of the row, in which version, and when.</summary>
    public static ImmutableArray<string> Columns { get; } = ["_change_type", "_commit_version", "_commit_timestamp"];

    /// <summary>The first version committed at or after an instant.</summary>
    public static async Task<long> FirstAtAsync(DeltaLog log, DateTimeOffset instant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        var (found, _) = await log.FindAtAsync(instant, cancellationToken).ConfigureAwait(false);
        return found.CommittedAt.ToUnixTimeMilliseconds() == instant.ToUnixTimeMilliseconds() ? found.Version : found.Version + 1;
    }

    /// <summary>The last version committed at or before an instant.</summary>
    public static async Task<long> LastAtAsync(DeltaLog log, DateTimeOffset instant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        return (await log.FindAtAsync(instant, cancellationToken).ConfigureAwait(false)).Version.Version;
    }

    /// <summary>The changes of some versions, and the table as the last of them left it.</summary>
    /// <param name="log">The table.</param>
    /// <param name="first">The first version.</param>
    /// <param name="last">The last version; null, and what is after the latest, is the latest.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="DeltaException">A version's log is gone, the table did not keep its changes then, or had other columns.</exception>
    public static async Task<(Snapshot End, IReadOnlyList<FileChange> Changes)> ReadAsync(DeltaLog log, long first, long? last, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        var latest = (await log.LoadExistingAsync(cancellationToken).ConfigureAwait(false)).Version;
        var until = Math.Min(last ?? latest, latest);
        if (last < first) throw new DeltaException(DeltaErrorKind.InvalidOperation, $"Cannot read the changes of the table '{log.Table}' from version {first} to {last}: the last version is before the first.");
        var snapshot = await log.LoadVersionAsync(first, cancellationToken).ConfigureAwait(false);
        var content = await log.Storage.TryReadAsync(LogPath.Commit(first), cancellationToken).ConfigureAwait(false)
            ?? throw new DeltaException(DeltaErrorKind.VersionNotReadable, $"Cannot read the changes of version {first} of the table '{log.Table}': only a checkpoint of it is left.");
        var (changes, forms) = (new List<FileChange>(), new List<Snapshot>());
        for (IReadOnlyList<DeltaAction> actions = log.ReadCommit(content, LogPath.Commit(first)); ;)
        {
            if (!snapshot.KeepsChanges)
                throw new DeltaException(DeltaErrorKind.ChangesNotKept, $"Cannot read the changes of version {snapshot.Version} of the table '{log.Table}': the table did not keep them then. Set its property delta.enableChangeDataFeed, and ask for versions since.");
            if (forms.Count == 0 || !ReferenceEquals(forms[^1].Metadata, snapshot.Metadata)) forms.Add(snapshot);
            await AddAsync(log, snapshot, actions, changes, cancellationToken).ConfigureAwait(false);
            if (snapshot.Version >= until) break;
            var next = await log.ReadNextAsync(snapshot, cancellationToken).ConfigureAwait(false)
                ?? throw new DeltaException(DeltaErrorKind.VersionNotReadable, $"Cannot read the changes of version {snapshot.Version + 1} of the table '{log.Table}': its commit is gone.");
            (snapshot, actions) = (log.Checked(next.Snapshot), next.Actions);
        }

        foreach (var form in forms) RequireSameColumns(form, snapshot);
        return (snapshot, changes);
    }

    private static async Task AddAsync(DeltaLog log, Snapshot snapshot, IReadOnlyList<DeltaAction> actions, List<FileChange> changes, CancellationToken cancellationToken)
    {
        var instant = actions.OfType<CommitInfo>().FirstOrDefault()?.InCommitTimestamp is { } own ? DateTimeOffset.FromUnixTimeMilliseconds(own)
            : (await log.Storage.StatAsync(LogPath.Commit(snapshot.Version), cancellationToken).ConfigureAwait(false))?.ModifiedAt ?? DateTimeOffset.UnixEpoch;
        var told = actions.OfType<CdcFile>().ToList();
        foreach (var file in told) Add(log.Paths.Locate(new AddFile(file.Path, file.PartitionValues, file.SizeBytes, 0, DataChange: false)), null, null);
        if (told.Count > 0) return;
        var removed = actions.OfType<RemoveFile>().Where(static remove => remove.DataChange).ToList();
        var added = actions.OfType<AddFile>().Where(static add => add.DataChange).ToList();
        foreach (var remove in removed)
        {
            var before = new AddFile(remove.Path, remove.PartitionValues ?? ActionReader.NoTexts, remove.SizeBytes ?? 0, 0, DataChange: true) { DeletionVector = remove.DeletionVector, FilePath = remove.FilePath };
            if (added.Find(add => add.FilePath == remove.FilePath) is not { } after)
            {
                Add(before, "delete", null);
                continue;
            }

            added.Remove(after);
            var (old, now) = (await log.ReadDeletedRowsAsync(snapshot, before, cancellationToken).ConfigureAwait(false), await log.ReadDeletedRowsAsync(snapshot, after, cancellationToken).ConfigureAwait(false));
            Rows(after, "delete", [.. now.Except(old)]);
            Rows(after, "insert", [.. old.Except(now)]);
        }

        foreach (var add in added) Add(add, "insert", null);

        void Rows(AddFile file, string kind, List<long> rows)
        {
            if (rows.Count > 0) Add(file, kind, rows);
        }

        void Add(AddFile file, string? kind, IReadOnlyList<long>? rows)
        {
            if (TablePaths.IsOutside(file.FilePath)) throw DataFileErrors.Outside(log.Table, snapshot.Version, file);
            changes.Add(new FileChange(snapshot.Version, instant, file, kind, rows));
        }
    }

    /// <summary>Rows of earlier versions are read by the last one's columns: it has them all, with the same types.</summary>
    private static void RequireSameColumns(Snapshot form, Snapshot end)
    {
        var other = form.Schema.FirstOrDefault(field => end.Schema.Find(field.Name) is not { } column || !TableSchema.IsSame(field.DataType, column.DataType));
        if (other is not null || !form.PartitionColumns.SequenceEqual(end.PartitionColumns))
            throw new DeltaException(DeltaErrorKind.SchemaMismatch, $"Cannot read the changes of the table '{end.Table}' up to version {end.Version}: since version {form.Version} {(other is null ? "its partitions changed" : $"its column '{other.Name}' is gone or has another type")}. Read the versions before and after the change apart.");
    }
}
