using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Pipeline.Suite.Export.Sqlite;

/// <summary>The order of exports in a SQLite file, as PostgreSQL's <c>pipeline.export_fence</c> keeps it: what each table was last exported from, and which runs lost their lock.</summary>
/// <remarks>Each call is inside the caller's immediate transaction, of which a file has one at a time: whoever passes the fence commits before the next one comes to it.</remarks>
internal static class SqliteFence
{
    private const string Tables = """
        CREATE TABLE IF NOT EXISTS pipeline_export_sequence (is_only_row INTEGER PRIMARY KEY CHECK (is_only_row = 1), last_number INTEGER NOT NULL);
        INSERT OR IGNORE INTO pipeline_export_sequence VALUES (1, 0);
        CREATE TABLE IF NOT EXISTS pipeline_export_fence (
            target TEXT PRIMARY KEY, run_id TEXT NOT NULL, started_at TEXT NOT NULL, source_table TEXT, table_version INTEGER, sequence INTEGER);
        """;

    /// <summary>Takes the next number, and closes the file to runs that lost their lock.</summary>
    public static long Next(SqliteConnection connection, SqliteTransaction transaction, IReadOnlyList<string> ousted)
    {
        _ = Execute(connection, transaction, Tables);
        foreach (var run in ousted)
            _ = Execute(connection, transaction, "INSERT OR IGNORE INTO pipeline_export_fence (target, run_id, started_at) VALUES ($0, $1, $2)", ExportFence.OustedPrefix + run, run, Text(DateTimeOffset.UtcNow));
        using var command = Command(connection, transaction, "UPDATE pipeline_export_sequence SET last_number = last_number + 1 RETURNING last_number");
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Refuses a run that lost its lock, that read an older version, or that began earlier; notes the run otherwise. Nothing for a run without a number.</summary>
    /// <exception cref="ExportException">The run may not export.</exception>
    public static void Pass(SqliteConnection connection, SqliteTransaction transaction, IReadOnlyList<MetricsTable> tables, RunInfo run, string address)
    {
        if (run.Sequence is not { } sequence) return;
        _ = Execute(connection, transaction, Tables);
        using var ousted = Command(connection, transaction, "SELECT count(*) FROM pipeline_export_fence WHERE target = $0", ExportFence.OustedPrefix + run.RunId);
        if (ousted.ExecuteScalar() is not 0L) throw ExportFence.Ousted(run, address);
        foreach (var table in tables)
        {
            var passed = Execute(connection, transaction, """
                INSERT INTO pipeline_export_fence (target, run_id, started_at, source_table, table_version, sequence) VALUES ($0, $1, $2, $3, $4, $5)
                ON CONFLICT (target) DO UPDATE SET run_id = excluded.run_id, started_at = excluded.started_at,
                    source_table = excluded.source_table, table_version = excluded.table_version, sequence = excluded.sequence
                WHERE CASE WHEN source_table = excluded.source_table AND table_version IS NOT NULL AND excluded.table_version IS NOT NULL
                    THEN (table_version, sequence) <= (excluded.table_version, excluded.sequence)
                    ELSE sequence <= excluded.sequence END
                """, SqliteSql.TableName(table), run.RunId, Text(run.StartedAt), run.SourceTable, run.TableVersion, sequence);
            if (passed == 0) throw ExportFence.Older(run, $"'{SqliteSql.TableName(table)}'", address);
        }
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    private static int Execute(SqliteConnection connection, SqliteTransaction transaction, string sql, params object?[] values)
    {
        using var command = Command(connection, transaction, sql, values);
        return command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, SqliteTransaction transaction, string sql, params object?[] values)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++) _ = command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"${i}"), values[i] ?? DBNull.Value);
        return command;
    }
}
