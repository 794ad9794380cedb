using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;
using Pipeline.Suite.Loading;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Kafka;
using Pipeline.Tests.Support.Spark;

namespace Pipeline.Tests.EndToEnd.Recovery;

/// <summary>
/// stream-ingest is killed at each named place, and 20 times at random, on real Kafka, each start the recovery of the kill before: nothing is lost, nothing is twice.
/// In the nightly lane 20 times at each of 12 places, 5 times at 6 more, and 200 times at random.
/// </summary>
/// <remarks>All kills happen in the set-up, one topic beside the other; each test looks at what is left. tests/Loading stops the same jobs at every operation of their storage.</remarks>
[NonParallelizable]
public sealed class KillTests
{
    private static readonly int KillsAPlace = Lane.Times(whole: 1, nightly: 20);
    private static readonly int FewKills = Lane.Times(whole: 1, nightly: 5);
    private static readonly int RandomKills = Lane.Times(whole: 20, nightly: 200);
    private static readonly int Messages = Lane.Times(whole: 900, nightly: 9_000);
    private const int Seed = 20240501;

    private static readonly string[] Places =
    [
        EmbeddedKillPoints.BeforeOffsets, EmbeddedKillPoints.AfterOffsets, LoadingKillPoints.AfterRawArchive, EmbeddedKillPoints.BeforeDataFile, EmbeddedKillPoints.AfterDataFile, StorageKillPoints.BeforeLink,
        DeltaKillPoints.AfterLink, DeltaKillPoints.BeforeCheckpoint, LoadingKillPoints.AfterQuarantine, LoadingKillPoints.AfterBatchRow, EmbeddedKillPoints.BeforeCommit, LoadingKillPoints.ExportBeforeCommit,
    ];

    /// <summary>The other sides of these: a few kills each.</summary>
    private static readonly string[] FurtherPlaces =
    [
        LoadingKillPoints.BeforeRawArchive, DeltaKillPoints.BeforeLastCheckpoint, LoadingKillPoints.BeforeQuarantine, LoadingKillPoints.BeforeBatchRow, EmbeddedKillPoints.AfterCommit, LoadingKillPoints.ExportAfterCommit,
    ];

    private KafkaServer? kafka;
    private KillLane? named;
    private KillLane? random;

    [OneTimeSetUp]
    public async Task KillAsync()
    {
        kafka = await KafkaServer.StartAsync();
        var mirror = Path.Combine(Path.GetTempPath(), $"pipeline-mirror-{Guid.NewGuid():N}.db");
        named = new KillLane(kafka.BootstrapServers, "named", Messages, "--versions-to", $"sqlite:{mirror}");
        // With small files compacted every few batches, so that it dies in the middle of that too.
        var settings = Path.Combine(Path.GetTempPath(), $"pipeline-{Guid.NewGuid():N}.yml");
        await File.WriteAllTextAsync(settings, "spark:\n  spark.databricks.delta.autoCompact.minNumFiles: 4\n  pipeline.embedded.autoCompact.intervalSeconds: 0\n");
        random = new KillLane(kafka.BootstrapServers, "random", Messages, "--config", settings);
        await Task.WhenAll(Task.Run(KillByNameAsync), Task.Run(KillAtRandomAsync));
        File.Delete(mirror);
        File.Delete(settings);
    }

    [OneTimeTearDown]
    public async Task EndAsync()
    {
        named?.Dispose();
        random?.Dispose();
        if (kafka is not null) await kafka.DisposeAsync();
    }

    [TestCase("named")]
    [TestCase("random")]
    public async Task Every_message_is_exactly_once_in_the_table_or_in_quarantine(string lane)
    {
        var killed = LaneOf(lane);
        (await killed.QueryAsync("SELECT site_id FROM water_samples ORDER BY site_id")).Select(static row => row.GetProperty("site_id").GetString()).Should().Equal(killed.GoodIds);
        (await killed.QueryAsync("SELECT source_line FROM water_samples_quarantine ORDER BY source_line")).Select(static row => row.GetProperty("source_line").GetInt64()).Should().Equal(killed.BadLines);
    }

