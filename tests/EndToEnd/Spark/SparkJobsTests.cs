using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Producer.Generating;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.EndToEnd.Spark;

/// <summary>The four jobs on Spark make the very tables and metrics of the embedded run: on Spark 4.1 by their scripts under real spark-submit, from the real files where a folder of them is given.</summary>
/// <remarks>On Spark 3.5 the jobs run in this process, on the session that the tests share; by their scripts in the nightly lane.</remarks>
[TestFixture("4.1", true)]
[TestFixture("3.5", false)]
[TestFixture("3.5", true, Category = Lane.Nightly)]
[NonParallelizable]
public sealed class SparkJobsTests(string version, bool isByScript)
{
    // The stream takes the first rows of the real file: every batch of a stream costs seconds on a small machine.
    private const int MostStreamed = 2_000;
    private TemporaryFolder folder = null!;
    private string data = null!;
    private Dictionary<string, string?> environment = null!;

    [OneTimeSetUp]
    public async Task Make_data()
    {
        environment = SubmitScript.Local(SparkServer.RequireHome(version));
        environment["APP"] = Path.GetDirectoryName(Repository.Program("jobs/Pipeline", "pipeline"));
        folder = new TemporaryFolder();
        data = await DataAsync();
    }

    [OneTimeTearDown]
    public void Clean() => folder?.Dispose();

    [Test]
    public async Task Files_through_batch_etl_make_the_same_tables_quarantine_and_metrics()
    {
        await EmbeddedAsync(data, "embedded");
        await RunAsync("batch-etl.sh", "--input", data, "--lake", folder["files"], "--to", $"sqlite:{folder["files.db"]}");

        SameRows.InTables(folder["files"], folder["embedded"], "water_samples", "water_measurements").Should().BePositive();
        SameRows.InMetrics(folder["files.db"], folder["embedded.db"]);
        Rejected("files").Should().Equal(Rejected("embedded"));
    }

    [Test]
    public async Task A_stream_from_Kafka_its_enrichment_and_export_make_the_same_tables_and_metrics()
    {
        var streamed = FirstRows();
        await EmbeddedAsync(streamed, "embedded-streamed");
        await using var kafka = await KafkaServer.StartAsync();
        var sent = await Programs.ProducerAsync(
            ["send", "water-quality", "--file", Directory.GetFiles(streamed, "LTM_Data*.csv").Single(), "--bootstrap-servers", kafka.BootstrapServers, "--pause", "0", "--batch-size", "10000"]);
        sent.ExitCode.Should().Be(0, sent.Error);

        await RunAsync("stream-ingest.sh", "--bootstrap-servers", kafka.BootstrapServers, "--lake", folder["stream"], "--available-now", "--max-offsets-per-batch", "1000");
        await RunAsync("hdfs-enrich.sh", "--reference", streamed, "--lake", folder["stream"]);
        await RunAsync("metrics-export.sh", "--lake", folder["stream"], "--to", $"sqlite:{folder["stream.db"]}");

        SameRows.InTables(folder["stream"], folder["embedded-streamed"], "water_samples", "water_measurements").Should().BePositive();
        SameRows.InMetrics(folder["stream.db"], folder["embedded-streamed.db"]);
    }

    private async Task EmbeddedAsync(string input, string lake)
    {
        var run = await Programs.PipelineAsync(
            ["batch-etl", "--master", "embedded", "--dataset", "water-quality", "--input", input, "--lake", folder[lake], "--to", $"sqlite:{folder[$"{lake}.db"]}"]);
        run.ExitCode.Should().Be(0, run.Error);
    }

    private string FirstRows()
    {
        Directory.CreateDirectory(folder["streamed"]);
        foreach (var file in Directory.GetFiles(data, "*.csv"))
            File.WriteAllLines(Path.Combine(folder["streamed"], Path.GetFileName(file)), File.ReadLines(file).Take(Path.GetFileName(file).StartsWith("LTM", StringComparison.Ordinal) ? MostStreamed + 1 : int.MaxValue));
        return folder["streamed"];
    }

    private async Task RunAsync(string script, params string[] arguments)
    {
        string[] all = ["--dataset", "water-quality", .. arguments];
        var run = isByScript
            ? await SubmitScript.RunAsync(script, environment, all, TimeSpan.FromMinutes(5))
            : await Programs.PipelineAsync([Path.GetFileNameWithoutExtension(script), .. all], spark: SparkSession.ForEngine(SparkServer.Engine(version)));
        // Spark's PythonRunner puts the job's stderr into stdout.
        run.ExitCode.Should().Be(0, run.Out + run.Error);
    }

    /// <summary>The real files for the one version, look-alikes with some broken rows for the other.</summary>
    private async Task<string> DataAsync()
    {
        if (version == "4.1" && RealFiles.WaterQuality is { } real) return real;
        await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", 2_500, 17, folder["data"]), CancellationToken.None);
        var samples = Directory.GetFiles(folder["data"], "LTM_Data*.csv").Single();
        var lines = await File.ReadAllLinesAsync(samples);
        foreach (var (line, column, text) in (ReadOnlySpan<(int, string, string)>)[(10, "DATE_SMP", "31/31/2001 00:00:00"), (20, "ANC_UEQ_L", "abc"), (30, "SITE_ID", ""), (40, "SAMPLE_DEPTH", "1,2,3"), (50, "PH_LAB", "19,5")])
        {
            var place = Array.IndexOf(lines[0].Split(';'), column);
            var fields = lines[line].Split(';');
            fields[place] = text;
            lines[line] = string.Join(';', fields);
        }
        await File.WriteAllLinesAsync(samples, lines);
        return folder["data"];
    }

    /// <summary>Rows in quarantine with what they break, without what tells of the run.</summary>
    private List<string> Rejected(string lake)
    {
        using var engine = EngineFactory.Create(new EngineSettings("embedded", "compare", new Dictionary<string, string>()));
        var path = new LakeLayout(folder[lake]).Quarantine("water_samples");
        if (!engine.Delta.Exists(path)) return [];
        return [.. SparkSession.ForEngine(engine).Read().Format("delta").Load(path).Select("row_id", "source_line", "raw_text", "rules_broken").Collect()
            .Select(static row => $"{row.Get(0)} {row.Get(1)} {row.Get(2)} {string.Join(", ", (object?[])row.Get(3)!)}").Order(StringComparer.Ordinal)];
    }
}
