using System.Globalization;
using Npgsql;
using Pipeline.Tests.Benchmarks.Harness;
using Pipeline.Tests.Benchmarks.Measures;
using Pipeline.Tests.Support;

namespace Pipeline.Tests.Benchmarks.Families;

/// <summary>Metric tables into PostgreSQL, against psql's binary \copy into a table with the same key, and INSERT … ON CONFLICT from a copy.</summary>
internal sealed class ExportFamily : IFamily
{
    private const string Reference = "reference_means";

    private static readonly string Definition =
        $"(program_id text NOT NULL, site_id text NOT NULL, parameter text NOT NULL, year integer NOT NULL, n bigint, mean double precision, last_sampled_on date, UNIQUE NULLS NOT DISTINCT (program_id, site_id, parameter, year))";

    public string Name => "export";

    public async Task RunAsync(BenchmarkRun run)
    {
        using var server = run.StartPostgres(Name);
        if (server is null) return;
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await FirstAsync(run, server, source, 1_000, Target.Under(0.05));
        await FirstAsync(run, server, source, run.Size(1_000_000, 300_000), Target.AtMost(1.3));
        await UpsertAsync(run, server, source, 1_000, Target.Under(0.05));
        await UpsertAsync(run, server, source, run.Size(1_000_000, 200_000), Target.AtMost(1.3));
    }

    private async Task FirstAsync(BenchmarkRun run, PostgresServer server, NpgsqlDataSource source, int rows, Target target)
    {
        var file = await FileOfAsync(run, source, rows, 0);
        _ = await run.CompareAsync(
            Name, string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows, first export, read back and compared"),
            async () =>
            {
                await ExecuteAsync(source, $"DROP TABLE IF EXISTS {ExportMeasures.Table}; CHECKPOINT");
                return await WithServerAsync(source, () => OursAsync(server, rows, 0));
            },
            async () =>
            {
                await ExecuteAsync(source, $"DROP TABLE IF EXISTS {Reference}; CREATE TABLE {Reference} {Definition}; CHECKPOINT");
                return await WithServerAsync(source, () => PsqlAsync(server, $"\\copy {Reference} from '{file}' (format binary)"));
            },
            "psql binary \\copy into the same key", target, rounds: 5);
    }

    private async Task UpsertAsync(BenchmarkRun run, PostgresServer server, NpgsqlDataSource source, int rows, Target target)
    {
        var file = await FileOfAsync(run, source, rows, 1);
        await ExecuteAsync(source, $"DROP TABLE IF EXISTS {ExportMeasures.Table}");
        _ = await OursAsync(server, rows, 0);
        var change = 0;
        _ = await run.CompareAsync(
            Name, string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows, every one changed, upsert"),
            async () =>
            {
                // As the reference's table: what the round before left dead is another matter, and autovacuum's.
                await ExecuteAsync(source, $"VACUUM FULL {ExportMeasures.Table}; CHECKPOINT");
                return await WithServerAsync(source, () => OursAsync(server, rows, ++change));
            },
            async () =>
            {
                await ExecuteAsync(source, $"UPDATE {Reference} SET mean = mean + 7; VACUUM FULL {Reference}; CHECKPOINT");
                return await WithServerAsync(source, () => PsqlAsync(server, $"begin; create temp table staged (like {Reference}) on commit drop", $"\\copy staged from '{file}' (format binary)",
                    $"insert into {Reference} select * from staged on conflict (program_id, site_id, parameter, year) do update set n = excluded.n, mean = excluded.mean, last_sampled_on = excluded.last_sampled_on; commit"));
            },
            "INSERT … ON CONFLICT from a copy", target, rounds: run.Size(5, 3), warmUp: false);
    }

    private static Task<Sample> OursAsync(PostgresServer server, int rows, int change) =>
        Children.MeasureAsync("export", $"to={server.Address}", $"connection={server.ConnectionString}", $"rows={rows}", $"change={change}", "warm=yes");

    private static Task<Sample> PsqlAsync(PostgresServer server, params string[] commands) =>
        Children.ProgramAsync("psql", ["-v", "ON_ERROR_STOP=1", "-q", "-h", "127.0.0.1", "-p", server.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-d", "postgres", .. commands.SelectMany(static command => new[] { "-c", command })]);

    /// <summary>Adds the CPU time of the server's processes that ended meanwhile: most of the work is theirs, on both sides.</summary>
    private static async Task<Sample> WithServerAsync(NpgsqlDataSource source, Func<Task<Sample>> measure)
    {
        var before = await ServerCpuSecondsAsync(source);
        var sample = await measure();
        // A connection's process ends a moment after its client.
        await Task.Delay(100);
        return sample with { CpuSeconds = sample.CpuSeconds + await ServerCpuSecondsAsync(source) - before };
    }

    private static async Task<double> ServerCpuSecondsAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("SHOW data_directory");
        var folder = (string)(await command.ExecuteScalarAsync())!;
        var process = (await File.ReadAllLinesAsync(Path.Combine(folder, "postmaster.pid")))[0];
        var fields = (await File.ReadAllTextAsync($"/proc/{process}/stat")).Split(") ", 2)[1].Split(' ');
        // cutime and cstime, in ticks of 1/100 s.
        return (long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)) / 100.0;
    }

    /// <summary>The rows as a file of PostgreSQL's binary COPY, made by the server itself.</summary>
    private static async Task<string> FileOfAsync(BenchmarkRun run, NpgsqlDataSource source, int rows, int change)
    {
        var path = run[$"means-{rows}-{change}.bin"];
        await using var connection = await source.OpenConnectionAsync();
        await using (var command = new NpgsqlCommand($"DROP TABLE IF EXISTS {Reference}; CREATE TABLE {Reference} {Definition}", connection)) _ = await command.ExecuteNonQueryAsync();
        await using (var writer = await connection.BeginBinaryImportAsync($"COPY {Reference} FROM STDIN (FORMAT BINARY)"))
        {
            foreach (var row in ExportMeasures.Rows(rows, change)) await writer.WriteRowAsync(default, row.Values.ToArray());
            _ = await writer.CompleteAsync();
        }
        await using var copy = await connection.BeginRawBinaryCopyAsync($"COPY {Reference} TO STDOUT (FORMAT BINARY)");
        await using var file = File.Create(path);
        await copy.CopyToAsync(file);
        return path;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        // VACUUM and CHECKPOINT refuse a transaction: one statement a call.
        foreach (var statement in sql.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            await using var command = source.CreateCommand(statement);
            command.CommandTimeout = 0;
            _ = await command.ExecuteNonQueryAsync();
        }
    }
}
