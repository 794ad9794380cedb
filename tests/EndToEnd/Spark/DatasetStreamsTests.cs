using System.Globalization;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Producer.Generating;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.EndToEnd.Spark;

/// <summary>Each data set's stream, its enrichment and its export, on Spark and on the embedded engine, from the same topic: the same tables, files and metrics; and the commands that look after a lake.</summary>
/// <remarks>The jobs run in this process, on the session of Spark that the tests share; <see cref="SparkJobsTests"/> has their scripts.</remarks>
[NonParallelizable]
public sealed class DatasetStreamsTests
{
    private KafkaServer kafka = null!;
    private SparkSession spark = null!;
    private SparkSession embedded = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        spark = SparkSession.ForEngine(SparkServer.Engine("4.1"));
        embedded = SparkSession.ForEngine(EngineFactory.Create(new EngineSettings("embedded", "streams", new Dictionary<string, string>())));
        kafka = await KafkaServer.StartAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        embedded?.Stop();
        if (kafka is not null) await kafka.DisposeAsync();
    }

    [TestCase("students", 300, "students")]
    [TestCase("population", 60, "population,neighborhoods")]
    [TestCase("student-messages", 200, "student_messages")]
    [TestCase("device-events", 200, "device_readings")]
    public async Task A_stream_makes_on_Spark_what_it_makes_on_the_embedded_engine(string dataset, int rows, string tables)
    {
        using var folder = new TemporaryFolder();
        await GeneratedFiles.WriteAsync(new GenerateRequest(dataset, rows, 11, folder["data"]), CancellationToken.None);
        var sent = await Programs.ProducerAsync(["send", dataset, "--file", DatasetRun.MainFile(dataset, folder["data"]), "--bootstrap-servers", kafka.BootstrapServers, "--pause", "0"]);
        sent.ExitCode.Should().Be(0, sent.Error);

        foreach (var (engine, session) in new[] { ("embedded", embedded), ("spark", spark) })
        {
            string[] common = ["--dataset", dataset, "--lake", folder[engine]];
            // Twice, as a stream that is started again learns from the archive how many of the messages before it were bad.
            string[] ingest = ["stream-ingest", .. common, "--bootstrap-servers", kafka.BootstrapServers, "--available-now", "--out", folder["out-" + engine]];
            await RunAsync(session, [.. ingest, "--max-offsets-per-batch", Half(rows), "--max-messages", Half(rows)]);
            await RunAsync(session, ingest);
            if (tables.Contains(',', StringComparison.Ordinal)) await RunAsync(session, ["hdfs-enrich", .. common, "--reference", folder["data"]]);
            await RunAsync(session, ["metrics-export", .. common, "--to", $"sqlite:{folder[engine + ".db"]}"]);
        }

        SameRows.InTables(folder["spark"], folder["embedded"], tables.Split(',')).Should().BePositive();
        SameRows.InMetrics(folder["spark.db"], folder["embedded.db"]);
        CsvLines(folder["out-spark"]).Should().Equal(CsvLines(folder["out-embedded"]));
    }

    [Test]
    public async Task A_lake_that_Spark_wrote_is_looked_after_on_Spark_as_on_the_embedded_engine()
    {
        const int rows = 160;
        using var folder = new TemporaryFolder();
        await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", rows, 23, folder["data"]), CancellationToken.None);
        var samples = DatasetRun.MainFile("water-quality", folder["data"]);
        BrokenNumbers.In(samples, "SO4_UEQ_L", every: 17, first: 3);
        var sent = await Programs.ProducerAsync(["send", "water-quality", "--file", samples, "--bootstrap-servers", kafka.BootstrapServers, "--pause", "0"]);
        sent.ExitCode.Should().Be(0, sent.Error);
        string[] ingest = ["stream-ingest", "--dataset", "water-quality", "--bootstrap-servers", kafka.BootstrapServers, "--lake", folder["lake"], "--available-now", "--max-offsets-per-batch", "40"];
        await RunAsync(spark, [.. ingest, "--max-messages", Half(rows)]);
        await RunAsync(spark, ingest);
        await RunAsync(embedded, ["batch-etl", "--dataset", "water-quality", "--input", folder["data"], "--lake", folder["files"]]);
        SameRows.InTables(folder["lake"], folder["files"], "water_samples").Should().Be(rows - BrokenNumbers.Lines(rows, every: 17, first: 3).Count);

        await new CommandsOnBothEngines(folder, "lake", kafka.BootstrapServers).RunAsync();
    }

    private static string Half(int rows) => (rows / 2).ToString(CultureInfo.InvariantCulture);

    /// <summary>Lines of all CSV files, ordered: how a stream was cut into batches, and so into files, is each engine's own.</summary>
    private static List<string> CsvLines(string folder) =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.csv", SearchOption.AllDirectories).SelectMany(File.ReadLines).Order(StringComparer.Ordinal)] : [];

    private static async Task RunAsync(SparkSession session, string[] arguments)
    {
        var run = await Programs.PipelineAsync(arguments, spark: session);
        run.ExitCode.Should().Be(0, "{0} said: {1}", arguments[0], run.Out + run.Error);
    }
}
