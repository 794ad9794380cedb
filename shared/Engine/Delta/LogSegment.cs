using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>A whole checkpoint: one file or all of its parts. A file of the protocol's second kind may name further ones (<see cref="SidecarFile"/>).</summary>
internal sealed record CheckpointFiles(long Version, ImmutableArray<string> Paths);

/// <summary>The files of the log that make up one version: a checkpoint (or none) and the commits after it, without gaps.</summary>
internal sealed record LogSegment(long Version, CheckpointFiles? Checkpoint, ImmutableArray<StorageEntry> Commits)
{
    /// <summary>Commits after a checkpoint that are looked for one by one; more there are where checkpoints are not written.</summary>
    private const int MaxLookedFor = 1000;

    /// <summary>Where a look for commits beyond the first that is not there looks: all of the next few, then ever farther.</summary>
    private static readonly ImmutableArray<long> BeyondTheEnd = [.. Enumerable.Range(2, 15), .. Enumerable.Range(5, 12).Select(static power => 1L << power)];

    /// <summary>Finds the files for the latest version, or for one version.</summary>
    /// <param name="storage">The table's folder.</param>
    /// <param name="table">Its name, for messages.</param>
    /// <param name="version">The version, or null for the latest.</param>
    /// <param name="broken">Versions of checkpoints that could not be read.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Null where there is no log.</returns>
    public static async Task<LogSegment?> ListAsync(IStorage storage, string table, long? version, IEnumerable<long> broken, CancellationToken cancellationToken)
    {
        // The hint only shortens the search: what it says is used where it is there, and passed over where not.
        if (version is null && !broken.Any() && await ReadHintAsync(storage, cancellationToken).ConfigureAwait(false) is { } hint)
        {
            if (storage.LocalRoot is not null && await FindAfterAsync(storage, hint, cancellationToken).ConfigureAwait(false) is { } found) return found;
            var recent = await storage.ListAsync(LogPath.Folder, startAt: LogPath.Digits(hint), cancellationToken: cancellationToken).ConfigureAwait(false);
            if (FindCheckpoints(recent).Count > 0) return await ChooseAsync(storage, recent, table, null, broken, cancellationToken).ConfigureAwait(false);
        }

        var all = await storage.ListAsync(LogPath.Folder, cancellationToken: cancellationToken).ConfigureAwait(false);
        return await ChooseAsync(storage, all, table, version, broken, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All commits that are there, by version. Ordered.</summary>
    public static IEnumerable<(long Version, StorageEntry File)> CommitsIn(IEnumerable<StorageEntry> entries) =>
        entries.Where(static entry => !entry.IsFolder && LogPath.IsCommit(entry.Name)).Select(static entry => (LogPath.VersionOf(entry.Name), entry));

    /// <summary>Whole checkpoints, newest first; of one version the classic one first.</summary>
    public static List<CheckpointFiles> FindCheckpoints(IReadOnlyList<StorageEntry> entries)
    {
        var (found, named) = (new List<CheckpointFiles>(), new List<CheckpointFiles>());
        var parts = new Dictionary<(long Version, int Of), SortedDictionary<int, string>>();
        foreach (var entry in entries)
        {
            var name = entry.Name.Split('.');
            if (entry.IsFolder || name.Length < 3 || name[1] != "checkpoint" || LogPath.VersionOf(entry.Name) is var version && version < 0) continue;
            if (name is [_, _, "parquet"]) found.Add(new CheckpointFiles(version, [entry.Path]));
            else if (name is [_, _, var part, var of, "parquet"] && int.TryParse(part, out var number) && int.TryParse(of, out var count))
            {
                if (!parts.TryGetValue((version, count), out var files)) parts[(version, count)] = files = [];
                files[number] = entry.Path;
            }
            else if (name is [_, _, { Length: 36 }, "parquet" or "json"]) named.Add(new CheckpointFiles(version, [entry.Path]));
        }

        found.AddRange(parts.Where(static set => set.Value.Count == set.Key.Of).Select(static set => new CheckpointFiles(set.Key.Version, [.. set.Value.Values])));
        return [.. found.Concat(named).OrderByDescending(static checkpoint => checkpoint.Version)];
    }

    /// <summary>The checkpoint of the hint and the commits after it, each looked for by its name: a disk's folder is read whole however little of it is asked for, and a log has a file for each version that the table ever had.</summary>
    /// <returns>Null where the listing is to tell: the checkpoint is not there, or has other files; there are many commits after it; or one is there beyond the first that is not.</returns>
    private static async Task<LogSegment?> FindAfterAsync(IStorage storage, long version, CancellationToken cancellationToken)
    {
        var checkpoint = LogPath.Checkpoint(version);
        if (await storage.StatAsync(checkpoint, cancellationToken).ConfigureAwait(false) is not { IsFolder: false }) return null;
        var commits = ImmutableArray.CreateBuilder<StorageEntry>();
        while (await storage.StatAsync(LogPath.Commit(version + commits.Count + 1), cancellationToken).ConfigureAwait(false) is { IsFolder: false } commit)
        {
            if (commits.Count == MaxLookedFor) return null;
            commits.Add(commit);
        }

        var last = version + commits.Count;
        // A commit that was deleted must not pass for the end: the next one would be written in its place.
        foreach (var distance in BeyondTheEnd)
            if (await storage.StatAsync(LogPath.Commit(last + distance), cancellationToken).ConfigureAwait(false) is not null) return null;
        return new LogSegment(last, new CheckpointFiles(version, [checkpoint]), commits.ToImmutable());
    }

    private static async Task<LogSegment?> ChooseAsync(IStorage storage, IReadOnlyList<StorageEntry> entries, string table, long? version, IEnumerable<long> broken, CancellationToken cancellationToken)
    {
        var last = version ?? long.MaxValue;
        var commits = CommitsIn(entries).Where(commit => commit.Version <= last).ToList();
        var checkpoint = FindCheckpoints(entries).FirstOrDefault(found => found.Version <= last && !broken.Contains(found.Version));
        if (commits.Count == 0 && checkpoint is null) return null;
        var next = checkpoint is null ? 0 : checkpoint.Version + 1;
        var after = ImmutableArray.CreateBuilder<StorageEntry>();
        foreach (var (found, file) in commits)
        {
            if (found < next) continue;
            // A listing that is made beside a commit may show the one after it and not that one.
            for (; next < found; next++) after.Add(await storage.StatAsync(LogPath.Commit(next), cancellationToken).ConfigureAwait(false) ?? throw Gap(table, next, found, checkpoint));
            after.Add(file);
            next++;
        }

        return new LogSegment(next - 1, checkpoint, after.ToImmutable());
    }

    private static DeltaException Gap(string table, long missing, long found, CheckpointFiles? checkpoint)
    {
        var range = missing == found - 1 ? $"version {missing} is" : $"versions {missing} to {found - 1} are";
        var from = checkpoint is null ? "there is no whole checkpoint before" : $"the checkpoint of version {checkpoint.Version} is before";
        return new DeltaException(
            DeltaErrorKind.CorruptLog,
            $"Cannot read the log of the table '{table}': {range} missing ({LogPath.Digits(missing)}.json) while version {found} is there, and {from}. A commit file was deleted; put it back from a copy.");
    }

    private static async Task<long?> ReadHintAsync(IStorage storage, CancellationToken cancellationToken)
    {
        if (await storage.TryReadAsync(LogPath.LastCheckpoint, cancellationToken).ConfigureAwait(false) is not { } content) return null;
        try
        {
            using var json = JsonDocument.Parse(content);
            return json.RootElement.TryGetProperty("version", out var version) && version.TryGetInt64(out var value) && value >= 0 ? value : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null; // Torn or foreign: a hint is not needed.
        }
    }
}
