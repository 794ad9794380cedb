using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Spark.Launch;
using Pipeline.Suite.Export;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Jobs.Cli.Doctor;

/// <summary>The checks of <c>pipeline doctor</c>, cheap ones first. A check never ends the others.</summary>
internal static class Checks
{
    private const long LittleRoom = 1L << 30;
    private static readonly TimeSpan BrokerLimit = TimeSpan.FromSeconds(5);

    public static async IAsyncEnumerable<CheckResult> RunAsync(JobContext context, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return Machine();
        yield return Settings(context);
        yield return await TryAsync("lake", () => LakeAsync(context, cancellationToken));
        yield return await TryAsync("temp", () => Task.FromResult(Temporary()));
        yield return await TryAsync("kafka", () => KafkaAsync(context, cancellationToken));
        yield return await TryAsync("metrics", () => MetricsAsync(context, cancellationToken));
        yield return await TryAsync("spark", () => Task.FromResult(SparkDistribution(context)));
        yield return await TryAsync("engine", () => Task.FromResult(Engine(context)));
    }

    private static async Task<CheckResult> TryAsync(string check, Func<Task<CheckResult>> look)
    {
        try
        {
            return await look();
        }
#pragma warning disable CA1031 // Whatever a check meets is its finding; only a signal ends the command.
        catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
        {
            var failure = Failure.Of(error);
            return CheckResult.Wrong(check, failure.Message, failure.ExitCode == ExitCodes.Transient);
        }
    }

    private static CheckResult Machine() => CheckResult.Good("machine", string.Create(CultureInfo.InvariantCulture,
        $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}, {Environment.ProcessorCount} cores, {Size(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)} of memory"));

    private static CheckResult Settings(JobContext context)
    {
        var file = context.Find(CommonOptions.Config) ?? (File.Exists("pipeline.yml") ? "pipeline.yml" : null);
        return CheckResult.Good("settings", file is null ? "no settings file; flags, environment and defaults ('pipeline config show --origin')" : $"'{file}' is read ('pipeline config show --origin')");
    }

    /// <summary>Writes, reads and deletes a file at the lake's root, as a job's first step does.</summary>
    private static async Task<CheckResult> LakeAsync(JobContext context, CancellationToken cancellationToken)
    {
        var storage = context.Lake.Storage;
        if (storage.LocalRoot is { } folder && !Directory.Exists(folder)) return CheckResult.NotAsked("lake", $"'{context.Lake.Root}' is not there yet; the first job makes it");
        var probe = $".doctor-{context.RunId}";
        var content = Encoding.UTF8.GetBytes(context.RunId);
        try
        {
            await storage.PutAsync(probe, content, cancellationToken);
            var back = await storage.TryReadAsync(probe, cancellationToken);
            if (back is null || !back.AsSpan().SequenceEqual(content)) return CheckResult.Wrong("lake", $"'{context.Lake.Root}' gave back other bytes than were written. Look at the disk or the file system before any job writes there.");
        }
        finally
        {
            await storage.DeleteAsync(probe, CancellationToken.None);
        }
        var tables = (await LakeTables.ListAsync(context.Lake, cancellationToken)).Names.Count;
        var detail = string.Create(CultureInfo.InvariantCulture, $"'{context.Lake.Root}' can be written and read, {tables} tables");
        return storage.LocalRoot is { } root ? Room("lake", root, detail) : CheckResult.Good("lake", detail);
    }

    private static CheckResult Temporary() => Room("temp", Path.GetTempPath(), $"'{Path.GetTempPath()}', where an engine puts what memory does not hold");

    private static CheckResult Room(string check, string folder, string detail)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        return free < LittleRoom
            ? CheckResult.Doubtful(check, $"{detail}; only {Size(free)} are free on its disk")
            : CheckResult.Good(check, $"{detail}; {Size(free)} free");
    }

    private static async Task<CheckResult> KafkaAsync(JobContext context, CancellationToken cancellationToken)
    {
        if (context.Find("bootstrap-servers") is not { } servers) return CheckResult.NotAsked("kafka", $"no --bootstrap-servers; the client in here is librdkafka {Library.VersionString}");
        var properties = KafkaClientProperties.Of(context.Settings.Kafka, "the Kafka settings").With("bootstrap.servers", servers);
        await BrokerContact.VerifyAsync(properties, BrokerLimit, cancellationToken);
        var detail = $"'{servers}' answers{(properties.UsesTls ? " over TLS, its certificate verified" : "")}; librdkafka {Library.VersionString}";
        return properties.Warnings.Count == 0 ? CheckResult.Good("kafka", detail) : CheckResult.Doubtful("kafka", $"{detail}. {string.Join(" ", properties.Warnings)}");
    }

    private static async Task<CheckResult> MetricsAsync(JobContext context, CancellationToken cancellationToken)
    {
        if (context.Find("to") is not { } target) return CheckResult.NotAsked("metrics", "no --to");
        var address = SinkUri.Parse(target);
        await using var sink = MetricsSinks.Open(address, new SinkOptions { Retries = 0 });
        return CheckResult.Good("metrics", $"'{sink.Address}': {await sink.ProbeAsync(cancellationToken)}");
    }

    private static CheckResult SparkDistribution(JobContext context)
    {
        var isNeeded = !context.Get(CommonOptions.Master).StartsWith("embedded", StringComparison.Ordinal);
        if (!isNeeded && !SparkLauncher.HasSparkHome) return CheckResult.NotAsked("spark", "SPARK_HOME is not set, and the embedded engine needs none");
        var home = SparkHome.Open();
        var missing = new[] { (home.HasDelta, "Delta"), (home.HasKafka, "Kafka connector") }.Where(static part => !part.Item1).Select(static part => part.Item2).ToList();
        var detail = $"Spark {home.Version} for Scala {home.ScalaVersion} at '{home.Folder}'";
        return missing.Count == 0 ? CheckResult.Good("spark", $"{detail}, with Delta and the Kafka connector") : CheckResult.Doubtful("spark", $"{detail}, without {string.Join(" and ", missing)} in its jars: spark-submit/*.sh fetch what lacks by --packages");
    }

    /// <summary>Starts the engine that --master names and computes something on it.</summary>
    private static CheckResult Engine(JobContext context)
    {
        var answer = context.Spark.Sql("SELECT 6 * 7 AS answer").Collect().Single().GetAs<int>(0);
        return answer == 42
            ? CheckResult.Good("engine", $"{context.Engine!.Name} {context.Engine.Version} answers ({context.Get(CommonOptions.Master)})")
            : CheckResult.Wrong("engine", $"{context.Engine!.Name} {context.Engine.Version} says that 6 × 7 is {answer}. Do not trust it with data.");
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.#} GiB");
}
