using System.Text.RegularExpressions;
using FluentAssertions;
using Npgsql;
using NUnit.Framework;
using Pipeline.Suite.Loading;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd.Commands;

/// <summary>The history of batches in a real PostgreSQL, as jobs and commands mirror it.</summary>
public sealed partial class BatchHistoryMirrorTests
{
    [Test]
    public async Task Every_job_that_writes_batches_mirrors_them_and_a_mirror_that_died_is_made_up_for()
    {
        using var server = PostgresServer.Start();
        using var lake = await CommandLake.WithOneBatchAsync();
        var data = lake["data-3"];
        string[] mirrored = ["--versions-to", server.Address];
        string[] again = ["batch-etl", "--dataset", "water-quality", "--input", data, .. mirrored];

        await lake.DieAsync(LoadingKillPoints.ExportBeforeCommit, again);
        (await CountAsync(server)).Should().Be(0, "the schema is there, which a run makes before it asks for its number, and nothing of a transaction that was not committed");
        await lake.DieAsync(LoadingKillPoints.ExportAfterCommit, again);
        (await CountAsync(server)).Should().Be(3);
        await lake.OutOfAsync(again);
        await HoldsAllAsync(server, lake, 4);

        await lake.OutOfAsync(["restore", "water_samples", "--version", "0", .. mirrored]);
        await HoldsAllAsync(server, lake, 4);
        await lake.LoadAsync(200, 9);
        await lake.OutOfAsync(["restore", "water_samples", "--version", "0", .. mirrored]);
        await HoldsAllAsync(server, lake, 6);
        await lake.OutOfAsync("metrics-export", "--dataset", "water-quality", "--to", server.Address);
        await HoldsAllAsync(server, lake, 6);

        var queries = Sql().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "shared/Suite/Export/README.md"))).Select(static match => match.Groups[1].Value).ToList();
        queries.Should().HaveCount(4);
        foreach (var query in queries) (await RowsAsync(server, query)).Should().BePositive("the query of the README has an answer: {0}", query);

        server.Stop();
        var away = await lake.RunAsync(again);
        away.ExitCode.Should().Be(75, away.Error);
        (await lake.LinesOfAsync("batches", "list")).Should().HaveCount(7, "the lake has the batch all the same");
        server.StartAgain();
        await lake.OutOfAsync(again);
        await HoldsAllAsync(server, lake, 8);
    }

    private static async Task HoldsAllAsync(PostgresServer server, CommandLake lake, int batches)
    {
        (await CountAsync(server)).Should().Be(batches);
        var theirs = await ListAsync(server, "SELECT concat_ws('|', batch_id, status, rows_read, rows_written, rows_duplicate, table_version, checksum) FROM pipeline.dataset_version ORDER BY batch_id COLLATE \"C\"");
        var ours = (await lake.LinesOfAsync("query", "SELECT concat_ws('|', batch_id, status, rows_read, rows_written, rows_duplicate, table_version, checksum) AS row FROM batches ORDER BY batch_id")).Select(static row => row.GetProperty("row").GetString());
        theirs.Should().Equal(ours);
    }

    private static async Task<long> CountAsync(PostgresServer server)
    {
        var isThere = await ListAsync(server, "SELECT 'yes' FROM pg_tables WHERE schemaname = 'pipeline' AND tablename = 'dataset_version'");
        return isThere.Count == 0 ? -1 : await RowsAsync(server, "SELECT * FROM pipeline.dataset_version");
    }

    private static async Task<long> RowsAsync(PostgresServer server, string sql) => long.Parse((await ListAsync(server, $"SELECT count(*)::text FROM ({sql.TrimEnd().TrimEnd(';')}) q")).Single(), System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<List<string>> ListAsync(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync()) rows.Add(reader.GetString(0));
        return rows;
    }

    [GeneratedRegex("```sql\n(.+?)```", RegexOptions.Singleline)]
    private static partial Regex Sql();
}
