using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Delta;

/// <summary>A change of a table: filled by calls, then committed as one version, whole or not at all. Not thread-safe; committed once.</summary>
/// <remarks>
/// A commit takes the next free version by put-if-absent. Where another writer was first, what it did is looked at: appends go after it; an overwrite takes its files out too;
/// a rewrite that read the table ends in a <see cref="Conflict"/> where rows changed. Source: Delta transaction log protocol; "Concurrency control" of the Delta docs.
/// </remarks>
public sealed class Transaction
{
    private const int MaxAttempts = 200;
    private const int MaxStoreFailures = 3;
    private static readonly string Engine = $"Pipeline/{typeof(Transaction).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";
    private readonly DeltaLog log;
    private readonly List<AddFile> added = [];
    private readonly List<AddFile> removed = [];
    private readonly List<(AddFile Before, AddFile After)> marked = [];
    private readonly List<CdcFile> changes = [];
    private Metadata? metadata;
    private Protocol? protocol;
    private SetTransaction? transaction;
    private StructType? createSchema;
    private bool replacesAll;
    private bool readsRows;
    private bool isCommitted;

    internal Transaction(DeltaLog log, Snapshot? snapshot)
    {
        this.log = log;
        Snapshot = snapshot;
    }

    /// <summary>The table as the change was planned on it, or null where there is none yet.</summary>
    public Snapshot? Snapshot { get; }

    /// <summary>The columns that the table has after this change.</summary>
    public StructType Schema => CurrentMetadata.ReadSchema(log.Table);

    /// <summary>The columns that the table has after this change, and how its files and its log name them.</summary>
    public ColumnMapping Mapping => ColumnMapping.Of(log.Table, CurrentProtocol, CurrentMetadata);

    /// <summary>The partition columns after this change.</summary>
    public ImmutableArray<string> PartitionColumns => CurrentMetadata.PartitionColumns;

    /// <summary>Whether the change may stand although no answer said so: the store was asked to make the commit's file, and what came of it was not seen (a lost reply, a cancellation on the way).</summary>
    /// <remarks>Where the table does not need its data files after all, a vacuum takes them.</remarks>
    public bool IsOutcomeUnknown { get; private set; }

    /// <summary>Whether the change stands, or may stand: its data files must then stay. Without it nothing names them, and they can be deleted.</summary>
    public bool MayStand => isCommitted || IsOutcomeUnknown;

    /// <summary>Whether the caller writes the log's checkpoint after the commit, where one is due (<see cref="DeltaLog.IsCheckpointDue"/>), in place of the commit itself.</summary>
    public bool DefersCheckpoint { get; set; }

    /// <summary>Whether the files that come have only rows that the table had, unchanged, as those of a delete: then nobody need check the rows once more.</summary>
    public bool OnlyCopiesRows { get; set; }

    /// <summary>Whether the caller sees to it that new rows meet the table's constraints and invariants and have the values of its generated columns; else a table with such rules takes no new rows.</summary>
    public bool RowsMeetRules { get; set; }

    /// <summary>The table's properties after this change.</summary>
    public IReadOnlyDictionary<string, string> Properties => CurrentMetadata.Configuration;

    /// <summary>Whether the table's CHECK constraints (its properties <c>delta.constraints.…</c>) hold for new rows, by its protocol.</summary>
    public bool ChecksConstraints => TableFeatures.HasConstraints(CurrentProtocol);

    internal string Id { get; } = Guid.NewGuid().ToString("D");

    private Protocol CurrentProtocol => protocol ?? Snapshot?.Protocol ?? throw log.NotFound();

    private Metadata CurrentMetadata => metadata ?? Snapshot?.Metadata ?? throw log.NotFound();

