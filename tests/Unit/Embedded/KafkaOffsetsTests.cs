using System.Collections.Immutable;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Embedded.Kafka;

namespace Pipeline.Tests.Unit.Embedded;

[TestFixture]
public sealed class KafkaOffsetsTests
{
    [Test]
    public void Offsets_are_Sparks_JSON_in_the_order_of_topics_and_partitions()
    {
        var offsets = KafkaOffsets.Parse("""{"b":{"10":7,"2":5},"a":{"0":-2}}""");
        offsets.ByPartition[new PartitionKey("b", 10)].Should().Be(7);
        offsets.ToJson().Should().Be("""{"a":{"0":-2},"b":{"2":5,"10":7}}""");
        KafkaOffsets.Parse(offsets.ToJson()).Should().Be(offsets);
        KafkaOffsets.Parse("{}").ToJson().Should().Be("{}");
    }

    [TestCase("")]
    [TestCase("{\"a\":{\"0\":")]
    [TestCase("[1]")]
    [TestCase("{\"a\":5}")]
    [TestCase("{\"a\":{\"x\":5}}")]
    [TestCase("{\"a\":{\"-1\":5}}")]
    [TestCase("{\"a\":{\"0\":\"5\"}}")]
    [TestCase("{\"a\":{\"0\":5,\"0\":6}}")]
    public void Other_texts_are_refused(string json)
    {
        var parse = () => KafkaOffsets.Parse(json);
        parse.Should().Throw<FormatException>().WithMessage($"'{json}' is not offsets by topic and partition, as in {{\"topic\":{{\"0\":123}}}}.");
    }

    [TestCase("""{"t":{"0":0,"1":0}}""", """{"t":{"0":100,"1":300}}""", 40, """{"t":{"0":10,"1":30}}""")]
    [TestCase("""{"t":{"0":0,"1":0}}""", """{"t":{"0":1,"1":1000}}""", 10, """{"t":{"0":1,"1":9}}""")]
    [TestCase("""{"t":{"0":5,"1":5}}""", """{"t":{"0":5,"1":7}}""", 1, """{"t":{"0":5,"1":6}}""")]
    [TestCase("""{"t":{"0":0}}""", """{"t":{"0":10,"1":10}}""", 10, """{"t":{"0":5,"1":5}}""")]
    [TestCase("""{"t":{"0":0}}""", """{"t":{"0":10}}""", 10, """{"t":{"0":10}}""")]
    public void A_limit_is_shared_by_what_each_partition_has(string start, string end, long most, string expected) =>
        KafkaOffsets.Limit(KafkaOffsets.Parse(start), KafkaOffsets.Parse(end), most).ToJson().Should().Be(expected);

    [Test]
    public void Equal_offsets_are_equal_by_value() =>
        new KafkaOffsets(ImmutableSortedDictionary<PartitionKey, long>.Empty.Add(new PartitionKey("t", 0), 1)).Should().Be(KafkaOffsets.Parse("""{"t":{"0":1}}"""));
}
