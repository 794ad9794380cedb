using NUnit.Framework;
using Pipeline.Engine.Spark;
using Pipeline.Engine.Spark.Launch;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Conformance;

/// <summary>The engines that the tests compare, each started at its first use and shared, and a folder for their files.</summary>
[SetUpFixture]
public sealed class Engines
{
    private static readonly Dictionary<string, IEngine> Started = [];

    /// <summary>Where cases write; gone at the end.</summary>
    internal static string Folder { get; } = Directory.CreateTempSubdirectory("conformance-").FullName;

    /// <summary>An engine by name: embedded, spark (4.1) or spark35. It stays these tests'.</summary>
    internal static IEngine Get(string name)
    {
        if (!Started.TryGetValue(name, out var engine)) Started[name] = engine = Start(name);
        return engine;
    }

    [OneTimeTearDown]
    public void Stop()
    {
        foreach (var engine in Started.Values) engine.Dispose();
        Started.Clear();
        Directory.Delete(Folder, recursive: true);
    }

    private static IEngine Start(string name)
    {
        if (name == "embedded") return EngineFactory.Create(new EngineSettings("embedded", "conformance", new Dictionary<string, string>()));
        var variable = name == "spark35" ? "SPARK35_HOME" : "SPARK_HOME";
        var home = Environment.GetEnvironmentVariable(variable);
        Server.Require(name, Directory.Exists(home), $"Set {variable} to a Spark.");
        var conf = new Dictionary<string, string> { ["spark.sql.shuffle.partitions"] = "1", ["spark.driver.memory"] = "1g", ["spark.ui.enabled"] = "false" };
        // The tests' own process is the test host; the program beside it is a worker.
        conf["spark.pipeline.functions.worker"] = Path.Combine(AppContext.BaseDirectory, "pipeline");
        foreach (var (key, value) in SparkServer.QuickPlans) conf[key] = value;
        if (!Lane.IsNightly) conf["spark.driver.extraJavaOptions"] = SparkServer.ShortLived;
        var engine = SparkEngine.Start(new SparkOptions { AppName = "conformance", Master = "local[1]", SparkHome = home, Conf = conf });
        if (engine.Version.StartsWith("3.5.", StringComparison.Ordinal) == (name == "spark35")) return engine;
        engine.Dispose();
        throw new InvalidOperationException($"{variable} is '{home}', which is Spark {engine.Version}.");
    }
}
