using FluentAssertions;
using NUnit.Framework;

namespace Pipeline.Tests.EndToEnd.Commands;

public sealed class BatchCommandsTests
{
    [Test]
    public async Task Batches_are_listed_newest_first_and_shown_whole()
    {
        using var lake = await CommandLake.WithTwoBatchesAsync();
        var batches = await lake.LinesOfAsync("batches", "list");
        batches.Select(batch => batch.GetProperty("rows_written").GetInt64()).Should().Equal(500, 1500);
        (await lake.LinesOfAsync("batches", "list", "--limit", "1")).Should().HaveCount(1);
        (await lake.LinesOfAsync("batches", "list", "--table", "water_measurements")).Should().BeEmpty();

        var id = batches[0].GetProperty("batch_id").GetString()!;
        (await lake.OutOfAsync("batches", "show", id)).Should().MatchRegex(@"batch_id +" + id).And.MatchRegex("rows_read +500").And.MatchRegex("status +committed").And.MatchRegex("checksum +[0-9a-f]{64}");
    }

    [Test]
    public async Task A_batch_that_there_is_not_is_a_usage_error_that_says_where_to_look()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        var run = await lake.RunAsync("batches", "show", "water-quality-00000000-000000");
        run.ExitCode.Should().Be(2);
        run.Error.Should().Contain("There is no batch 'water-quality-00000000-000000'").And.Contain("pipeline batches list");
    }

    [Test]
    public async Task A_table_that_nothing_knows_lacks_no_batches_but_is_a_usage_error()
    {
        using var lake = await CommandLake.WithOneBatchAsync();
        var run = await lake.RunAsync("batches", "replay", "--missing", "water_sample");
        run.ExitCode.Should().Be(2, run.Out);
        run.Error.Should().Contain("There is no table 'water_sample'").And.Contain("Did you mean 'water_samples'?");
    }
}
