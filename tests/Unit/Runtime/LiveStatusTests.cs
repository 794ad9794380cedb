using System.Net;
using System.Text.Json;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Live;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Unit.Runtime;

/// <summary>What a running job answers to those who ask meanwhile.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LiveStatusTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 30, 20, 0, 0, TimeSpan.Zero);
    private readonly HandClock clock = new() { Now = Start };

    [Test]
    public void Lag_is_what_the_topic_has_and_the_table_has_not_by_partition()
    {
        var monitor = Monitor();

        _ = monitor.Looked(isWaiting: false, isStopping: false, """{"water-quality":{"0":90,"1":40}}""", """{"water-quality":{"0":100,"1":40}}""");

        monitor.Status().Lag.Should().Be(10);
        monitor.Status().Partitions.Should().Equal(new PartitionLag("water-quality", 0, 90, 100), new PartitionLag("water-quality", 1, 40, 40));
    }

    [Test]
    public void A_stream_without_new_messages_is_idle_since_its_last_batch()
    {
        var monitor = Monitor();
        monitor.Status().State.Should().Be("starting");
        clock.Now += TimeSpan.FromSeconds(5);
        Load(monitor, "committed");
        monitor.Status().State.Should().Be("working");

        clock.Now += TimeSpan.FromSeconds(30);

        monitor.Looked(isWaiting: true, isStopping: false, null, null).Should().Be(Start.AddSeconds(5));
        monitor.Status().State.Should().Be("idle");
    }

    [Test]
    public void A_run_that_does_not_look_after_its_stream_is_stuck_and_says_what_to_do()
    {
        var monitor = Monitor();
        _ = monitor.Looked(isWaiting: true, isStopping: false, null, null);
        clock.Now += TimeSpan.FromMinutes(2);

        monitor.Status().State.Should().Be("stuck");
        monitor.Status().Advice.Should().Contain("no sign of life since 2026-11-30 20:00:00 UTC").And.Contain("pipeline doctor");
    }

    [Test]
    public void A_batch_that_goes_on_for_minutes_is_told()
    {
        var monitor = Monitor();
        _ = monitor.Looked(isWaiting: false, isStopping: false, null, null);
        clock.Now += TimeSpan.FromMinutes(6);
        _ = monitor.Looked(isWaiting: false, isStopping: false, null, null);

        monitor.Status().Advice.Should().StartWith("The current batch has gone on since 2026-11-30 20:00:00 UTC");
    }

    [Test]
    public void A_batch_that_is_whole_in_quarantine_names_the_next_command()
    {
        var monitor = Monitor();

        Load(monitor, "quarantined");

        monitor.Status().Advice.Should().Contain("'pipeline quarantine list'");
    }

    [Test]
    public void Metrics_are_prometheus_text_with_hostile_labels_quoted()
    {
        var monitor = Monitor();
        Load(monitor, "committed", new RejectedRule("a\"b\\c\nd", "not_a_number", 3, "x"));
        _ = monitor.Looked(isWaiting: false, isStopping: false, """{"t":{"0":5}}""", """{"t":{"0":7}}""");

        var text = MetricsText.Of(monitor.Status());

        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().OnlyContain(static line => line.StartsWith("# ") || System.Text.RegularExpressions.Regex.IsMatch(line, """^[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? -?[0-9.E+]+$"""));
        text.Should().Contain("pipeline_rows_total{outcome=\"written\"} 7\n").And.Contain("pipeline_lag_messages{topic=\"t\",partition=\"0\"} 2\n").And.Contain("pipeline_batches_total{status=\"committed\"} 1\n")
            .And.Contain("pipeline_rejected_rows_total{column=\"a\\\"b\\\\c\\nd\",rule=\"not_a_number\"} 3\n").And.Contain("# TYPE pipeline_rows_total counter\n");
    }

    [Test]
    public async Task The_server_answers_each_address_and_nothing_else()
    {
        var monitor = Monitor();
        var address = $"127.0.0.1:{FreePorts.One()}";
        using var server = LiveServer.Start(monitor, address, null);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{address}") };

        (await client.GetAsync("/readyz")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable, "the stream has not begun");
        _ = monitor.Looked(isWaiting: true, isStopping: false, null, null);
        (await client.GetStringAsync("/readyz")).Should().Be("idle\n");
        (await client.GetStringAsync("/healthz")).Should().Be("ok\n");
        (await client.GetStringAsync("/metrics")).Should().Contain("pipeline_run_idle 1\n");
        JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync("/status")).GetProperty("state").GetString().Should().Be("idle");
        (await client.GetAsync("/etc/passwd")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await client.PostAsync("/status", null)).StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        clock.Now += TimeSpan.FromMinutes(2);
        (await client.GetAsync("/healthz")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
    }

    [Test]
    public async Task A_token_is_asked_for_where_there_is_one()
    {
        var address = $"127.0.0.1:{FreePorts.One()}";
        using var server = LiveServer.Start(Monitor(), address, "s3cret");
        using var client = new HttpClient { BaseAddress = new Uri($"http://{address}") };

        (await client.GetAsync("/status")).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
        client.DefaultRequestHeaders.Add("Authorization", "Bearer s3cret");
        (await client.GetAsync("/status")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [TestCase("0.0.0.0:9464", "which other machines reach. Set a token")]
    [TestCase("127.0.0.1", "which is no address to listen on")]
    [TestCase("127.0.0.1:99999", "which is no address to listen on")]
    public void An_address_that_is_none_or_open_without_a_token_is_refused(string address, string message) =>
        FluentActions.Invoking(() => LiveServer.Start(Monitor(), address, null)).Should().Throw<UsageException>().WithMessage($"*{message}*");

    [Test]
    public void A_port_that_is_in_use_is_a_sentence()
    {
        var address = $"127.0.0.1:{FreePorts.One()}";
        using var first = LiveServer.Start(Monitor(), address, null);

        FluentActions.Invoking(() => LiveServer.Start(Monitor(), address, null)).Should().Throw<UsageException>().WithMessage($"Cannot listen on '{address}' for --http: *");
    }

    private RunMonitor Monitor() => new(
        new LiveStatus
        {
            RunId = "run-1",
            Job = "stream-ingest",
            Dataset = "water-quality",
            Lake = "/lake",
            SuiteVersion = "0.1.0",
            State = "starting",
            StartedAt = Start,
            Counts = new RunCounts(0, 0, 0, 0, 0),
            Batches = new Dictionary<string, long>(),
            Rejected = [],
            Partitions = [],
            Warnings = [],
        },
        clock);

    private static void Load(RunMonitor monitor, string status, params RejectedRule[] rejected) =>
        monitor.BatchLoaded(new RunBatch("b1", status, new RunCounts(10, 7, 3, 0, 0)), new RunCounts(10, 7, 3, 0, 0), rejected, []);

    private sealed class HandClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
