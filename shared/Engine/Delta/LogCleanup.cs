namespace Pipeline.Engine.Delta;

/// <summary>Deletes commits and checkpoints that no version within the retention needs.</summary>
/// <remarks>Never done by a commit: only when asked. Source: Delta transaction log protocol, "Metadata Cleanup".</remarks>
public static class LogCleanup
{
    private static readonly TimeSpan DefaultRetention = TimeSpan.FromDays(30);

    /// <summary>Cleans the log; versions before the last whole checkpoint that is older than the retention, or before the earliest tag, can then not be read any more.</summary>
    /// <param name="log">The table.</param>
    /// <param name="retention">How long versions stay; null is the table's <c>delta.logRetentionDuration</c>, else 30 days.</param>
    /// <param name="isDryRun">Only says what would be deleted.</param>
    /// <param name="cancellationToken">Cancels between files; the log is whole after each.</param>
    /// <returns>Paths of the files, oldest first.</returns>
    /// <exception cref="DeltaException">There is no table, or it forbids this.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(DeltaLog log, TimeSpan? retention = null, bool isDryRun = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        var snapshot = await log.LoadExistingAsync(cancellationToken).ConfigureAwait(false);
        if (snapshot.Protocol.WriterFeatures.Contains("checkpointProtection")) throw TableFeatures.Refused(log.Table, "clean the log of", "checkpointProtection");
        var kept = retention ?? Interval.Parse(snapshot.Metadata.Configuration.GetValueOrDefault("delta.logRetentionDuration")) ?? DefaultRetention;
        var cutoff = log.Clock.GetUtcNow() - kept;
        var tags = await TableTags.ListAsync(log, cancellationToken).ConfigureAwait(false);
        var last = tags.Select(static tag => tag.Version).Append(snapshot.Version).Min();
        var old = (await TableVersions.InstantsAsync(log, cancellationToken).ConfigureAwait(false)).Where(commit => commit.CommittedAt <= cutoff).Select(static commit => commit.Version).DefaultIfEmpty(-1).Max();
        var entries = await log.Storage.ListAsync(LogPath.Folder, cancellationToken: cancellationToken).ConfigureAwait(false);
        var first = LogSegment.FindCheckpoints(entries).FirstOrDefault(checkpoint => checkpoint.Version <= Math.Min(last, old));
        if (first is null) return [];

        // Oldest first: whatever is left when it is stopped half-way begins with a gap before the checkpoint, which no reader looks at.
        var doomed = entries.Where(entry => !entry.IsFolder && LogPath.VersionOf(entry.Name) is var version && version >= 0 && version < first.Version).Select(static entry => entry.Path).ToList();
        if (!isDryRun)
        {
            foreach (var path in doomed)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await log.Storage.DeleteAsync(path, cancellationToken).ConfigureAwait(false);
            }
        }

        return doomed;
    }
}
