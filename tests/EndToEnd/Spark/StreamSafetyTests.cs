using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Engines;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Processes;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.EndToEnd.Spark;

/// <summary>What keeps a stream from losing rows without a word, on Spark as on the embedded engine (tests/Integration/StreamIngest): a checkpoint put back from an older copy, a window of bad messages, a topic created again.</summary>
/// <remarks>The job runs in this process, on the session of Spark that the tests share; <see cref="SparkJobsTests"/> has its script.</remarks>
[NonParallelizable]
public sealed class StreamSafetyTests
{
    private const string Topic = "etudiants";
    private KafkaServer kafka = null!;
    private TemporaryFolder folder = null!;
    private int sent;

    private string Lake => folder["lake"];

    private string Checkpoint => folder["lake/checkpoints/stream-ingest/students"];

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _ = SparkServer.RequireHome("4.1");
        kafka = await KafkaServer.StartAsync();
        folder = new TemporaryFolder();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (kafka is not null) await kafka.DisposeAsync();
        folder?.Dispose();
    }

    [Test]
    public async Task Nothing_is_lost_without_a_word()
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build();
        await CreateAsync(admin);
        Send(20);
        await IngestAsync(ExitCodes.Done, "--max-offsets-per-batch", "10");
        Written().Should().Equal(Enumerable.Range(0, 20));

        // The checkpoint as it was before its last batch.
        foreach (var log in new[] { "offsets", "commits" })
            foreach (var file in new[] { "1", ".1.crc" }) File.Delete(Path.Combine(Checkpoint, log, file));
        Send(10);
        (await IngestAsync(ExitCodes.Done, "--max-offsets-per-batch", "25")).Should().Contain("the checkpoint was put back from an older copy");
        Written().Should().Equal(Enumerable.Range(0, 30));

        // Of the last 50 messages more than half are bad from the 26th on; the last good one is held back.
        Send(40, isBroken: true);
        Send(1);
        (await IngestAsync(ExitCodes.BatchQuarantined, "--bad-share-window", "50")).Should().Contain("more than 0.5 of the last 50 messages of partition 0 are bad from offset 55 on");
        Written().Should().Equal(Enumerable.Range(0, 30));

        await admin.DeleteTopicsAsync([Topic]);
        await CreateAsync(admin);
        Send(150);
        (await IngestAsync(ExitCodes.DataContract)).Should().Contain("The topic 'etudiants' was deleted and created again");
        Written().Should().HaveCount(30);
    }

    private async Task<string> IngestAsync(int exitCode, params string[] options)
    {
        string[] arguments = ["stream-ingest", "--dataset", "students", "--lake", Lake, "--bootstrap-servers", kafka.BootstrapServers, "--available-now", .. options];
        var run = await Programs.PipelineAsync(arguments, spark: SparkSession.ForEngine(SparkServer.Engine("4.1")));
        run.ExitCode.Should().Be(exitCode, run.Out + run.Error);
        return run.Out + run.Error;
    }

    private void Send(int count, bool isBroken = false)
    {
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, LingerMs = 5 }).Build();
        for (var i = 0; i < count; i++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $$"""{"Nom":"n{{sent++:D5}}","Prenom":"Zoé","Age":"{{(isBroken ? "vingt" : "20")}}","Filiere":"IA"}""");
            producer.Produce(Topic, new Message<Null, string> { Value = text });
        }
        producer.Flush(TimeSpan.FromSeconds(20)).Should().Be(0);
    }

    private IReadOnlyList<int> Written()
    {
        using var engine = EngineFactory.Create(new EngineSettings("embedded", "compare", new Dictionary<string, string>()));
        var rows = SparkSession.ForEngine(engine).Read().Format("delta").Load(new LakeLayout(Lake).Table("students")).Select("last_name").Collect();
        return [.. rows.Select(static row => int.Parse(row.GetAs<string>(0)[1..], CultureInfo.InvariantCulture)).Order()];
    }

    /// <summary>A topic that is being deleted cannot be created yet.</summary>
    private static async Task CreateAsync(IAdminClient admin)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await admin.CreateTopicsAsync([new TopicSpecification { Name = Topic, NumPartitions = 1, ReplicationFactor = 1 }]);
                return;
            }
            catch (CreateTopicsException) when (attempt < 100)
            {
                await Task.Delay(100);
            }
        }
    }
}
