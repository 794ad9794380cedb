namespace Pipeline.Lake.Delta;

/// <summary>The removed files of a checkpoint, read once, when they are first asked for: a table has few files at a time and may have removed thousands, which only the next checkpoint and a vacuum ask for.</summary>
internal sealed class EarlierTombstones(CheckpointFiles checkpoint)
{
    private IReadOnlyCollection<RemoveFile>? known;

    public CheckpointFiles Checkpoint { get; } = checkpoint;

    /// <summary>Gives up those that nobody asks for any more.</summary>
    public void Forget(Func<RemoveFile, bool> isExpired)
    {
        if (Volatile.Read(ref known) is { } before) known = [.. before.Where(remove => !isExpired(remove))];
    }

    public async Task<IReadOnlyCollection<RemoveFile>> ReadAsync(Storage.IStorage storage, CancellationToken cancellationToken) =>
        Volatile.Read(ref known) is { } before ? before : known = await CheckpointReader.ReadTombstonesAsync(storage, Checkpoint, cancellationToken).ConfigureAwait(false);
}
