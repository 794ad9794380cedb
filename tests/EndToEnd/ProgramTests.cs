using FluentAssertions;
using NUnit.Framework;
using Pipeline.Jobs.Cli;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd;

/// <summary>Each command as a process of its own: the other tests call the program's entry point in theirs.</summary>
public sealed class ProgramTests
{
    private static IEnumerable<string> Commands => PipelineProgram.MakeCommands().Select(static command => command.Name);

    [TestCaseSource(nameof(Commands))]
    public async Task A_command_starts_as_a_program_and_tells_its_options(string command)
    {
        var run = await ProgramRun.DotnetAsync(Repository.Program("jobs/Pipeline", "pipeline"), [.. command.Split(' '), "--help"]);

        (run.ExitCode, run.Error).Should().Be((0, ""));
        run.Out.Should().Contain($"pipeline {command}").And.Contain("--debug").And.Contain("xamples");
    }
}
