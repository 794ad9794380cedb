using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Pipeline.Suite.Export.Postgres;

/// <summary>A numbered script that brings the schema <c>pipeline</c> from one version to the next.</summary>
/// <param name="Version">Its number, from 1 without gaps.</param>
/// <param name="Name">Its file name.</param>
/// <param name="Sql">The script.</param>
internal sealed record Migration(int Version, string Name, string Sql)
{
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));
}

/// <summary>Runs the migrations that are not yet in a database, once, whoever comes first.</summary>
internal static class Migrations
{
    // Any number that no other program takes for an advisory lock: "pipeline" in ASCII.
    private const long LockKey = 0x706970656C696E65;
    private const string Prefix = "Pipeline.Suite.Export.Postgres.Migrations.";

    public static ImmutableArray<Migration> All { get; } = Load();

    /// <summary>Brings the database to the newest version, inside the caller's transaction.</summary>
    /// <exception cref="ExportException">The database is newer than this program, or a migration was changed after it had run.</exception>
    public static async Task ApplyAsync(NpgsqlConnection connection, string address, CancellationToken cancellationToken)
    {
        var applied = await AppliedAsync(connection, cancellationToken);
        if (Check(applied, address)) return;
        await ExecuteAsync(connection, FormattableString.Invariant($"SELECT pg_advisory_xact_lock({LockKey})"), cancellationToken);
        await ExecuteAsync(connection, """
            CREATE SCHEMA IF NOT EXISTS pipeline;
            CREATE TABLE IF NOT EXISTS pipeline.schema_migrations (
                version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamp with time zone NOT NULL DEFAULT clock_timestamp());
            """, cancellationToken);
        applied = await AppliedAsync(connection, cancellationToken);
        if (Check(applied, address)) return;
        foreach (var migration in All.Where(migration => !applied.ContainsKey(migration.Version)))
        {
            await ExecuteAsync(connection, migration.Sql, cancellationToken);
            await using var note = new NpgsqlCommand("INSERT INTO pipeline.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", connection);
            note.Parameters.AddWithValue(migration.Version);
            note.Parameters.AddWithValue(migration.Name);
            note.Parameters.AddWithValue(migration.Checksum);
            await note.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Whether nothing is left to do.</summary>
    private static bool Check(Dictionary<int, string> applied, string address)
    {
        if (applied.Count > 0 && applied.Keys.Max() is var newest && newest > All.Length)
            throw new ExportException(ExportFailure.Configuration, string.Create(CultureInfo.InvariantCulture, $"The schema 'pipeline' in '{address}' has version {newest}; this program knows {All.Length}. Use the newer program, so that it is not taken back."));
        foreach (var migration in All)
            if (applied.TryGetValue(migration.Version, out var checksum) && checksum != migration.Checksum)
                throw new ExportException(ExportFailure.Configuration, $"Migration '{migration.Name}' has run in '{address}' with another text than this program's. Use the program that made it, or compare pipeline.schema_migrations by hand.");
        return applied.Count == All.Length;
    }

    private static async Task<Dictionary<int, string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<int, string>();
        await using (var exists = new NpgsqlCommand("SELECT to_regclass('pipeline.schema_migrations') IS NOT NULL", connection))
            if (await exists.ExecuteScalarAsync(cancellationToken) is not true) return applied;
        await using var command = new NpgsqlCommand("SELECT version, checksum FROM pipeline.schema_migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) applied[reader.GetInt32(0)] = reader.GetString(1);
        return applied;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static ImmutableArray<Migration> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(resource =>
                {
                    using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
                    var name = resource[Prefix.Length..];
                    return new Migration(int.Parse(name[..4], CultureInfo.InvariantCulture), name, reader.ReadToEnd());
                }),
        ];
    }
}
