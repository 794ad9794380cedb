using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;

namespace Pipeline.Tests.Integration.Producer;

/// <summary>The program as a process of its own: signals, exit codes, streams.</summary>
public sealed class ProducerProcessTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private MockBroker _broker = null!;
    private string _folder = "";

    [SetUp]
    public void Start()
    {
        _broker = MockBroker.Start(3, "water-quality");
        _folder = Directory.CreateTempSubdirectory("producer-process").FullName;
    }

    [TearDown]
    public void Stop()
    {
        _broker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task A_send_that_succeeds_says_so_on_stdout_and_shows_its_way_on_stderr()
    {
        var (code, output, error) = await RunAsync($"send water-quality --generate 250 --pause 0 --bootstrap-servers {_broker.BootstrapServers}");
        code.Should().Be(0);
        output.Should().Match("250 rows read, 250 sent, 250 acknowledged. Topic 'water-quality', 3 batches, * bytes. (* s)\n  rows: 250 read = 250 written + 0 quarantined + 0 duplicate + 0 late\n");
        error.Should().Contain("batch 1: ").And.NotContain("\e");
    }

    [TestCase("INT", 130)]
    [TestCase("TERM", 143)]
    public async Task A_signal_ends_the_send_with_what_was_in_flight_accounted_for(string signal, int exitCode)
    {
        var result = Path.Combine(_folder, "result.json");
        using var process = StartProcess($"send water-quality --generate 1000 --pause 30s --bootstrap-servers {_broker.BootstrapServers} --result {result}");
        await UntilAsync(process, "batch 1: 100 sent, 100 acknowledged");
        Signal(process, signal);
        await ExitAsync(process);
        process.ExitCode.Should().Be(exitCode);
        using var account = JsonDocument.Parse(await File.ReadAllTextAsync(result));
        account.RootElement.GetProperty("status").GetString().Should().Be("cancelled");
        account.RootElement.GetProperty("exit_code").GetInt32().Should().Be(exitCode);
        account.RootElement.GetProperty("messages").GetProperty("sent").GetInt64().Should().Be(100);
        account.RootElement.GetProperty("messages").GetProperty("acknowledged").GetInt64().Should().Be(100);
    }

    [Test]
    public async Task A_second_interrupt_ends_at_once_although_messages_are_in_flight()
    {
        // The broker goes away under the first batch, so that a good end would take message.timeout.ms.
        using var process = StartProcess($"send water-quality --generate 1000 --pause 2s --bootstrap-servers {_broker.BootstrapServers}");
        await UntilAsync(process, "batch 1: 100 sent, 100 acknowledged");
        _broker.Dispose();
        var time = Stopwatch.StartNew();
        Signal(process, "INT");
        await UntilAsync(process, "Press Ctrl-C again");
        // A second signal within two seconds is the same one.
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Signal(process, "INT");
        await ExitAsync(process);
        process.ExitCode.Should().Be(130);
        time.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(15));
    }

    [Test]
    public async Task An_absent_broker_is_exit_code_75_within_its_time()
    {
        var time = Stopwatch.StartNew();
        var (code, output, error) = await RunAsync("send water-quality --generate 10 --bootstrap-servers localhost:1");
        code.Should().Be(75);
        output.Should().BeEmpty();
        error.Should().Be("error: Cannot reach a Kafka broker at 'localhost:1': nobody listens there. Start the broker, or correct --bootstrap-servers.\n");
        time.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(30));
    }

    private static Process StartProcess(string args) =>
        Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "producer.dll"), .. args.Split(' ')]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    private static async Task<(int Code, string Output, string Error)> RunAsync(string args)
    {
        using var process = StartProcess(args);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await ExitAsync(process);
        return (process.ExitCode, output, await error);
    }

    private static async Task UntilAsync(Process process, string text)
    {
        using var timer = new CancellationTokenSource(Limit);
        while (await process.StandardError.ReadLineAsync(timer.Token) is { } line)
        {
            if (line.Contains(text))
                return;
        }
        Assert.Fail($"The process ended without writing '{text}'.");
    }

    private static void Signal(Process process, string signal) => Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)])!.WaitForExit();

    private static async Task ExitAsync(Process process)
    {
        using var timer = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(timer.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
