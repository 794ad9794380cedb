using System.Globalization;
using Pipeline.Producer.Sending;
using Pipeline.Suite.Schemas;
using Pipeline.Tests.Benchmarks.Harness;
using Pipeline.Tests.Benchmarks.Measures;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>Kafka to Delta with archive, metadata and quarantine: catch-up, steady rate, latency at 10, 50 and 90 % of that, and the job itself against Spark's.</summary>
internal sealed class StreamFamily : IFamily
{
    private const int WantedPerSecond = 150_000;
    private const string LatencyTarget = "p99 < 300 ms";

    /// <summary>While the runtime compiles what the stream runs, latency is the compiler's.</summary>
    private const int WarmUpSeconds = 5;

    /// <summary>A broker that has just started compiles for its first minute or two under a load, which are not measured.</summary>
    private const int BrokerWarmUpSeconds = 90;

    public string Name => "stream";

    public async Task RunAsync(BenchmarkRun run)
    {
        await using var kafka = await run.StartKafkaAsync(Name);
        if (kafka is null) return;
        await CatchUpAsync(run, kafka.BootstrapServers);
        await LatencyAsync(run, kafka.BootstrapServers);
        await JobAsync(run, kafka.BootstrapServers);
    }

    private async Task CatchUpAsync(BenchmarkRun run, string servers)
    {
        var messages = run.Size(3_000_000, 500_000);
        await StreamTopics.FillAsync(servers, "events", messages);
        var samples = new List<Sample>();
        for (var i = 0; i < run.Size(5, 3); i++)
            samples.Add(await Children.MeasureAsync("stream", $"servers={servers}", "topic=events", $"lake={run[$"stream-{i}"]}", $"messages={messages}", "most=250000"));
        var rates = samples.Select(sample => messages / sample.Seconds).ToList();
        run.Tell(Name, string.Create(CultureInfo.InvariantCulture, $"catch-up, {messages:N0} messages of 200 B, 250,000 a batch"), Figures.Spread(rates, rate => Figures.Rate(rate, "msg")), "≥ 150 k msg/s", Statistics.Median(rates) >= WantedPerSecond, samples[0]);
    }

    /// <summary>What stream and producer hold together on this machine, and the latency at shares of that.</summary>
    private async Task LatencyAsync(BenchmarkRun run, string servers)
    {
        var steady = await LiveAsync(run, servers, "steady", run.Size(4_000_000, 1_000_000), null);
        var most = steady["per_second"];
        run.Tell(Name, "steady, the producer sending as fast as it can beside it", Figures.Rate(most, "msg"), "≥ 150 k msg/s", most >= WantedPerSecond, steady);
        _ = await LiveAsync(run, servers, "warm-up", WantedPerSecond / 2 * run.Size(BrokerWarmUpSeconds, 8), WantedPerSecond / 2);
        // What is asked of it is 150,000 a second: half of that is told beside the shares of what it can.
        await LoadAsync("half of 150 k msg/s", WantedPerSecond / 2, LatencyTarget);
        foreach (var percent in new[] { 10, 50, 90 }) await LoadAsync(string.Create(CultureInfo.InvariantCulture, $"{percent} % of its most"), (int)(most * percent / 100), percent == 50 ? LatencyTarget : "");

        async Task LoadAsync(string load, int pace, string target)
        {
            var live = await LiveAsync(run, servers, string.Create(CultureInfo.InvariantCulture, $"load-{pace}"), pace * (WarmUpSeconds + run.Size(30, 8)), pace);
            load = string.Create(CultureInfo.InvariantCulture, $"{load} ({pace:N0} msg/s)");
            run.Tell(Name, $"{load}: oldest message of a batch to its commit", string.Create(CultureInfo.InvariantCulture, $"p50 {live["latency_p50_ms"]:0} ms, p99 {live["latency_p99_ms"]:0} ms, {live["batches"]:0} batches"), target, target.Length > 0 ? live["latency_p99_ms"] < 300 : null, live);
            if (target.Length == 0) return;
            run.Tell(Name, $"{load}: one Delta commit of the batch's row", string.Create(CultureInfo.InvariantCulture, $"p50 {live["commit_p50_ms"]:0.0} ms, p99 {live["commit_p99_ms"]:0.0} ms"), "p50 < 10 ms", live["commit_p50_ms"] < 10);
            run.Tell(Name, $"{load}: commits of a second without messages", Figures.Plain(live["idle_commits"]), "0", live["idle_commits"] == 0);
        }
    }

    /// <summary>A stream that runs while its messages are sent.</summary>
    /// <param name="pace">Messages a second; null is as fast as the producer can.</param>
    private static async Task<Sample> LiveAsync(BenchmarkRun run, string servers, string topic, int messages, int? pace)
    {
        await StreamTopics.EnsureAsync(servers, topic);
        // Gigabytes that the measure before left in the system's cache are written now, and not while this one waits for its own.
        _ = await Children.ProgramAsync("sync", []);
        var reading = Children.MeasureAsync("stream", $"servers={servers}", $"topic={topic}", $"lake={run[$"stream-{topic}"]}", $"messages={messages}", "most=250000", "idle=yes", $"skip={(pace is null ? 0 : WarmUpSeconds)}");
        // The program's start is not the stream's latency.
        await Task.Delay(2000);
        _ = await Children.MeasureAsync("produce", [$"servers={servers}", $"topic={topic}", $"messages={messages}", "size=200", .. pace is { } perSecond ? [$"pace={perSecond}"] : Array.Empty<string>()]);
        return await reading;
    }

    private async Task JobAsync(BenchmarkRun run, string servers)
    {
        var rows = run.Size(400_000, 30_000);
        _ = await new Sender(new SendOptions(WaterQuality.Dataset) { GenerateRows = rows, BootstrapServers = servers, BatchSize = 10_000, Pause = TimeSpan.Zero }).RunAsync();
        var lake = 0;
        Task<Sample> JobAsync(params string[] more) => Children.MeasureAsync("stream-job", [$"servers={servers}", $"lake={run[$"job-{lake++}"]}", "most=50000", .. more]);
        var work = string.Create(CultureInfo.InvariantCulture, $"the job stream-ingest, {rows:N0} samples, 50,000 a batch, from its command line on");
        if (SparkMeasures.IsPresent)
        {
            _ = await run.CompareAsync(Name, work, () => JobAsync(), () => JobAsync("master=local[2]"), "the same job on Spark local[2]", Target.Faster(5), rows, "msg", rounds: run.Size(5, 1), warmUp: !run.IsQuick);
            return;
        }
        run.Report.LeaveOut(Name, "Spark's rate: set SPARK_HOME to a Spark 4.1 or 3.5 with Delta and the Kafka connector.");
        var sample = await JobAsync();
        run.Tell(Name, work, Figures.Rate(rows / sample.Seconds, "msg"), sample: sample);
    }
}
