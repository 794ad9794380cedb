using System.Text;
using Confluent.Kafka;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Files;
using Pipeline.Engine.Kafka;
using Pipeline.Producer.Sending;
using Pipeline.Suite.Schemas;

namespace Pipeline.Tests.Integration.Producer;

public sealed class SenderTests
{
    private const string Topic = "samples";
    private string _folder = "";
    private MockBroker _broker = null!;

    [SetUp]
    public void Start()
    {
        _folder = Directory.CreateTempSubdirectory("sender").FullName;
        _broker = MockBroker.Start(partitions: 3, Topic);
    }

    [TearDown]
    public void Stop()
    {
        _broker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Every_row_arrives_once_with_its_key_and_headers()
    {
        var file = Write("samples.csv", Header + "\r\n01364959;LTM_CAT;01/02/2020 00:00:00" + Rest + "\r\nA;P;01/03/2020 00:00:00" + Rest + "\r\nB;P;01/04/2020 00:00:00" + Rest + "\r\n");
        var counts = await new Sender(Options() with { File = file, BatchSize = 2 }).RunAsync();

        counts.Should().BeEquivalentTo(new { Read = 3, Sent = 3, Acknowledged = 3, Failed = 0, Batches = 2, OddRows = 0 });
        var messages = ConsumeAll(3);
        messages.Select(message => message.Key).Should().BeEquivalentTo("01364959", "A", "B");
        var first = messages.Single(message => message.Key == "01364959");
        first.Value.Should().StartWith("""{"SITE_ID":"01364959","PROGRAM_ID":"LTM_CAT","DATE_SMP":"01/02/2020 00:00:00","SAMPLE_LOCATION":"",""");
        Headers(first).Should().BeEquivalentTo(new Dictionary<string, string> { ["source-file"] = "samples.csv", ["source-version"] = FileVersion.Of(file), ["schema-version"] = "1", ["batch-number"] = "1", ["source-line"] = "2" });
        Headers(messages.Single(message => message.Key == "B"))["batch-number"].Should().Be("2");
    }

    [Test]
    public async Task The_gate_is_awaited_before_each_batch_and_sees_what_is_acknowledged()
    {
        var seen = new List<long>();
        var counts = await new Sender(Options() with { GenerateRows = 250, BatchSize = 100, Pause = TimeSpan.FromMilliseconds(1) }).RunAsync(gate: (progress, _) =>
        {
            seen.Add(progress.Counts.Acknowledged);
            return ValueTask.CompletedTask;
        });
        seen.Should().Equal(0, 100, 200);
        counts.Acknowledged.Should().Be(250);
    }

    [Test]
    public async Task A_limit_ends_the_send_in_the_middle_of_a_batch()
    {
        var counts = await new Sender(Options() with { GenerateRows = 250, Limit = 120 }).RunAsync();
        counts.Should().BeEquivalentTo(new { Read = 120, Sent = 120, Acknowledged = 120, Batches = 2 });
    }

    [Test]
    public async Task A_cancelled_send_accounts_for_what_was_in_flight()
    {
        using var source = new CancellationTokenSource();
        var sender = new Sender(Options() with { GenerateRows = 1000, BatchSize = 100 });
        var send = async () => await sender.RunAsync(cancellationToken: source.Token, gate: (progress, _) =>
        {
            if (progress.Counts.Batches == 3)
                source.Cancel();
            return ValueTask.CompletedTask;
        });
        await send.Should().ThrowAsync<OperationCanceledException>();
        sender.Counts.Should().BeEquivalentTo(new { Sent = 300, Acknowledged = 300, Failed = 0 });
        ConsumeAll(300).Should().HaveCount(300);
    }

    [Test]
    public async Task A_topic_that_is_missing_is_used_on_a_broker_without_CreateTopics()
    {
        var counts = await new Sender(Options() with { GenerateRows = 10, Topic = "made-by-use" }).RunAsync();
        counts.Acknowledged.Should().Be(10);
    }

    [Test]
    public async Task A_broker_that_goes_away_ends_in_a_sentence_with_counts_that_balance()
    {
        var settings = Write("client.properties", "message.timeout.ms=1500\n");
        var sender = new Sender(Options() with { GenerateRows = 400, BatchSize = 100, Pause = TimeSpan.FromMilliseconds(1), Client = KafkaClientProperties.Load(settings) });
        var send = async () => await sender.RunAsync(gate: (progress, _) =>
        {
            if (progress.Counts.Batches == 2)
                _broker.Dispose();
            return ValueTask.CompletedTask;
        });
        var error = (await send.Should().ThrowAsync<KafkaConnectionException>()).Which;
        error.IsTransient.Should().BeTrue();
        error.Message.Should().MatchRegex(@"^Of 300 messages sent to 'samples', 200 were acknowledged and 100 given up: Local: Message timed out \(127\.0\.0\.1:\d+/\w+: Connect to ipv4#127\.0\.0\.1:\d+ failed: Connection refused \(after \d+ms in state CONNECT(, \d+ identical error\(s\) suppressed)?\)\)\. See that the broker is up, and send again: rows that are there already are told as duplicates downstream\.$");
        sender.Counts.Should().BeEquivalentTo(new { Sent = 300, Acknowledged = 200, Failed = 100 });
    }

    private static string Header => string.Join(';', WaterQuality.Samples.Columns.Select(column => column.SourceName));

    private static string Rest => new(';', WaterQuality.Samples.Columns.Length - 3);

    private SendOptions Options() => new(WaterQuality.Dataset) { BootstrapServers = _broker.BootstrapServers, Topic = Topic, Pause = TimeSpan.Zero };

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static Dictionary<string, string> Headers(Message<string, string> message) => message.Headers.ToDictionary(header => header.Key, header => Encoding.UTF8.GetString(header.GetValueBytes()));

    private List<Message<string, string>> ConsumeAll(int count)
    {
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = _broker.BootstrapServers, GroupId = "g" }).Build();
        consumer.Assign(Enumerable.Range(0, 3).Select(partition => new TopicPartitionOffset(Topic, partition, Offset.Beginning)));
        var messages = new List<Message<string, string>>();
        while (messages.Count < count && consumer.Consume(TimeSpan.FromSeconds(10)) is { } result)
            messages.Add(result.Message);
        return messages;
    }
}
