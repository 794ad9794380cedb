using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Loading;

namespace Pipeline.Tests.Integration.StreamIngest;

/// <summary>A topic that was deleted and created again has more messages than were read: its offsets alone look like those of the old one.</summary>
public sealed class RecreatedTopicTests
{
    private KafkaServer server = null!;
    private IAdminClient admin = null!;
    private StudentStream stream = null!;

    [OneTimeSetUp]
    public async Task StartServer() => server = await KafkaServer.StartAsync();

    [OneTimeTearDown]
    public async Task EndServer()
    {
        if (server is not null) await server.DisposeAsync();
    }

    [SetUp]
    public async Task ReadOldTopicAsync()
    {
        admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = server.BootstrapServers }).Build();
        stream = new StudentStream(server.BootstrapServers);
        await CreateAsync();
        stream.Send(100);
        (await stream.IngestAsync()).Counts.Written.Should().Be(100);
    }

    [TearDown]
    public async Task DeleteTopicAsync()
    {
        stream?.Dispose();
        if (admin is null) return;
        await DeleteAsync();
        admin.Dispose();
    }

    [Test]
    public async Task It_is_refused_by_its_id_and_a_new_checkpoint_reads_all_of_it()
    {
        await RecreateAsync();
        stream.Send(300);

        var refused = await stream.IngestAsync();

        refused.ExitCode.Should().Be(ExitCodes.DataContract, refused.Message);
        refused.Message.Should().StartWith($"The topic 'etudiants' was deleted and created again since the checkpoint '{stream.Checkpoint}' was written").And.Contain("new --checkpoint").And.Contain("--fail-on-data-loss false");
        stream.Written().Should().HaveCount(100);
        (await stream.IngestAsync()).ExitCode.Should().Be(ExitCodes.DataContract, "a refusal is not forgotten");
        (await stream.IngestAsync(("checkpoint", stream.Checkpoint + "-new"))).Counts.Written.Should().Be(300);
        stream.Written().Should().Equal(Enumerable.Range(0, 400));
    }

    [Test]
    public async Task The_run_goes_on_behind_what_it_had_read_when_told_and_says_what_that_leaves_out()
    {
        await RecreateAsync();
        stream.Send(300);
        var told = await stream.IngestAsync(("fail-on-data-loss", "false"));
        told.ExitCode.Should().Be(ExitCodes.Done, told.Message);
        told.Warnings.Should().ContainSingle().Which.Should().Contain("was deleted and created again").And.Contain("those before the offsets are not read. A new --checkpoint reads them all.");
        told.Counts.Written.Should().Be(200);
        (await stream.IngestAsync()).Warnings.Should().BeEmpty("the new topic is the known one now");
    }

    [Test]
    public async Task A_checkpoint_without_an_id_learns_it_and_a_broken_one_is_refused()
    {
        var file = Path.Combine(stream.Checkpoint, TopicIdentity.FileName);
        File.Delete(file);
        (await stream.IngestAsync()).ExitCode.Should().Be(ExitCodes.Done);
        await File.WriteAllTextAsync(file, "{\"id\":");
        var broken = await stream.IngestAsync();
        broken.ExitCode.Should().Be(ExitCodes.DataContract);
        broken.Message.Should().Contain($"'{stream.Checkpoint}'").And.Contain("topic.json");
    }

    private async Task RecreateAsync()
    {
        await DeleteAsync();
        await CreateAsync();
    }

    private Task CreateAsync() => RetryAsync(() => admin.CreateTopicsAsync([new TopicSpecification { Name = StudentStream.Topic, NumPartitions = 1, ReplicationFactor = 1 }]));

    private Task DeleteAsync() => admin.DeleteTopicsAsync([StudentStream.Topic]);

    /// <summary>A topic that is being deleted cannot be created yet.</summary>
    private static async Task RetryAsync(Func<Task> create)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await create();
                return;
            }
            catch (CreateTopicsException) when (attempt < 100)
            {
                await Task.Delay(100);
            }
        }
    }
}
