using FluentAssertions;
using NUnit.Framework;
using Pipeline.Producer.Generating;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.WaterQuality;

public sealed class EnrichTests
{

    [Test]
    public async Task Only_batches_that_are_missing_are_added_and_full_makes_the_table_anew()
    {
        using var folder = new TemporaryFolder();
        var data = await GenerateAsync(folder["first"], seed: 1);
        (await RunAsync("batch-etl", "--input", data, "--lake", folder["lake"])).Error.Should().Contain("created again");
        var first = await QueryAsync(folder, "SELECT count(*) FROM water_measurements");

        // Other rows of the same sites: another seed makes other days.
        var more = await GenerateAsync(folder["second"], seed: 2);
        var second = await RunAsync("batch-etl", "--input", more, "--reference", data, "--lake", folder["lake"]);
        second.Error.Should().Contain("enrich water_measurements").And.NotContain("created again");
        (await QueryAsync(folder, "SELECT count(DISTINCT batch_id) FROM water_measurements")).Should().Be("2");
        (await QueryAsync(folder, "SELECT count(*) FROM water_measurements")).Should().NotBe(first);

        (await RunAsync("hdfs-enrich", "--reference", data, "--lake", folder["lake"])).Out.Should().Contain("nothing to add");
        var before = await QueryAsync(folder, "SELECT count(*) FROM water_measurements");
        (await RunAsync("hdfs-enrich", "--full", "--reference", data, "--lake", folder["lake"])).Error.Should().Contain("from 2 batches, created again");
        (await QueryAsync(folder, "SELECT count(*) FROM water_measurements")).Should().Be(before);
    }

    [Test]
    public async Task A_batch_in_which_nothing_was_measured_makes_no_version()
    {
        const int keyFields = 8;
        using var folder = new TemporaryFolder();
        var data = await GenerateAsync(folder["data"], seed: 1);
        await RunAsync("batch-etl", "--input", data, "--lake", folder["lake"]);
        var more = await GenerateAsync(folder["more"], seed: 2);
        var file = Directory.GetFiles(more, "LTM_Data*.csv").Single();
        var lines = await File.ReadAllLinesAsync(file);
        await File.WriteAllLinesAsync(file, [lines[0], .. lines.Skip(1).Take(10).Select(static line => line.Split(';')).Select(static fields => string.Join(';', [.. fields.Take(keyFields), .. fields.Skip(keyFields).Select(static _ => "")]))]);

        (await RunAsync("batch-etl", "--input", more, "--reference", data, "--lake", folder["lake"])).Out.Should().Contain("nothing to add");
        (await RunAsync("hdfs-enrich", "--reference", data, "--lake", folder["lake"])).Out.Should().Contain("nothing to add");
        (await QueryAsync(folder, "SELECT count(DISTINCT batch_id) FROM water_samples")).Should().Be("2");
        Directory.GetFiles(folder["lake/tables/water_measurements/_delta_log"], "*.json").Should().ContainSingle();
    }

    [Test]
    public async Task A_reference_whose_key_stands_twice_ends_the_run_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        var data = await GenerateAsync(folder["data"], seed: 1);
        var sites = Directory.GetFiles(data, "Site_Information*.csv").Single();
        await File.AppendAllLinesAsync(sites, [File.ReadLines(sites).Last()]);
        var run = await Programs.PipelineAsync(["batch-etl", "--dataset", "water-quality", "--input", data, "--lake", folder["lake"]]);
        run.ExitCode.Should().Be(3, run.Error);
        run.Error.Should().Contain("has 1 keys (site_id, program_id) more than once").And.Contain("A join with it would multiply rows");
        Directory.Exists(Path.Combine(folder["lake"], "tables")).Should().BeFalse();
    }

    [Test]
    public async Task Files_and_a_stream_of_the_same_files_make_the_same_tables_row_for_row()
    {
        using var folder = new TemporaryFolder();
        var data = await GenerateAsync(folder["data"], seed: 9);
        (await Programs.PipelineAsync(["demo", "--data", data, "--lake", folder["lake"]])).ExitCode.Should().Be(0);
        (await RunAsync("batch-etl", "--input", data, "--lake", folder["files"])).ExitCode.Should().Be(0);

        var samples = string.Join(", ", Suite.Schemas.WaterQuality.Samples.Columns.Select(column => column.Name));
        foreach (var sql in (string[])
        [
            $"SELECT {samples} FROM water_samples ORDER BY {samples}",
            "SELECT site_id, program_id, sampled_at, sample_location, sample_type, sample_depth, sample_time, parameter, unit, value, below_detection, method, method_candidates, site_name, county, state, ecoregion_iii, waterbody_type, sampled_on, year FROM water_measurements ORDER BY ALL",
        ])
            (await QueryAsync(folder, sql, "lake")).Should().Be(await QueryAsync(folder, sql, "files"));
    }

    private static async Task<string> GenerateAsync(string folder, ulong seed)
    {
        await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", 1_200, seed, folder), CancellationToken.None);
        return folder;
    }

    private static async Task<ProgramRun> RunAsync(string command, params string[] arguments)
    {
        var run = await Programs.PipelineAsync([command, "--dataset", "water-quality", .. arguments]);
        run.ExitCode.Should().Be(0, run.Error);
        return run;
    }

    /// <summary>The rows of a query as CSV, without the header.</summary>
    private static async Task<string> QueryAsync(TemporaryFolder folder, string sql, string lake = "lake")
    {
        var run = await Programs.PipelineAsync(["query", sql, "-o", "csv", "--lake", folder[lake]]);
        run.ExitCode.Should().Be(0, run.Error);
        return run.Out[(run.Out.IndexOf('\n', StringComparison.Ordinal) + 1)..].Trim();
    }
}
