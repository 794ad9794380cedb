using FluentAssertions;
using Microsoft.Data.Sqlite;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Reference;

namespace Pipeline.Tests.EndToEnd.Population;

public sealed class PopulationTests
{
    private TemporaryFolder folder = null!;
    private DatasetRun population = null!;

    private string File => Path.Combine(population.Data, "total-population.csv");

    [SetUp]
    public void Open()
    {
        folder = new TemporaryFolder();
        population = new DatasetRun("population", folder);
    }

    [TearDown]
    public void Close()
    {
        population.Dispose();
        folder.Dispose();
    }

    [Test]
    public async Task The_demo_makes_one_Parquet_file_and_metrics_that_equal_an_independent_computation()
    {
        var first = await population.PipelineAsync("demo");
        first.Out.Should().Contain("rows: 95 read = 91 written + 4 quarantined + 0 duplicate").And.Contain("population.parquet");
        var reference = PopulationReference.Read(Path.Combine(population.Lake, "demo-data", "population"));
        Directory.GetFileSystemEntries(Path.Combine(population.Lake, "outputs", "population")).Should().Equal(population.Output("population.parquet"));
        var rows = population.Parquet(population.Output("population.parquet")).Collect().ToList();
        rows.Select(row => row.GetAs<long>("id")).Should().Equal(reference.Ids);
        foreach (var row in rows)
            foreach (var metric in (string[])["income_per_person", "income_per_household", "insured_share", "self_employed_share", "self_employed_household_share"])
                Check(reference.Figure(metric, row.GetAs<long>("id")), row.GetAs<double?>(metric), row.GetAs<double?>(metric + "_moe"), row.GetAs<string?>(metric + "_reliability"), $"{metric} of {row.Get("id")}");
        CheckMetrics(Path.Combine(population.Lake, "metrics.db"), reference);

        var second = await population.PipelineAsync("demo");
        second.Out.Should().Contain("rows: 95 read = 0 written + 4 quarantined + 91 duplicate").And.Contain("Nothing was added");
        (await population.QueryAsync("SELECT count(*) FROM population_quarantine")).Should().Be("4");
        (await population.PipelineVersionsAsync("neighborhoods")).Should().Be(1, "nothing new makes no new version");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Every_bad_row_is_in_quarantine_with_its_file_line_and_reason_wherever_the_run_is_cut(bool isStream)
    {
        await WriteDirtyAsync();
        if (isStream)
        {
            using var broker = MockBroker.Start(1, "population-data");
            await population.SendAsync(broker, File);
            // Ended in the middle, and begun again from the checkpoint.
            var first = await population.IngestAsync(broker, ("max-messages", "6"), ("max-offsets-per-batch", "3"), ("max-bad-share", "1"));
            first.Counts.Read.Should().Be(6);
            var second = await population.IngestAsync(broker, ("max-offsets-per-batch", "3"), ("max-bad-share", "1"));
            (first.Counts.Read + second.Counts.Read, first.Counts.Written + second.Counts.Written, first.Counts.Quarantined + second.Counts.Quarantined).Should().Be((12, 5, 7));
            await population.PipelineAsync("hdfs-enrich", ["--reference", population.Data]);
        }
        else
        {
            (await population.PipelineAsync("batch-etl", ["--input", population.Data, "--max-bad-share", "1"])).Out.Should().Contain("12 read = 5 written + 7 quarantined");
        }
        // A message says which fields it lacks; a line of a file has too few.
        string[] shortRow = isStream ? ["total-population.csv:11 Estimate; Total missing_field", "total-population.csv:11 Margin of Error; Total missing_field"] : ["total-population.csv:11 - wrong_field_count"];
        population.Quarantine("population").Should().Equal(
        [
            "total-population.csv:10 - conflict_marker", .. shortRow,
            "total-population.csv:12 Id required", "total-population.csv:3 - conflict_marker", "total-population.csv:5 Estimate; Total not_a_number", "total-population.csv:7 - conflict_marker",
            "total-population.csv:8 id repeated_key",
        ]);
        population.Quarantine("household_income").Should().Equal("household-income.csv:3 Margin of Error; Aggregate household income in the past 12 months (in 2015 Inflation-adjusted dollars) not_a_number", "household-income.csv:5 id repeated_key");
        (await population.QueryAsync("SELECT id, population, household_income, insured, missing_sources FROM neighborhoods ORDER BY id"))
            .Should().Be("1,1411,100,1000,1\n4,1852,,,3\n5,2558,,,3\n6,77,,,3\n7,,700,,3\n13,99.5,,,3");
        System.IO.File.Exists(population.Output("population.parquet")).Should().BeTrue();
    }

    [Test]
    public async Task The_same_file_again_is_duplicates_and_a_mended_one_brings_what_was_missing()
    {
        await WriteDirtyAsync();
        using var broker = MockBroker.Start(1, "population-data");
        await population.SendAsync(broker, File);
        await population.SendAsync(broker, File);
        (await population.IngestAsync(broker, ("max-offsets-per-batch", "12"), ("max-bad-share", "1"))).Counts.Should().Be(new RunCounts(24, 5, 14, 5, 0));

        // Mended, rows stand on other lines: none of them is repeated by that.
        await System.IO.File.WriteAllLinesAsync(File, ["Neighborhood,Id,Estimate; Total,Margin of Error; Total", "Allentown,5,2558.0,449.77", "Beechview,8,12a,1", "Allegheny Center,1,1411,196", "Allegheny West,2,343,96"]);
        await population.SendAsync(broker, File);
        (await population.IngestAsync(broker)).Counts.Should().Be(new RunCounts(4, 1, 1, 2, 0));
    }

    [Test]
    public async Task The_real_file_lands_whole()
    {
        var real = Path.Combine(RealFiles.Require(RealFiles.Population, "the survey's rows (total-population.csv)"), "total-population.csv");
        await population.GenerateAsync(95, 1);
        System.IO.File.Copy(real, File, overwrite: true);
        (await population.PipelineAsync("batch-etl", ["--input", population.Data])).Out.Should().Contain("91 read = 91 written + 0 quarantined");
        var reference = PopulationReference.Read(population.Data);
        population.Parquet(population.Output("population.parquet")).Collect().Select(row => row.GetAs<long>("id")).Should().Equal(reference.Ids);
    }

    /// <summary>Twelve lines below the header, of which seven are bad in every way that there is.</summary>
    private async Task WriteDirtyAsync()
    {
        Directory.CreateDirectory(population.Data);
        await System.IO.File.WriteAllLinesAsync(File,
        [
            "Neighborhood,Id,Estimate; Total,Margin of Error; Total",
            "Allegheny Center,1,1411,196",
            "<<<<<<< HEAD",
            "Arlington,4,1852.0,348.188167518",
            "Beechview,8,many,12",
            "Allentown,5,2558.0,449.77",
            "=======",
            "Arlington,4,1852.0,348.188167518",
            "Banksville,6,77,",
            ">>>>>>> branch",
            "Bedford,9",
            "Bloomfield,,12,3",
            "Bluff,13,99.5,1.25",
        ]);
        const string income = "Aggregate household income in the past 12 months (in 2015 Inflation-adjusted dollars)";
        await System.IO.File.WriteAllLinesAsync(Path.Combine(population.Data, "household-income.csv"), [$"Neighborhood,Id,Estimate; {income},Margin of Error; {income}", "Allegheny Center,1,100,10", "Arlington,4,200,ten", "Carrick,7,700,70", "Allegheny Center,1,100,10"]);
        await System.IO.File.WriteAllLinesAsync(Path.Combine(population.Data, "health-insurance.csv"), ["Neighborhood,Id,Estimate; Total:,Margin of Error; Total:", "Allegheny Center,1,1000,50"]);
        await System.IO.File.WriteAllLinesAsync(Path.Combine(population.Data, "self-employment-income.csv"), ["Neighborhood,Id,Estimate; Total: - With self-employment income,Margin of Error; Total: - With self-employment income"]);
    }

    private static void CheckMetrics(string database, PopulationReference reference)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT id, metric, value, moe, reliability FROM population_neighborhood_metrics";
        using (var reader = command.ExecuteReader())
        {
            var count = 0;
            for (; reader.Read(); count++)
                Check(reference.Figure(reader.GetString(1), reader.GetInt64(0)), reader.IsDBNull(2) ? null : reader.GetDouble(2), reader.IsDBNull(3) ? null : reader.GetDouble(3), reader.IsDBNull(4) ? null : reader.GetString(4), $"{reader.GetString(1)} of {reader.GetInt64(0)}");
            count.Should().Be(5 * reference.Ids.Count);
        }
        command.CommandText = "SELECT source, n, missing FROM population_source_counts";
        using var sources = command.ExecuteReader();
        while (sources.Read())
            (sources.GetInt64(1), sources.GetInt64(2)).Should().Be((reference.Counts[sources.GetString(0)], reference.Ids.Count - reference.Counts[sources.GetString(0)]), "of {0}", sources.GetString(0));
    }

    private static void Check(ReferenceFigure expected, double? value, double? margin, string? reliability, string what)
    {
        IsNear(value, expected.Value, what);
        IsNear(margin, expected.MarginOfError, "margin of " + what);
        reliability.Should().Be(expected.Reliability, "of {0}", what);
    }

    private static void IsNear(double? actual, double? expected, string what)
    {
        if (actual is null || expected is null) actual.Should().Be(expected, "of {0}", what);
        else actual.Value.Should().BeApproximately(expected.Value, 1e-9 * Math.Max(1, Math.Abs(expected.Value)), "of {0}", what);
    }
}