    /// <summary>Makes the table in this commit.</summary>
    /// <param name="schema">All columns, partition columns included.</param>
    /// <param name="partitionColumns">Columns by which files are parted.</param>
    /// <param name="properties">Table properties, such as <c>delta.checkpointInterval</c>.</param>
    /// <param name="description">What it is, for people.</param>
    /// <exception cref="DeltaException">The table exists, the partition columns are not among the columns, or a property asks for a feature that is not known here.</exception>
    public void Create(StructType schema, IReadOnlyList<string>? partitionColumns = null, IReadOnlyDictionary<string, string>? properties = null, string? description = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (Snapshot is not null) throw new DeltaException(DeltaErrorKind.TableExists, $"Cannot make the table '{log.Table}': it exists, at version {Snapshot.Version}. Append to it, overwrite it, or choose another path.");
        TableSchema.RequirePartitions(log.Table, schema, partitionColumns ?? []);
        TableSchema.RequireNames(log.Table, null, schema, partitionColumns ?? []);
        TableFeatures.RequirePlain(log.Table, properties?.Keys ?? []);
        createSchema = schema;
        protocol = TableFeatures.ProtocolFor(schema);
        metadata = new Metadata(Guid.NewGuid().ToString("D"), schema.Json, [.. (partitionColumns ?? []).Select(name => schema.Find(name)!.Name)], Sorted(properties))
        {
            Description = description,
            CreatedTime = log.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };
    }

    /// <summary>Gives the table other columns, and other partitions where given; with the latter all files must go (<see cref="Overwrite"/>).</summary>
    public void SetSchema(StructType schema, IReadOnlyList<string>? partitionColumns = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var partitions = partitionColumns is null ? CurrentMetadata.PartitionColumns : [.. partitionColumns];
        TableSchema.RequirePartitions(log.Table, schema, partitions);
        var isMapped = ColumnMapping.ModeOf(log.Table, CurrentProtocol, CurrentMetadata) != ColumnMappingMode.None;
        if (!isMapped) TableSchema.RequireNames(log.Table, Schema, schema, partitions);
        var changed = CurrentMetadata with { SchemaString = schema.Json, PartitionColumns = partitions };
        metadata = isMapped ? ColumnMapping.Number(changed, schema) : changed;
        var needed = TableFeatures.ProtocolFor(schema);
        var current = CurrentProtocol;
        if (needed.MinReaderVersion > current.MinReaderVersion || needed.WriterFeatures.Except(current.WriterFeatures).Any() && current.MinWriterVersion >= 7)
            protocol = TableFeatures.Upgrade(current, needed);
    }

    /// <summary>Sets table properties; a null value takes one away.</summary>
    public void SetProperties(IReadOnlyDictionary<string, string?> properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        var values = CurrentMetadata.Configuration;
        foreach (var (key, value) in properties) values = value is null ? values.Remove(key) : values.SetItem(key, value);
        metadata = CurrentMetadata with { Configuration = values };
    }

    /// <summary>Adds files of new rows.</summary>
    /// <exception cref="DeltaException">A file does not fit the table.</exception>
    public void Append(IEnumerable<DataFile> files) => Add(files, dataChange: true);

    /// <summary>Takes all rows out, those that come until the commit too, and adds files of new ones.</summary>
    /// <exception cref="DeltaException">A file does not fit the table.</exception>
    public void Overwrite(IEnumerable<DataFile> files)
    {
        replacesAll = true;
        Add(files, dataChange: true);
    }

    /// <summary>Puts files in the place of others, after reading rows of the table: update, delete, merge.</summary>
    /// <param name="replaced">Files of <see cref="Snapshot"/> that go.</param>
    /// <param name="files">Files that come.</param>
    /// <param name="dataChange">False where the same rows stand in other files (compaction): it then goes well with appends.</param>
    /// <exception cref="DeltaException">A file does not fit the table.</exception>
    public void Rewrite(IEnumerable<AddFile> replaced, IEnumerable<DataFile> files, bool dataChange = true)
    {
        ArgumentNullException.ThrowIfNull(replaced);
        readsRows |= dataChange;
        removed.AddRange(replaced.Select(file => file with { DataChange = dataChange }));
        Add(files, dataChange);
    }

    /// <summary>Marks rows of a data file as deleted; the file itself stays.</summary>
    /// <param name="file">A file of <see cref="Snapshot"/> whose statistics tell its number of rows.</param>
    /// <param name="vector">All of its deleted rows.</param>
    public void Mark(AddFile file, DeletionVector vector)
    {
        ArgumentNullException.ThrowIfNull(file);
        readsRows = true;
        marked.Add((file with { DataChange = true }, file with { DataChange = true, DeletionVector = vector, Stats = FileStatistics.WithWideBounds(file.Stats) }));
    }

