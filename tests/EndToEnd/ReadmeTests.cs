using System.Text.RegularExpressions;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd;

/// <summary>The commands of the READMEs do what they say: each is taken from the page and run, in order, on one lake.</summary>
public sealed partial class ReadmeTests
{
    [Test]
    public async Task Every_command_of_the_READMEs_runs()
    {
        using var folder = new TemporaryFolder();
        var commands = ((string[])["README.md", "jobs/Pipeline/README.md"])
            .SelectMany(page => File.ReadLines(Path.Combine(Repository.Root, page)))
            .Select(line => Command().Match(line))
            .Where(match => match.Success)
            .Select(match => Word().Matches(match.Groups["arguments"].Value).Select(word => word.Value.Trim('"')).ToArray())
            .Distinct(new SameWords())
            .ToList();
        commands.Should().HaveCountGreaterThan(3);
        foreach (var command in commands)
        {
            string[] small = command[0] == "demo" ? ["--rows", "1500"] : [];
            var run = await ProgramRun.DotnetAsync(Repository.Program("jobs/Pipeline", "pipeline"), [.. command, .. small, "--lake", folder["lake"]]);
            run.ExitCode.Should().Be(0, "'{0}' stands in a README, and it printed: {1}", string.Join(' ', command), run.Error);
            run.Out.Should().NotBeEmpty("'{0}' prints something", string.Join(' ', command));
        }
    }

    [Test]
    public void The_files_of_the_example_data_set_are_where_the_README_says()
    {
        var section = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).Split("### To add a data set")[1].Split("\n## ")[0];
        var files = FilePath().Matches(section).Select(static file => file.Value.Trim('`')).ToList();
        files.Should().HaveCountGreaterThan(9);
        files.Where(static file => !File.Exists(Path.Combine(Repository.Root, file))).Should().BeEmpty();
    }

    [TestCase("StreamIngest")]
    [TestCase("HdfsEnrich")]
    [TestCase("MetricsExport")]
    [TestCase("BatchEtl")]
    public async Task A_job_of_its_own_tells_its_purpose_examples_options_and_exit_codes(string job)
    {
        var help = await ProgramRun.DotnetAsync(Repository.Program($"jobs/{job}", job), ["--help"]);
        help.ExitCode.Should().Be(0, help.Error);
        help.Out.Should().Contain("--lake").And.Contain("--dataset").And.Contain("75").And.Contain("xamples");
    }

    [GeneratedRegex(@"^dotnet run --project jobs/Pipeline -- (?<arguments>[^#]+?)\s*(#.*)?$")]
    private static partial Regex Command();

    [GeneratedRegex(@"`[A-Za-z]+/[A-Za-z/_-]+\.(cs|md)`")]
    private static partial Regex FilePath();

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();

    private sealed class SameWords : IEqualityComparer<string[]>
    {
        public bool Equals(string[]? x, string[]? y) => x!.SequenceEqual(y!);

        public int GetHashCode(string[] obj) => string.Join(' ', obj).GetHashCode(StringComparison.Ordinal);
    }
}
