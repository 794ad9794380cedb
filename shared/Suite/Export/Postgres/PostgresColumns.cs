using System.Collections.Immutable;
using Npgsql;
using NpgsqlTypes;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Export.Postgres;

/// <summary>The columns of a table as the database has them, made where they are missing.</summary>
internal static class PostgresColumns
{
    private static readonly Dictionary<string, NpgsqlDbType> DbTypes = new(StringComparer.Ordinal)
    {
        ["smallint"] = NpgsqlDbType.Smallint,
        ["integer"] = NpgsqlDbType.Integer,
        ["bigint"] = NpgsqlDbType.Bigint,
        ["real"] = NpgsqlDbType.Real,
        ["double precision"] = NpgsqlDbType.Double,
        ["boolean"] = NpgsqlDbType.Boolean,
        ["date"] = NpgsqlDbType.Date,
        ["timestamp with time zone"] = NpgsqlDbType.TimestampTz,
        ["timestamp without time zone"] = NpgsqlDbType.Timestamp,
        ["bytea"] = NpgsqlDbType.Bytea,
        ["text"] = NpgsqlDbType.Text,
    };

    /// <summary>Types that hold every value of a narrower one.</summary>
    private static readonly Dictionary<string, string[]> Wider = new(StringComparer.Ordinal)
    {
        ["smallint"] = ["integer", "bigint"],
        ["integer"] = ["bigint"],
        ["real"] = ["double precision"],
    };

    /// <summary>Makes schema, table and columns where they are missing; answers each column's type in the database, whether the table is new and so has no key yet, and the columns that were added to one that was there.</summary>
    /// <exception cref="ExportException">A column has a type that does not hold the source's values.</exception>
    public static async Task<(ImmutableArray<NpgsqlDbType> Types, bool IsNew, IReadOnlyList<string> Added)> PrepareAsync(NpgsqlConnection connection, MetricsTable table, string address, CancellationToken cancellationToken)
    {
        var existing = await ReadAsync(connection, table, cancellationToken);
        var isNew = existing.Count == 0;
        if (isNew)
        {
            if (!await SchemaExistsAsync(connection, table, cancellationToken)) await ExecuteAsync(connection, PostgresSql.CreateSchema(table), cancellationToken);
            await ExecuteAsync(connection, PostgresSql.CreateTable(table), cancellationToken);
            existing = await ReadAsync(connection, table, cancellationToken);
        }
        var types = ImmutableArray.CreateBuilder<NpgsqlDbType>(table.Columns.Count);
        var added = new List<string>();
        foreach (var column in table.Columns)
        {
            var wanted = PostgresSql.TypeOf(column.DataType);
            if (!existing.TryGetValue(column.Name, out var found))
            {
                await ExecuteAsync(connection, PostgresSql.AddColumn(table, column), cancellationToken);
                found = wanted;
                added.Add(column.Name);
            }
            if (found != wanted && !(Wider.TryGetValue(wanted, out var wider) && wider.Contains(found)))
                throw new ExportException(ExportFailure.Contract, $"Column '{column.Name}' of table {PostgresSql.Target(table)} in '{address}' is {found}, where {wanted} is expected. Alter the column's type, or drop the table: the export makes it again.");
            types.Add(column.DataType is DecimalType ? NpgsqlDbType.Numeric : DbTypes[found]);
        }
        return (types.MoveToImmutable(), isNew, added);
    }

    private static async Task<Dictionary<string, string>> ReadAsync(NpgsqlConnection connection, MetricsTable table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped", connection);
        command.Parameters.AddWithValue(PostgresSql.Target(table));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken)) columns[reader.GetString(0)] = reader.GetString(1);
        return columns;
    }

    private static async Task<bool> SchemaExistsAsync(NpgsqlConnection connection, MetricsTable table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", connection);
        command.Parameters.AddWithValue(PostgresSql.Schema(table));
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
