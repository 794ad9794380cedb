using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>What a vacuum deleted, or would delete.</summary>
/// <param name="Files">Paths of the files, ordered.</param>
/// <param name="SizeBytes">Bytes that they took.</param>
/// <param name="EndedVersions">Versions that were readable and are not any more, ascending.</param>
/// <param name="KeptByTags">Tags whose versions were kept, by name.</param>
/// <param name="IsDryRun">Whether nothing was deleted.</param>
public sealed record VacuumResult(IReadOnlyList<string> Files, long SizeBytes, IReadOnlyList<long> EndedVersions, IReadOnlyList<TableTag> KeptByTags, bool IsDryRun);

/// <summary>Deletes files in a table's folder that neither the latest version, nor a tagged one, nor a recent one needs. Symbolic links are left as they are, and so is what they lead to.</summary>
public static class TableVacuum
{
    private static readonly TimeSpan DefaultRetention = TimeSpan.FromDays(7);

    /// <summary>Runs a vacuum.</summary>
    /// <param name="log">The table.</param>
    /// <param name="retention">How long a removed file is kept; null is the table's <c>delta.deletedFileRetentionDuration</c>, else 7 days. Files younger than that are never touched: they may belong to a commit on its way.</param>
    /// <param name="isDryRun">Only says what would be deleted.</param>
    /// <param name="isShortRetentionAllowed">Whether a retention below 7 days is meant; it can break readers and writers that are at work.</param>
    /// <param name="cancellationToken">Cancels between files; what is deleted stays deleted.</param>
    /// <exception cref="DeltaException">There is no table, or the retention is too short and that is not allowed.</exception>
    public static async Task<VacuumResult> RunAsync(DeltaLog log, TimeSpan? retention = null, bool isDryRun = false, bool isShortRetentionAllowed = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        var snapshot = await log.LoadExistingAsync(cancellationToken).ConfigureAwait(false);
        TableFeatures.RequireWritable(log.Table, snapshot.Protocol, snapshot.Metadata, ChangeKind.Vacuum);
        var tableRetention = Interval.Parse(snapshot.Metadata.Configuration.GetValueOrDefault("delta.deletedFileRetentionDuration")) ?? DefaultRetention;
        var kept = retention ?? tableRetention;
        if (kept < TimeSpan.Zero || (kept < tableRetention && !isShortRetentionAllowed))
        {
            throw new DeltaException(
                DeltaErrorKind.InvalidOperation,
                $"Cannot vacuum '{log.Table}' with a retention of {Hours(kept)}: below {Hours(tableRetention)} it can take files from readers and writers that are at work. Choose a longer one, or allow a short one if nothing else uses the table.");
        }

        var cutoff = log.Clock.GetUtcNow() - kept;
        var tags = await TableTags.ListAsync(log, cancellationToken).ConfigureAwait(false);
        var needed = await NeededAsync(log, snapshot, tags, cutoff, cancellationToken).ConfigureAwait(false);
        var links = new List<string>();
        var present = await DataFiles.ListAsync(log.Storage, links, cancellationToken).ConfigureAwait(false);
        RequireNotLinked(log.Table, needed, links);
        var doomed = present.Values.Where(entry => !needed.Contains(entry.Path) && entry.ModifiedAt <= cutoff).OrderBy(static entry => entry.Path, StringComparer.Ordinal).ToList();
        var ended = await EndedAsync(log, present, doomed.Select(static entry => entry.Path), cancellationToken).ConfigureAwait(false);
        if (!isDryRun)
        {
            foreach (var entry in doomed)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await log.Storage.DeleteAsync(entry.Path, cancellationToken).ConfigureAwait(false);
                KillPoint.Reach(DeltaKillPoints.DuringVacuum);
            }
        }

        return new VacuumResult([.. doomed.Select(static entry => entry.Path)], doomed.Sum(static entry => entry.SizeBytes), ended, tags, isDryRun);
    }

    /// <summary>Refuses where a file that is needed is reached through a link: it may lie in the folder under another name, by which nothing would keep it.</summary>
    private static void RequireNotLinked(string table, HashSet<string> needed, List<string> links)
    {
        foreach (var link in links)
            if (needed.FirstOrDefault(path => path == link || path.StartsWith(link + "/", StringComparison.Ordinal)) is { } path) throw DataFileErrors.Linked(table, path, link);
    }

    private static async Task<HashSet<string>> NeededAsync(DeltaLog log, Snapshot snapshot, IReadOnlyList<TableTag> tags, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        var needed = snapshot.Files.SelectMany(log.Paths.FilesOf).ToHashSet(StringComparer.Ordinal);
        var oldest = cutoff.ToUnixTimeMilliseconds();
        needed.UnionWith((await snapshot.ReadTombstonesAsync(cancellationToken).ConfigureAwait(false)).Where(file => file.DeletionTimestamp is { } deleted && deleted > oldest).SelectMany(log.Paths.FilesOf));
        foreach (var version in tags.Select(static tag => tag.Version).Distinct())
            needed.UnionWith((await log.LoadVersionAsync(version, cancellationToken).ConfigureAwait(false)).Files.SelectMany(log.Paths.FilesOf));
        return needed;
    }

    private static async Task<IReadOnlyList<long>> EndedAsync(DeltaLog log, Dictionary<string, Storage.StorageEntry> present, IEnumerable<string> doomed, CancellationToken cancellationToken)
    {
        var gone = doomed.ToHashSet(StringComparer.Ordinal);
        if (gone.Count == 0) return [];
        var walk = await FileLifetimes.ReadAsync(log, cancellationToken).ConfigureAwait(false);
        var before = walk.VersionsNeeding(path => !TablePaths.IsOutside(path) && !present.ContainsKey(path));
        return [.. walk.VersionsNeeding(gone.Contains).Keys.Where(version => !before.ContainsKey(version))];
    }

    private static string Hours(TimeSpan time) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalHours:0.##} hours");
}
