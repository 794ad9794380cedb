using FluentAssertions;
using NUnit.Framework;
using Pipeline.Producer.Generating;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.EndToEnd.Spark;

/// <summary>Each data set's stream by its scripts, on Spark and on the embedded engine, from the same topic: the same tables, files and metrics.</summary>
[NonParallelizable]
public sealed class DatasetStreamsTests
{
    private KafkaServer kafka = null!;
    private string home = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        home = SparkServer.RequireHome("4.1");
        kafka = await KafkaServer.StartAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (kafka is not null) await kafka.DisposeAsync();
    }

    [TestCase("students", 300, "students")]
    [TestCase("population", 60, "population,neighborhoods")]
    [TestCase("student-messages", 200, "student_messages")]
    [TestCase("device-events", 200, "device_readings")]
    public async Task A_stream_by_script_makes_on_Spark_what_it_makes_on_the_embedded_engine(string dataset, int rows, string tables)
    {
        using var folder = new TemporaryFolder();
        await GeneratedFiles.WriteAsync(new GenerateRequest(dataset, rows, 11, folder["data"]), CancellationToken.None);
        var sent = await Programs.ProducerAsync(["send", dataset, "--file", DatasetRun.MainFile(dataset, folder["data"]), "--bootstrap-servers", kafka.BootstrapServers, "--pause", "0"]);
        sent.ExitCode.Should().Be(0, sent.Error);

        foreach (var master in (string[])["embedded", "local[2]"])
        {
            var environment = SubmitScript.Local(home, master);
            string[] common = ["--dataset", dataset, "--lake", folder[master]];
            await RunAsync("stream-ingest.sh", environment, [.. common, "--bootstrap-servers", kafka.BootstrapServers, "--available-now", "--out", folder["out-" + master]]);
            if (tables.Contains(',', StringComparison.Ordinal)) await RunAsync("hdfs-enrich.sh", environment, [.. common, "--reference", folder["data"]]);
            await RunAsync("metrics-export.sh", environment, [.. common, "--to", $"sqlite:{folder[master + ".db"]}"]);
        }

        SameRows.InTables(folder["local[2]"], folder["embedded"], tables.Split(',')).Should().BePositive();
        SameRows.InMetrics(folder["local[2].db"], folder["embedded.db"]);
        CsvLines(folder["out-local[2]"]).Should().Equal(CsvLines(folder["out-embedded"]));
    }

    /// <summary>Lines of all CSV files, ordered: how a stream was cut into batches, and so into files, is each engine's own.</summary>
    private static List<string> CsvLines(string folder) =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*.csv", SearchOption.AllDirectories).SelectMany(File.ReadLines).Order(StringComparer.Ordinal)] : [];

    private static async Task RunAsync(string script, IReadOnlyDictionary<string, string?> environment, string[] arguments)
    {
        var run = await SubmitScript.RunAsync(script, environment, arguments, TimeSpan.FromMinutes(5));
        run.ExitCode.Should().Be(0, "{0} said: {1}", script, run.Out + run.Error);
    }
}
