using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Integration.Runtime;

public class SignalTests
{
    [TestCase("INT", ExitCodes.Interrupted)]
    [TestCase("TERM", ExitCodes.Terminated)]
    [TestCase("HUP", ExitCodes.Terminated)]
    public async Task A_signal_ends_a_running_query_with_its_exit_code_and_one_sentence(string signal, int exitCode)
    {
        using var folder = new TemporaryFolder();
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(TestContext.CurrentContext.TestDirectory, "pipeline.dll"), "query", "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b", "--result", folder["result.json"] },
            WorkingDirectory = TestContext.CurrentContext.WorkDirectory,
            Environment = { ["MASTER"] = "embedded[1]" },
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            // The query runs for days: what is waited for is only that it has begun.
            await WaitForCpuAsync(process, TimeSpan.FromSeconds(1));
            using (var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
            // A terminal that closes sends it more than once: at once after the first it is the same signal.
            using (var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var error = await process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);

            process.ExitCode.Should().Be(exitCode);
            using var result = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folder.Path, "result.json"), deadline.Token));
            result.RootElement.GetProperty("exit_code").GetInt32().Should().Be(exitCode);
            result.RootElement.GetProperty("status").GetString().Should().BeEquivalentTo("cancelled");
            error.Should().StartWith("Stopping after the current batch. Press Ctrl-C again to stop immediately.\nerror: ").And.NotContain("   at ");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static async Task WaitForCpuAsync(Process process, TimeSpan used)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!process.HasExited && process.TotalProcessorTime < used)
        {
            await Task.Delay(100, deadline.Token);
            process.Refresh();
        }
    }
}
