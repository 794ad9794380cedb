using System.Xml.Linq;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Runtime.Queries;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.Commands;

/// <summary><c>pipeline tables</c> and <c>pipeline describe</c> over lakes that the suite made: somebody who has never seen them learns what stands where, and in what unit.</summary>
public sealed class CatalogueTests
{
    [Test]
    public async Task Every_column_of_every_table_of_every_data_set_is_explained([Values("water-quality", "population", "students", "student-messages", "device-events")] string dataset)
    {
        using var folder = new TemporaryFolder();
        (await Programs.PipelineAsync(["demo", "--dataset", dataset, "--rows", "60", "--lake", folder["lake"]])).ExitCode.Should().BeOneOf(0, 4);

        var unexplained = await RunAsync("query", "SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE description IS NULL", "-o", "csv");
        var tables = await RunAsync("query", "SELECT count(*) AS n FROM information_schema.tables WHERE description IS NULL", "-o", "csv");

        unexplained.Should().Be("name\n");
        tables.Should().Be("n\n0\n");

        async Task<string> RunAsync(params string[] arguments)
        {
            var run = await Programs.PipelineAsync([.. arguments, "--lake", folder["lake"]]);
            run.ExitCode.Should().Be(0, run.Error);
            return run.Out;
        }
    }

    [Test]
    public async Task Describe_tells_unit_key_and_meaning_and_tables_what_a_row_is()
    {
        using var lake = await CommandLake.WithTwoBatchesAsync();

        var columns = (await lake.LinesOfAsync("describe", "water_samples")).ToDictionary(static line => line.GetProperty("column").GetString()!);
        var text = await lake.OutOfAsync("describe", "water_samples");
        var table = (await lake.LinesOfAsync("tables", "--dataset", "water-quality")).Single(static line => line.GetProperty("name").GetString() == "water_samples");

        (columns["so4_ueq_l"].GetProperty("unit").GetString(), columns["so4_ueq_l"].GetProperty("description").GetString(), columns["so4_ueq_l"].GetProperty("nullable").GetBoolean()).Should().Be(("µeq/L", "Sulfate", true));
        (columns["site_id"].GetProperty("key").GetInt32(), columns["program_id"].GetProperty("key").GetInt32(), columns["site_id"].GetProperty("nullable").GetBoolean()).Should().Be((1, 2, false));
        text.Should().StartWith("water_samples: one sample per row\n").And.Contain("from      topic 'water-quality' or files 'LTM_Data*'").And.MatchRegex(@"(?m)^so4_ueq_l +double +µeq/L +Sulfate$").And.MatchRegex(@"(?m)^site_id +string +key +no +Site within");
        (table.GetProperty("rows").GetInt64(), table.GetProperty("description").GetString(), table.GetProperty("dataset").GetString()).Should().Be((await lake.CountAsync("water_samples"), "one sample", "water-quality"));
        table.GetProperty("version").GetInt64().Should().BePositive();
        (await lake.RunAsync("describe", "water_sample")).Error.Should().StartWith($"error: There is no table 'water_sample' in the lake '{lake.Root}'. Did you mean 'water_samples'?");
    }

    [Test]
    public async Task The_site_has_a_page_a_table_whose_links_lead_to_pages_and_nothing_comes_from_elsewhere()
    {
        using var folder = new TemporaryFolder();
        (await Programs.PipelineAsync(["demo", "--dataset", "student-messages", "--rows", "60", "--lake", folder["lake"]])).ExitCode.Should().BeOneOf(0, 4);

        var run = await Programs.PipelineAsync(["docs", "--lake", folder["lake"], "--out", folder["site"]]);

        run.ExitCode.Should().Be(0, run.Error);
        run.Out.Should().Be(folder["site/index.html"] + "\n");
        Directory.GetFiles(folder["site"]).Select(Path.GetFileName).Should().BeEquivalentTo("index.html", "batches.html", "student_messages.html", "student_messages_quarantine.html");
        foreach (var file in Directory.GetFiles(folder["site"]))
        {
            var page = XDocument.Parse((await File.ReadAllTextAsync(file)).Replace("<!DOCTYPE html>", "", StringComparison.Ordinal));
            page.Descendants("a").Select(static link => link.Attribute("href")!.Value).Should().OnlyContain(target => File.Exists(Path.Combine(folder["site"], target)));
            page.Descendants().SelectMany(static element => element.Attributes()).Where(static attribute => attribute.Name == "src" || attribute.Name == "onclick").Should().BeEmpty();
            page.Descendants("script").Should().BeEmpty();
        }
        var main = await File.ReadAllTextAsync(folder["site/student_messages.html"]);
        main.Should().Contain("5 rows of it").And.Contain("stream-ingest").And.Contain("topic 'message'");
        (await File.ReadAllTextAsync(folder["site/student_messages_quarantine.html"])).Should().NotContain("of it").And.Contain("one row or message that 'student_messages' rejected");
    }

    [Test]
    public void A_table_that_no_contract_knows_has_no_meaning_and_a_quarantine_has_one_all_the_same()
    {
        LakeCatalog.Describe("fish").Should().Be((null, null));
        LakeCatalog.Describe("fish_quarantine").Description!.Key.Should().Equal("row_id");
    }
}
