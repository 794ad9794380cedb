using System.Text;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.Integration.Runtime;

/// <summary>A word stands in every place where a secret can be given; jobs succeed and fail with it, and it is found in nothing that they leave: output, log, result, report, checkpoint, table.</summary>
[NonParallelizable]
public sealed class CanaryTests
{
    private const string Canary = "kanarienvogel4711";

    /// <summary>What Kafka's own login asks for, so that it is used and not only given.</summary>
    private const string Password = "lovelace";
    private readonly List<(string Command, ProgramRun Run)> runs = [];
    private TemporaryFolder planted = null!;
    private TemporaryFolder folder = null!;
    private MockBroker broker = null!;

    [SetUp]
    public void Plant()
    {
        // The driver of PostgreSQL reads the process's own.
        Environment.SetEnvironmentVariable("PGPASSWORD", Canary);
        planted = new TemporaryFolder();
        folder = new TemporaryFolder();
        broker = MockBroker.Start(1, "etudiants");
        File.WriteAllText(planted["client.properties"], $"""
            ssl.key.password={Canary}
            sasl.mechanism=PLAIN
            sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="etl" password="{Canary}";
            """);
        File.WriteAllText(planted["sasl.properties"], $"""
            security.protocol=SASL_PLAINTEXT
            sasl.mechanism=PLAIN
            sasl.username=etl
            sasl.password={Canary}
            delivery.timeout.ms=3000
            """);
        File.WriteAllText(planted["scram.properties"], $"""
            security.protocol=SASL_SSL
            sasl.mechanism=SCRAM-SHA-512
            sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="etl" password="{Canary}";
            """);
        File.WriteAllText(planted["key.properties"], $"security.protocol=SSL\nssl.keystore.key=-----BEGIN PRIVATE KEY-----\\n{Canary}\\n-----END PRIVATE KEY-----\n");
        File.WriteAllText(planted["store.properties"], $"security.protocol=SSL\nssl.keystore.location={planted["none.p12"]}\nssl.keystore.password={Canary}\n");
        File.WriteAllText(planted["jaas.properties"], $"security.protocol=SASL_SSL\nsasl.jaas.config=com.sun.X required password=\"{Canary}\";\n");
        File.WriteAllText(planted["unknown.properties"], $"sasl.pasword={Canary}\n");
        File.WriteAllText(planted["noenv.properties"], $"sasl.password=${{file:/x:{Canary}}}\n");
        File.WriteAllText(planted["pipeline.yml"], $"""
            kafka:
              sasl.password: {Canary}
              ssl.key.pem: {Canary}
            spark:
              spark.hadoop.fs.azure.account.key.lake: {Canary}
              spark.hadoop.fs.s3a.secret.key: {Canary}
              private.key: {Canary}
              access.key: {Canary}
              passphrase: {Canary}
              apikey: {Canary}
              proxy: http://etl:{Canary}@proxy:3128/
            """);
        File.WriteAllText(planted["broken.yml"], $"kafka:\n  sasl.password: \"{Canary}\n");
        File.WriteAllText(planted["unknown.yml"], $"password: {Canary}\n");
        File.WriteAllText(planted["to.yml"], $"metrics-export:\n  to: postgres://etl:{Canary}@127.0.0.1:1/db\nversions-to: postgres:Host=127.0.0.1;Port=1;Password={Canary}\n");
    }

    [TearDown]
    public void Clear()
    {
        Environment.SetEnvironmentVariable("PGPASSWORD", null);
        broker?.Dispose();
        planted?.Dispose();
        folder?.Dispose();
    }

