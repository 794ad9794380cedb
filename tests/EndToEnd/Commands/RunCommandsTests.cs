using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Suite.Loading;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.Commands;

/// <summary>Runs as an operator finds them: those that ended and why rows were rejected, those that go on, those that died, and a stream that is stopped.</summary>
public sealed class RunCommandsTests
{
    [Test]
    public async Task A_run_with_rejected_rows_says_why_at_its_end_in_its_result_and_in_runs_show()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(Directory.CreateDirectory(folder["data"]).FullName, "etudiants.csv");
        await File.WriteAllTextAsync(file, "Nom,Prenom,Age,Filiere\nLefèvre,Zoé,22,IA\nMartin,Léa,vingt,IA\nPetit,Hugo,douze,IA\nRoux,Jade,,\n");

        var run = await Programs.PipelineAsync(["batch-etl", "--dataset", "students", "--input", folder["data"], "--max-bad-share", "1", "--lake", folder["lake"], "--result", folder["result.json"]]);

        run.ExitCode.Should().Be(0, run.Error);
        run.Out.Should().Contain("  rejected: 2 × Age not_a_whole_number, such as 'douze'\n");
        var result = await File.ReadAllTextAsync(folder["result.json"]);
        using var shape = JsonShape.OfResult();
        shape.Faults(result).Should().BeEmpty();
        var rejected = JsonSerializer.Deserialize<JsonElement>(result).GetProperty("rejected").EnumerateArray().ToList();
        rejected[0].GetRawText().Should().Contain("\"Age\"").And.Contain("not_a_whole_number").And.Contain("2");
        rejected.Select(static rule => rule.GetProperty("count").GetInt64()).Sum().Should().Be(4, "the last row lacks two values");

