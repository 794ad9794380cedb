using System.Text;
using Confluent.Kafka;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Tests.Integration.Embedded;

[TestFixture]
public sealed class KafkaSourceTests
{
    private KafkaFixture kafka = null!;

    [SetUp]
    public void Start() => kafka = new KafkaFixture();

    [TearDown]
    public void End() => kafka?.Dispose();

    [Test]
    public void Columns_and_values_are_those_of_Sparks_connector()
    {
        var at = new DateTime(2020, 1, 31, 12, 0, 0, 123, DateTimeKind.Utc);
        kafka.Send(new Message<byte[], byte[]> { Key = [0xFF, 0], Value = [0x80, 0x81], Timestamp = new Timestamp(at), Headers = new Headers { { "file", "é.csv"u8.ToArray() }, { "none", null! }, { "file", [0xFE] } } }, 1);
        kafka.Send(new Message<byte[], byte[]> { Key = null!, Value = null!, Timestamp = new Timestamp(at.AddYears(-60)) }, 1);
        kafka.Send(new Message<byte[], byte[]> { Key = [], Value = [], Timestamp = new Timestamp(at) }, 1);
        kafka.Flush();
        var view = kafka.Open(false, ("includeHeaders", "true"));
        view.Schema.SimpleString.Should().Be("struct<key:binary,value:binary,topic:string,partition:int,offset:bigint,timestamp:timestamp,timestampType:int,headers:array<struct<key:string,value:binary>>>");
        var rows = kafka.Engine.Query($"FROM \"{view.Name}\" ORDER BY \"offset\"", view.Schema).ToList();
        rows.Should().HaveCount(3);
        rows[0].Values[0].Should().BeEquivalentTo(new byte[] { 0xFF, 0 });
        rows[0].Values[1].Should().BeEquivalentTo(new byte[] { 0x80, 0x81 }, "bytes that are no text stay as they are");
        rows[0].Values[2..7].Should().Equal("events", 1, 0L, at, 0);
        var headers = ((object?[])rows[0].Values[7]!).Cast<Row>().ToList();
        headers.Select(header => header.Values[0]).Should().Equal("file", "none", "file");
        headers[0].Values[1].Should().BeEquivalentTo("é.csv"u8.ToArray());
        headers[1].Values[1].Should().BeNull();
        headers[2].Values[1].Should().BeEquivalentTo(new byte[] { 0xFE });
        rows[1].Values[0].Should().BeNull();
        rows[1].Values[1].Should().BeNull("it is a tombstone");
        rows[1].Values[7].Should().BeNull();
        rows[1].GetAs<DateTime>("timestamp").Should().Be(at.AddYears(-60));
        rows[2].Values[1].Should().BeEquivalentTo(Array.Empty<byte>());
    }

    [Test]
    public void A_batch_query_takes_offsets_as_JSON()
    {
        kafka.Send(0, "a", "b", "c", "d");
        kafka.Send(1, "e");
        var view = kafka.Open(false, ("startingOffsets", """{"events":{"0":1,"1":-1}}"""), ("endingOffsets", """{"events":{"0":3,"1":-1}}"""));
        kafka.Engine.Query($"SELECT decode(value) AS text FROM \"{view.Name}\" ORDER BY \"offset\"", kafka.Engine.Describe("SELECT '' AS text")).Select(row => row.Values[0]).Should().Equal("b", "c");
        var odd = () => kafka.Open(false, ("startingOffsets", """{"events":{"7":1}}"""));
        odd.Should().Throw<EngineException>().WithMessage("The option startingOffsets has the partition events-7, which is not there. There are: events-0, events-1.");
    }

    [Test]
    public void Many_messages_with_many_headers_come_whole_and_in_order()
    {
        const int count = 30_000;
        for (var i = 0; i < count; i++)
        {
            var headers = new Headers();
            for (var h = 0; h < i % 4; h++) headers.Add($"h{h}", BitConverter.GetBytes(i));
            kafka.Send(new Message<byte[], byte[]> { Value = Encoding.UTF8.GetBytes($"message number {i} of the partition"), Headers = headers }, i % 2);
            if (i % 5000 == 0) kafka.Flush();
        }
        kafka.Flush();
        var view = kafka.Open(false, ("includeHeaders", "true"));
        var sql = $"SELECT count(*) AS n, count(*) FILTER (decode(value) = 'message number ' || (\"offset\" * 2 + partition) || ' of the partition') AS same, sum(len(headers)) AS headers, count(*) FILTER (headers IS NULL) AS without FROM \"{view.Name}\"";
        kafka.Engine.Query(sql, kafka.Engine.Describe(sql)).Single().Values.Select(value => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture)).Should().Equal(count, count, count / 4 * 6, count / 4);
    }

    [TestCase("127.0.0.1:1")]
    [TestCase("no-such-host.invalid:9092")]
    public void No_broker_is_said_in_one_sentence_within_ten_seconds_or_so(string servers)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var open = () => kafka.Open(false, ("kafka.bootstrap.servers", servers));
        var error = open.Should().Throw<EngineException>().WithMessage($"Cannot reach a Kafka broker at '{servers}': *").Which;
        error.IsTransient.Should().BeTrue();
        TestContext.Out.WriteLine(error.Message);
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(12));
    }

    [Test]
    public void A_partition_whose_leader_is_being_elected_is_asked_again()
    {
        const short listOffsets = 2;
        const int notLeader = 6;
        kafka.Send(0, "a", "b");
        kafka.Broker.Refuse(listOffsets, notLeader, notLeader, notLeader);
        var messages = kafka.Open(false);
        kafka.Engine.Query($"FROM \"{messages.Name}\"", messages.Schema).Should().HaveCount(2);
    }

    [Test]
    public void A_topic_that_is_not_there_is_named()
    {
        var open = () => kafka.Open(false, ("subscribe", "events, absent"));
        open.Should().Throw<EngineException>().WithMessage("There is no topic 'absent' at the Kafka brokers *");
    }

    [TestCase("subscribe", "", "*needs the option subscribe*")]
    [TestCase("startingOffsets", "now", "The option startingOffsets is 'now'; it takes earliest, latest, or offsets as JSON.")]
    [TestCase("maxOffsetsPerTrigger", "0", "The option maxOffsetsPerTrigger takes a number above 0.")]
    [TestCase("kafka.sesion.timeout.ms", "1", "*'sesion.timeout.ms' is not a setting of Kafka's clients*")]
    [TestCase("kafka.group.instance.id", "", null)]
    public void Options_that_make_no_sense_are_refused(string key, string value, string? message)
    {
        var open = () => kafka.Open(false, (key, value));
        if (message is null) open.Should().NotThrow();
        else open.Should().Throw<EngineException>().WithMessage(message);
    }
}
