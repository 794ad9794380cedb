using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Suite.Export.Files;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.EndToEnd;

/// <summary>The same files by the same job on either engine: the same tables, the same bad rows, the same files.</summary>
/// <remarks>The job runs in this process, on the session of Spark that the tests share; <see cref="Spark.SparkJobsTests"/> has its script.</remarks>
[NonParallelizable]
public sealed class DatasetsOnSparkTests
{
    private SparkSession embedded = null!;

    [OneTimeSetUp]
    public void Start() => embedded = SparkSession.ForEngine(EngineFactory.Create(new EngineSettings("embedded", "test", new Dictionary<string, string>())));

    [OneTimeTearDown]
    public void Stop() => embedded?.Stop();

    [TestCase("students", 600, "students", "students", "resultats_etudiants.csv")]
    [TestCase("population", 60, "population", "neighborhoods", "population.parquet")]
    [TestCase("student-messages", 300, "student_messages", "student_messages", "age_distribution.png")]
    [TestCase("device-events", 600, "device_readings", "device_readings", null)]
    public async Task Spark_makes_of_a_data_set_what_the_embedded_engine_makes(string dataset, int rows, string mainTable, string lastTable, string? output)
    {
        var spark = SparkSession.ForEngine(SparkServer.Engine("4.1"));
        using var folder = new TemporaryFolder();
        var made = await Programs.ProducerAsync(["generate", dataset, "--rows", $"{rows}", "--seed", "4", "--out", folder["data"]]);
        made.ExitCode.Should().Be(0, made.Error);
        var main = DatasetRun.MainFile(dataset, folder["data"]);
        await File.AppendAllLinesAsync(main, ["Broken,row,x,y", "Too,few"]);

        foreach (var (engine, session) in new[] { ("embedded", embedded), ("spark", spark) })
        {
            string[] etl = ["batch-etl", "--dataset", dataset, "--input", folder["data"], "--lake", folder[engine], "--out", folder["out-" + engine]];
            var run = await Programs.PipelineAsync(etl, spark: session);
            run.ExitCode.Should().Be(0, run.Out + run.Error);
        }

        foreach (var table in new[] { mainTable, lastTable }.Distinct()) Rows(Table(folder["spark"], table)).Should().Equal(Rows(Table(folder["embedded"], table)), "rows of '{0}' are the same on both engines", table);
        Rows(Quarantine(folder["spark"], mainTable)).Should().Equal(Rows(Quarantine(folder["embedded"], mainTable))).And.NotBeEmpty();
        if (output is null) return;
        var (theirs, ours) = (Path.Combine(folder["out-spark"], output), Path.Combine(folder["out-embedded"], output));
        if (output.EndsWith(".csv", StringComparison.Ordinal)) (await File.ReadAllTextAsync(theirs)).Should().Be(await File.ReadAllTextAsync(ours));
        else if (output.EndsWith(".png", StringComparison.Ordinal)) (await File.ReadAllBytesAsync(theirs)).Should().Equal(await File.ReadAllBytesAsync(ours), "the same ages make the same picture");
        else Rows(embedded.Read().Parquet(theirs)).Should().Equal(Rows(embedded.Read().Parquet(ours)));
    }

    private DataFrame Table(string lake, string table) => embedded.Read().Format("delta").Load(new LakeLayout(lake).Table(table)).Drop("batch_id");

    private DataFrame Quarantine(string lake, string table) =>
        embedded.Read().Format("delta").Load(new LakeLayout(lake).Quarantine(table)).Select("row_id", "source_file", "source_line", "raw_text", "rules_broken");

    /// <summary>Rows as text, ordered; figures to ten digits.</summary>
    private static List<string> Rows(DataFrame frame) => [.. frame.Collect().Select(row => string.Join(" | ", row.Values.Select(Text))).Order(StringComparer.Ordinal)];

    private static string Text(object? value) => value switch
    {
        double number => number.ToString("G10", System.Globalization.CultureInfo.InvariantCulture),
        _ => ValueText.Of(value) ?? "null",
    };
}
