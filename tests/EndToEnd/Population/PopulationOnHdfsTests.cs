using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Storage;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.Population;

/// <summary>A stream joined with references that lie on HDFS, its one Parquet file left there too.</summary>
public sealed class PopulationOnHdfsTests
{
    private HdfsServer server = null!;

    [OneTimeSetUp]
    public void Start() => server = HdfsServer.Start();

    [OneTimeTearDown]
    public void Stop() => server?.Dispose();

    [Test]
    public async Task References_on_HDFS_give_the_same_as_those_in_a_folder_and_the_Parquet_file_is_one_there_too()
    {
        using var folder = new TemporaryFolder();
        using var population = new DatasetRun("population", folder);
        await population.GenerateAsync(60, 6);
        using var broker = MockBroker.Start(1, "population-data");
        await population.SendAsync(broker, Path.Combine(population.Data, "total-population.csv"));
        (await population.IngestAsync(broker)).Counts.Written.Should().Be(56);
        await population.PipelineAsync("hdfs-enrich", ["--reference", population.Data]);

        var reference = $"{server.WebHdfsUri}/reference/population";
        var storage = StorageFactory.For(reference, StorageOptions.Default);
        foreach (var file in Directory.GetFiles(population.Data)) await storage.PutAsync(Path.GetFileName(file), await File.ReadAllBytesAsync(file));
        var target = $"{server.WebHdfsUri}/lake/outputs/population";
        foreach (var _ in (int[])[1, 2])
        {
            var run = await population.PipelineAsync("hdfs-enrich", ["--reference", reference, "--out", target]);
            run.Out.Should().Contain("nothing to add", "the same references are joined");
        }

        var left = StorageFactory.For(target, StorageOptions.Default);
        (await left.ListAsync("")).Select(entry => entry.Name).Should().Equal("population.parquet");
        var copy = folder["copy.parquet"];
        await File.WriteAllBytesAsync(copy, (await left.TryReadAsync("population.parquet"))!);
        population.Parquet(copy).Collect().Select(row => row.ToString()).Should().Equal(population.Parquet(population.Output("population.parquet")).Collect().Select(row => row.ToString()));
    }
}
