using Confluent.Kafka;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;

namespace Pipeline.Tests.Integration.Kafka;

public sealed class MockBrokerTests
{
    [Test]
    public void A_message_sent_to_the_broker_is_read_back()
    {
        using var broker = MockBroker.Start(partitions: 3, "samples");
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers }).Build();
        var report = producer.ProduceAsync("samples", new Message<string, string> { Key = "k", Value = "v" }).GetAwaiter().GetResult();
        report.Status.Should().Be(PersistenceStatus.Persisted);

        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = "g" }).Build();
        consumer.Assign(new TopicPartitionOffset(report.TopicPartition, Offset.Beginning));
        consumer.Consume(TimeSpan.FromSeconds(10)).Message.Value.Should().Be("v");
    }

    [Test]
    public void A_topic_has_the_partitions_asked_for()
    {
        using var broker = MockBroker.Start(partitions: 3, "samples");
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        admin.GetMetadata("samples", TimeSpan.FromSeconds(10)).Topics.Single().Partitions.Should().HaveCount(3);
    }

    [Test]
    public void A_topic_that_exists_is_refused_by_name()
    {
        using var broker = MockBroker.Start(partitions: 3, "samples");
        var again = () => broker.CreateTopic("samples", 1);
        again.Should().Throw<ArgumentException>().WithMessage("The mock broker cannot create topic 'samples' with 1 partitions: *");
    }
}
