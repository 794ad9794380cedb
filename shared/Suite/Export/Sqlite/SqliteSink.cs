using System.Globalization;
using Microsoft.Data.Sqlite;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Export.Sqlite;

/// <summary>Metrics in a SQLite file: all tables in one transaction, staged, upserted, read back and compared before the commit.</summary>
internal sealed class SqliteSink(string path, SinkOptions options) : IMetricsSink
{
    // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_FULL. Source: SQLite, "Result and Error Codes".
    private static readonly int[] TransientCodes = [5, 6, 10, 13];

    /// <summary>How long to wait for a file that another program holds.</summary>
    public int BusyTimeoutSeconds { get; init; } = 30;

    public string Address => $"sqlite:{path}";

    public async Task<IReadOnlyList<ExportedTable>> WriteAsync(IReadOnlyList<MetricsTable> tables, RunInfo run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tables);
        foreach (var table in tables) table.Check();
        return await TransactAsync((connection, transaction) =>
        {
            SqliteFence.Pass(connection, transaction, tables, run, Address);
            var exported = new List<ExportedTable>();
            foreach (var table in tables) exported.Add(Write(connection, transaction, table, cancellationToken));
            options.BeforeCommit?.Invoke();
            return exported;
        }, options.AfterCommit, cancellationToken);
    }

    public Task<long> NextSequenceAsync(CancellationToken cancellationToken = default) =>
        TransactAsync((connection, transaction) => SqliteFence.Next(connection, transaction, options.Ousted), null, cancellationToken);

    /// <summary>Does work in a transaction of its own, and commits it.</summary>
    private async Task<T> TransactAsync<T>(Func<SqliteConnection, SqliteTransaction, T> work, Action? afterCommit, CancellationToken cancellationToken)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
            var connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = BusyTimeoutSeconds }.ToString();
            await using var connection = new SqliteConnection(connectionString);
            await connection.OpenAsync(cancellationToken);
            // Immediate: a second writer waits here and not half-way.
            await using var transaction = connection.BeginTransaction(deferred: false);
            var result = work(connection, transaction);
            await transaction.CommitAsync(CancellationToken.None);
            afterCommit?.Invoke();
            return result;
        }
        catch (SqliteException error)
        {
            throw Explain(error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new ExportException(ExportFailure.Configuration, $"Cannot write the SQLite file '{path}': access is denied. Give a path that you may write to.", error);
        }
    }

    public async Task<string> ProbeAsync(CancellationToken cancellationToken = default)
    {
        if (!File.Exists(path)) return "no such file yet; the first export makes it";
        try
        {
            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
            await connection.OpenAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT count(*) FROM sqlite_schema";
            await command.ExecuteScalarAsync(cancellationToken);
            return $"SQLite {connection.ServerVersion}";
        }
        catch (SqliteException error)
        {
            throw Explain(error);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ExportedTable Write(SqliteConnection connection, SqliteTransaction transaction, MetricsTable table, CancellationToken cancellationToken)
    {
        var added = Prepare(connection, transaction, table);
        Execute(connection, transaction, "DROP TABLE IF EXISTS " + SqliteSql.Stage);
        Execute(connection, transaction, SqliteSql.CreateStage(table));
        var sent = Stage(connection, transaction, table, cancellationToken);
        try
        {
            Execute(connection, transaction, SqliteSql.IndexStage(table));
        }
        // SQLITE_CONSTRAINT
        catch (SqliteException error) when (error.SqliteErrorCode == 19)
        {
            throw new ExportException(ExportFailure.Contract, $"Cannot export '{table.Name}' to '{Address}': a key ({string.Join(", ", table.Key)}) stands in more than one row. The source must have one row a key.", error);
        }
        Execute(connection, transaction, SqliteSql.IndexStageForJoin(table));
        var changed = Execute(connection, transaction, SqliteSql.Upsert(table));
        var deleted = table.KeepsMissingRows ? 0 : Execute(connection, transaction, SqliteSql.DeleteMissing(table));
        var found = ReadBack(connection, transaction, table);
        if (!found.Matches(sent))
            throw new ExportException(ExportFailure.Contract, string.Create(CultureInfo.InvariantCulture, $"Table '{SqliteSql.TableName(table)}' in '{Address}' does not read back as it was sent: {sent.Count} rows with checksum {sent.Text} sent, {found.Count} with {found.Text} found. Nothing was committed."));
        Execute(connection, transaction, "DROP TABLE " + SqliteSql.Stage);
        return new ExportedTable(SqliteSql.TableName(table), sent.Count, changed, deleted, sent.Text) { AddedColumns = added };
    }

    /// <summary>Makes the table, or checks the one that is there and adds columns that are new; answers their names.</summary>
    private List<string> Prepare(SqliteConnection connection, SqliteTransaction transaction, MetricsTable table)
    {
        var existing = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        using (var command = connection.CreateCommand())
        {
            command.Transaction = transaction;
            command.CommandText = "SELECT name, type FROM pragma_table_info($table)";
            command.Parameters.AddWithValue("$table", SqliteSql.TableName(table));
            using var reader = command.ExecuteReader();
            while (reader.Read()) existing[reader.GetString(0)] = reader.GetString(1);
        }
        var added = new List<string>();
        if (existing.Count == 0)
        {
            Execute(connection, transaction, SqliteSql.CreateTable(table));
        }
        else
        {
            foreach (var column in table.Columns)
                if (!existing.TryGetValue(column.Name, out var type))
                {
                    Execute(connection, transaction, SqliteSql.AddColumn(table, column));
                    added.Add(column.Name);
                }
                else if (!type.Equals(SqliteSql.TypeOf(column.DataType), StringComparison.OrdinalIgnoreCase))
                    throw new ExportException(ExportFailure.Contract, $"Column '{column.Name}' of table '{SqliteSql.TableName(table)}' in '{Address}' is {type}, where {SqliteSql.TypeOf(column.DataType)} is expected. Drop the table or give another file; the export makes it again.");
        }
        Execute(connection, transaction, SqliteSql.CreateKeyIndex(table));
        return added;
    }

    private RowChecksum Stage(SqliteConnection connection, SqliteTransaction transaction, MetricsTable table, CancellationToken cancellationToken)
    {
        var sent = new RowChecksum(table.Columns);
        using var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = SqliteSql.InsertStage(table);
        var parameters = table.Columns.Select((_, place) => insert.Parameters.Add(new SqliteParameter($"$p{place}", null))).ToArray();
        foreach (var row in table.Rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < parameters.Length; i++) parameters[i].Value = ToSqlite(table, i, CanonicalValue.Of(table.Columns[i].DataType, row.Values[i]), row);
            insert.ExecuteNonQuery();
            sent.Add(row.Values);
        }
        return sent;
    }

    private object ToSqlite(MetricsTable table, int place, object? value, Row row) => value switch
    {
        null => DBNull.Value,
        double number when double.IsNaN(number) => throw new ExportException(ExportFailure.Contract, $"Column '{table.Columns[place].Name}' of table '{table.Name}' holds NaN in the row of {table.KeyText(row)}, for which SQLite has no place. Make it null before '{Address}'."),
        bool truth => truth ? 1L : 0L,
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime instant => instant.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        decimal number => number.ToString(CultureInfo.InvariantCulture),
        var other => other,
    };

    private static RowChecksum ReadBack(SqliteConnection connection, SqliteTransaction transaction, MetricsTable table)
    {
        var found = new RowChecksum(table.Columns);
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = SqliteSql.ReadBack(table);
        using var reader = command.ExecuteReader();
        var values = new object?[table.Columns.Count];
        while (reader.Read())
        {
            for (var i = 0; i < values.Length; i++) values[i] = FromSqlite(table.Columns[i].DataType, reader.GetValue(i));
            found.Add(values);
        }
        return found;
    }

    private static object? FromSqlite(DataType type, object value) => value switch
    {
        DBNull => null,
        string text when type is DecimalType => decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : text,
        _ => value,
    };

    private static int Execute(SqliteConnection connection, SqliteTransaction transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }

    private ExportException Explain(SqliteException error)
    {
        var failure = TransientCodes.Contains(error.SqliteErrorCode) ? ExportFailure.Transient : error.SqliteErrorCode == 19 ? ExportFailure.Contract : ExportFailure.Configuration;
        var advice = error.SqliteErrorCode switch
        {
            5 or 6 => "Another program holds the file: end it, or run again later.",
            13 => "Make room on the disk and run again.",
            14 => "Give a path in a folder that is there and that you may write to.",
            26 => "Give another path: the file is something else and was left as it is.",
            _ => "Nothing was changed.",
        };
        return new ExportException(failure, $"Cannot export to '{Address}': {Detail(error)}. {advice}", error);
    }

    /// <summary>SQLite's own words out of the driver's "SQLite Error 26: '…'."</summary>
    private static string Detail(SqliteException error)
    {
        var start = error.Message.IndexOf('\'', StringComparison.Ordinal);
        return start < 0 ? error.Message.TrimEnd('.') : error.Message[(start + 1)..].TrimEnd('.').TrimEnd('\'');
    }
}
