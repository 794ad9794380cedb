namespace Pipeline.Engine.Delta;

/// <summary>The removed files of a checkpoint, read once, when they are first asked for: a table has few files at a time and may have removed thousands, which only the next checkpoint and a vacuum ask for.</summary>
internal sealed class CheckpointTombstones(CheckpointFiles checkpoint, IReadOnlyCollection<RemoveFile>? read = null)
{
    private IReadOnlyCollection<RemoveFile>? known = read;

    public CheckpointFiles Checkpoint { get; } = checkpoint;

    /// <summary>These without those that nobody asks for any more; where they were not read yet, these.</summary>
    public CheckpointTombstones Forget(Func<RemoveFile, bool> isExpired) =>
        Volatile.Read(ref known) is { } before ? new CheckpointTombstones(Checkpoint, [.. before.Where(remove => !isExpired(remove))]) : this;

    public async Task<IReadOnlyCollection<RemoveFile>> ReadAsync(Storage.IStorage storage, TablePaths paths, CancellationToken cancellationToken) =>
        Volatile.Read(ref known) is { } before ? before : known = await CheckpointReader.ReadTombstonesAsync(storage, paths, Checkpoint, cancellationToken).ConfigureAwait(false);
}
