using System.Collections.Concurrent;
using NUnit.Framework;
using NUnit.Framework.Internal;
using Pipeline.Engine.Spark;
using Pipeline.Engine.Spark.Launch;

namespace Pipeline.Tests.Support.Spark;

/// <summary>Real Sparks for tests, one session a version and process, started at the first use.</summary>
public static class SparkServer
{
    /// <summary>Versions to run a fixture on: <c>[TestFixtureSource(typeof(SparkServer), nameof(SparkServer.Versions))]</c>.</summary>
    public static readonly string[] Versions = ["4.1", "3.5"];

    /// <summary>The same for a fixture or test whose Spark 3.5 is for the nightly lane, as another fixture of the whole lane has that version.</summary>
    public static IEnumerable<TestFixtureData> VersionsOfFixture => Versions.Select(static version => new TestFixtureData(version)).Select(static data => InItsLane(data, (string)data.Arguments[0]!));

    /// <summary>As <see cref="VersionsOfFixture"/>, for one test.</summary>
    public static IEnumerable<TestCaseData> VersionsOfTest => Versions.Select(static version => InItsLane(new TestCaseData(version), version));

    /// <summary>Options of a JVM that lives for seconds: it compiles once and quickly, which halves the time that it takes to start. By <c>JDK_JAVA_OPTIONS</c>, or <c>spark.driver.extraJavaOptions</c>.</summary>
    public const string ShortLived = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    private static readonly ConcurrentDictionary<string, Lazy<SparkEngine>> Engines = new();

    /// <summary>The session of a version, shared: do not dispose it.</summary>
    public static SparkEngine Engine(string version)
    {
        RequireHome(version);
        return Engines.GetOrAdd(version, static key => new Lazy<SparkEngine>(() => Start(key))).Value;
    }

    /// <summary>A session of the test's own, for tests that end it.</summary>
    public static SparkEngine Start(string version, Func<SparkOptions, SparkOptions>? change = null)
    {
        var options = new SparkOptions { AppName = "tests", Master = "local[2]", SparkHome = RequireHome(version), Conf = Quiet };
        return SparkEngine.Start(change is null ? options : change(options));
    }

    /// <summary>The folder of a version; skips the test where it is not there.</summary>
    public static string RequireHome(string version)
    {
        var (name, variable) = version == "3.5" ? ("spark35", "SPARK35_HOME") : ("spark", "SPARK_HOME");
        var home = Environment.GetEnvironmentVariable(variable);
        Server.Require(name, Directory.Exists(home), $"Set {variable} to the folder of a Spark {version} with Delta's jars, and have Java 17.");
        return home!;
    }

    /// <summary>Ends the sessions that were started.</summary>
    public static void StopAll()
    {
        foreach (var version in Engines.Keys)
            if (Engines.TryRemove(version, out var engine) && engine.IsValueCreated) engine.Value.Dispose();
    }

    private static T InItsLane<T>(T data, string version)
        where T : NUnit.Framework.Internal.TestParameters
    {
        if (version != Versions[0]) data.Properties.Add(PropertyNames.Category, Lane.Nightly);
        return data;
    }

    /// <summary>Settings with which Spark interprets its plans and makes each once; empty in the nightly lane, where it generates code and plans again between stages, as it does for users. The scripts' sessions do so in every lane.</summary>
    /// <remarks>A test's queries are of a few rows, and most of their time goes into planning and compiling.</remarks>
    public static IReadOnlyDictionary<string, string> QuickPlans { get; } = Lane.IsNightly ? new Dictionary<string, string>() : new Dictionary<string, string>
    {
        ["spark.sql.codegen.wholeStage"] = "false",
        ["spark.sql.codegen.factoryMode"] = "NO_CODEGEN",
        ["spark.sql.adaptive.enabled"] = "false",
    };

    private static Dictionary<string, string> Quiet => new(QuickPlans)
    {
        ["spark.sql.shuffle.partitions"] = "2",
        ["spark.driver.memory"] = "1g",
        ["spark.driver.extraJavaOptions"] = ShortLived,
        ["spark.sql.warehouse.dir"] = Path.Combine(Path.GetTempPath(), "pipeline-tests-warehouse"),
    };
}
