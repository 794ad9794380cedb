using System.Collections.Immutable;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>The log of one Delta table: reads its versions and begins changes of it.</summary>
/// <remarks>
/// Keeps the latest snapshot that it saw and brings it up to date by the commits since, so that neither reading nor committing grows with the table's age. Thread-safe.
/// Source: Delta transaction log protocol (github.com/delta-io/delta, PROTOCOL.md).
/// </remarks>
public sealed class DeltaLog
{
    private static readonly ImmutableSortedDictionary<long, CheckpointException> NoneBroken = ImmutableSortedDictionary<long, CheckpointException>.Empty;
    private Snapshot? latest;

    private DeltaLog(IStorage storage, TimeProvider clock)
    {
        Storage = storage;
        Clock = clock;
        Table = storage.LocalRoot ?? storage.Root.AbsoluteUri;
        Paths = new TablePaths(storage);
    }

    /// <summary>The table's folder.</summary>
    public IStorage Storage { get; }

    /// <summary>The table's folder as a path or URI, for messages.</summary>
    public string Table { get; }

    internal TimeProvider Clock { get; }

    /// <summary>Where the paths in the log lead.</summary>
    internal TablePaths Paths { get; }

    /// <summary>The log of the table in a folder. Nothing is read yet.</summary>
    public static DeltaLog For(IStorage table, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        return new DeltaLog(table, clock ?? TimeProvider.System);
    }

    /// <summary>The log of the table at a path or URI. Nothing is read yet.</summary>
    public static DeltaLog For(string uri, StorageOptions? options = null) => For(StorageFactory.For(uri, options));

