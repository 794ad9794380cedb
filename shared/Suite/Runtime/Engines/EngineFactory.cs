using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Spark;
using Pipeline.Engine.Spark.Launch;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Runtime.Engines;

/// <summary>Makes the engine that a master URL names: the one place that knows both engines.</summary>
public static partial class EngineFactory
{
    private const string DriverMemory = "spark.driver.memory";

    /// <summary>Lets <c>SparkSession.Builder().GetOrCreate()</c> make its engine here. A program that is no job calls it once, first.</summary>
    /// <remarks>Where an executor of Spark started the program as the worker of its C# functions, it serves the executor here, ends the process and does not return.</remarks>
    public static void Register()
    {
        var args = Environment.GetCommandLineArgs()[1..];
        if (SparkWorkerProgram.Handles(args)) Environment.Exit(SparkWorkerProgram.Run(args));
        EngineRegistry.Register(Create);
    }

    /// <summary>The engine of these settings; the caller disposes it. Without a master: the variable MASTER, then that of the spark-submit which started the program, then embedded.</summary>
    /// <exception cref="UsageException">The master URL is none that is known.</exception>
    /// <exception cref="EngineException">The engine cannot start.</exception>
    public static IEngine Create(EngineSettings settings) => Create(settings, StorageOptions.FromEnvironment(Environment.GetEnvironmentVariable));

    /// <summary>The engine of these settings, whose stores are reached in a given way.</summary>
    internal static IEngine Create(EngineSettings settings, StorageOptions storage)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var named = settings.Master ?? Environment.GetEnvironmentVariable("MASTER");
        if (named is null && SparkLauncher.IsInsideSparkSubmit) return SparkEngine.Start(new SparkOptions { AppName = settings.AppName ?? "pipeline", Conf = settings.Config });
        var master = named ?? "embedded";
        if (Complaint(master) is { } complaint) throw new UsageException($"The master is '{master}': {complaint}");
        return EmbeddedMaster().Match(master) is { Success: true } embedded
            ? EmbeddedEngine.Create(new EmbeddedSettings
            {
                Threads = embedded.Groups["threads"] is { Success: true } threads ? int.Parse(threads.Value, CultureInfo.InvariantCulture) : null,
                MemoryLimit = settings.Config.GetValueOrDefault(DriverMemory) is { } memory ? ToDuckDbSize(memory) : null,
                Storage = storage,
                Conf = settings.Config,
                // A stream goes on for weeks with a file a batch. On Spark it is for those who look after the cluster to say.
                AutoCompacts = true,
            })
            : SparkEngine.Start(new SparkOptions { AppName = settings.AppName ?? "pipeline", Master = master, Conf = settings.Config, BeforeChange = CommitGuard.Require });
    }

    /// <summary>Whether a master URL names the engine in this process.</summary>
    internal static bool IsEmbedded(string master) => EmbeddedMaster().IsMatch(master);

    /// <summary>What is wrong with a master URL, or null.</summary>
    internal static string? Complaint(string master) => KnownMaster().IsMatch(master)
        ? null
        : "expected embedded, embedded[N], local, local[N], local[*], spark://HOST:PORT, yarn or k8s://URL.";

    /// <summary>Java's sizes (512m, 2g) as DuckDB's (512MiB, 2GiB).</summary>
    private static string ToDuckDbSize(string size) => JavaSize().Match(size.Trim()) is { Success: true } match
        ? $"{match.Groups["number"].Value}{char.ToUpperInvariant(match.Groups["unit"].Value[0])}iB"
        : throw new UsageException($"{DriverMemory} is '{size}'; expected a size such as 512m or 2g.");

    [GeneratedRegex(@"^embedded(?:\[(?<threads>[1-9][0-9]{0,3})\])?$")]
    private static partial Regex EmbeddedMaster();

    [GeneratedRegex(@"^(?:embedded(?:\[[1-9][0-9]{0,3}\])?|local(?:\[(?:\*|[0-9]+)(?:,[0-9]+)?\])?|local-cluster\[[0-9, ]+\]|spark://[^/\s]+|yarn|k8s://\S+)$")]
    private static partial Regex KnownMaster();

    [GeneratedRegex("^(?<number>[0-9]+)(?<unit>[kmgt])b?$", RegexOptions.IgnoreCase)]
    private static partial Regex JavaSize();
}
