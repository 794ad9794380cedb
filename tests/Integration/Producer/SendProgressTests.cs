using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Producer.Jobs;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Tests.Integration.Producer;

/// <summary>What a send shows while it runs.</summary>
public sealed class SendProgressTests
{
    [TestCase(true)]
    [TestCase(false)]
    public async Task A_terminal_has_a_bar_of_the_source_and_a_pipe_has_lines(bool isTerminal)
    {
        using var broker = MockBroker.Start(3, "water-quality");
        using var error = new StringWriter();
        var console = new HostConsole(new Dictionary<string, string>(), TextWriter.Null, TextWriter.Synchronized(error), isTerminal);

        string[] send = ["send", "water-quality", "--generate", "300", "--pause", "300ms", "--bootstrap-servers", broker.BootstrapServers, "--no-color"];
        (await ProducerJobs.RunAsync(send, console)).Should().Be(0);

        var shown = error.ToString();
        if (isTerminal) shown.Should().Contain("━").And.Contain(" / 300 ");
        else shown.Should().StartWith("batch 1: 100 sent, 100 acknowledged").And.NotContain("━").And.NotContain("\e");
    }
}
