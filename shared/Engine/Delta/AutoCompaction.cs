namespace Pipeline.Engine.Delta;

/// <summary>When a table's small files are compacted by the write that made them too many, and which. The names and the numbers are Delta's.</summary>
/// <remarks>
/// A stream's table would otherwise get a file with each batch, and each batch would look into all of them. A file goes along only while it is no larger than all smaller ones together:
/// so a row is rewritten about once for each doubling of the table, where Delta's own, which takes all small files, rewrites it with each compaction until its file is large enough.
/// Source: "Auto compaction" of the Delta docs.
/// </remarks>
public sealed record AutoCompaction
{
    /// <summary>The table property that asks for it, with <c>true</c>.</summary>
    public const string Property = "delta.autoOptimize.autoCompact";

    /// <summary>The setting of a session that goes before the table's property.</summary>
    public const string EnabledKey = "spark.databricks.delta.autoCompact.enabled";

    /// <summary>The setting of <see cref="MinFiles"/>.</summary>
    public const string MinFilesKey = "spark.databricks.delta.autoCompact.minNumFiles";

    /// <summary>The setting of <see cref="MaxFileBytes"/>.</summary>
    public const string MaxFileBytesKey = "spark.databricks.delta.autoCompact.maxFileSize";

    /// <summary>Small files of a partition from which on they are compacted.</summary>
    public int MinFiles { get; init; } = 50;

    /// <summary>Size that the new files aim at; files of half of it are not small.</summary>
    public long MaxFileBytes { get; init; } = Compaction.DefaultTargetBytes;

    /// <summary>Whether a table has files enough for a closer look.</summary>
    public bool HasFilesEnough(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return snapshot.FileCount >= MinFiles;
    }

    /// <summary>Files to rewrite, none while there are few: those of one new file, so that no write waits for more than that.</summary>
    public IReadOnlyList<CompactionGroup> Plan(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (!HasFilesEnough(snapshot)) return [];
        return [.. Compaction.Partitions(snapshot, MaxFileBytes / 2).Select(Likes).Where(files => files.Count >= MinFiles).SelectMany(files => Compaction.Pack(files, MaxFileBytes)).Take(1)];
    }

    /// <summary>The smallest files of a partition, up to the first that outweighs those before it; in their order.</summary>
    private List<AddFile> Likes(IReadOnlyList<AddFile> partition)
    {
        var bySize = partition.OrderBy(static file => file.SizeBytes).ToList();
        // Of the first few none outweighs the others.
        var (count, size) = (0, 0L);
        while (count < bySize.Count && (count < Math.Max(2, MinFiles / 2) || bySize[count].SizeBytes <= size)) size += bySize[count++].SizeBytes;
        return [.. bySize.Take(count).OrderBy(static file => file.FilePath, StringComparer.Ordinal)];
    }
}
