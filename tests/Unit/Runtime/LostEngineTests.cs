using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Tests.Unit.Sql;

namespace Pipeline.Tests.Unit.Runtime;

/// <summary>An engine that ends in the middle of a job ends the job, to be started again.</summary>
public sealed class LostEngineTests
{
    [Test]
    public async Task A_job_in_work_of_its_own_is_told_and_ends_as_transient()
    {
        var result = await RunAsync(async (engine, cancellationToken) =>
        {
            await engine.Loss.CancelAsync();
            await Task.Delay(TimeSpan.FromMinutes(5), cancellationToken);
        });

        result.ExitCode.Should().Be(ExitCodes.Transient);
        result.Status.Should().Be(RunStatus.Failed);
        result.Message.Should().Be("The engine has ended and the job with it. Start the job again: what was committed stays, and a stream goes on from its checkpoint.");
    }

    [Test]
    public async Task An_error_that_follows_from_it_is_transient_and_one_that_says_more_keeps_its_words()
    {
        var consequence = await RunAsync((engine, _) =>
        {
            engine.Loss.Cancel();
            throw new ObjectDisposedException("gateway");
        });
        consequence.ExitCode.Should().Be(ExitCodes.Transient);

        var contract = await RunAsync((engine, _) =>
        {
            engine.Loss.Cancel();
            throw new DataException("The file has no column 'STATE'.");
        });
        contract.ExitCode.Should().Be(ExitCodes.DataContract);
        contract.Message.Should().Be("The file has no column 'STATE'.");
    }

    [Test]
    public async Task A_job_that_was_done_before_is_done()
    {
        var result = await RunAsync((engine, _) =>
        {
            engine.Loss.Cancel();
            return Task.CompletedTask;
        });
        result.ExitCode.Should().Be(ExitCodes.Done);
    }

    private static async Task<RunResult> RunAsync(Func<FakeEngine, CancellationToken, Task> work)
    {
        using var engine = FakeEngine.Spark();
        var job = new FakeJob(async (_, cancellationToken) =>
        {
            await work(engine, cancellationToken);
            return JobOutcome.Done("Counted the fish.");
        });
        return await JobHost.RunInProcessAsync(job, new Dictionary<string, string> { ["lake"] = new FakeWorld().Lake }, SparkSession.ForEngine(engine));
    }
}
