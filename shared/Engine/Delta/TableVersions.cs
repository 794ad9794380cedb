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

    /// <summary>The last version committed at or before an instant, or null where all are later, and the earliest and the latest of all; by the instants that the table keeps in its commits.</summary>
    /// <remarks>
    /// They grow with the versions, so that few commits are read. Versions before the table began to keep them are searched by their files' times.
    /// Source: Delta transaction log protocol, "In-Commit Timestamps".
    /// </remarks>
    /// <param name="log">The table.</param>
    /// <param name="commits">Its versions by their files' times, one at least.</param>
    /// <param name="since">The first version that keeps its instant.</param>
    /// <param name="instant">The instant.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="DeltaException">A commit lacks its instant.</exception>
    public static async Task<(VersionInstant? Found, VersionInstant Earliest, VersionInstant Latest)> FindInsideAsync(
        DeltaLog log, IReadOnlyList<VersionInstant> commits, long since, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var before = commits.TakeWhile(commit => commit.Version < since).ToList();
        if (before.Count == commits.Count) return (before.FindLast(commit => commit.CommittedAt <= instant), commits[0], commits[^1]);
        var (low, high) = (before.Count, commits.Count - 1);
        var (found, latest) = (await InsideAsync(low).ConfigureAwait(false), await InsideAsync(high).ConfigureAwait(false));
        var earliest = before.Count > 0 ? before[0] : found;
        if (found.CommittedAt > instant) return (before.FindLast(commit => commit.CommittedAt <= instant), earliest, latest);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            var at = await InsideAsync(middle).ConfigureAwait(false);
            if (at.CommittedAt <= instant) (low, found) = (middle, at);
            else high = middle - 1;
        }

        return (found, earliest, latest);

        async Task<VersionInstant> InsideAsync(int place)
        {
            var (commit, file) = (commits[place], $"{log.Table}/{commits[place].File.Path}");
            var content = await log.Storage.TryReadAsync(commit.File.Path, cancellationToken).ConfigureAwait(false) ?? [];
            return ActionReader.ReadInfo(content, file)?.InCommitTimestamp is { } own
                ? commit with { CommittedAt = DateTimeOffset.FromUnixTimeMilliseconds(own) }
                : throw new DeltaException(DeltaErrorKind.CorruptLog, $"Cannot tell when version {commit.Version} of the table '{log.Table}' was committed: the table keeps that in its commits, and '{file}' does not begin with it. Name the version instead.");
        }
    }
}
