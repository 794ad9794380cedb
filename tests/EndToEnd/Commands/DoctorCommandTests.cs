using FluentAssertions;
using NUnit.Framework;

namespace Pipeline.Tests.EndToEnd.Commands;

public sealed class DoctorCommandTests
{
    [Test]
    public async Task What_works_is_told_with_its_version_and_nothing_is_left_in_the_lake()
    {
        using var lake = await CommandLake.WithOneBatchAsync();

        var findings = (await lake.LinesOfAsync("doctor")).ToDictionary(static line => line.GetProperty("check").GetString()!);

        findings["engine"].GetProperty("state").GetString().Should().Be("good");
        findings["engine"].GetProperty("detail").GetString().Should().StartWith("embedded 1.");
        findings["lake"].GetProperty("state").GetString().Should().Be("good");
        findings["lake"].GetProperty("detail").GetString().Should().Contain("can be written and read, 3 tables");
        findings["kafka"].GetProperty("state").GetString().Should().Be("not_asked");
        Directory.EnumerateFileSystemEntries(lake.Root, ".doctor*").Should().BeEmpty();
    }

    [Test]
    public async Task Servers_that_are_away_are_named_with_what_to_do_and_may_be_tried_again()
    {
        using var lake = await CommandLake.WithOneBatchAsync();

        var run = await lake.RunAsync("doctor", "--bootstrap-servers", "localhost:1", "--to", "postgres://etl@localhost:1/metrics");

        run.ExitCode.Should().Be(75);
        run.Out.Should().Contain("✗ kafka      Cannot reach a Kafka broker at 'localhost:1': nobody listens there. Start the broker, or correct --bootstrap-servers.")
            .And.Contain("✗ metrics").And.Contain("✓ engine", "a failed check does not end the others");
        run.Error.Should().Contain("2 of 8 checks failed: kafka, metrics");
    }

    [Test]
    public async Task A_setting_that_is_wrong_is_no_matter_of_trying_again()
    {
        using var lake = new CommandLake();

        var run = await lake.RunAsync("doctor", "--to", "mysql:x");

        run.ExitCode.Should().Be(2);
        run.Out.Should().Contain("✗ metrics    The sink's address begins with 'mysql:', which is none that is known.").And.Contain("· lake");
    }
}