    [Test]
    public async Task A_secret_is_found_in_nothing_that_jobs_leave()
    {
        string[] settings = ["--config", planted["pipeline.yml"]];
        string[] stream = ["stream-ingest", "--dataset", "students", "--available-now", "--lake", folder["lake"]];
        string[] send = ["produce", "send", "students", "--generate", "20", "--pause", "0"];
        var export = new[] { "metrics-export", "--dataset", "students", "--lake", folder["lake"] };

        // What goes well.
        await RunAsync(0, ["produce", "generate", "students", "--rows", "50", "--out", folder["data"], .. settings]);
        await RunAsync(0, ["batch-etl", "--dataset", "students", "--input", folder["data"], "--lake", folder["lake"], .. settings]);
        await RunAsync(0, [.. send, "--kafka-config", planted["client.properties"], "--bootstrap-servers", broker.BootstrapServers]);
        await RunAsync(0, [.. stream, "--kafka-config", planted["client.properties"], "--bootstrap-servers", broker.BootstrapServers]);
        await RunAsync(0, [.. export, "--to", $"sqlite:{folder["metrics.db"]}", .. settings]);
        await RunAsync(0, ["query", "SELECT * FROM batches", "--lake", folder["lake"], .. settings]);
        await RunAsync(0, ["report", "--lake", folder["lake"], .. settings]);
        await RunAsync(0, ["tables", "--lake", folder["lake"], .. settings]);
        await RunAsync(0, ["describe", "students", "--lake", folder["lake"], .. settings]);
        await RunAsync(0, ["runs", "show", "--lake", folder["lake"], .. settings]);
        await RunAsync(0, ["docs", "--out", folder["site"], "--lake", folder["lake"], .. settings]);
        foreach (var job in new[] { "stream-ingest", "metrics-export", "batch-etl" })
            await RunAsync(0, ["config", "show", job, "--origin", .. settings, "--kafka-config", planted["client.properties"]]);
        await RunAsync(0, ["config", "show", "metrics-export", "--config", planted["to.yml"]]);
        await RunAsync(0, ["doctor", "--lake", folder["lake"], .. settings]);

        // What fails: a server that is away or refuses, an address with a password in it, a file that is wrong, a flag that is none.
        await RunAsync(null, [.. stream, "--kafka-config", planted["sasl.properties"], "--bootstrap-servers", broker.BootstrapServers]);
        await RunAsync(null, [.. send, "--kafka-config", planted["sasl.properties"], "--bootstrap-servers", broker.BootstrapServers]);
        foreach (var file in new[] { "scram.properties", "key.properties", "store.properties", "jaas.properties", "unknown.properties", "noenv.properties" })
            await RunAsync(null, [.. stream, "--kafka-config", planted[file], "--bootstrap-servers", "127.0.0.1:1"]);
        await RunAsync(null, [.. export, "--to", "postgres://etl@127.0.0.1:1/db"]);
        await RunAsync(2, [.. export, "--to", $"postgres://etl:{Canary}@127.0.0.1:1/db"]);
        await RunAsync(2, [.. export, "--to", $"postgres:Host=127.0.0.1;Port=1;Password={Canary}"]);
        await RunAsync(2, [.. export, "--to", $"postgres://etl@127.0.0.1:1/db?password={Canary}"]);
        await RunAsync(2, [.. export, "--to", $"mysql://etl:{Canary}@127.0.0.1:1/db"]);
        await RunAsync(2, [.. export, "--config", planted["to.yml"]]);
        await RunAsync(null, [.. export, "--to", "sqlite:x.db", "--lake", $"webhdfs://etl:{Canary}@127.0.0.1:1/lake"]);
        await RunAsync(2, ["batch-etl", "--dataset", "students", "--input", folder["data"], "--lake", folder["lake"], "--password", Canary]);
        await RunAsync(2, ["batch-etl", "--dataset", "students", "--input", folder["data"], "--lake", folder["lake"], $"--api-key={Canary}"]);
        await RunAsync(2, ["batch-etl", "--dataset", "students", "--input", folder["data"], "--lake", folder["lake"], "--config", planted["broken.yml"]]);
        await RunAsync(2, ["batch-etl", "--dataset", "students", "--input", folder["data"], "--lake", folder["lake"], "--config", planted["unknown.yml"]]);
        await RunAsync(2, ["doctor", "--lake", folder["lake"], "--config", planted["to.yml"], "--to", $"postgres://etl:{Canary}@127.0.0.1:1/db"]);

        foreach (var (command, run) in runs)
        {
            run.Out.Should().NotContain(Canary, "'{0}' prints no secret", command);
            run.Error.Should().NotContain(Canary, "'{0}' logs no secret", command);
        }
        var left = Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).ToList();
        left.Should().Contain(file => file.EndsWith("result.json", StringComparison.Ordinal)).And.Contain(file => file.EndsWith("report.html", StringComparison.Ordinal))
            .And.Contain(file => file.Contains("/checkpoints/stream-ingest/", StringComparison.Ordinal)).And.Contain(file => file.Contains("/_delta_log/", StringComparison.Ordinal));
        left.Where(static file => Holds(file)).Should().BeEmpty("no file of the lake or beside it holds the secret");
    }

    [Test]
    public async Task A_secret_is_found_in_nothing_that_jobs_on_Spark_leave_and_not_in_the_JVMs_arguments_or_environment()
    {
        var home = SparkServer.RequireHome("4.1");
        await using var kafka = await KafkaServer.StartAsync(withTls: true);
        await File.WriteAllTextAsync(planted["login.properties"], $"security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=ada\nsasl.password={Password}\n");
        string[] named = ["PIPELINE_API_TOKEN", "KAFKA_PASSWORD"];
        foreach (var name in named) Environment.SetEnvironmentVariable(name, Canary);
        using var stop = new CancellationTokenSource();
        try
        {
            Directory.CreateDirectory(folder["events"]);
            await File.WriteAllTextAsync(planted["spark.yml"], $"""
                spark:
                  spark.hadoop.fs.azure.account.key.lake: {Canary}
                  spark.hadoop.fs.s3a.secret.key: {Canary}
                  spark.my.passphrase: {Canary}
                  spark.eventLog.enabled: true
                  spark.eventLog.dir: file://{folder["events"]}
                  spark.sql.warehouse.dir: {folder["warehouse"]}
                """);
            await RunAsync(0, ["produce", "send", "students", "--generate", "20", "--pause", "0", "--kafka-config", planted["login.properties"], "--bootstrap-servers", kafka.SaslBootstrapServers]);
            var watching = JvmsSeenAsync(Java(), stop.Token);

            await RunAsync(
                0,
                ["stream-ingest", "--dataset", "students", "--available-now", "--lake", folder["lake"], "--config", planted["spark.yml"],
                    "--kafka-config", planted["login.properties"], "--bootstrap-servers", kafka.SaslBootstrapServers],
                [("MASTER", "local[1]"), ("PIPELINE__KAFKA__SSL_KEYSTORE_PASSWORD", ""), ("SPARK_HOME", home), ("PIPELINE__SPARK__SPARK_SQL_CODEGEN_WHOLESTAGE", "false"), ("JDK_JAVA_OPTIONS", SparkServer.ShortLived)]);

            await stop.CancelAsync();
            var seen = await watching;
            seen.Should().Contain(static text => text.Contains("java", StringComparison.Ordinal), "a JVM was looked at");
            seen.Should().NotContain(static text => HasSecret(text));
        }
        finally
        {
            foreach (var name in named) Environment.SetEnvironmentVariable(name, null);
        }

        runs.Should().OnlyContain(static entry => !HasSecret(entry.Run.Out) && !HasSecret(entry.Run.Error));
        var left = Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).ToList();
        left.Should().Contain(static file => file.Contains("/events/", StringComparison.Ordinal)).And.Contain(static file => file.Contains("/_delta_log/", StringComparison.Ordinal));
        left.Where(static file => Holds(file)).Should().BeEmpty("no file of the lake, no checkpoint and no event log holds the secret");
    }

    private static IReadOnlyList<int> Java() => ProcessTree.Descendants(Environment.ProcessId, "java");

    /// <summary>Arguments and environment of each JVM that this process starts from now on, while they run.</summary>
    private static async Task<IReadOnlySet<string>> JvmsSeenAsync(IReadOnlyList<int> before, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>();
        while (!cancellationToken.IsCancellationRequested)
        {
            foreach (var process in Java().Except(before))
            {
                foreach (var what in (string[])["cmdline", "environ"])
                {
                    try
                    {
                        seen.Add(await File.ReadAllTextAsync($"/proc/{process}/{what}", CancellationToken.None));
                    }
                    catch (IOException)
                    {
                        // It has ended meanwhile.
                    }
                }
            }
            await Task.WhenAny(Task.Delay(200, cancellationToken));
        }
        return seen;
    }

    private static bool HasSecret(string text) => text.Contains(Canary, StringComparison.Ordinal) || text.Contains(Password, StringComparison.Ordinal);

    private static bool Holds(string file) => HasSecret(Encoding.Latin1.GetString(File.ReadAllBytes(file))) || HasSecret(Path.GetFileName(file));

    /// <summary>Runs a command line with secrets in its environment.</summary>
    /// <param name="exitCode">How it must end; null is any code but 0, as that is another test's matter.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="variables">Variables beside those.</param>
    private async Task RunAsync(int? exitCode, string[] arguments, (string Name, string Value)[]? variables = null)
    {
        var environment = new Dictionary<string, string?>
        {
            ["MASTER"] = "embedded[1]",
            ["AWS_SECRET_ACCESS_KEY"] = Canary,
            ["PIPELINE__KAFKA__SSL_KEYSTORE_PASSWORD"] = arguments.Contains("config") ? Canary : null,
            ["PIPELINE__SPARK__SPARK_SSL_KEYPASSWORD"] = Canary,
        };
        foreach (var (name, value) in variables ?? []) environment[name] = value;
        var isData = arguments[0] is "query" or "config" or "doctor" or "report" or "tables" or "describe" or "runs" or "docs";
        string[] all = [.. arguments, "--debug", "--verbose", "--result", folder[$"result-{runs.Count}.json"], .. isData || runs.Count % 2 == 0 ? (string[])[] : ["--output", "json"]];
        var run = await Support.Processes.Programs.PipelineAsync(all, environment);
        var command = string.Join(' ', arguments);
        if (exitCode is { } expected) run.ExitCode.Should().Be(expected, "'{0}' printed: {1}{2}", command, run.Out, run.Error);
        else run.ExitCode.Should().NotBe(0, "'{0}' cannot succeed", command);
        runs.Add((command, run));
    }
}
