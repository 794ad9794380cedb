using System.Globalization;
using Pipeline.Kafka;
using Pipeline.Producer.Sending;
using Pipeline.Schemas;
using Pipeline.Tests.Benchmarks.Harness;
using Pipeline.Tests.Support.Kafka;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>Kafka to Delta with archive, metadata and quarantine: catch-up, latency at half of the wanted rate, and the job itself against Spark's.</summary>
internal sealed class StreamFamily : IFamily
{
    private const int WantedPerSecond = 150_000;
    private const int Partitions = 3;

    public string Name => "stream";

    public async Task RunAsync(BenchmarkRun run)
    {
        if (!KafkaServer.IsPresent)
        {
            run.Report.LeaveOut(Name, KafkaServer.HowToEnable);
            return;
        }
        await using var kafka = await KafkaServer.StartAsync();
        await CatchUpAsync(run, kafka.BootstrapServers);
        await LatencyAsync(run, kafka.BootstrapServers);
        await JobAsync(run, kafka.BootstrapServers);
    }

    private async Task CatchUpAsync(BenchmarkRun run, string servers)
    {
        var messages = run.Size(3_000_000, 500_000);
        await FillAsync(servers, "events", messages);
        var samples = new List<Sample>();
        for (var i = 0; i < run.Size(5, 3); i++)
            samples.Add(await Children.MeasureAsync("stream", $"servers={servers}", "topic=events", $"lake={run[$"stream-{i}"]}", $"messages={messages}", "most=250000"));
        var rates = samples.Select(sample => messages / sample.Seconds).ToList();
        run.Tell(Name, string.Create(CultureInfo.InvariantCulture, $"catch-up, {messages:N0} messages of 200 B, 250,000 a batch"), Figures.Spread(rates, rate => Figures.Rate(rate, "msg")), "≥ 150 k msg/s", Statistics.Median(rates) >= WantedPerSecond, samples[0]);
    }

    private async Task LatencyAsync(BenchmarkRun run, string servers)
    {
        var messages = WantedPerSecond / 2 * run.Size(30, 5);
        _ = await TopicAdmin.EnsureAsync(KafkaClientProperties.Empty.With("bootstrap.servers", servers), "live", Partitions, CancellationToken.None);
        var reading = Children.MeasureAsync("stream", $"servers={servers}", "topic=live", $"lake={run["stream-live"]}", $"messages={messages}", "most=250000", "idle=yes");
        // The program's start is not the stream's latency.
        await Task.Delay(2000);
        _ = await Children.MeasureAsync("produce", $"servers={servers}", "topic=live", $"messages={messages}", "size=200", $"pace={WantedPerSecond / 2}");
        var live = await reading;
        run.Tell(Name, "half load (75,000 msg/s): oldest message of a batch to its commit", string.Create(CultureInfo.InvariantCulture, $"p50 {live["latency_p50_ms"]:0} ms, p99 {live["latency_p99_ms"]:0} ms, {live["batches"]:0} batches"), "p99 < 300 ms", live["latency_p99_ms"] < 300, live);
        run.Tell(Name, "half load: one Delta commit of the batch's row", string.Create(CultureInfo.InvariantCulture, $"p50 {live["commit_p50_ms"]:0.0} ms, p99 {live["commit_p99_ms"]:0.0} ms"), "p50 < 10 ms", live["commit_p50_ms"] < 10);
        run.Tell(Name, "commits of a second without messages", Figures.Plain(live["idle_commits"]), "0", live["idle_commits"] == 0);
    }

    private async Task JobAsync(BenchmarkRun run, string servers)
    {
        var rows = run.Size(400_000, 30_000);
        _ = await new Sender(new SendOptions(WaterQuality.Dataset) { GenerateRows = rows, BootstrapServers = servers, BatchSize = 10_000, Pause = TimeSpan.Zero }).RunAsync();
        var lake = 0;
        Task<Sample> JobAsync(params string[] more) => Children.MeasureAsync("stream-job", [$"servers={servers}", $"lake={run[$"job-{lake++}"]}", "most=50000", .. more]);
        var work = string.Create(CultureInfo.InvariantCulture, $"the job stream-ingest, {rows:N0} samples, 50,000 a batch, from its command line on");
        if (Environment.GetEnvironmentVariable("SPARK_HOME") is { Length: > 0 })
        {
            _ = await run.CompareAsync(Name, work, () => JobAsync(), () => JobAsync("master=local[2]"), "the same job on Spark local[2]", Target.Faster(5), rows, "msg", rounds: run.Size(5, 1), warmUp: !run.IsQuick);
            return;
        }
        run.Report.LeaveOut(Name, "Spark's rate: set SPARK_HOME to a Spark 4.1 or 3.5 with Delta and the Kafka connector.");
        var sample = await JobAsync();
        run.Tell(Name, work, Figures.Rate(rows / sample.Seconds, "msg"), sample: sample);
    }

    private static async Task FillAsync(string servers, string topic, int messages)
    {
        _ = await TopicAdmin.EnsureAsync(KafkaClientProperties.Empty.With("bootstrap.servers", servers), topic, Partitions, CancellationToken.None);
        _ = await Children.MeasureAsync("produce", $"servers={servers}", $"topic={topic}", $"messages={messages}", "size=200");
    }
}
