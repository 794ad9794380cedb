namespace Pipeline.Engine.Delta;

/// <summary>For which versions a data file is needed: from the one that added it to the one before its removal.</summary>
/// <param name="Path">Identity of the file (<see cref="AddFile.FilePath"/>).</param>
/// <param name="From">First version with it, or the first one that the log still tells of.</param>
/// <param name="To">Last version with it.</param>
internal sealed record FileLifetime(string Path, long From, long To);

/// <summary>A version as the walk through the log comes by it.</summary>
internal sealed record WalkedVersion(long Version, CommitInfo? Info, int FileCount, long SizeBytes, long? Rows);

/// <summary>All that the log still tells, in one pass: each version's size and each file's life.</summary>
internal sealed class FileLifetimes
{
    private readonly List<FileLifetime> lifetimes = [];
    private readonly List<WalkedVersion> versions = [];

    /// <summary>The versions, ascending.</summary>
    public IReadOnlyList<WalkedVersion> Versions => versions;

    /// <summary>The files' lives; a file that was put back by a restore has several.</summary>
    public IReadOnlyList<FileLifetime> Lifetimes => lifetimes;

    /// <summary>Walks through the log once: the cost is the log's length, not the number of versions times files.</summary>
    public static async Task<FileLifetimes> ReadAsync(DeltaLog log, CancellationToken cancellationToken)
    {
        var entries = await log.Storage.ListAsync(LogPath.Folder, cancellationToken: cancellationToken).ConfigureAwait(false);
        var loadable = TableVersions.Loadable(entries);
        var commits = LogSegment.CommitsIn(entries).ToDictionary(static commit => commit.Version, static commit => commit.File);
        var walk = new FileLifetimes();
        var open = new Dictionary<string, (AddFile File, long From)>(StringComparer.Ordinal);
        long? rows = 0;
        long size = 0, previous = -2;
        foreach (var version in loadable)
        {
            List<DeltaAction>? actions = null;
            if (commits.TryGetValue(version, out var file))
                actions = log.ReadCommit(await log.Storage.TryReadAsync(file.Path, cancellationToken).ConfigureAwait(false) ?? [], file.Path);
            if (version == previous + 1 || version == 0)
            {
                if (actions is null) // Only the checkpoint of it is left, and nothing was lost before it.
                    Restart(await log.LoadVersionAsync(version, cancellationToken).ConfigureAwait(false));
                else Follow(actions, version);
            }
            else
            {
                Close(previous);
                Restart(await log.LoadVersionAsync(version, cancellationToken).ConfigureAwait(false));
            }

            walk.versions.Add(new WalkedVersion(version, actions?.OfType<CommitInfo>().FirstOrDefault(), open.Count, size, rows));
            previous = version;
        }

        Close(previous);
        return walk;

        void Follow(List<DeltaAction> actions, long version)
        {
            foreach (var remove in actions.OfType<RemoveFile>())
            {
                if (!open.Remove(remove.Key, out var gone)) continue;
                Live(gone.File, gone.From, version - 1);
                Count(gone.File, -1);
            }

            foreach (var add in actions.OfType<AddFile>())
            {
                var from = open.Remove(add.Key, out var before) ? before.From : version;
                if (before.File is not null) Count(before.File, -1);
                open[add.Key] = (add, from);
                Count(add, 1);
            }
        }

        void Restart(Snapshot snapshot)
        {
            var kept = open.ToDictionary(StringComparer.Ordinal);
            open.Clear();
            (rows, size) = (0, 0);
            foreach (var add in snapshot.Files)
            {
                open[add.Key] = (add, kept.Remove(add.Key, out var before) ? before.From : snapshot.Version);
                Count(add, 1);
            }

            foreach (var (gone, from) in kept.Values) Live(gone, from, snapshot.Version - 1);
        }

        void Close(long version)
        {
            foreach (var (kept, from) in open.Values) Live(kept, from, version);
            open.Clear();
        }

        void Live(AddFile add, long from, long to)
        {
            foreach (var path in log.Paths.FilesOf(add)) walk.lifetimes.Add(new FileLifetime(path, from, to));
        }

        void Count(AddFile add, int sign)
        {
            size += sign * add.SizeBytes;
            rows += add.CountRows() is { } records ? sign * records : null;
        }
    }

    /// <summary>Versions that need one of these files, each with the first such file.</summary>
    public SortedDictionary<long, string> VersionsNeeding(Func<string, bool> isGone)
    {
        var found = new SortedDictionary<long, string>();
        foreach (var life in lifetimes)
        {
            if (!isGone(life.Path)) continue;
            for (var i = IndexOf(life.From); i < versions.Count && versions[i].Version <= life.To; i++) found.TryAdd(versions[i].Version, life.Path);
        }

        return found;
    }

    /// <summary>Place of the first version that is not before this one.</summary>
    private int IndexOf(long version)
    {
        var (low, high) = (0, versions.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (versions[middle].Version < version) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