    [TestCase("named")]
    [TestCase("random")]
    public async Task Aggregates_are_those_of_the_messages(string lane)
    {
        var killed = LaneOf(lane);
        (await killed.QueryAsync("SELECT concat_ws(' ', program_id, count(*), printf('%.1f', sum(so4_ueq_l))) AS line FROM water_samples GROUP BY program_id ORDER BY program_id")).Select(static row => row.GetProperty("line").GetString()).Should().Equal(killed.Sums);
    }

    [TestCase("named")]
    [TestCase("random")]
    public async Task The_batches_rows_sum_up_and_follow_on_each_other(string lane)
    {
        var killed = LaneOf(lane);
        var sums = (await killed.QueryAsync(
            "SELECT sum(rows_read) AS read, sum(rows_written) AS written, sum(rows_quarantined) AS quarantined, sum(rows_duplicate) AS duplicate, count(*) AS batches, count(DISTINCT batch_id) AS ids, max(batch_number) AS last FROM batches")).Single();
        long Of(string name) => sums.GetProperty(name).GetInt64();
        (Of("read"), Of("written"), Of("quarantined"), Of("duplicate")).Should().Be((killed.Messages, killed.GoodIds.LongCount(), killed.BadLines.LongCount(), 0));
        (Of("ids"), Of("last")).Should().Be((Of("batches"), Of("batches") - 1), "each batch has one row");
        (await killed.QueryAsync("SELECT batch_id FROM water_samples GROUP BY batch_id EXCEPT SELECT batch_id FROM batches")).Should().BeEmpty();
    }

    [Test]
    public async Task The_table_has_few_files_and_no_row_changed_for_it()
    {
        var log = Pipeline.Engine.Delta.DeltaLog.For(new LakeLayout(random!.Lake).Table("water_samples"));
        (await log.LoadExistingAsync()).FileCount.Should().BeLessThan(20);
        (await Pipeline.Engine.Delta.TableHistory.ReadAsync(log)).Count(static version => version.Info?.Operation == "OPTIMIZE").Should().BeGreaterThan(RandomKills / 10);
    }

    [TestCase("named")]
    [TestCase("random")]
    public void The_archive_has_every_message_once(string lane)
    {
        using var engine = EngineFactoryOf("embedded");
        var spark = SparkSession.ForEngine(engine);
        var counts = spark.Sql($"SELECT count(*) AS n, count(DISTINCT (\"partition\", \"offset\")) AS places FROM read_parquet('{LaneOf(lane).Lake}/raw/*/*/*/*.parquet')").Collect().Single();
        (counts.GetAs<long>(0), counts.GetAs<long>(1)).Should().Be((LaneOf(lane).Messages, LaneOf(lane).Messages));
    }

    [Test]
    public void The_table_opens_in_Spark()
    {
        var spark = SparkSession.ForEngine(SparkServer.Engine("4.1"));
        var layout = new LakeLayout(random!.Lake);
        spark.Read().Format("delta").Load(layout.Table("water_samples")).Count().Should().Be(random.GoodIds.LongCount());
        spark.Read().Format("delta").Load(layout.Quarantine("water_samples")).Count().Should().Be(random.BadLines.LongCount());
    }

    private static IEngine EngineFactoryOf(string master) => Pipeline.Suite.Runtime.Engines.EngineFactory.Create(new EngineSettings(master, "test", new Dictionary<string, string>()));

    private KillLane LaneOf(string name) => name == "named" ? named! : random!;

    private async Task KillByNameAsync()
    {
        var chance = new Random(Seed);
        // Round after round, so that each place is met in every state that the others leave.
        for (var round = 0; round < KillsAPlace; round++)
            foreach (var place in Places.Concat(round < FewKills ? FurtherPlaces : []).OrderBy(_ => chance.Next()).ToList())
                await named!.DieAtAsync(place, place is LoadingKillPoints.ExportBeforeCommit or LoadingKillPoints.ExportAfterCommit ? 1 : 1 + chance.Next(2));
        await named!.FinishAsync();
    }

    private async Task KillAtRandomAsync()
    {
        var chance = new Random(Seed + 1);
        for (var kill = 0; kill < RandomKills; kill++) await random!.DieAtRandomAsync(chance);
        await random!.FinishAsync();
    }
}
