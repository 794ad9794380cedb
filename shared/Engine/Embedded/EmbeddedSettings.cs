using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Embedded;

/// <summary>Settings of the embedded engine.</summary>
public sealed record EmbeddedSettings
{
    /// <summary>Most memory for DuckDB, such as <c>2GB</c> or <c>512MiB</c>; null is 80 % of the machine's.</summary>
    public string? MemoryLimit { get; init; }

    /// <summary>Threads for queries; null is one a core.</summary>
    public int? Threads { get; init; }

    /// <summary>Folder for what does not fit in memory and for files on their way; null is a private one in the system's temporary folder, removed at the end.</summary>
    public string? TemporaryFolder { get; init; }

    /// <summary>How HDFS and other stores are reached.</summary>
    public StorageOptions Storage { get; init; } = StorageOptions.Default;

    /// <summary>Settings of the session at its start, as <c>SparkSession.Builder().Config</c> gave them.</summary>
    public IReadOnlyDictionary<string, string> Conf { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a table's small files are compacted after a write that makes them too many, where neither the session nor the table says (<c>spark.databricks.delta.autoCompact.enabled</c>, <c>delta.autoOptimize.autoCompact</c>).</summary>
    public bool AutoCompacts { get; init; }
}