    /// <summary>The table as it is now, or null where there is none.</summary>
    /// <exception cref="DeltaException">The log is broken, or the table uses a feature that is not known.</exception>
    public async Task<Snapshot?> LoadAsync(CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref latest) is { Commit: { } seen } known
            && await Storage.StatAsync(LogPath.Commit(known.Version), cancellationToken).ConfigureAwait(false) is { } commit
            && commit.SizeBytes == seen.SizeBytes && commit.ModifiedAt == seen.ModifiedAt)
        {
            while (await ReadNextAsync(known, cancellationToken).ConfigureAwait(false) is { } next) known = next.Snapshot;
            return Remember(Checked(known)); // What stood between and is gone again (a file outside) is no matter.
        }

        return await LoadSegmentAsync(null, NoneBroken, cancellationToken).ConfigureAwait(false) is { } loaded ? Remember(loaded, isReload: true) : null;
    }

    /// <summary>The table as it is now.</summary>
    /// <exception cref="DeltaException">There is none, its log is broken, or it uses a feature that is not known.</exception>
    public async Task<Snapshot> LoadExistingAsync(CancellationToken cancellationToken = default) =>
        await LoadAsync(cancellationToken).ConfigureAwait(false) ?? throw NotFound();

    /// <summary>The table as it was at a version.</summary>
    /// <exception cref="DeltaException">There is no such version, or its log is gone.</exception>
    public async Task<Snapshot> LoadVersionAsync(long version, CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref latest) is { } known && known.Version == version) return known;
        Snapshot? found = null;
        DeltaException? gap = null;
        try
        {
            if (version >= 0) found = await LoadSegmentAsync(version, NoneBroken, cancellationToken).ConfigureAwait(false);
        }
        catch (DeltaException error) when (error.Kind == DeltaErrorKind.CorruptLog)
        {
            gap = error;
        }

        if (found?.Version == version) return found;
        var readable = await TableVersions.LoadableAsync(this, cancellationToken).ConfigureAwait(false);
        if (readable.Count == 0) throw NotFound();
        throw new DeltaException(
            DeltaErrorKind.VersionNotReadable,
            $"Cannot read version {version} of the table '{Table}': {(version > readable[^1] || version < 0 ? "it was never written" : "its log is gone")}. Its log has {VersionRanges.Format(readable)}.",
            gap);
    }

    /// <summary>The table as it was at an instant: the last version committed at or before it.</summary>
    /// <exception cref="DeltaException">The table is younger, its log of that time is gone, or the instant is after the last commit: what the table then is nobody knows yet.</exception>
    public async Task<Snapshot> LoadAtAsync(DateTimeOffset instant, CancellationToken cancellationToken = default)
    {
        var (version, last) = await FindAtAsync(instant, cancellationToken).ConfigureAwait(false);
        if (instant.ToUnixTimeMilliseconds() > last.CommittedAt.ToUnixTimeMilliseconds())
        {
            throw new DeltaException(
                DeltaErrorKind.VersionNotReadable,
                $"Cannot read the table '{Table}' as of {VersionRanges.Format(instant)}: its latest version is {last.Version}, of {VersionRanges.Format(last.CommittedAt)}. Give an instant at or before that, or read the table without one.");
        }

        return await LoadVersionAsync(version.Version, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The last version committed at or before an instant, and the latest of all.</summary>
    internal async Task<(VersionInstant Version, VersionInstant Latest)> FindAtAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var commits = await TableVersions.InstantsAsync(this, cancellationToken).ConfigureAwait(false);
        if (commits.Count == 0) throw NotFound();
        var metadata = (await LoadExistingAsync(cancellationToken).ConfigureAwait(false)).Metadata;
        var (found, earliest, latestOfAll) = TableFeatures.InCommitTimestampsSince(metadata) is { } since
            ? await TableVersions.FindInsideAsync(this, commits, since, instant, cancellationToken).ConfigureAwait(false)
            : (commits.LastOrDefault(commit => commit.CommittedAt <= instant), commits[0], commits[^1]);
        if (found is not null) return (found, latestOfAll);
        throw new DeltaException(
            DeltaErrorKind.VersionNotReadable,
            $"Cannot read the table '{Table}' as of {VersionRanges.Format(instant)}: its earliest version in the log is {earliest.Version}, of {VersionRanges.Format(earliest.CommittedAt)}.");
    }

    /// <summary>Begins a change on the table as it is now; <see cref="Transaction.Snapshot"/> is null where there is none yet.</summary>
    public async Task<Transaction> BeginAsync(CancellationToken cancellationToken = default) => new(this, await LoadAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>Begins a change on the table as a snapshot has it, so that what was planned on it is checked against all commits since.</summary>
    public Transaction Begin(Snapshot? snapshot) => new(this, snapshot);

    /// <summary>Begins a change on the table, which is made with these columns where there is none yet.</summary>
    /// <exception cref="DeltaException">The table exists with other columns or partitions.</exception>
    public async Task<Transaction> BeginCreateOrAppendAsync(
        Pipeline.Engine.Types.StructType schema,
        IReadOnlyList<string>? partitionColumns = null,
        IReadOnlyDictionary<string, string>? properties = null,
        CancellationToken cancellationToken = default)
    {
        var transaction = await BeginAsync(cancellationToken).ConfigureAwait(false);
        if (transaction.Snapshot is null) transaction.Create(schema, partitionColumns, properties);
        else TableSchema.RequireAppendable(transaction.Snapshot, schema, partitionColumns);
        return transaction;
    }

    /// <summary>Plans a change and commits it; plans it again, on the table as it then is, as often as another writer's commit does not let it stand.</summary>
    /// <param name="plan">Fills the transaction and answers what it is; called once an attempt.</param>
    /// <param name="maxAttempts">Attempts at most; after them the last <see cref="Conflict"/> is answered.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<CommitResult> CommitAsync(Func<Transaction, CancellationToken, Task<Operation>> plan, int maxAttempts = 10, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        for (var attempt = 1; ; attempt++)
        {
            var transaction = await BeginAsync(cancellationToken).ConfigureAwait(false);
            var operation = await plan(transaction, cancellationToken).ConfigureAwait(false);
            var result = await transaction.CommitAsync(operation, cancellationToken).ConfigureAwait(false);
            if (result is not Conflict || attempt >= maxAttempts) return result;
            await Task.Delay(Random.Shared.Next(1, 20 * attempt), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a version is one after which the log gets a checkpoint.</summary>
    public static bool IsCheckpointDue(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return CheckpointWriter.IsDue(snapshot);
    }

    /// <summary>Writes the checkpoint of a version where it is due; a commit does so itself unless it was told not to (<see cref="Transaction.DefersCheckpoint"/>).</summary>
    /// <returns>What went wrong, or null: the commit stands without it, and the next checkpoint makes up for it.</returns>
    public Task<string?> CheckpointAsync(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return CheckpointWriter.AfterCommitAsync(this, snapshot, CancellationToken.None);
    }

    /// <summary>The next version and its actions, or null where none was committed yet. Whether it can be read here is not asked: <see cref="Checked"/>.</summary>
    internal async Task<(Snapshot Snapshot, List<DeltaAction> Actions)?> ReadNextAsync(Snapshot known, CancellationToken cancellationToken)
    {
        var path = LogPath.Commit(known.Version + 1);
        if (await Storage.TryReadAsync(path, cancellationToken).ConfigureAwait(false) is not { } content) return null;
        var actions = ReadCommit(content, path);
        var commit = await Storage.StatAsync(path, cancellationToken).ConfigureAwait(false);
        return (new Snapshot(this, known.Version + 1, known.State.Apply(actions), commit), actions);
    }

    /// <summary>All actions of a commit file, each with the identity of its file.</summary>
    /// <exception cref="DeltaException">The file is empty or cut, or a line is not an action.</exception>
    internal List<DeltaAction> ReadCommit(ReadOnlySpan<byte> content, string path)
    {
        var actions = ActionReader.ReadCommit(content, $"{Table}/{path}");
        for (var i = 0; i < actions.Count; i++) actions[i] = Paths.Locate(actions[i]);
        return actions;
    }

    /// <summary>Refuses a data file that cannot be read where it should be: it is not there, or a symbolic link leads to it. Only where the table is on this machine's disk.</summary>
    /// <param name="snapshot">The version that needs it.</param>
    /// <param name="file">The file.</param>
    /// <exception cref="DeltaException">It is <see cref="DeltaErrorKind.DataFile"/>; the message says how to go on.</exception>
    public void RequireDataFile(Snapshot snapshot, AddFile file)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(file);
        if (Storage.LocalRoot is not { } root) return;
        if (TablePaths.FindLink(root, file.FilePath) is { } link) throw DataFileErrors.Linked(Table, file.FilePath, link);
        if (Posix.KindOf($"{root}/{file.FilePath}") == PathKind.Missing) throw DataFileErrors.Missing(snapshot, file, null);
    }

    /// <summary>Numbers of the rows of a data file that are deleted, from 0 and ascending; none where it has no deletion vector.</summary>
    /// <exception cref="DeltaException">The deletion vector is not there, is cut, or lies outside the table's folder.</exception>
    /// <exception cref="StorageException">The store fails.</exception>
    public async Task<IReadOnlyList<long>> ReadDeletedRowsAsync(Snapshot snapshot, AddFile file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(file);
        if (file.DeletionVector is not { } vector) return [];
        try
        {
            if (DeletedRows.FileOf(Paths, vector) is { } place)
            {
                if (TablePaths.IsOutside(place)) throw DataFileErrors.Vector(snapshot, file, "it does not lie in the table's folder", null);
                if (Storage.LocalRoot is { } root && TablePaths.FindLink(root, place) is { } link) throw DataFileErrors.Linked(Table, place, link);
            }

            return await DeletedRows.ReadAsync(Storage, Paths, vector, cancellationToken).ConfigureAwait(false);
        }
        catch (FormatException error)
        {
            throw DataFileErrors.Vector(snapshot, file, error.Message, error);
        }
        catch (StorageException error) when (error.IsNotFound)
        {
            throw DataFileErrors.Vector(snapshot, file, "its file is not there", error);
        }
    }

    /// <summary>Rows of one data file that can be marked as deleted, at most.</summary>
    public const int MaxMarkedRows = DeletedRows.MaxRows;

    /// <summary>Writes which rows of some data files are deleted into a file of its own, which counts once a commit names it (<see cref="Transaction.Mark"/>).</summary>
    /// <param name="rows">For each data file the numbers of its deleted rows, those of before too, ascending.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The file, to be deleted where no commit takes it, and the vectors in the order of the data files.</returns>
    /// <exception cref="StorageException">The store fails.</exception>
    public async Task<(DataFile File, IReadOnlyList<DeletionVector> Vectors)> WriteDeletedRowsAsync(IEnumerable<IReadOnlyList<long>> rows, CancellationToken cancellationToken = default)
    {
        var (path, size, vectors) = await DeletedRows.WriteAsync(Storage, rows, cancellationToken).ConfigureAwait(false);
        return (new DataFile(path, size, DataFile.NoPartitions, null, Clock.GetUtcNow()), vectors);
    }

    /// <summary>Refuses to make a data file where a symbolic link in the table's folder would lead it elsewhere. Only where the table is on this machine's disk.</summary>
    /// <exception cref="DeltaException">It is <see cref="DeltaErrorKind.DataFile"/>.</exception>
    public void RequireOwnFolder(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Storage.LocalRoot is { } root && TablePaths.FindLink(root, path) is { } link) throw DataFileErrors.Linked(Table, path, link);
    }

    /// <summary>The error of a data file that is there and cannot be read.</summary>
    public static DeltaException DamagedDataFile(string table, long version, AddFile file, string why, Exception? cause = null) => DataFileErrors.Damaged(table, version, file, why, cause);

    /// <summary>The error of a data file that the log names and that is not there.</summary>
    public static DeltaException MissingDataFile(Snapshot snapshot, AddFile file, Exception? cause = null) => DataFileErrors.Missing(snapshot, file, cause);

    /// <summary>Keeps a snapshot as the latest one seen, unless a later one is known.</summary>
    internal Snapshot Remember(Snapshot snapshot, bool isReload = false)
    {
        while (true)
        {
            var known = Volatile.Read(ref latest);
            if (known is not null && known.Version > snapshot.Version && !isReload) return snapshot;
            if (Interlocked.CompareExchange(ref latest, snapshot, known) == known) return snapshot;
        }
    }

    /// <summary>Gives up removed files that are past their retention, so that a process which writes for weeks does not keep them all.</summary>
    internal void ForgetTombstones(Func<RemoveFile, bool> isExpired)
    {
        while (Volatile.Read(ref latest) is { } known)
            if (Interlocked.CompareExchange(ref latest, new Snapshot(this, known.Version, known.State.Forget(isExpired), known.Commit), known) == known) return;
    }

    internal DeltaException NotFound() => new(DeltaErrorKind.TableNotFound, $"There is no Delta table at '{Table}': the folder {LogPath.Folder} has no commits. Check the path, or write the table first.");

    /// <param name="version">Null is the latest.</param>
    /// <param name="broken">Checkpoints that could not be read, by version.</param>
    /// <param name="cancellationToken">Cancels.</param>
    private async Task<Snapshot?> LoadSegmentAsync(long? version, ImmutableSortedDictionary<long, CheckpointException> broken, CancellationToken cancellationToken)
    {
        while (true)
        {
            LogSegment? segment;
            try
            {
                segment = await LogSegment.ListAsync(Storage, Table, version, broken.Keys, cancellationToken).ConfigureAwait(false);
            }
            catch (DeltaException) when (!broken.IsEmpty)
            {
                throw Broken(broken); // Without the broken checkpoint there is a gap: the checkpoint is what is to be told.
            }

            if (segment is null) return broken.IsEmpty ? null : throw Broken(broken);
            try
            {
                return await ReplayAsync(segment, cancellationToken).ConfigureAwait(false);
            }
            catch (CheckpointException error)
            {
                broken = broken.Add(segment.Checkpoint!.Version, error);
            }
        }
    }

    private DeltaException Broken(ImmutableSortedDictionary<long, CheckpointException> checkpoints)
    {
        var error = checkpoints.Last().Value;
        return new DeltaException(DeltaErrorKind.CorruptLog, $"Cannot read the checkpoint '{Table}/{error.Path}': {error.Message.TrimEnd('.')}. Delete it, or put it back from a copy, together with the commits before it.", error);
    }

    /// <summary>The table as a checkpoint has it; by its version checksum where that has all of it, which spares the reading of Parquet.</summary>
    private async Task<TableState> ReadCheckpointAsync(CheckpointFiles checkpoint, CancellationToken cancellationToken)
    {
        var state = await VersionChecksum.TryReadAsync(Storage, Paths, checkpoint.Version, cancellationToken).ConfigureAwait(false)
            ?? TableState.Empty.Apply(await CheckpointReader.ReadAsync(Storage, Paths, checkpoint, cancellationToken).ConfigureAwait(false));
        return state with { Earlier = new CheckpointTombstones(checkpoint) };
    }

    /// <inheritdoc cref="Snapshot.ReadTombstonesAsync"/>
    internal async Task<IReadOnlyCollection<RemoveFile>> ReadTombstonesAsync(Snapshot snapshot, CancellationToken cancellationToken)
    {
        var (state, broken) = (snapshot.State, NoneBroken);
        while (state.Earlier is { } earlier)
        {
            try
            {
                return state.AllTombstones(await earlier.ReadAsync(Storage, Paths, cancellationToken).ConfigureAwait(false));
            }
            catch (CheckpointException error)
            {
                // It was cleaned away since, or is broken: another one, or the commits, tell the same.
                broken = broken.Add(earlier.Checkpoint.Version, error);
                state = await StateWithoutAsync(broken).ConfigureAwait(false);
            }
        }

        return state.AllTombstones([]);

        async Task<TableState> StateWithoutAsync(ImmutableSortedDictionary<long, CheckpointException> checkpoints)
        {
            try
            {
                if (await LoadSegmentAsync(snapshot.Version, checkpoints, cancellationToken).ConfigureAwait(false) is { } found && found.Version == snapshot.Version) return found.State;
            }
            catch (DeltaException error) when (error.Kind == DeltaErrorKind.CorruptLog)
            {
                // Told below, by its cause.
            }

            var first = checkpoints.Last().Value;
            throw new DeltaException(
                DeltaErrorKind.CorruptLog,
                $"Cannot tell which files were removed from the table '{Table}': the checkpoint '{Table}/{first.Path}' cannot be read ({first.Message.TrimEnd('.')}). Its rows can be read all the same. Put the checkpoint back from a copy, together with the commits before it, and delete nothing else of the log.",
                first);
        }
    }

    private async Task<Snapshot> ReplayAsync(LogSegment segment, CancellationToken cancellationToken)
    {
        var state = segment.Checkpoint is { } checkpoint ? await ReadCheckpointAsync(checkpoint, cancellationToken).ConfigureAwait(false) : TableState.Empty;
        var replay = new TableReplay(state);
        foreach (var commit in segment.Commits)
        {
            var content = await Storage.TryReadAsync(commit.Path, cancellationToken).ConfigureAwait(false)
                ?? throw new DeltaException(DeltaErrorKind.CorruptLog, $"Cannot read the log file '{Table}/{commit.Path}': it was listed and is gone. Something deletes the log while it is read; try again.");
            replay.Apply(ReadCommit(content, commit.Path));
        }

        if (!segment.Commits.IsEmpty) state = replay.State();
        if (state.Protocol is null) throw Lacks("protocol", segment);
        if (state.Metadata is null) throw Lacks("metaData", segment);
        var last = segment.Commits.IsEmpty ? await Storage.StatAsync(LogPath.Commit(segment.Version), cancellationToken).ConfigureAwait(false) : segment.Commits[^1];
        if (last is not null && state.TxnId is null && segment.Commits.IsEmpty && TableFeatures.UsesInCommitTimestamps(state.Metadata)
            && await Storage.TryReadAsync(last.Path, cancellationToken).ConfigureAwait(false) is { } bytes)
            state = state with { InCommitTimestamp = ActionReader.ReadInfo(bytes, $"{Table}/{last.Path}")?.InCommitTimestamp };
        return Checked(new Snapshot(this, segment.Version, state, last));
    }

    private DeltaException Lacks(string action, LogSegment segment) => new(
        DeltaErrorKind.CorruptLog,
        $"Cannot read the table '{Table}': its log up to version {segment.Version} has no action '{action}', which every table has in its first version. The log was cut or is not a Delta log.");

    internal Snapshot Checked(Snapshot snapshot)
    {
        TableFeatures.RequireReadable(Table, snapshot.Protocol, snapshot.Metadata);
        if (snapshot.State.FirstOutside() is { } outside) throw DataFileErrors.Outside(Table, snapshot.Version, outside);
        return snapshot;
    }
}
