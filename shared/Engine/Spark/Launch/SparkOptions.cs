using System.Text.RegularExpressions;

namespace Pipeline.Engine.Spark.Launch;

/// <summary>How a session on Spark is started.</summary>
public sealed partial record SparkOptions
{
    /// <summary>The application's name in Spark's UI and history.</summary>
    public string AppName { get; init; } = "pipeline";

    /// <summary><c>local[2]</c>, <c>spark://host:7077</c>, <c>yarn</c>, <c>k8s://…</c>; null leaves it to spark-submit's settings. Inside spark-submit its own master counts.</summary>
    public string? Master { get; init; }

    /// <summary>Spark's settings. Those whose names speak of secrets go to the JVM over the gateway, never as arguments.</summary>
    public IReadOnlyDictionary<string, string> Conf { get; init; } = new Dictionary<string, string>();

    /// <summary>Jars for driver and executors: paths or URIs.</summary>
    public IReadOnlyList<string> Jars { get; init; } = [];

    /// <summary>Maven coordinates that spark-submit fetches.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>The folder of a Spark distribution; null is the environment's SPARK_HOME.</summary>
    public string? SparkHome { get; init; }

    /// <summary>How long the JVM may take until its gateway answers. Packages that must be fetched count into it.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Gets each line that the JVM started here prints (Spark's log); null keeps only the last lines, for errors. Called from background threads.</summary>
    public Action<string>? JvmLog { get; init; }

    /// <summary>Called before a table is written, changed or vacuumed; fails where the program may change nothing more. Null for nothing.</summary>
    public Action? BeforeChange { get; init; }

    /// <summary>Whether a setting of Spark loads code or runs a command: jars, classes, options of a JVM, programs. Such a setting is to be taken only from whom one trusts with that.</summary>
    public static bool LoadsCode(string key) => CodeKeys().IsMatch(key);

    [GeneratedRegex(
        @"\Aspark\.(?:jars(?:\..+)?|files|archives|plugins(?:\..+)?|extraListeners|serializer|kryo\.registrator|closure\.serializer|submit\.pyFiles|pyspark\..+|r\..+|hadoop\.hadoop\.security\.credential\.provider\.path"
        + @"|(?:driver|executor)\.(?:extraClassPath|extraLibraryPath|extraJavaOptions|defaultJavaOptions|userClassPathFirst)|executorEnv\..+|yarn\.(?:dist|jars|archive|appMasterEnv).*|kubernetes\.(?:.*image|.*podTemplate.*)"
        + @"|sql\.(?:extensions|catalog\..+|queryExecutionListeners|streaming\.streamingQueryListeners|warehouse\.dir|hive\.metastore\.jars.*)|hadoop\.fs\..*\.impl)\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CodeKeys();
}
