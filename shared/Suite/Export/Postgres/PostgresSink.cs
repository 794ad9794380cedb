using System.Collections.Immutable;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Polly;
using Polly.Retry;

namespace Pipeline.Suite.Export.Postgres;

/// <summary>Metrics in PostgreSQL: all tables in one transaction; each by binary COPY to a staging table, upsert by key, deletion of what is gone, and comparison with what was sent.</summary>
/// <remarks>A transient error is tried again as a whole. Where the reply to COMMIT is lost, trying again is right: the same rows change nothing.</remarks>
internal sealed class PostgresSink : IMetricsSink
{
    /// <summary>From so many rows on the order of the key's index is chosen by the data.</summary>
    private const long ManyRows = 100_000;

    private static readonly Version OldestServer = new(15, 0);
    private readonly NpgsqlDataSource source;
    private readonly NpgsqlConnectionStringBuilder settings;
    private readonly ResiliencePipeline retry;
    private readonly SinkOptions options;

    public PostgresSink(SinkUri address, SinkOptions options)
    {
        this.options = options;
        Address = PostgresAddress.Printable(address.Target);
        settings = PostgresAddress.Build(address.Target, options);
        settings.PersistSecurityInfo = false;
        source = NpgsqlDataSource.Create(settings);
        retry = options.Retries == 0
            ? ResiliencePipeline.Empty
            : new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = static attempt => ValueTask.FromResult(attempt.Outcome.Exception is { } error && PostgresErrors.IsWorthAnotherTry(error)),
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(200),
                MaxDelay = TimeSpan.FromSeconds(5),
                UseJitter = true,
            }).Build();
    }

    public string Address { get; }

    /// <summary>Below the driver's limit, so that the server ends a statement that it can still end; 0 is no limit.</summary>
    private long StatementMilliseconds => settings.CommandTimeout == 0 ? 0 : (settings.CommandTimeout * 1000L) - 500;

    public async Task<IReadOnlyList<ExportedTable>> WriteAsync(IReadOnlyList<MetricsTable> tables, RunInfo run, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tables);
        foreach (var table in tables) table.Check();
        try
        {
            if (run.Sequence is null) run = run with { Sequence = await retry.ExecuteAsync(async token => await TakeSequenceAsync(token), cancellationToken) };
            return await retry.ExecuteAsync(async token => await AttemptAsync(tables, run, token), cancellationToken);
        }
        catch (Exception error) when (error is NpgsqlException or IOException or System.Net.Sockets.SocketException or TimeoutException)
        {
            throw await PostgresErrors.ExplainAsync(error, Address, settings);
        }
    }

    public async Task<long> NextSequenceAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await retry.ExecuteAsync(async token => await TakeSequenceAsync(token), cancellationToken);
        }
        catch (Exception error) when (error is NpgsqlException or IOException or System.Net.Sockets.SocketException or TimeoutException)
        {
            throw await PostgresErrors.ExplainAsync(error, Address, settings);
        }
    }

    public async Task<string> ProbeAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await using var connection = await OpenAsync(cancellationToken);
            return $"PostgreSQL {connection.PostgreSqlVersion}";
        }
        catch (Exception error) when (error is NpgsqlException or IOException or System.Net.Sockets.SocketException or TimeoutException)
        {
            throw await PostgresErrors.ExplainAsync(error, Address, settings);
        }
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        if (connection.PostgreSqlVersion >= OldestServer) return connection;
        var version = connection.PostgreSqlVersion;
        await connection.DisposeAsync();
        throw new ExportException(ExportFailure.Configuration, $"PostgreSQL {version} at '{Address}' is too old: keys that may be null need version 15 or newer.");
    }

    private async Task<IReadOnlyList<ExportedTable>> AttemptAsync(IReadOnlyList<MetricsTable> tables, RunInfo run, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LimitTimesAsync(connection, cancellationToken);
        await Migrations.ApplyAsync(connection, Address, cancellationToken);
        var exported = new List<ExportedTable>();
        // In one order everywhere, so that two exports wait for each other and never for ever.
        foreach (var table in tables.OrderBy(PostgresSql.FenceName, StringComparer.Ordinal))
        {
            await FenceAsync(connection, table, run, cancellationToken);
            // After the fence's row is this transaction's: a run that ousts this one waits for its end, or was here before.
            if (exported.Count == 0) await RequireNotOustedAsync(connection, run, cancellationToken);
            exported.Add(await WriteTableAsync(connection, table, cancellationToken));
        }
        options.BeforeCommit?.Invoke();
        // Not cancellable: a COMMIT that was sent is neither here nor there.
        await transaction.CommitAsync(CancellationToken.None);
        options.AfterCommit?.Invoke();
        return exported;
    }

    /// <summary>Bounds the time that this transaction waits for locks of other sessions, and the time of each statement, at the server; the driver gives up a little later by itself, where the server does not answer.</summary>
    private async Task LimitTimesAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        _ = await ExecuteAsync(
            connection,
            FormattableString.Invariant($"SET LOCAL lock_timeout = '{(long)options.LockTimeout.TotalMilliseconds}ms'; SET LOCAL statement_timeout = '{StatementMilliseconds}ms'"),
            cancellationToken);

    private async Task<long> TakeSequenceAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LimitTimesAsync(connection, cancellationToken);
        await Migrations.ApplyAsync(connection, Address, cancellationToken);
        await OustAsync(connection, cancellationToken);
        await using var command = new NpgsqlCommand("UPDATE pipeline.export_sequence SET last_number = last_number + 1 RETURNING last_number", connection);
        var number = await command.ExecuteScalarAsync(cancellationToken) is long taken ? taken
            : throw new ExportException(ExportFailure.Configuration, $"The table pipeline.export_sequence in '{Address}' has no row. Insert one: INSERT INTO pipeline.export_sequence (last_number) SELECT coalesce(max(sequence), 0) FROM pipeline.export_fence.");
        await transaction.CommitAsync(cancellationToken);
        return number;
    }

    /// <summary>Takes the table's row of the fence, which makes other exports wait, and refuses a run that read an older version or began earlier.</summary>
    private async Task FenceAsync(NpgsqlConnection connection, MetricsTable table, RunInfo run, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            INSERT INTO pipeline.export_fence AS fence (target, run_id, started_at, source_table, table_version, sequence) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (target) DO UPDATE SET run_id = excluded.run_id, started_at = excluded.started_at, exported_at = clock_timestamp(),
                source_table = excluded.source_table, table_version = excluded.table_version, sequence = excluded.sequence
            WHERE fence.sequence IS NULL OR CASE WHEN fence.source_table = excluded.source_table AND fence.table_version IS NOT NULL AND excluded.table_version IS NOT NULL
                THEN (fence.table_version, fence.sequence) <= (excluded.table_version, excluded.sequence)
                ELSE fence.sequence <= excluded.sequence END
            """, connection);
        command.Parameters.AddWithValue(PostgresSql.FenceName(table));
        command.Parameters.AddWithValue(run.RunId);
        command.Parameters.AddWithValue(run.StartedAt.UtcDateTime);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)run.SourceTable ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)run.TableVersion ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });
        command.Parameters.AddWithValue(run.Sequence!.Value);
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 1) return;
        throw ExportFence.Older(run, PostgresSql.Target(table), Address);
    }

    /// <summary>Notes the runs that were ousted, once no transaction that passed the fence goes on: each of them is committed by then, or finds the note.</summary>
    private async Task OustAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (options.Ousted.Count == 0) return;
        _ = await ExecuteAsync(connection, "LOCK TABLE pipeline.export_fence IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
        await using var command = new NpgsqlCommand("INSERT INTO pipeline.export_fence (target, run_id, started_at) SELECT $1 || run, run, clock_timestamp() FROM unnest($2) AS run ON CONFLICT DO NOTHING", connection);
        command.Parameters.AddWithValue(ExportFence.OustedPrefix);
        command.Parameters.AddWithValue(options.Ousted.ToArray());
        _ = await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task RequireNotOustedAsync(NpgsqlConnection connection, RunInfo run, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pipeline.export_fence WHERE target = $1)", connection);
        command.Parameters.AddWithValue(ExportFence.OustedPrefix + run.RunId);
        if (await command.ExecuteScalarAsync(cancellationToken) is true) throw ExportFence.Ousted(run, Address);
    }

    private async Task<ExportedTable> WriteTableAsync(NpgsqlConnection connection, MetricsTable table, CancellationToken cancellationToken)
    {
        var (types, isNew, added) = await PostgresColumns.PrepareAsync(connection, table, Address, cancellationToken);
        if (isNew || await IsEmptyAsync(connection, table, cancellationToken)) return await FillAsync(connection, table, types, isNew, added, cancellationToken);
        await ExecuteAsync(connection, PostgresSql.CreateStage(table), cancellationToken);
        var sent = await BinaryCopy.InAsync(connection, table, PostgresSql.CopyIn(table, PostgresSql.Stage), types, cancellationToken);
        await ExecuteAsync(connection, "ANALYZE " + PostgresSql.Stage, cancellationToken);
        var changed = await ExecuteAsync(connection, PostgresSql.Upsert(table), cancellationToken);
        var deleted = 0L;
        // After the upsert every staged key is in the target: it holds more rows only where some are gone from the source.
        if (!table.KeepsMissingRows && await CountAsync(connection, table, cancellationToken) > sent.Count)
            deleted = await ExecuteAsync(connection, PostgresSql.DeleteMissing(table), cancellationToken);
        await CompareAsync(connection, table, types, sent, table.KeepsMissingRows, cancellationToken);
        await ExecuteAsync(connection, "DROP TABLE " + PostgresSql.Stage, cancellationToken);
        return new ExportedTable(PostgresSql.FenceName(table), sent.Count, changed, deleted, sent.Text) { AddedColumns = added };
    }

    /// <summary>The first export of a table: straight into it, for nothing there can conflict.</summary>
    private async Task<ExportedTable> FillAsync(NpgsqlConnection connection, MetricsTable table, ImmutableArray<NpgsqlDbType> types, bool isNew, IReadOnlyList<string> added, CancellationToken cancellationToken)
    {
        var sent = await BinaryCopy.InAsync(connection, table, PostgresSql.CopyIn(table, PostgresSql.Target(table), isNew), types, cancellationToken);
        if (isNew) _ = await ExecuteAsync(connection, PostgresSql.AddKey(table, sent.Count < ManyRows ? table.Key : await MostDistinctFirstAsync(connection, table, cancellationToken)), cancellationToken);
        await CompareAsync(connection, table, types, sent, stagedOnly: false, cancellationToken);
        return new ExportedTable(PostgresSql.FenceName(table), sent.Count, sent.Count, 0, sent.Text) { AddedColumns = added };
    }

    private async Task CompareAsync(NpgsqlConnection connection, MetricsTable table, ImmutableArray<NpgsqlDbType> types, RowChecksum sent, bool stagedOnly, CancellationToken cancellationToken)
    {
        var found = await BinaryCopy.OutAsync(connection, table, PostgresSql.CopyOut(table, stagedOnly), types, cancellationToken);
        if (found.Matches(sent)) return;
        throw new ExportException(ExportFailure.Contract, string.Create(CultureInfo.InvariantCulture, $"Table {PostgresSql.Target(table)} in '{Address}' does not read back as it was sent: {sent.Count} rows with checksum {sent.Text} sent, {found.Count} with {found.Text} found. Nothing was committed."));
    }

    /// <summary>The key's columns, those with most values first: comparisons of rows then end at the first column nearly always, and the index is made in a third of the time.</summary>
    private static async Task<IReadOnlyList<string>> MostDistinctFirstAsync(NpgsqlConnection connection, MetricsTable table, CancellationToken cancellationToken)
    {
        _ = await ExecuteAsync(connection, "ANALYZE " + PostgresSql.Target(table), cancellationToken);
        // A negative number is a share of the rows: more than any count.
        await using var command = new NpgsqlCommand("SELECT attname FROM pg_stats WHERE schemaname = $1 AND tablename = $2 AND attname = ANY($3) ORDER BY CASE WHEN n_distinct < 0 THEN 1e9 - n_distinct ELSE n_distinct END DESC, attname", connection);
        command.Parameters.AddWithValue(PostgresSql.Schema(table));
        command.Parameters.AddWithValue(table.Name);
        command.Parameters.AddWithValue(table.Key.ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var order = new List<string>();
        while (await reader.ReadAsync(cancellationToken)) order.Add(reader.GetString(0));
        return [.. order, .. table.Key.Except(order, StringComparer.Ordinal)];
    }

    private static async Task<bool> IsEmptyAsync(NpgsqlConnection connection, MetricsTable table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT NOT EXISTS (SELECT FROM {PostgresSql.Target(table)})", connection);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task<long> CountAsync(NpgsqlConnection connection, MetricsTable table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"SELECT count(*) FROM {PostgresSql.Target(table)}", connection);
        return await command.ExecuteScalarAsync(cancellationToken) is long count ? count : 0;
    }

    private static async Task<long> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
