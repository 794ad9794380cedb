using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Schemas;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd;

/// <summary>What a newcomer sees of each data set, and the commands that the demo ends with, run as they are printed.</summary>
public sealed partial class DemoPictureTests
{
    private static IEnumerable<string> Names => Datasets.All.Select(static dataset => dataset.Name);

    [TestCaseSource(nameof(Names))]
    public async Task The_demo_tells_what_the_data_say_and_its_commands_run_as_printed(string dataset)
    {
        using var folder = new TemporaryFolder();
        string[] size = dataset == "population" ? [] : ["--rows", "1500"];

        var demo = await Programs.PipelineAsync(["demo", "--dataset", dataset, "--lake", folder["lake"], .. size]);

        demo.ExitCode.Should().Be(0, demo.Error);
        Titles().Matches(demo.Out).Select(static title => title.Groups["title"].Value).Should().HaveCountGreaterThan(2, "beside rows and tables there is something that the data say");
        var commands = Commands().Matches(demo.Out).Select(static command => command.Groups["arguments"].Value).ToList();
        commands.Should().HaveCount(3);
        foreach (var command in commands.Where(static command => !command.StartsWith("demo", StringComparison.Ordinal)))
        {
            var run = await Programs.PipelineAsync(Words().Matches(command).Select(static word => word.Value.Trim('"')));
            run.ExitCode.Should().Be(0, "'{0}' said: {1}", command, run.Error);
            run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCountGreaterThan(2, "'{0}' shows a head and rows", command);
        }
    }

    /// <summary>A line of text right above a table's head.</summary>
    [GeneratedRegex(@"^(?<title>\S[^\n]*)\n[ \t]*\n[ ]{2}\S", RegexOptions.Multiline)]
    private static partial Regex Titles();

    [GeneratedRegex(@"^  dotnet run --project jobs/Pipeline -- (?<arguments>.*?)(\s{4}.*)?$", RegexOptions.Multiline)]
    private static partial Regex Commands();

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Words();
}
