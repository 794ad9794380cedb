using Pipeline.Engine.Types;

namespace Pipeline.Engine.Spark.Launch;

/// <summary>The settings that a session of ours has unless the caller says otherwise, and what names tell of a setting.</summary>
internal static class SparkConf
{
    /// <summary>Whether executors keep what is shipped to them for each session by itself (Spark 4).</summary>
    public const string ArtifactIsolation = "spark.sql.artifact.isolation.enabled";

    private const string Extensions = "spark.sql.extensions";
    private const string DeltaExtension = "io.delta.sql.DeltaSparkSessionExtension";

    /// <summary>Whether the master runs all in one JVM.</summary>
    public static bool IsLocal(string? master) => master is not null && master.StartsWith("local", StringComparison.Ordinal);

    /// <summary>The caller's settings over ours.</summary>
    public static IReadOnlyDictionary<string, string> Complete(IReadOnlyDictionary<string, string> given, string? master, bool hasDelta)
    {
        var conf = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["spark.sql.session.timeZone"] = "UTC",
            ["spark.sql.ansi.enabled"] = "false",
            // Spark 3.5 fails on a text that Spark 2 read in another way, where Spark 4 answers NULL.
            ["spark.sql.legacy.timeParserPolicy"] = "CORRECTED",
            // Spark 4 refuses a file in Windows-1252, which is what Excel writes in half of Europe. Spark 3.5 reads it.
            ["spark.sql.legacy.javaCharsets"] = "true",
            // Dates and instants before 1900 in Parquet: as they are, as every other reader takes them. Spark 3.5 refuses to choose.
            ["spark.sql.parquet.datetimeRebaseModeInWrite"] = "CORRECTED",
            ["spark.sql.parquet.datetimeRebaseModeInRead"] = "CORRECTED",
            ["spark.sql.parquet.int96RebaseModeInWrite"] = "CORRECTED",
            ["spark.sql.parquet.int96RebaseModeInRead"] = "CORRECTED",
            // Spark 4 gives each session a folder of its own for classes that are added to it. Nothing here adds any, and the program that runs C# functions is shipped for all sessions.
            [ArtifactIsolation] = "false",
            // What the UI and the event log show of settings and options: Spark's own word list lacks a client's key and its login.
            ["spark.redaction.regex"] = $"(?i){SecretNames.Words}",
        };
        if (IsLocal(master))
        {
            // What suits a cluster makes one machine crawl: 200 tasks a shuffle, 50 a Delta snapshot, 10,000 a listing (Delta's VACUUM).
            conf["spark.sql.shuffle.partitions"] = "4";
            conf["spark.databricks.delta.snapshotPartitions"] = "2";
            conf["spark.sql.sources.parallelPartitionDiscovery.parallelism"] = "4";
        }
        if (hasDelta)
        {
            conf[Extensions] = DeltaExtension;
            conf["spark.sql.catalog.spark_catalog"] = "org.apache.spark.sql.delta.catalog.DeltaCatalog";
        }
        foreach (var (key, value) in given)
            conf[key] = key == Extensions && hasDelta && !value.Contains(DeltaExtension, StringComparison.Ordinal) ? $"{value},{DeltaExtension}" : value;
        return conf;
    }
}
