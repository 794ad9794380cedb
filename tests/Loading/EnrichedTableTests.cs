using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Kafka;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Loading;

/// <summary>The enriched table has the rows of the main table and each once, whatever became of the main table's batches, and whoever enriches at the same time.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class EnrichedTableTests
{
    private const string Values = "SELECT count(*) AS n, count(DISTINCT site_id) AS sites, round(sum(value), 3) AS total FROM water_measurements";
    private CrashLake lake = null!;

    [SetUp]
    public void MakeLake() => lake = new CrashLake();

    [TearDown]
    public void DeleteLake() => lake.Dispose();

    [Test]
    public async Task A_batch_that_was_loaded_again_with_fewer_rows_is_enriched_again()
    {
        using var broker = MockBroker.Start(1, "water-quality");
        await GenerateAsync("first", 20, seed: 3);
        var data = await GenerateAsync("second", 40, seed: 9);
        await ProduceAsync("send", "water-quality", "--file", Directory.GetFiles(data, "LTM_Data*.csv").Single(), "--pause", "0", "--bootstrap-servers", broker.BootstrapServers);
        string[] ingest = ["stream-ingest", "--dataset", "water-quality", "--bootstrap-servers", broker.BootstrapServers, "--available-now"];
        await RunAsync("batch-etl", "--dataset", "water-quality", "--input", lake["first"]);
        await RunAsync(ingest);
        await EnrichAsync(data);
        await RunAsync("restore", "water_samples", "--version", "0");
        // Half of the messages come as other batches, and the batch that was taken back gets the other half.
        await RunAsync([.. ingest, "--checkpoint", lake["other"], "--max-offsets-per-batch", "10", "--max-messages", "20"]);
        await RunAsync("batches", "replay", "--missing", "water_samples");

        await EnrichAsync(data);

        await IsAsMadeAgainAsync(data);
    }

    [Test]
    public async Task Two_jobs_that_enrich_the_same_batch_at_once_add_it_once()
    {
        var data = await GenerateAsync("first", 20, seed: 3);
        await RunAsync("batch-etl", "--dataset", "water-quality", "--input", data);
        await GenerateAsync("second", 40, seed: 9);
        using var broker = MockBroker.Start(1, "water-quality");
        await ProduceAsync("send", "water-quality", "--generate", "30", "--seed", "5", "--pause", "0", "--bootstrap-servers", broker.BootstrapServers);
        await RunAsync("stream-ingest", "--dataset", "water-quality", "--bootstrap-servers", broker.BootstrapServers, "--available-now");
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goesOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var point = new CrashPoint(0, CrashKind.Fails)
        {
            Before = operation => operation.StartsWith("put ", StringComparison.Ordinal) && operation.Contains("/tables/water_measurements/_delta_log/", StringComparison.Ordinal) && reached.TrySetResult() ? goesOn.Task : Task.CompletedTask,
        };
        var slow = Programs.PipelineAsync(["hdfs-enrich", "--dataset", "water-quality", "--reference", data, "--master", "embedded[1]", "--lake", lake["lake"]], wrapStorage: point.Wrap);
        await Task.WhenAny(reached.Task, slow);
        try
        {
            await RunAsync("batch-etl", "--dataset", "water-quality", "--input", lake["second"]);
        }
        finally
        {
            goesOn.TrySetResult();
        }

        (await slow).ExitCode.Should().Be(0, (await slow).Error);

        await IsAsMadeAgainAsync(data);
    }

    /// <summary>The table holds what it holds once it is made again from the main table.</summary>
    private async Task IsAsMadeAgainAsync(string references)
    {
        var found = (await RunAsync("query", Values, "--output", "json")).Out;
        await RunAsync("hdfs-enrich", "--dataset", "water-quality", "--reference", references, "--full");
        found.Should().Be((await RunAsync("query", Values, "--output", "json")).Out);
    }

    private Task<ProgramRun> EnrichAsync(string references) => RunAsync("hdfs-enrich", "--dataset", "water-quality", "--reference", references);

    private Task<ProgramRun> RunAsync(params string[] command) => CrashLake.RunAsync(lake["lake"], command);

    private async Task<string> GenerateAsync(string name, int rows, int seed)
    {
        await ProduceAsync("generate", "water-quality", "--rows", $"{rows}", "--seed", $"{seed}", "--out", lake[name]);
        return lake[name];
    }

    private static async Task ProduceAsync(params string[] command)
    {
        var run = await Programs.ProducerAsync(command);
        run.ExitCode.Should().Be(0, run.Error);
    }
}
