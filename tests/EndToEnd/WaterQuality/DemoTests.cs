using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.WaterQuality;

public sealed class DemoTests
{
    [Test]
    public async Task The_demo_goes_from_files_to_answers_and_adds_nothing_the_second_time()
    {
        using var folder = new TemporaryFolder();
        string[] arguments = ["demo", "--lake", folder["lake"], .. RealFiles.WaterQuality is { } real ? (string[])["--data", real] : ["--rows", "6000"]];
        var rows = RealFiles.WaterQuality is null ? "6,000" : "38,200";

        var first = await Programs.PipelineAsync(arguments);
        first.ExitCode.Should().Be(0, first.Error);
        first.Out.Should().Contain($"rows: {rows} read = {rows} written + 0 quarantined + 0 duplicate").And.Contain("The five most acid sites").And.Contain("What to try next");

        var second = await Programs.PipelineAsync(arguments);
        second.ExitCode.Should().Be(0, second.Error);
        second.Out.Should().Contain($"rows: {rows} read = 0 written + 0 quarantined + {rows} duplicate").And.Contain("Nothing was added");

        var versions = await Programs.PipelineAsync(["query", "SELECT count(*) AS n, count(DISTINCT batch_id) AS batches FROM water_samples", "-o", "csv", "--lake", folder["lake"]]);
        versions.ExitCode.Should().Be(0, versions.Error);
        versions.Out.Should().StartWith("n,batches").And.Contain(rows.Replace(",", "", StringComparison.Ordinal));
        if (RealFiles.WaterQuality is null) return;

        var figures = await Programs.PipelineAsync(
            ["query", "SELECT count(*) AS n, count(method) AS with_method, count(CASE WHEN method_candidates > 1 THEN 1 END) AS several FROM water_measurements", "-o", "csv", "--lake", folder["lake"]]);
        figures.Out.Should().Contain("540655,513062,52678");
    }
}
