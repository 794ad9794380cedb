using System.Diagnostics;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.Commands;

public sealed class ReportCommandTests
{
    private const string Chromium = "/usr/bin/chromium";

    [Test]
    public async Task A_run_is_one_page_that_a_browser_shows_with_the_rows_that_were_rejected_and_the_run_before_it()
    {
        Server.Require("chromium", File.Exists(Chromium), "apt-get install chromium");
        using var lake = await CommandLake.WithOneBatchAsync();
        await lake.LoadAsync(500, 9, file => File.WriteAllLines(file, File.ReadAllLines(file).Select(static (line, number) => number == 7 ? "cut;short" : line)));
        var path = (await lake.OutOfAsync("report", "--job", "batch-etl")).Split('\n')[0];
        path.Should().StartWith($"{lake.Root}/runs/").And.EndWith("/report.html");
        (await lake.OutOfAsync("report", Path.GetFileName(Path.GetDirectoryName(path))!, "--out", lake["sent.html"])).Should().StartWith(lake["sent.html"]);
        (await File.ReadAllTextAsync(lake["sent.html"])).Should().Be(await File.ReadAllTextAsync(path));

        var start = new ProcessStartInfo(Chromium, ["--headless", "--no-sandbox", "--disable-gpu", $"--user-data-dir={lake["browser"]}", "--dump-dom", $"file://{path}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var browser = Process.Start(start)!;
        var shown = await ProgramRun.OfAsync(browser, Chromium);
        shown.Out.Should().Contain("<h1>batch-etl · water-quality ").And.Contain("500 read, 499 written, 1 quarantined").And.Contain("""<rect class="quarantined" """.TrimEnd())
            .And.MatchRegex("Runs before it</h2><table>.*>1,500<");
    }

    [Test]
    public async Task A_run_that_there_is_not_is_a_usage_error_that_says_where_to_look()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        foreach (var (arguments, sentence) in new[] { (["report", "2001"], "has an id that begins with '2001'"), (new[] { "report", "--job", "merge" }, "no run of the job 'merge'") })
        {
            var run = await lake.RunAsync(arguments);
            (run.ExitCode, run.Error.Contains(sentence, StringComparison.Ordinal)).Should().Be((2, true), run.Error);
        }
    }
}
