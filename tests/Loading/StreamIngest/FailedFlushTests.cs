using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Storage;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Tests.Support.Loading;

namespace Pipeline.Tests.Loading.StreamIngest;

/// <summary>A disk that refuses to flush ends the run with 75 wherever it does so, and the next run loses and doubles nothing.</summary>
public sealed class FailedFlushTests
{
    private const int InputOutputError = 5;

    [TestCase("/checkpoints/", "metadata")]
    [TestCase("/sources/", "")]
    [TestCase("/offsets", "")]
    [TestCase("/commits", "")]
    [TestCase("/raw/", "")]
    [TestCase("/tables/students/", "part-")]
    [TestCase("/tables/students/_delta_log", ".json")]
    [TestCase("/tables/students/_delta_log", "_delta_log")]
    [TestCase("/quarantine/students/", "part-")]
    [TestCase("/quarantine/students/_delta_log", "")]
    [TestCase("/batches/", "part-")]
    [TestCase("/batches/_delta_log", "")]
    [TestCase("/outputs/", "")]
    public async Task A_failed_flush_ends_the_run_and_nothing_is_lost(string folder, string name)
    {
        using var broker = MockBroker.Start(1, StudentStream.Topic);
        using var stream = new StudentStream(broker.BootstrapServers);
        stream.Send(40, static number => number % 10 == 9);
        var failures = 0;
        using (DiskFlush.Intercept(path => path.Contains(folder, StringComparison.Ordinal) && path.Contains(name, StringComparison.Ordinal) && Interlocked.Increment(ref failures) > 0 ? InputOutputError : 0))
        {
            var failed = await stream.IngestAsync(("max-offsets-per-batch", "20"));
            failures.Should().BePositive("the run flushes there");
            failed.ExitCode.Should().Be(ExitCodes.Transient, failed.Message);
            failed.Message.Should().Contain("Cannot flush '").And.Contain("Input/output error");
            if (folder is "/offsets" or "/sources/" or "/raw/" or "/checkpoints/") stream.Written().Should().BeEmpty();
            File.Exists(stream.Checkpoint + "/offsets/1").Should().Be(folder == "/outputs/", "no batch is planned after one that is not safe");
        }
        (await stream.IngestAsync(("max-offsets-per-batch", "20"))).ExitCode.Should().Be(ExitCodes.Done);
        stream.Written().Should().Equal(Enumerable.Range(0, 40).Where(static number => number % 10 != 9));
        stream.Quarantined().Should().Be(4);
        stream.Batches().Sum(static batch => batch.RowsWritten).Should().Be(36);
    }
}
