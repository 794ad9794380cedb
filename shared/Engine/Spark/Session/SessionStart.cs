using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Launch;

namespace Pipeline.Engine.Spark.Session;

/// <summary>Opens the session over a gateway.</summary>
internal static class SessionStart
{
    private const string DeltaExtension = "io.delta.sql.DeltaSparkSessionExtension";

    /// <summary>Builds or joins the session with our settings under the caller's.</summary>
    public static SparkEngine Open(SparkConnection connection, SparkOptions options)
    {
        var gateway = connection.Gateway;
        using var scope = gateway.BeginScope();
        var builder = scope.StaticObject("org.apache.spark.sql.SparkSession", "builder");
        builder = scope.Object(builder, "appName", options.AppName);
        // Inside spark-submit its own master counts, and nobody may overrule it from here.
        var master = connection.Process is null ? null : options.Master;
        if (master is not null) builder = scope.Object(builder, "master", master);
        foreach (var (key, value) in SparkConf.Complete(options.Conf, master ?? SubmittedMaster(scope), scope.HasClass(DeltaExtension)))
            builder = scope.Object(builder, "config", key, value);
        var session = scope.Keep(scope.Object(builder, "getOrCreate"));
        var context = scope.Keep(scope.Object(session, "sparkContext"));
        return new SparkEngine(new SparkRuntime(connection, context, scope.Text(session, "version")) { BeforeChange = options.BeforeChange }, session, owns: true);
    }

    /// <summary>spark-submit hands its settings on as the JVM's system properties.</summary>
    private static string? SubmittedMaster(JvmScope scope) => scope.Static("java.lang.System", "getProperty", "spark.master") as string;
}
