using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Tests.Unit.Runtime;

public class HelpTests
{
    [Test]
    public async Task Help_has_purpose_examples_options_with_defaults_and_variables_and_exit_codes()
    {
        var world = new FakeWorld();

        (await JobHost.RunAsync(["--help"], new FakeJob(), world.Console)).Should().Be(0);

        world.Out.Should().StartWith("Counts fish in a pond.\n\nUsage: count-fish [options]\n\nExamples:\n  count-fish --pond north\n");
        world.Out.Should().MatchRegex(@"--pond north\|south +Which pond\. \[default north; env PIPELINE__COUNT_FISH__POND\]");
        world.Out.Should().MatchRegex(@"--master URL +Where the work is done.*\[default embedded; env MASTER, PIPELINE__MASTER\]");
        world.Out.Should().MatchRegex(@"-q, --quiet +Warnings and errors only\.\n");
        world.Out.Should().Contain("not a flag: environment or file only").And.MatchRegex("75 +transient");
        Directory.Exists(world.Lake).Should().BeFalse();
    }

    [Test]
    public async Task Help_fits_the_terminal()
    {
        var world = new FakeWorld();

        (await JobHost.RunAsync(["--help"], new FakeJob(), world.Console with { Width = 80 })).Should().Be(0);

        world.Out.Split('\n').Should().OnlyContain(static line => line.Length <= 80);
        world.Out.Should().Contain("  --pond north|south  Which pond. [default north; env\n                      PIPELINE__COUNT_FISH__POND]\n");
    }

    [Test]
    public async Task A_suite_lists_its_commands_and_finds_nested_ones()
    {
        var world = new FakeWorld();
        var ran = "";
        IJob[] jobs = [new FakeJob(_ => ran = "show") { Name = "pond show" }, new FakeJob(_ => ran = "list") { Name = "pond list" }, new FakeJob { Name = "demo" }];

        (await JobHost.RunSuiteAsync([], "fish", "All about fish.", jobs, world.Console)).Should().Be(0);
        world.Out.Should().StartWith("All about fish.\n\nUsage: fish COMMAND [options]\n").And.Contain("pond list");

        (await JobHost.RunSuiteAsync(["pond", "list", "--lake", world.Lake], "fish", "All about fish.", jobs, world.Console)).Should().Be(0);
        ran.Should().Be("list");
    }

    [Test]
    public async Task Examples_call_a_job_as_it_was_called()
    {
        var job = new FakeJob { Name = "pond list", Examples = ["PondList --pond north", "fish pond list"] };
        var (alone, suite) = (new FakeWorld(), new FakeWorld());

        await JobHost.RunAsync(["--help"], new FakeJob { Name = "pond-list", Examples = job.Examples }, alone.Console);
        await JobHost.RunSuiteAsync(["pond", "list", "--help"], "fish", "All about fish.", [job], suite.Console);

        alone.Out.Should().Contain("  PondList --pond north\n");
        suite.Out.Should().Contain("Examples:\n  fish pond list --pond north\n  fish pond list\n");
    }

    [TestCase(new[] { "dmo" }, "error: Unknown command 'dmo'. Did you mean 'demo'?")]
    [TestCase(new[] { "pond", "lst" }, "error: Unknown command 'lst'. Did you mean 'list'?")]
    [TestCase(new[] { "pond" }, "error: 'fish pond' needs a command: show, list.")]
    public async Task A_misspelt_or_missing_command_names_those_there_are(string[] args, string message)
    {
        var world = new FakeWorld();
        IJob[] jobs = [new FakeJob { Name = "pond show" }, new FakeJob { Name = "pond list" }, new FakeJob { Name = "demo" }];

        (await JobHost.RunSuiteAsync(args, "fish", "All about fish.", jobs, world.Console)).Should().Be(2);

        world.Error.Should().StartWith(message);
    }

    [Test]
    public async Task A_missing_argument_is_named()
    {
        var world = new FakeWorld();
        var job = new FakeJob { Name = "versions", Options = [JobOption.Argument("table", "Name of a table")] };

        (await world.RunAsync(job)).Should().Be(2);

        world.Error.Should().StartWith("error: The argument TABLE is missing: Name of a table.");
    }
}
