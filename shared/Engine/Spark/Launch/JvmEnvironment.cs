namespace Pipeline.Engine.Spark.Launch;

/// <summary>The environment of a JVM that we start: variables that Java, Spark, Hadoop and the stores' clients read, and no others, so that the job's own secrets (PGPASSWORD, Kafka's password) stay with the job.</summary>
internal static class JvmEnvironment
{
    /// <summary>The variable that names further ones, separated by commas.</summary>
    public const string Further = "PIPELINE_JVM_ENVIRONMENT";

    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "HOSTNAME", "TERM", "LANG", "LANGUAGE", "TZ", "TMPDIR", "PWD", "CLASSPATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "MASTER", "MALLOC_ARENA_MAX",
        "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "GOOGLE_APPLICATION_CREDENTIALS", "KUBECONFIG",
    };

    /// <summary>Beginnings of names. Those of clouds hold the keys by which the JVM reaches the lake; PIPELINE_HDFS_HTTP, PIPELINE_KILL_AT and DOTNET_… are for programs that Spark's executors start.</summary>
    private static readonly string[] Beginnings =
        ["LC_", "JAVA_", "SPARK_", "_SPARK_", "PYSPARK_", "_PYSPARK_", "PYTHON", "HADOOP_", "HDFS_", "YARN_", "HIVE_", "LIBHDFS_", "KRB5", "KUBERNETES_", "AWS_", "AZURE_", "DOTNET_", "PIPELINE_HDFS_", "PIPELINE_KILL_", "PIPELINE_TEST_"];

    /// <summary>Takes out what the JVM has no need of.</summary>
    /// <param name="environment">Variables by name, as the child is to have them.</param>
    public static void Restrict(IDictionary<string, string?> environment)
    {
        var further = (environment.TryGetValue(Further, out var list) ? list ?? "" : "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var name in environment.Keys.Where(name => !IsNeeded(name) && !further.Contains(name, StringComparer.Ordinal)).ToList()) _ = environment.Remove(name);
    }

    private static bool IsNeeded(string name) => Names.Contains(name) || Beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal));
}
