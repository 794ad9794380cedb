using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Reference;

namespace Pipeline.Tests.EndToEnd.WaterQuality;

public sealed class BatchEtlTests
{

    [Test]
    public async Task Files_become_tables_and_metrics_that_equal_an_independent_computation()
    {
        using var folder = new TemporaryFolder();
        var data = await DataAsync(folder);
        var run = await Programs.PipelineAsync(["batch-etl", "--dataset", "water-quality", "--input", data, "--lake", folder["lake"], "--to", $"sqlite:{folder["metrics.db"]}"]);
        run.ExitCode.Should().Be(0, run.Error);

        var reference = WaterQualityReference.Read(data);
        WaterQualityChecks.MetricsEqual(folder["metrics.db"], reference);
    }

    [Test]
    public async Task Loading_the_same_files_again_adds_nothing_and_says_so()
    {
        using var folder = new TemporaryFolder();
        await Programs.ProducerAsync(["generate", "water-quality", "--rows", "2000", "--seed", "3", "--out", folder["data"]]);
        string[] arguments = ["batch-etl", "--dataset", "water-quality", "--input", folder["data"], "--lake", folder["lake"]];
        (await Programs.PipelineAsync(arguments)).ExitCode.Should().Be(0);
        var again = await Programs.PipelineAsync(arguments);
        again.ExitCode.Should().Be(0, again.Error);
        again.Out.Should().Contain("2,000 read = 0 written + 0 quarantined + 2,000 duplicate");
    }

    /// <summary>The real files where they are available, else look-alikes: the same checks on either.</summary>
    private static async Task<string> DataAsync(TemporaryFolder folder)
    {
        if (RealFiles.WaterQuality is { } real) return real;
        var made = await Programs.ProducerAsync(["generate", "water-quality", "--rows", "10000", "--seed", "11", "--out", folder["data"]]);
        made.ExitCode.Should().Be(0, made.Error);
        return folder["data"];
    }
}
