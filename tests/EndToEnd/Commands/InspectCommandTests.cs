using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.Commands;

public sealed class InspectCommandTests
{
    [Test]
    public async Task Every_column_is_told_with_what_it_holds_and_every_broken_rule_with_how_often_and_where()
    {
        using var folder = new TemporaryFolder();
        var file = folder["total-population.csv"];
        File.WriteAllText(file, "Neighborhood,Id,Estimate; Total,Margin of Error; Total\nHill,1,100,10.5\nDale,2,many,3\nMarsh,1,7,1\nFen,4,250.0,\n");
        using var lake = new CommandLake();

        var run = await lake.RunAsync("inspect", file, "--max-bad-share", "0.4");

        run.ExitCode.Should().Be(0, run.Error);
        run.Out.Should().Contain("total-population.csv: 'population', rows of 'population' (one neighborhood)")
            .And.Contain("4 rows: 2 good, 2 bad (50%). batch-etl would put the whole file into quarantine.")
            .And.MatchRegex(@"estimate\s+Estimate; Total\s+double\s+∅\s+3\s+0\s+1\s+7\.0\s+250\.0")
            .And.MatchRegex(@"Estimate; Total\s+not_a_number\s+1\s+many\s+3")
            .And.MatchRegex(@"id\s+repeated_key\s+1\s+1\s+4");
        Directory.Exists(lake.Root).Should().BeFalse("nothing is written");
    }

    [Test]
    public async Task A_reference_is_known_by_its_name_and_json_has_a_line_a_column()
    {
        using var lake = new CommandLake();
        var data = await lake.LoadAsync(200, 5);

        var lines = await lake.LinesOfAsync("inspect", Directory.GetFiles(data, "Methods*.csv").Single());

        lines.Select(static line => line.GetProperty("column").GetString()).Should().Equal("program_id", "parameter", "start_year", "end_year", "method", "method_description");
        lines.Single(static line => line.GetProperty("column").GetString() == "end_year").GetProperty("empty").GetInt64().Should().BePositive("methods in use have no last year");
    }

    [TestCase("mine.csv", "No data set has a file of the name 'mine.csv'.", "Say whose rows these are with --dataset.")]
    [TestCase("etudiants.csv", "There is no file", "etudiants.csv'.")]
    [TestCase("etudiants", "is neither a .csv nor an .xlsx file", "Name the file, not its folder.")]
    public async Task What_cannot_be_inspected_is_told(string name, string what, string remedy)
    {
        using var folder = new TemporaryFolder();
        using var lake = new CommandLake();

        var run = await lake.RunAsync("inspect", folder[name]);

        run.ExitCode.Should().Be(2);
        run.Error.Should().Contain(what).And.Contain(remedy);
    }
}
