using System.Text.RegularExpressions;

namespace Pipeline.Engine.Spark.Launch;

/// <summary>A Spark distribution on disk, known by its jars.</summary>
public sealed partial record SparkHome
{
    private SparkHome(string folder, string version, string scalaVersion, bool hasDelta, bool hasKafka) =>
        (Folder, Version, ScalaVersion, HasDelta, HasKafka) = (folder, version, scalaVersion, hasDelta, hasKafka);

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Spark's version, such as <c>4.1.1</c>.</summary>
    public string Version { get; }

    /// <summary>The Scala that its jars are built for, such as <c>2.13</c>.</summary>
    public string ScalaVersion { get; }

    /// <summary>Whether Delta's jars are in it.</summary>
    public bool HasDelta { get; }

    /// <summary>Whether the Kafka connector is in it.</summary>
    public bool HasKafka { get; }

    /// <summary>The script that starts everything.</summary>
    public string SparkSubmit => Path.Combine(Folder, "bin", "spark-submit");

    /// <summary>Looks at a folder, or at the environment's SPARK_HOME where <paramref name="folder"/> is null.</summary>
    /// <exception cref="SparkStartException">It is not a Spark distribution, or one older than 3.5.</exception>
    public static SparkHome Open(string? folder = null)
    {
        folder ??= Environment.GetEnvironmentVariable("SPARK_HOME");
        if (string.IsNullOrWhiteSpace(folder))
            throw Wrong("SPARK_HOME is not set. Set it to the folder of a Spark 3.5 or 4 distribution, or use the embedded engine: --master embedded.");
        if (!Directory.Exists(folder))
            throw Wrong($"SPARK_HOME is '{folder}', and there is no such folder. Set it to the folder of a Spark 3.5 or 4 distribution.");
        var jars = Path.Combine(folder, "jars");
        var core = Directory.Exists(jars) ? Directory.EnumerateFiles(jars, "spark-core_*.jar").Select(Path.GetFileName).Order(StringComparer.Ordinal).LastOrDefault() : null;
        if (core is null || CoreJar().Match(core) is not { Success: true } match || !File.Exists(Path.Combine(folder, "bin", "spark-submit")))
            throw Wrong($"SPARK_HOME is '{folder}', which is not a Spark distribution: it needs bin/spark-submit and jars/spark-core_*.jar.");
        var version = match.Groups["version"].Value;
        if (!IsKnown(version))
            throw Wrong($"SPARK_HOME is '{folder}', which is Spark {version}. Spark 3.5 or later is needed.");
        return new SparkHome(
            folder,
            version,
            match.Groups["scala"].Value,
            Directory.EnumerateFiles(jars, "delta-spark_*.jar").Any(),
            Directory.EnumerateFiles(jars, "spark-sql-kafka-0-10_*.jar").Any());
    }

    private static SparkStartException Wrong(string message) => new(message) { IsConfiguration = true };

    private static bool IsKnown(string version) =>
        version.Split('.') is [var major, var minor, ..] && int.TryParse(major, out var first) && int.TryParse(minor, out var second) && (first > 3 || (first == 3 && second >= 5));

    [GeneratedRegex(@"^spark-core_(?<scala>\d+\.\d+)-(?<version>\d+\.\d+\.[\w.\-]+)\.jar$")]
    private static partial Regex CoreJar();
}
