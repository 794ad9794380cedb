using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>A version and when it was committed.</summary>
internal sealed record VersionInstant(long Version, DateTimeOffset CommittedAt, StorageEntry File);

/// <summary>Which versions a log has.</summary>
internal static class TableVersions
{
    /// <summary>Versions that the log can still be replayed to, ascending.</summary>
    public static async Task<IReadOnlyList<long>> LoadableAsync(DeltaLog log, CancellationToken cancellationToken)
    {
        var entries = await log.Storage.ListAsync(LogPath.Folder, cancellationToken: cancellationToken).ConfigureAwait(false);
        return Loadable(entries);
    }

    public static List<long> Loadable(IReadOnlyList<StorageEntry> entries)
    {
        var checkpoints = LogSegment.FindCheckpoints(entries).Select(static checkpoint => checkpoint.Version).ToHashSet();
        var loadable = new SortedSet<long>(checkpoints);
        foreach (var (version, _) in LogSegment.CommitsIn(entries))
            if (version == 0 || loadable.Contains(version - 1)) loadable.Add(version);
        return [.. loadable];
    }

    /// <summary>Versions with their instants, ascending in both: the commit files' times, each put after the one before where clocks went back.</summary>
    /// <remarks>Spark's Delta takes the same times (DeltaHistoryManager).</remarks>
    public static async Task<IReadOnlyList<VersionInstant>> InstantsAsync(DeltaLog log, CancellationToken cancellationToken)
    {
        var entries = await log.Storage.ListAsync(LogPath.Folder, cancellationToken: cancellationToken).ConfigureAwait(false);
        var instants = new List<VersionInstant>();
        foreach (var (version, file) in LogSegment.CommitsIn(entries))
        {
            var at = DateTimeOffset.FromUnixTimeMilliseconds(file.ModifiedAt.ToUnixTimeMilliseconds());
            if (instants.Count > 0 && at <= instants[^1].CommittedAt) at = instants[^1].CommittedAt.AddMilliseconds(1);
            instants.Add(new VersionInstant(version, at, file));
        }

        return instants;
    }
}