    /// <summary>Adds files of the rows that this change deletes, inserts and updates, for readers of the table's changes; each row says in <c>_change_type</c> what became of it.</summary>
    public void AddChanges(IEnumerable<DataFile> files) =>
        changes.AddRange(files.Select(static file => new CdcFile(LogPath.Encode(file.Path)) { PartitionValues = file.PartitionValues.ToImmutableSortedDictionary(StringComparer.Ordinal), SizeBytes = file.SizeBytes }));

    /// <summary>Whether only whole files come and go, by which readers of the table's changes know all of them.</summary>
    public bool ChangesWholeFiles { get; set; }

    /// <summary>Says that the change was computed from the table's rows, so that it conflicts with any change of them since.</summary>
    public void DependsOnRows() => readsRows = true;

    /// <summary>Names the piece of work that this commit is, so that a repetition of it is none.</summary>
    /// <param name="appId">The application, such as a stream's id.</param>
    /// <param name="version">Its piece of work; grows with each.</param>
    public void SetTransaction(string appId, long version) => transaction = new SetTransaction(appId, version, log.Clock.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Whether the table, as the change was planned on it, holds this piece of work already; then nothing need be written.</summary>
    /// <remarks>What is skipped for that must be safe: the commit's name is flushed once more, as the run that made it may have ended by a flush that failed.</remarks>
    public async Task<bool> IsDoneAsync(string appId, long version, CancellationToken cancellationToken = default)
    {
        if (Snapshot?.TransactionVersion(appId) is not { } done || done < version) return false;
        await FlushAsync(Snapshot, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Puts files back as they were, with their statistics: for a restore.</summary>
    internal void AddBack(IEnumerable<AddFile> files)
    {
        RowsMeetRules = true; // Those of their time, which hold again.
        ChangesWholeFiles = true;
        added.AddRange(files.Select(static file => file with { DataChange = true }));
    }

    /// <summary>Puts metadata and protocol of an earlier version in place: for a restore.</summary>
    internal void Restore(Metadata earlier, Protocol? other)
    {
        metadata = Snapshot is null ? earlier : ColumnMapping.KeepLargestId(earlier, Snapshot.Metadata);
        protocol = other;
    }

    /// <summary>Commits. The table has the change when the answer is <see cref="Committed"/>.</summary>
    /// <remarks>
    /// After <see cref="Retryable"/> call it again on the same transaction: where an earlier attempt stands after all, because only the store's reply was lost, that is found out and nothing is written twice.
    /// </remarks>
    /// <exception cref="DeltaException">The table uses a feature with which it cannot be written here, or its log is broken.</exception>
    /// <exception cref="LockLostException">The run whose commit it is has lost its lock (<see cref="CommitGuard"/>).</exception>
    public async Task<CommitResult> CommitAsync(Operation operation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (isCommitted) throw new InvalidOperationException($"The transaction on '{log.Table}' was committed before. Begin a new one.");
        var current = Snapshot;
        var failures = 0;
        for (var attempt = 1; ; attempt++)
        {
            if (transaction is not null && current?.TransactionVersion(transaction.AppId) is { } done && done >= transaction.Version)
            {
                await FlushAsync(current, cancellationToken).ConfigureAwait(false);
                return new AlreadyCommitted(transaction.AppId, transaction.Version, done, current);
            }
            if (current is not null) TableFeatures.RequireWritable(log.Table, current.Protocol, current.Metadata, new ChangeKind(true, AddsRows, RemovesRows, CopiesRows) { RowsMeetRules = RowsMeetRules, TellsChanges = changes.Count > 0 || ChangesWholeFiles || replacesAll });
            try
            {
                if (current?.Commit is { } seen && await log.Storage.StatAsync(seen.Path, cancellationToken).ConfigureAwait(false) is null)
                    return new Conflict(current.Version, null, $"Cannot commit version {current.Version + 1} of '{log.Table}': version {current.Version}, on which it was planned, is gone. The table was deleted; read it again.");
                var actions = ActionsOn(current, operation);
                var version = (current?.Version ?? -1) + 1;
                await RunFence.RequireAsync(log.Table, current, cancellationToken).ConfigureAwait(false);
                var put = await PutAsync(LogPath.Commit(version), actions, cancellationToken).ConfigureAwait(false);
                if (put == PutResult.Created) return await FinishAsync(current, version, actions, attempt).ConfigureAwait(false);
                var (after, result) = await FollowAsync(current, attempt, cancellationToken).ConfigureAwait(false);
                IsOutcomeUnknown = false;
                if (result is not null) return result;
                current = after;
            }
            catch (StorageException error) when (error.IsTransient)
            {
                // A second flush of the same file may succeed without its content: it proves nothing after a first that failed.
                if (error.IsFlushFailure || ++failures == MaxStoreFailures) return new Retryable($"Cannot commit to '{log.Table}': {error.Message}", error);
                await Task.Delay(100 * failures, cancellationToken).ConfigureAwait(false);
            }

            if (attempt >= MaxAttempts) return new Retryable($"Cannot commit to '{log.Table}': other writers were first {attempt} times in a row. Try again when fewer write.", null);
            if (attempt > 2) await Task.Delay(Random.Shared.Next(1, Math.Min(50, 2 * attempt)), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<PutResult> PutAsync(string path, List<DeltaAction> actions, CancellationToken cancellationToken)
    {
        var content = ActionWriter.Write(actions);
        IsOutcomeUnknown = true;
        try
        {
            return await log.Storage.PutIfAbsentAsync(path, content, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // A disk of this machine can be looked at; with a store elsewhere the request may still be on its way.
            if (log.Storage.LocalRoot is { } root && !File.Exists(Path.Combine(root, path))) IsOutcomeUnknown = false;
            throw;
        }
    }

    private Task FlushAsync(Snapshot snapshot, CancellationToken cancellationToken) =>
        snapshot.Commit is { } commit ? log.Storage.FlushAsync([commit.Path], cancellationToken) : Task.CompletedTask;

    private bool AddsRows => metadata is not null || (!OnlyCopiesRows && added.Exists(static file => file.DataChange));

    private bool CopiesRows => removed.Count + marked.Count > 0 && added.Exists(static file => file.BaseRowId is null);

    private bool RemovesRows => replacesAll || marked.Count > 0 || removed.Exists(static file => file.DataChange);

    private void Add(IEnumerable<DataFile> files, bool dataChange)
    {
        ArgumentNullException.ThrowIfNull(files);
        var mapping = Mapping;
        foreach (var file in files)
        {
            TableSchema.RequireFits(log.Table, mapping, file);
            added.Add(log.Paths.Locate(file.ToAdd(dataChange)));
        }
    }

    /// <summary>The commit stands: neither a cancellation nor a failure from here on may hide that.</summary>
    private async Task<CommitResult> FinishAsync(Snapshot? current, long version, List<DeltaAction> actions, int attempt)
    {
        isCommitted = true;
        IsOutcomeUnknown = false;
        KillPoint.Reach(DeltaKillPoints.AfterLink);
        StorageEntry? commit = null;
        try
        {
            commit = await log.Storage.StatAsync(LogPath.Commit(version), CancellationToken.None).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // Without it the next reader lists the log, which is slower and no less right.
        }

        var snapshot = log.Remember(new Snapshot(log, version, (current?.State ?? TableState.Empty).Apply(actions), commit));
        return new Committed(snapshot, attempt) { Warning = DefersCheckpoint ? null : await log.CheckpointAsync(snapshot).ConfigureAwait(false) };
    }

    /// <summary>Reads what other writers committed meanwhile; answers the table after it, or why the change cannot follow.</summary>
    private async Task<(Snapshot? After, CommitResult? Result)> FollowAsync(Snapshot? current, int attempt, CancellationToken cancellationToken)
    {
        if (current is null)
        {
            var first = await log.Storage.TryReadAsync(LogPath.Commit(0), cancellationToken).ConfigureAwait(false);
            if (first is not null && log.ReadCommit(first, LogPath.Commit(0)) is var actions && actions.OfType<CommitInfo>().FirstOrDefault()?.TxnId == Id)
                return (null, await FinishAsync(null, 0, actions, attempt).ConfigureAwait(false));
            var made = await log.LoadExistingAsync(cancellationToken).ConfigureAwait(false);
            if (readsRows) return (null, new Conflict(made.Version, null, $"Cannot commit to '{log.Table}': another writer created the table meanwhile, and this change was planned on there being none. Read the table and retry."));
            return ConflictCheck.Creation(log.Table, made, createSchema!, metadata!) is { } conflict ? (null, conflict) : (made, null);
        }

        while (await log.ReadNextAsync(current, cancellationToken).ConfigureAwait(false) is { } won)
        {
            var info = won.Actions.OfType<CommitInfo>().FirstOrDefault();
            if (info?.TxnId == Id) return (null, await FinishAsync(current, won.Snapshot.Version, won.Actions, attempt).ConfigureAwait(false)); // Ours: only the store's reply was lost.
            if (ConflictCheck.Between(log.Table, this, won.Snapshot.Version, won.Actions) is { } conflict) return (null, conflict);
            current = won.Snapshot;
        }

        return (log.Remember(log.Checked(current)), null);
    }

    internal bool ChangesTable => metadata is not null && createSchema is null || protocol is not null && createSchema is null;

    internal bool ReadsRows => readsRows;

    internal string? AppId => transaction?.AppId;

    internal Metadata? PlannedOn => Snapshot?.Metadata ?? metadata;

    internal bool Removes(string key) => removed.Exists(file => file.Key == key) || marked.Exists(entry => entry.Before.Key == key);

    private List<DeltaAction> ActionsOn(Snapshot? current, Operation operation)
    {
        var now = log.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        var isNew = current is null;
        var gone = replacesAll && current is not null ? current.Files.Select(static file => file with { DataChange = true }).ToList() : removed;
        var newMetadata = createSchema is not null && !isNew ? null : metadata;
        var newProtocol = createSchema is not null && !isNew ? null : protocol;
        if (isNew && newMetadata is null) throw log.NotFound();
        var effective = newMetadata ?? current!.Metadata;
        var actions = new List<DeltaAction>(added.Count + gone.Count + 4)
        {
            new CommitInfo
            {
                Timestamp = now,
                InCommitTimestamp = TableFeatures.UsesInCommitTimestamps(effective) ? Math.Max(now, (current?.State.InCommitTimestamp ?? -1) + 1) : null,
                Operation = operation.Name,
                OperationParameters = operation.Parameters,
                OperationMetrics = Metrics(gone, operation),
                ReadVersion = current?.Version,
                IsolationLevel = readsRows || replacesAll ? "Serializable" : "WriteSerializable",
                IsBlindAppend = !readsRows && marked.Count == 0 && gone.Count == 0 && !replacesAll,
                EngineInfo = Engine,
                TxnId = Id,
                UserMetadata = operation.UserMetadata,
            },
        };
        if (newProtocol is not null) actions.Add(newProtocol);
        if (newMetadata is not null) actions.Add(newMetadata);
        if (transaction is not null) actions.Add(transaction);
        foreach (var file in gone.Concat(marked.Select(static entry => entry.Before)))
        {
            actions.Add(new RemoveFile(file.Path, now, file.DataChange)
            {
                ExtendedFileMetadata = true,
                PartitionValues = file.PartitionValues,
                SizeBytes = file.SizeBytes,
                DeletionVector = file.DeletionVector,
                BaseRowId = file.BaseRowId,
                DefaultRowCommitVersion = file.DefaultRowCommitVersion,
                FilePath = file.FilePath,
            });
        }

        actions.AddRange(marked.Select(static entry => entry.After));
        actions.AddRange(changes);
        actions.AddRange(RowIds.Assign(log.Table, current, (current?.Version ?? -1) + 1, added));
        return actions;
    }

    private ImmutableSortedDictionary<string, string> Metrics(List<AddFile> gone, Operation operation)
    {
        var metrics = operation.Metrics.ToBuilder();
        Count("numFiles", added.Count);
        Count("numOutputBytes", added.Sum(static file => file.SizeBytes));
        if (added.Select(static file => file.ReadStatistics()?.NumRecords).ToList() is var rows && rows.TrueForAll(static count => count is not null)) Count("numOutputRows", rows.Sum(static count => count!.Value));
        if (gone.Count > 0)
        {
            Count("numRemovedFiles", gone.Count);
            Count("numRemovedBytes", gone.Sum(static file => file.SizeBytes));
        }

        return metrics.ToImmutable();

        void Count(string name, long value)
        {
            if (!metrics.ContainsKey(name)) metrics[name] = value.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static ImmutableSortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string>? values) =>
        values?.ToImmutableSortedDictionary(StringComparer.Ordinal) ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
