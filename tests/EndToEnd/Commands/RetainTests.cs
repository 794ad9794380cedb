using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.Commands;

/// <summary><c>pipeline retain</c>: what a lake gives up with time, and what it keeps whatever its age.</summary>
public sealed class RetainTests
{
    [Test]
    public async Task Old_raw_messages_and_runs_go_and_the_last_batches_of_a_stream_stay()
    {
        using var folder = new TemporaryFolder();
        using var broker = MockBroker.Start(1, "etudiants");
        (await Programs.ProducerAsync(["send", "students", "--generate", "24", "--pause", "0", "--bootstrap-servers", broker.BootstrapServers])).ExitCode.Should().Be(0);
        (await RunAsync("stream-ingest", "--dataset", "students", "--bootstrap-servers", broker.BootstrapServers, "--until-end", "--max-offsets-per-batch", "2")).ExitCode.Should().Be(0);
        Raw().Should().HaveCount(12);

        var early = await RunAsync("retain", "--raw", "1h", "--runs", "1h");
        early.Out.Should().StartWith("Deleted 0 batches of raw messages and 0 runs.");
        var tried = await RunAsync("retain", "--raw", "0s", "--dry-run");
        tried.Out.Should().StartWith("Would delete 2 batches of raw messages.");
        Raw().Should().HaveCount(12);

        var run = await RunAsync("retain", "--raw", "0s", "--runs", "0s", "--quarantine", "0s");

        run.ExitCode.Should().Be(0, run.Error);
        run.Out.Should().StartWith("Deleted 2 batches of raw messages and 3 runs. Rejected rows: No row is old enough: nothing to do.");
        Raw().Select(Path.GetFileName).Should().Equal(Enumerable.Range(2, 10).Select(static number => $"batch={number:D8}"));
        (await RunAsync("runs", "list", "--output", "json")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(2, "the run itself and its part stay");
        (await RunAsync("query", "SELECT count(*) AS n FROM students", "-o", "csv")).Out.Should().Be("n\n24\n");

        IReadOnlyList<string> Raw() => [.. Directory.GetDirectories(folder["lake/raw/etudiants"], "batch=*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

        Task<ProgramRun> RunAsync(params string[] arguments) => Programs.PipelineAsync([.. arguments, "--lake", folder["lake"]]);
    }

    [Test]
    public async Task What_is_to_be_deleted_must_be_said()
    {
        using var folder = new TemporaryFolder();

        var run = await Programs.PipelineAsync(["retain", "--lake", folder["lake"]]);

        run.ExitCode.Should().Be(2);
        run.Error.Should().StartWith("error: Say what to delete and after which time: --raw, --runs or --quarantine, such as --raw 30d.");
    }
}
