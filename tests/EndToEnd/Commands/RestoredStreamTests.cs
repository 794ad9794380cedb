using FluentAssertions;
using NUnit.Framework;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Kafka;
using Pipeline.Suite.Loading;

namespace Pipeline.Tests.EndToEnd.Commands;

/// <summary>A stream goes on after a restore: without what the restore took back, and with it where asked.</summary>
public sealed class RestoredStreamTests
{
    [Test]
    public async Task A_restore_that_dies_gets_its_row_later_and_the_stream_goes_on_without_what_it_took_back_until_asked()
    {
        using var lake = new CommandLake();
        using var broker = MockBroker.Start(1, "water-quality");
        string[] ingest = ["stream-ingest", "--dataset", "water-quality", "--bootstrap-servers", broker.BootstrapServers, "--available-now", "--max-offsets-per-batch", "100"];
        await CommandLake.SendAsync(300, 4, broker.BootstrapServers);
        await lake.OutOfAsync(ingest);
        (await lake.CountAsync("water_samples")).Should().Be(300);

        await lake.DieAsync(LoadingKillPoints.RestoreAfterCommit, "restore", "water_samples", "--version", "0");
        (await lake.CountAsync("water_samples")).Should().Be(100, "the restore itself was committed");
        (await lake.LinesOfAsync("batches", "list", "--status", "restored_from")).Should().BeEmpty();
        (await lake.OutOfAsync("restore", "water_samples", "--version", "0")).Should().Contain("restored to the content of version 0 already, as version 3: nothing to do");
        (await lake.LinesOfAsync("batches", "list", "--status", "restored_from")).Single().GetProperty("table_version").GetInt64().Should().Be(3);

        await CommandLake.SendAsync(100, 8, broker.BootstrapServers);
        var going = await lake.RunAsync(ingest);
        going.ExitCode.Should().Be(0, going.Error);
        going.Error.Should().Contain("2 batches that this took back").And.Contain("--replay-after-restore");
        var newRows = await lake.CountAsync("water_samples");
        newRows.Should().BeInRange(150, 200, "the new messages came, and what the restore took back did not");

        await lake.DieAsync(DeltaKillPoints.AfterLink, [.. ingest, "--replay-after-restore"]);
        (await lake.OutOfAsync([.. ingest, "--replay-after-restore"])).Should().Contain("read");
        (await lake.OutOfAsync([.. ingest, "--replay-after-restore"])).Should().Contain("0 batches, 0 messages read", "twice is once");
        (await lake.CountAsync("water_samples")).Should().Be(newRows + 200);
        (await lake.LinesOfAsync("query", "SELECT count(*) - count(DISTINCT (site_id, program_id, sampled_at, sample_location, sample_type, sample_depth, sample_time)) AS n FROM water_samples")).Single().GetProperty("n").GetInt64().Should().Be(0);
        (await lake.LinesOfAsync("batches", "list", "--status", "restored_from")).Should().HaveCount(1);
        await lake.BatchesSumUpAsync();

        // A committed batch is loaded again from its raw messages, in place of its rows.
        var batch = (await lake.LinesOfAsync("batches", "list", "--status", "committed"))[^1];
        var id = batch.GetProperty("batch_id").GetString()!;
        (await lake.OutOfAsync("batches", "replay", id)).Should().Contain("100 read, 100 written in place of 100");
        (await lake.CountAsync("water_samples")).Should().Be(newRows + 200);
        await lake.BatchesSumUpAsync();
        foreach (var file in Directory.GetFiles(lake["lake/raw"], "*.parquet", SearchOption.AllDirectories)) File.Delete(file);
        var gone = await lake.RunAsync("batches", "replay", id);
        gone.ExitCode.Should().Be(2);
        gone.Error.Should().Contain($"The raw messages of batch '{id}' are not in the archive any more");
    }
}
