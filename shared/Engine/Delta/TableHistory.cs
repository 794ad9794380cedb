using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>A version of a table, as an operator sees it.</summary>
/// <param name="Version">Its number.</param>
/// <param name="CommittedAt">When it was committed, UTC; null where only a checkpoint is left of it.</param>
/// <param name="Info">Who made it and how; null where its commit file is gone.</param>
public sealed record TableVersion(long Version, DateTimeOffset? CommittedAt, CommitInfo? Info)
{
    /// <summary>Data files in it; null where not asked for.</summary>
    public int? FileCount { get; init; }

    /// <summary>Size of its data files; null where not asked for.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Rows in it by the files' statistics; null where a file has none, or not asked for.</summary>
    public long? Rows { get; init; }

    /// <summary>Whether all its data files are there; null where not asked for.</summary>
    public bool? IsReadable { get; init; }

    /// <summary>Why it is not readable, in a sentence; else null.</summary>
    public string? UnreadableBecause { get; init; }

    /// <summary>Tags that keep it.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];
}

/// <summary>The versions of a table.</summary>
public static class TableHistory
{
    /// <summary>What each version did, newest first; the data files are not looked at.</summary>
    /// <param name="log">The table.</param>
    /// <param name="limit">Versions at most, or null for all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="DeltaException">There is no table, or a commit file is broken.</exception>
    public static async Task<IReadOnlyList<TableVersion>> ReadAsync(DeltaLog log, int? limit = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        var instants = await TableVersions.InstantsAsync(log, cancellationToken).ConfigureAwait(false);
        if (instants.Count == 0) throw log.NotFound();
        var versions = new List<TableVersion>();
        foreach (var commit in instants.Reverse().Take(limit ?? int.MaxValue))
        {
            var content = await log.Storage.TryReadAsync(commit.File.Path, cancellationToken).ConfigureAwait(false) ?? [];
            var info = ActionReader.ReadCommit(content, $"{log.Table}/{commit.File.Path}").OfType<CommitInfo>().FirstOrDefault();
            versions.Add(new TableVersion(commit.Version, At(info, commit.CommittedAt), info));
        }

        return versions;
    }

    /// <summary>All versions that the log still tells of, newest first, with their rows and sizes and whether their data files are there.</summary>
    /// <exception cref="DeltaException">There is no table, or a commit file is broken.</exception>
    public static async Task<IReadOnlyList<TableVersion>> ReadWithFilesAsync(DeltaLog log, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        var instants = (await TableVersions.InstantsAsync(log, cancellationToken).ConfigureAwait(false)).ToDictionary(static commit => commit.Version, static commit => commit.CommittedAt);
        var walk = await FileLifetimes.ReadAsync(log, cancellationToken).ConfigureAwait(false);
        if (walk.Versions.Count == 0) throw log.NotFound();
        var present = await DataFiles.ListAsync(log.Storage, null, cancellationToken).ConfigureAwait(false);
        var broken = walk.VersionsNeeding(path => !present.ContainsKey(path) && !TablePaths.IsOutside(path));
        var tags = (await TableTags.ListAsync(log, cancellationToken).ConfigureAwait(false)).ToLookup(static tag => tag.Version, static tag => tag.Name);
        return
        [
            .. walk.Versions.Reverse().Select(version => new TableVersion(version.Version, instants.TryGetValue(version.Version, out var at) ? At(version.Info, at) : null, version.Info)
            {
                FileCount = version.FileCount,
                SizeBytes = version.SizeBytes,
                Rows = version.Rows,
                IsReadable = !broken.ContainsKey(version.Version),
                UnreadableBecause = broken.TryGetValue(version.Version, out var gone) ? $"Its data file '{gone}' is gone." : null,
                Tags = [.. tags[version.Version]],
            }),
        ];
    }

    /// <summary>Versions whose log and data files are all there, ascending.</summary>
    internal static async Task<IReadOnlyList<long>> ReadableAsync(DeltaLog log, CancellationToken cancellationToken)
    {
        var walk = await FileLifetimes.ReadAsync(log, cancellationToken).ConfigureAwait(false);
        var present = await DataFiles.ListAsync(log.Storage, null, cancellationToken).ConfigureAwait(false);
        var broken = walk.VersionsNeeding(path => !present.ContainsKey(path) && !TablePaths.IsOutside(path));
        return [.. walk.Versions.Select(static version => version.Version).Where(version => !broken.ContainsKey(version))];
    }

    private static DateTimeOffset At(CommitInfo? info, DateTimeOffset fileTime) =>
        info?.InCommitTimestamp is { } instant ? DateTimeOffset.FromUnixTimeMilliseconds(instant) : fileTime;
}

/// <summary>The files in a table's folder that may be data files.</summary>
internal static class DataFiles
{
    /// <summary>All by path; files of changes too; hidden folders and files (<c>_</c> or <c>.</c> first, but for partitions such as <c>_x=1</c>) are left out, and so is what symbolic links lead to.</summary>
    /// <param name="storage">The table's folder.</param>
    /// <param name="links">Takes the paths of the links, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<Dictionary<string, StorageEntry>> ListAsync(IStorage storage, ICollection<string>? links, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, StorageEntry>(StringComparer.Ordinal);
        foreach (var top in await storage.ListAsync("", cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (IsHidden(top.Name)) continue;
            if (!top.IsFolder || top.IsLink) Take(top);
            else
                foreach (var entry in await storage.ListAsync(top.Path, recursive: true, cancellationToken: cancellationToken).ConfigureAwait(false))
                    if (!entry.Path.Split('/').Any(IsHidden)) Take(entry);
        }

        return found;

        void Take(StorageEntry entry)
        {
            if (entry.IsLink) links?.Add(entry.Path);
            else found[entry.Path] = entry;
        }
    }

    /// <summary>Where files of changes stand, as in Spark's Delta.</summary>
    public const string ChangesFolder = "_change_data";

    private static bool IsHidden(string name) => name[0] is '_' or '.' && name != ChangesFolder && !name.Contains('=', StringComparison.Ordinal);
}