        var shown = await Programs.PipelineAsync(["runs", "show", "--lake", folder["lake"]]);
        shown.ExitCode.Should().Be(0, shown.Error);
        shown.Out.Should().MatchRegex(@"(?m)^status +succeeded, exit code 0$").And.MatchRegex(@"(?m)^Age +not_a_whole_number +2 +douze$").And.Contain("--max-bad-share=1").And.MatchRegex("(?m)^next +'pipeline quarantine list'");
        (await Programs.PipelineAsync(["report", "--lake", folder["lake"], "--out", folder["report.html"]])).ExitCode.Should().Be(0);
        (await File.ReadAllTextAsync(folder["report.html"])).Should().Contain("Why rows were rejected");
    }

    [Test]
    public async Task A_run_that_was_killed_is_listed_as_died_with_what_to_do()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        var data = await lake.LoadAsync(200, 7);

        await lake.DieAsync(LoadingKillPoints.BeforeBatchRow, "batch-etl", "--dataset", "water-quality", "--input", data);

        var died = (await lake.LinesOfAsync("runs", "list"))[0];
        (died.GetProperty("job").GetString(), died.GetProperty("status").GetString()).Should().Be(("batch-etl", "died"));
        (await lake.OutOfAsync("runs", "show", died.GetProperty("run_id").GetString()!)).Should().Contain($"--input={data}").And.MatchRegex("(?m)^next +start the same command again: what was committed stays");
    }

    [Test]
    public async Task Runs_are_told_apart_that_ended_go_on_and_died()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        Leave(lake, "20990101T000000000Z-aaaaaa", Environment.ProcessId, Environment.MachineName, DateTimeOffset.UtcNow);
        Leave(lake, "20990101T000000001Z-bbbbbb", int.MaxValue, Environment.MachineName, DateTimeOffset.UtcNow);
        Leave(lake, "20990101T000000002Z-cccccc", 1, "elsewhere", DateTimeOffset.UtcNow.AddMinutes(-1));
        Leave(lake, "20990101T000000003Z-dddddd", 1, "elsewhere", DateTimeOffset.UtcNow.AddMinutes(-3));
        Directory.CreateDirectory(Path.Combine(lake.Root, "runs", "20990101T000000004Z-eeeeee"));

        var runs = await lake.LinesOfAsync("runs", "list");

        runs.Select(static run => run.GetProperty("status").GetString()).Should().Equal("unknown", "died", "running", "died", "running", "succeeded");
        runs[^1].GetProperty("rows_written").GetInt64().Should().Be(await lake.CountAsync("water_samples"));
        (await lake.LinesOfAsync("runs", "list", "--status", "died")).Should().HaveCount(2);
        (await lake.LinesOfAsync("runs", "list", "--job", "batch-etl")).Should().ContainSingle();
        (await lake.OutOfAsync("runs", "show", "20990101T000000003Z")).Should().MatchRegex("(?m)^status +died$").And.MatchRegex("(?m)^next +start the same command again").And.MatchRegex("(?m)^last sign .* ago$");
        (await lake.RunAsync("runs", "show", "2098")).Error.Should().Contain("has an id that begins with '2098'. 'pipeline runs list' shows those that there are.");
        var text = await lake.OutOfAsync("runs", "list", "--limit", "2");
        text.Split('\n')[0].Should().MatchRegex("^run +job +dataset +status +took +written +rejected$");
    }

    [Test]
    public async Task A_run_is_recorded_while_it_goes_on_and_its_parts_name_it()
    {
        using var folder = new TemporaryFolder();

        (await Programs.PipelineAsync(["demo", "--dataset", "students", "--rows", "50", "--lake", folder["lake"]])).ExitCode.Should().Be(0);

        var runs = (await Programs.PipelineAsync(["runs", "list", "--output", "json", "--lake", folder["lake"]])).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        var demo = runs.Single(static run => run.GetProperty("job").GetString() == "demo").GetProperty("run_id").GetString();
        runs.Single(static run => run.GetProperty("job").GetString() == "stream-ingest").GetProperty("parent_run_id").GetString().Should().Be(demo);
        var start = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(Path.Combine(folder["lake"], "runs", demo!, "run.json")));
        (start.GetProperty("process_id").GetInt32(), start.GetProperty("host").GetString()).Should().Be((Environment.ProcessId, Environment.MachineName));
        using var shape = JsonShape.OfResult();
        foreach (var result in Directory.GetFiles(Path.Combine(folder["lake"], "runs"), "result.json", SearchOption.AllDirectories)) shape.Faults(await File.ReadAllTextAsync(result)).Should().BeEmpty(result);
    }

    [Test]
    public async Task A_stream_answers_while_it_runs_and_that_it_is_stopped_is_no_failure()
    {
        using var folder = new TemporaryFolder();
        using var broker = MockBroker.Start(1, "etudiants");
        (await Programs.ProducerAsync(["send", "students", "--generate", "40", "--pause", "0", "--bootstrap-servers", broker.BootstrapServers])).ExitCode.Should().Be(0);
        var address = $"127.0.0.1:{FreePorts.One()}";
        using var stream = ProgramRun.Start(Repository.Program("jobs/Pipeline", "pipeline"),
            ["stream-ingest", "--dataset", "students", "--bootstrap-servers", broker.BootstrapServers, "--trigger", "200ms", "--lake", folder["lake"], "--http", address, "--result", folder["result.json"]]);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{address}") };

        var status = await UntilAsync(client, static status => status.GetProperty("counts").GetProperty("read").GetInt64() == 40 && status.GetProperty("state").GetString() == "idle");

        status.GetProperty("lag").GetInt64().Should().Be(0);
        status.GetProperty("partitions")[0].GetProperty("offset").GetInt64().Should().Be(40);
        (await client.GetStringAsync("/metrics")).Should().Contain("pipeline_rows_total{outcome=\"written\"} 40\n").And.Contain("pipeline_lag_messages{topic=\"etudiants\",partition=\"0\"} 0\n");
        (await client.GetStringAsync("/readyz")).Should().Be("idle\n");

        using (var kill = Process.Start("kill", ["-TERM", stream.Id.ToString(CultureInfo.InvariantCulture)])) await kill.WaitForExitAsync();
        var run = await ProgramRun.OfAsync(stream, "stream-ingest");

        run.ExitCode.Should().Be(143);
        run.Error.Should().NotContain("error:");
        run.Out.Should().StartWith("Stopped: ").And.Contain("40 messages read from 'etudiants': 40 written, 0 quarantined, 0 duplicate.").And.Contain("rows: 40 read = 40 written");
        var result = await File.ReadAllTextAsync(folder["result.json"]);
        using var shape = JsonShape.OfResult();
        shape.Faults(result).Should().BeEmpty();
        JsonSerializer.Deserialize<JsonElement>(result).GetProperty("status").GetString().Should().Be("stopped");
    }

    private static async Task<JsonElement> UntilAsync(HttpClient client, Func<JsonElement, bool> isSo)
    {
        var last = default(JsonElement);
        for (var until = DateTime.UtcNow.AddSeconds(60); DateTime.UtcNow < until;)
        {
            try
            {
                last = JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync("/status"));
                if (isSo(last)) return last;
            }
            catch (HttpRequestException)
            {
                // It has not begun to answer.
            }
            await Task.Delay(50);
        }
        throw new TimeoutException($"After 60 s the stream says: {last}");
    }

    private static void Leave(CommandLake lake, string id, int process, string host, DateTimeOffset heartbeat)
    {
        var folder = Directory.CreateDirectory(Path.Combine(lake.Root, "runs", id)).FullName;
        var start = JsonSerializer.Serialize(new { schema_version = 1, suite_version = "0.1.0", run_id = id, job = "stream-ingest", dataset = "water-quality", host, process_id = process, arguments = new[] { "--for=1h" }, started_at = heartbeat, heartbeat_at = heartbeat });
        File.WriteAllText(Path.Combine(folder, "run.json"), start);
    }
}
