using System.Diagnostics;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Support.Spark;

/// <summary>The scripts of spark-submit/, run with the settings that a test gives and none of the tests' own.</summary>
public static class SubmitScript
{
    private static readonly string[] Settings = ["SPARK_HOME", "MASTER", "DEPLOY_MODE", "SPARK_CONF", "SPARK_PROPERTIES", "PACKAGES", "JARS", "FILES", "APP", "APP_ARCHIVE", "DIST", "HADOOP_CONF_DIR"];

    /// <summary>Spark settings of a test that is about where a job runs and not about what its queries become: no code is generated, and each JVM compiles once.</summary>
    public static string Quick { get; } =
        string.Join(' ', SparkServer.QuickPlans.Select(static setting => $"{setting.Key}={setting.Value}").Append("spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1").Append("spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1"));

    /// <summary>Settings for a Spark of this machine.</summary>
    /// <param name="home">The folder of Spark.</param>
    /// <param name="master">The master.</param>
    /// <param name="conf">Spark settings beside those that keep a test small.</param>
    public static Dictionary<string, string?> Local(string home, string master = "local[2]", string conf = "") => new()
    {
        ["SPARK_HOME"] = home,
        ["MASTER"] = master,
        ["JDK_JAVA_OPTIONS"] = SparkServer.ShortLived,
        ["SPARK_CONF"] = $"spark.ui.enabled=false spark.driver.memory=2g spark.sql.shuffle.partitions=2 {conf}",
    };

    /// <summary>Starts a script; the caller waits for it or kills it, and disposes it.</summary>
    /// <param name="script">Its name, such as <c>batch-etl.sh</c>.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="arguments">The job's arguments.</param>
    public static Process Start(string script, IReadOnlyDictionary<string, string?> environment, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "spark-submit", script), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in Settings) _ = start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"'{script}' did not start.");
    }

    /// <summary>Runs a script to its end.</summary>
    public static async Task<ProgramRun> RunAsync(string script, IReadOnlyDictionary<string, string?> environment, IEnumerable<string> arguments, TimeSpan? timeout = null)
    {
        using var process = Start(script, environment, arguments);
        return await ProgramRun.OfAsync(process, script, timeout);
    }
}
