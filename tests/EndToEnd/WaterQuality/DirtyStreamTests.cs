using System.Text.Json.Nodes;
using Confluent.Kafka;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Jobs.StreamIngest;
using Pipeline.Producer.Generating;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Results;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.WaterQuality;

public sealed class DirtyStreamTests
{
    private const int Rows = 4_000;

    [Test]
    public async Task One_percent_of_broken_rows_is_exactly_what_stands_in_quarantine_and_the_rest_is_untouched()
    {
        using var folder = new TemporaryFolder();
        await GeneratedFiles.WriteAsync(new GenerateRequest("water-quality", Rows, 5, folder["data"]), CancellationToken.None);
        var messages = BrokenMessages.Break(JsonRows(Directory.GetFiles(folder["data"], "LTM_Data*.csv").Single()), share: 0.01, seed: 42);
        var broken = messages.Index().Where(message => message.Item.Rule is not null).ToDictionary(message => (long)message.Index, message => message.Item);
        broken.Values.Select(message => message.Rule).Distinct().Should().HaveCountGreaterThan(5, "the seed must break rows in most of the ways there are");

        // One partition, so that a message's offset is its place.
        using var broker = MockBroker.Start(1, "water-quality");
        Send(broker.BootstrapServers, messages);
        using var spark = SparkSession.ForEngine(EngineFactory.Create(new EngineSettings("embedded", "test", new Dictionary<string, string>())));
        var run = await JobHost.RunInProcessAsync(new StreamIngestJob(), new Dictionary<string, string>
        {
            ["dataset"] = "water-quality",
            ["bootstrap-servers"] = broker.BootstrapServers,
            ["lake"] = folder["lake"],
            ["available-now"] = "true",
            ["max-offsets-per-batch"] = "700",
        });

        run.ExitCode.Should().Be(ExitCodes.Done, run.Message);
        run.Counts.Should().Be(new RunCounts(Rows, Rows - broken.Count, broken.Count, 0, 0));
        run.Batches.Should().HaveCount(6);

        var lake = new LakeLayout(folder["lake"]);
        var quarantined = spark.Read().Format("delta").Load(lake.Quarantine("water_samples")).Select("source_offset", "rules_broken", "raw_text", "raw_base64").Collect()
            .ToDictionary(row => row.GetAs<long>(0), row => row);
        quarantined.Keys.Should().BeEquivalentTo(broken.Keys);
        foreach (var (offset, message) in broken)
        {
            var rules = (object?[])quarantined[offset].Get("rules_broken")!;
            rules.Should().ContainSingle("message {0} breaks one rule", offset);
            var rule = (Row)rules[0]!;
            (rule.Get("column"), rule.Get("rule")).Should().Be((message.Column, message.Rule), "of message {0}", offset);
        }
        spark.Read().Format("delta").Load(lake.Table("water_samples")).Count().Should().Be(Rows - broken.Count);
    }

    [Test]
    public async Task A_batch_of_which_most_rows_are_bad_goes_whole_to_quarantine_and_the_run_says_so()
    {
        using var folder = new TemporaryFolder();
        using var broker = MockBroker.Start(1, "water-quality");
        Send(broker.BootstrapServers, [.. Enumerable.Range(0, 60).Select(i => new TestMessage([(byte)'{'], null, "malformed_json"))]);
        var run = await JobHost.RunInProcessAsync(new StreamIngestJob(), new Dictionary<string, string>
        {
            ["dataset"] = "water-quality",
            ["bootstrap-servers"] = broker.BootstrapServers,
            ["lake"] = folder["lake"],
            ["available-now"] = "true",
        });
        run.ExitCode.Should().Be(ExitCodes.BatchQuarantined, run.Message);
        run.Message.Should().Contain("The table's last good version is still served.");
        run.Batches.Should().ContainSingle().Which.Status.Should().Be("quarantined");
    }

    private static void Send(string servers, IEnumerable<TestMessage> messages)
    {
        using var producer = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig { BootstrapServers = servers, LingerMs = 5 }).Build();
        var line = 1;
        foreach (var message in messages)
        {
            var headers = new Headers { { "source-file", "test.csv"u8.ToArray() }, { "source-line", System.Text.Encoding.UTF8.GetBytes(line++.ToString(System.Globalization.CultureInfo.InvariantCulture)) } };
            producer.Produce("water-quality", new Message<byte[]?, byte[]?> { Value = message.Value, Headers = headers });
        }
        producer.Flush(TimeSpan.FromSeconds(20)).Should().Be(0);
    }

    private static IEnumerable<string> JsonRows(string csv)
    {
        string[]? header = null;
        foreach (var line in File.ReadLines(csv))
        {
            var fields = line.TrimEnd('\r').Split(';');
            if (header is null) header = fields;
            else yield return new JsonObject(header.Zip(fields, static (name, value) => KeyValuePair.Create(name, (JsonNode?)JsonValue.Create(value)))).ToJsonString();
        }
    }
}
