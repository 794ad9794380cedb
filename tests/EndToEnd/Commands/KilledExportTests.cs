using FluentAssertions;
using Npgsql;
using NUnit.Framework;
using Pipeline.Suite.Loading;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.EndToEnd.Commands;

/// <summary>metrics-export is killed on both sides of its COMMIT, on a real PostgreSQL: all tables or none, and right when it is run again.</summary>
public sealed class KilledExportTests
{
    [Test]
    public async Task An_export_killed_at_its_commit_has_all_or_nothing_there_and_is_right_when_run_again()
    {
        using var server = PostgresServer.Start();
        using var lake = await CommandLake.WithOneBatchAsync();
        // One thread: sums are then added in one order, and equal to the last bit.
        string[] export = ["metrics-export", "--master", "embedded[1]", "--dataset", "water-quality", "--to"];
        string[] here = [.. export, server.Address];

        await lake.DieAsync(LoadingKillPoints.ExportBeforeCommit, here);
        (await ContentAsync(server, "postgres")).Should().BeEmpty("nothing of a transaction that was not committed is there");
        await lake.OutOfAsync(here);
        var first = await ContentAsync(server, "postgres");
        first.Should().HaveCountGreaterThan(4);

        await lake.LoadAsync(500, 9);
        await lake.DieAsync(LoadingKillPoints.ExportBeforeCommit, here);
        (await ContentAsync(server, "postgres")).Should().Equal(first);
        await lake.DieAsync(LoadingKillPoints.ExportAfterCommit, here);
        var second = await ContentAsync(server, "postgres");
        second.Should().HaveSameCount(first).And.NotIntersectWith(first, "every table has other rows now");

        await lake.OutOfAsync(here);
        (await ContentAsync(server, "postgres")).Should().Equal(second);
        await ExecuteAsync(server, "CREATE DATABASE fresh");
        await lake.OutOfAsync([.. export, server.Address[..(server.Address.LastIndexOf('/') + 1)] + "fresh"]);
        (await ContentAsync(server, "fresh")).Should().Equal(second, "what a killed export left is what one makes that nothing happened to");
    }

    /// <summary>By table: its name, its number of rows, and a digest of them all.</summary>
    private static async Task<List<string>> ContentAsync(PostgresServer server, string database)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = database });
        var tables = await ListAsync(source, "SELECT tablename FROM pg_tables WHERE schemaname = 'water_quality' ORDER BY tablename");
        var content = new List<string>();
        foreach (var table in tables)
            content.AddRange(await ListAsync(source, $"SELECT concat_ws(' ', '{table}', count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE \"C\"))) FROM water_quality.\"{table}\" t"));
        return content;
    }

    private static async Task<List<string>> ListAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync()) rows.Add(reader.GetString(0));
        return rows;
    }

    private static async Task ExecuteAsync(PostgresServer server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await using var command = source.CreateCommand(sql);
        _ = await command.ExecuteNonQueryAsync();
    }
}
