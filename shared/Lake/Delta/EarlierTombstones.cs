namespace Pipeline.Lake.Delta;

/// <summary>The removed files of a checkpoint, read once, when they are first asked for: a table has few files at a time and may have removed thousands, which only the next checkpoint and a vacuum ask for.</summary>
internal sealed class EarlierTombstones(Func<CancellationToken, Task<IReadOnlyCollection<RemoveFile>>> read)
{
    private IReadOnlyCollection<RemoveFile>? known;

    public async Task<IReadOnlyCollection<RemoveFile>> ReadAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref known) is { } before ? before : known = await read(cancellationToken).ConfigureAwait(false);
}
