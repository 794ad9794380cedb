using System.Collections.Immutable;
using System.Globalization;

namespace Pipeline.Engine.Delta;

/// <summary>What a restore did, or would do.</summary>
/// <param name="RestoredVersion">The version whose content the table has now.</param>
/// <param name="NewVersion">The version that was written; null for a dry run.</param>
/// <param name="FilesAdded">Data files put back.</param>
/// <param name="FilesRemoved">Data files taken out.</param>
/// <param name="RowsBefore">Rows before, by statistics; null where not known.</param>
/// <param name="RowsAfter">Rows after, by statistics; null where not known.</param>
public sealed record RestoreResult(long RestoredVersion, long? NewVersion, int FilesAdded, int FilesRemoved, long? RowsBefore, long? RowsAfter);

/// <summary>Makes the content of an earlier version the newest one. Nothing is deleted, and what applications have done (<c>txn</c>) stays on record, so that a stream does not repeat it.</summary>
public static class TableRestore
{
    private static readonly ImmutableSortedDictionary<string, string> None = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Restores the content, columns and properties of a version.</summary>
    /// <param name="log">The table.</param>
    /// <param name="version">The version.</param>
    /// <param name="isDryRun">Only says what would be done.</param>
    /// <param name="userMetadata">A text that stays with the new version, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="DeltaException">The version's log or data files are gone (the message says which versions are readable), or writers kept changing the table.</exception>
    public static async Task<RestoreResult> ToVersionAsync(DeltaLog log, long version, bool isDryRun = false, string? userMetadata = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        var current = await log.LoadExistingAsync(cancellationToken).ConfigureAwait(false);
        var target = await log.LoadVersionAsync(version, cancellationToken).ConfigureAwait(false);
        await RequireFilesAsync(log, target, cancellationToken).ConfigureAwait(false);
        var (added, removed) = Difference(current, target);
        if (isDryRun) return new RestoreResult(version, null, added.Count, removed.Count, current.CountRows(), target.CountRows());
        long? rowsBefore = null;
        var result = await log.CommitAsync(
            (transaction, _) =>
            {
                var now = transaction.Snapshot ?? throw log.NotFound();
                rowsBefore = now.CountRows();
                (added, removed) = Difference(now, target);
                transaction.DependsOnRows();
                if (target.Metadata != now.Metadata) transaction.Restore(target.Metadata with { Id = now.Metadata.Id }, null);
                transaction.Rewrite(removed, []);
                transaction.AddBack(added);
                return Task.FromResult(new Operation("RESTORE")
                {
                    Parameters = None.Add("version", version.ToString(CultureInfo.InvariantCulture)),
                    Metrics = None
                        .Add("numRestoredFiles", Text(added.Count)).Add("restoredFilesSize", Text(added.Sum(static file => file.SizeBytes)))
                        .Add("removedFilesSize", Text(removed.Sum(static file => file.SizeBytes)))
                        .Add("numOfFilesAfterRestore", Text(target.FileCount)).Add("tableSizeAfterRestore", Text(target.SizeBytes)),
                    UserMetadata = userMetadata,
                });
            },
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return result switch
        {
            Committed committed => new RestoreResult(version, committed.Version, added.Count, removed.Count, rowsBefore, target.CountRows()),
            Conflict conflict => throw new DeltaException(DeltaErrorKind.Conflict, conflict.Message),
            Retryable retryable => throw new Storage.StorageException(retryable.Message, retryable.Cause) { IsTransient = true },
            _ => throw new InvalidOperationException($"A restore names no piece of work, and was answered '{result}'."),
        };
    }

    /// <summary>The last version committed at or before an instant, for <see cref="ToVersionAsync"/>; after the last commit it is the latest.</summary>
    /// <exception cref="DeltaException">The table is younger.</exception>
    public static async Task<long> VersionAtAsync(DeltaLog log, DateTimeOffset instant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        return (await log.FindAtAsync(instant, cancellationToken).ConfigureAwait(false)).Version.Version;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static (List<AddFile> Added, List<AddFile> Removed) Difference(Snapshot current, Snapshot target) => (
        [.. target.State.Files.Where(entry => !current.State.Files.ContainsKey(entry.Key)).Select(static entry => entry.Value)],
        [.. current.State.Files.Where(entry => !target.State.Files.ContainsKey(entry.Key)).Select(static entry => entry.Value)]);

    private static async Task RequireFilesAsync(DeltaLog log, Snapshot target, CancellationToken cancellationToken)
    {
        var present = await DataFiles.ListAsync(log.Storage, null, cancellationToken).ConfigureAwait(false);
        var gone = target.Files.SelectMany(log.Paths.FilesOf).Where(path => !TablePaths.IsOutside(path) && !present.ContainsKey(path)).ToList();
        if (gone.Count == 0) return;
        // A vacuum deletes no file that the newest version needs.
        var latest = await log.LoadExistingAsync(cancellationToken).ConfigureAwait(false);
        if (latest.Files.FirstOrDefault(file => log.Paths.FilesOf(file).Any(gone.Contains)) is { } needed) throw DataFileErrors.Missing(latest, needed, null);
        var readable = await TableHistory.ReadableAsync(log, cancellationToken).ConfigureAwait(false);
        throw new DeltaException(
            DeltaErrorKind.VersionNotReadable,
            $"Cannot restore '{log.Table}' to version {target.Version}: {gone.Count} of its {target.FileCount} data files {(gone.Count == 1 ? "is" : "are")} gone, the first of them '{gone[0]}'; a vacuum deleted {(gone.Count == 1 ? "it" : "them")}. Readable: {VersionRanges.Format(readable)}.");
    }
}
