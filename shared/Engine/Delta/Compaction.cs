using System.Collections.Immutable;
using System.Globalization;

namespace Pipeline.Engine.Delta;

/// <summary>Small files of one partition that become one.</summary>
/// <param name="PartitionValues">The partition.</param>
/// <param name="Files">Its files, two at least, ordered by path.</param>
public sealed record CompactionGroup(ImmutableSortedDictionary<string, string?> PartitionValues, ImmutableArray<AddFile> Files)
{
    /// <summary>Bytes of the files.</summary>
    public long SizeBytes => Files.Sum(static file => file.SizeBytes);
}

/// <summary>Writes the rows of a group's files, all and in their order, as new files of the same partition.</summary>
/// <param name="transaction">The compaction: its snapshot is the table, and afterwards it tells whether the new files may be needed.</param>
/// <param name="group">The files.</param>
/// <param name="cancellationToken">Cancels.</param>
public delegate Task<IReadOnlyList<DataFile>> RewriteFiles(Transaction transaction, CompactionGroup group, CancellationToken cancellationToken);

/// <summary>Rewrites small files as larger ones; rows, and readers of earlier versions, see no change.</summary>
public static class Compaction
{
    /// <summary>Target size that is good for most tables: 128 MiB.</summary>
    public const long DefaultTargetBytes = 128L << 20;

    /// <summary>Which files to rewrite: those below the target, compacted within their partition up to it.</summary>
    public static IReadOnlyList<CompactionGroup> Plan(Snapshot snapshot, long targetBytes = DefaultTargetBytes)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(targetBytes);
        return [.. Partitions(snapshot, targetBytes).SelectMany(partition => Pack(partition, targetBytes))];
    }

    /// <summary>Plans, has each group rewritten and commits all as one version; appends of others meanwhile are fine.</summary>
    /// <param name="log">The table.</param>
    /// <param name="rewrite">Writes the new files.</param>
    /// <param name="targetBytes">Size to aim at.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The commit, or null where there is nothing to do.</returns>
    /// <exception cref="DeltaException">The new files have another number of rows than the old ones: nothing was committed.</exception>
    public static async Task<CommitResult?> RunAsync(
        DeltaLog log,
        RewriteFiles rewrite,
        long targetBytes = DefaultTargetBytes,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        var snapshot = await log.LoadExistingAsync(cancellationToken).ConfigureAwait(false);
        return await CommitAsync(log, snapshot, Plan(snapshot, targetBytes), rewrite, targetBytes, isAuto: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts small files together where a table that asks for it has come to have many: after a write, as Delta's auto compaction does.</summary>
    /// <param name="log">The table.</param>
    /// <param name="snapshot">The table as the write left it.</param>
    /// <param name="settings">When, and up to which size.</param>
    /// <param name="rewrite">Writes the new files.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The commit, or null where there is nothing to do yet.</returns>
    /// <exception cref="DeltaException">As for <see cref="RunAsync"/>.</exception>
    public static async Task<CommitResult?> RunAutoAsync(DeltaLog log, Snapshot snapshot, AutoCompaction settings, RewriteFiles rewrite, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(settings);
        return await CommitAsync(log, snapshot, settings.Plan(snapshot), rewrite, settings.MaxFileBytes, isAuto: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Files below a size by their partition, ordered by path.</summary>
    internal static IEnumerable<IReadOnlyList<AddFile>> Partitions(Snapshot snapshot, long belowBytes) =>
        snapshot.Files.Where(file => file.SizeBytes < belowBytes)
            .GroupBy(file => PartitionValue.KeyOf(snapshot.Mapping.PartitionKeys, file.PartitionValues), StringComparer.Ordinal)
            .OrderBy(partition => PartitionValue.FolderOf(snapshot.Mapping.PartitionKeys, partition.First().PartitionValues), StringComparer.Ordinal)
            .Select(static partition => partition.ToList());

    /// <summary>Puts files of a partition, in their order, into groups up to a size; what is alone in its group stays.</summary>
    internal static IEnumerable<CompactionGroup> Pack(IEnumerable<AddFile> partition, long targetBytes)
    {
        var bin = ImmutableArray.CreateBuilder<AddFile>();
        long size = 0;
        foreach (var file in partition)
        {
            if (size + file.SizeBytes > targetBytes)
            {
                if (bin.Count > 1) yield return new CompactionGroup(bin[0].PartitionValues, bin.ToImmutable());
                bin.Clear();
                size = 0;
            }

            bin.Add(file);
            size += file.SizeBytes;
        }

        if (bin.Count > 1) yield return new CompactionGroup(bin[0].PartitionValues, bin.ToImmutable());
    }

    private static async Task<CommitResult?> CommitAsync(
        DeltaLog log,
        Snapshot snapshot,
        IReadOnlyList<CompactionGroup> groups,
        RewriteFiles rewrite,
        long targetBytes,
        bool isAuto,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rewrite);
        if (groups.Count == 0) return null;
        var transaction = log.Begin(snapshot);
        foreach (var group in groups)
        {
            var files = await rewrite(transaction, group, cancellationToken).ConfigureAwait(false);
            RequireSameRows(log.Table, group, files);
            transaction.Rewrite(group.Files, files, dataChange: false);
        }

        var parameters = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)
            .Add("auto", isAuto ? "true" : "false").Add("predicate", "[]").Add("targetSize", targetBytes.ToString(CultureInfo.InvariantCulture));
        return await transaction.CommitAsync(new Operation("OPTIMIZE") { Parameters = parameters }, cancellationToken).ConfigureAwait(false);
    }

    private static void RequireSameRows(string table, CompactionGroup group, IReadOnlyList<DataFile> files)
    {
        var before = group.Files.Select(static file => file.CountRows()).ToList();
        var after = files.Select(static file => file.Statistics?.NumRecords).ToList();
        if (before.Contains(null) || after.Contains(null) || before.Sum() == after.Sum()) return;
        throw new DeltaException(
            DeltaErrorKind.InvalidOperation,
            $"Cannot commit the compaction of '{table}': {group.Files.Length} files with {before.Sum()} rows were rewritten as {files.Count} with {after.Sum()} rows. Nothing was changed.");
    }
}
