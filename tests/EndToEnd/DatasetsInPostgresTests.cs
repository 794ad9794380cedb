using FluentAssertions;
using Microsoft.Data.Sqlite;
using Npgsql;
using NUnit.Framework;
using Pipeline.Tests.Support;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.EndToEnd;

/// <summary>The metrics of a data set in PostgreSQL are those in SQLite.</summary>
public sealed class DatasetsInPostgresTests
{
    private PostgresServer server = null!;

    [OneTimeSetUp]
    public void Start() => server = PostgresServer.Start();

    [OneTimeTearDown]
    public void Stop() => server?.Dispose();

    [TestCase("students", 500, "mean_age_by_field", "field, n, mean_age")]
    [TestCase("population", 50, "neighborhood_metrics", "id, metric, value, moe, cv, reliability")]
    [TestCase("student-messages", 400, "field_stats", "population, filiere, nombre, moyenne, min, max, ecart_type")]
    [TestCase("device-events", 400, "device_stats", "device_id, measure, n, mean_temperature, min_temperature, max_temperature, n_error, n_standby")]
    public async Task Metrics_are_the_same_in_both_databases(string dataset, int rows, string table, string columns)
    {
        using var folder = new TemporaryFolder();
        using var run = new DatasetRun(dataset, folder);
        await run.GenerateAsync(rows, 5);
        await run.PipelineAsync("batch-etl", ["--input", run.Data, "--to", $"sqlite:{folder["metrics.db"]}"]);
        await run.PipelineAsync("metrics-export", ["--to", server.Address]);

        await using var postgres = new NpgsqlConnection(server.ConnectionString);
        await using var sqlite = new SqliteConnection($"Data Source={folder["metrics.db"]};Mode=ReadOnly;Pooling=False");
        var schema = dataset.Replace('-', '_');
        var theirs = await RowsAsync(postgres, $"SELECT {columns} FROM {schema}.{table}");
        theirs.Should().NotBeEmpty().And.Equal(await RowsAsync(sqlite, $"SELECT {columns} FROM {schema}_{table}"));
    }

    private static async Task<List<string>> RowsAsync(System.Data.Common.DbConnection connection, string sql)
    {
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(string.Join(" | ", Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "null" : Convert.ToString(reader.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))));
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }
}
