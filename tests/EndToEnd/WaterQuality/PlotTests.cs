using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.WaterQuality;

public sealed class PlotTests
{
    [Test]
    public async Task Metrics_export_leaves_its_plots_in_the_folder_of_its_run_and_names_them_in_result_json()
    {
        using var folder = new TemporaryFolder();
        using var water = new DatasetRun("water-quality", folder);
        await water.GenerateAsync(2_000, 3);
        await water.PipelineAsync("batch-etl", ["--input", water.Data]);
        await water.PipelineAsync("metrics-export", ["--to", $"sqlite:{folder["metrics.db"]}", "--result", folder["result.json"]]);

        using var result = JsonDocument.Parse(await File.ReadAllTextAsync(folder["result.json"]));
        var plots = Path.Combine(water.Lake, "runs", result.RootElement.GetProperty("run_id").GetString()!, "plots");
        string[] names = ["anc_trend_by_programme", "distribution_by_parameter", "sites_by_acidity"];
        result.RootElement.GetProperty("outputs").EnumerateArray().Select(output => output.GetString()).Should().BeEquivalentTo(
            [.. names.SelectMany(name => (string[])[$"{plots}/{name}.png", $"{plots}/{name}.svg"]), $"sqlite:{folder["metrics.db"]}"]);
        foreach (var name in names) (await File.ReadAllBytesAsync($"{plots}/{name}.png")).Take(4).Should().Equal(0x89, 0x50, 0x4E, 0x47);
        Texts($"{plots}/anc_trend_by_programme.svg").Should().Contain(["year", "mean ANC (µeq/L)"]).And.Contain(text => text.StartsWith("LTM_ALTM (n = "));
        Texts($"{plots}/distribution_by_parameter.svg").Should().Contain(text => text.StartsWith("SO4, µeq/L (n = ")).And.Contain(text => text.StartsWith("PH_LAB (n = "));
        Texts($"{plots}/sites_by_acidity.svg").Should().Contain(["longitude (°)", "latitude (°)", "mean ANC (µeq/L); below 0 is acid"]);
    }

    private static List<string> Texts(string svg) =>
        [.. XDocument.Parse(Encoding.UTF8.GetString(File.ReadAllBytes(svg))).Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim())];
}
