using System.Collections.Immutable;
using Npgsql;
using NpgsqlTypes;

namespace Pipeline.Suite.Export.Postgres;

/// <summary>Rows in and out by binary COPY.</summary>
internal static class BinaryCopy
{
    /// <summary>Sends the rows to a table, given as SQL names it; answers their checksum.</summary>
    /// <param name="connection">Where to.</param>
    /// <param name="table">The rows.</param>
    /// <param name="copyIn">The COPY statement.</param>
    /// <param name="types">The columns' types in the database.</param>
    /// <param name="cancellationToken">Cancels; nothing stays then.</param>
    public static async Task<RowChecksum> InAsync(NpgsqlConnection connection, MetricsTable table, string copyIn, ImmutableArray<NpgsqlDbType> types, CancellationToken cancellationToken)
    {
        var sent = new RowChecksum(table.Columns);
        if (types.All(CopyFormat.Knows))
        {
            await InRawAsync(connection, table, copyIn, types, sent, cancellationToken);
            return sent;
        }
        await using var writer = await connection.BeginBinaryImportAsync(copyIn, cancellationToken);
        foreach (var row in table.Rows)
        {
            await writer.StartRowAsync(cancellationToken);
            for (var i = 0; i < types.Length; i++) await WriteAsync(writer, CanonicalValue.Of(table.Columns[i].DataType, row.Values[i]), types[i], cancellationToken);
            sent.Add(row.Values);
        }
        // Without Complete the rows are taken back when the writer is disposed.
        await writer.CompleteAsync(cancellationToken);
        return sent;
    }

    /// <summary>Reads what the target now holds of the source, by a COPY statement; answers its checksum.</summary>
    public static async Task<RowChecksum> OutAsync(NpgsqlConnection connection, MetricsTable table, string copyOut, ImmutableArray<NpgsqlDbType> types, CancellationToken cancellationToken)
    {
        var found = new RowChecksum(table.Columns);
        if (types.All(CopyFormat.Knows))
        {
            await using var copy = await connection.BeginRawBinaryCopyAsync(copyOut, cancellationToken);
            await new CopyReader(copy, types).ReadAsync(found, cancellationToken);
            return found;
        }
        var values = new object?[types.Length];
        await using var reader = await connection.BeginBinaryExportAsync(copyOut, cancellationToken);
        while (await reader.StartRowAsync(cancellationToken) != -1)
        {
            for (var i = 0; i < types.Length; i++)
            {
                if (reader.IsNull)
                {
                    await reader.SkipAsync(cancellationToken);
                    values[i] = null;
                }
                else values[i] = await ReadAsync(reader, types[i], cancellationToken);
            }
            found.Add(values);
        }
        return found;
    }

    private static async Task InRawAsync(NpgsqlConnection connection, MetricsTable table, string copyIn, ImmutableArray<NpgsqlDbType> types, RowChecksum sent, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync(copyIn, cancellationToken);
        try
        {
            var writer = new CopyWriter(table.Columns, types);
            foreach (var row in table.Rows)
            {
                writer.Add(row.Values);
                sent.Add(row.Values);
                if (!writer.IsFull) continue;
                await copy.WriteAsync(writer.Gathered, cancellationToken);
                writer.Clear();
            }
            writer.End();
            await copy.WriteAsync(writer.Gathered, cancellationToken);
        }
        catch (Exception error) when (error is not (NpgsqlException or IOException))
        {
            // Disposed as it is, the COPY would be complete; the connection's own errors have ended it already.
            await copy.CancelAsync();
            throw;
        }
    }

    private static Task WriteAsync(NpgsqlBinaryImporter writer, object? value, NpgsqlDbType type, CancellationToken cancellationToken) => value switch
    {
        null => writer.WriteNullAsync(cancellationToken),
        long number => type switch
        {
            NpgsqlDbType.Smallint => writer.WriteAsync(checked((short)number), type, cancellationToken),
            NpgsqlDbType.Integer => writer.WriteAsync(checked((int)number), type, cancellationToken),
            _ => writer.WriteAsync(number, type, cancellationToken),
        },
        double number => type == NpgsqlDbType.Real ? writer.WriteAsync((float)number, type, cancellationToken) : writer.WriteAsync(number, type, cancellationToken),
        bool truth => writer.WriteAsync(truth, type, cancellationToken),
        DateOnly day => writer.WriteAsync(day, type, cancellationToken),
        DateTime instant => writer.WriteAsync(instant, type, cancellationToken),
        decimal number => writer.WriteAsync(number, type, cancellationToken),
        byte[] bytes => writer.WriteAsync(bytes, type, cancellationToken),
        string text when type == NpgsqlDbType.Numeric => throw new ExportException(ExportFailure.Contract, $"The decimal {text} has more digits than can be sent to PostgreSQL (28)."),
        string text => writer.WriteAsync(text, type, cancellationToken),
        _ => throw new ArgumentException($"A value of the .NET type {value.GetType().Name} is none that a table of a database holds.", nameof(value)),
    };

    private static async ValueTask<object?> ReadAsync(NpgsqlBinaryExporter reader, NpgsqlDbType type, CancellationToken cancellationToken) => type switch
    {
        NpgsqlDbType.Smallint => (long)await reader.ReadAsync<short>(type, cancellationToken),
        NpgsqlDbType.Integer => (long)await reader.ReadAsync<int>(type, cancellationToken),
        NpgsqlDbType.Bigint => await reader.ReadAsync<long>(type, cancellationToken),
        NpgsqlDbType.Real => (double)await reader.ReadAsync<float>(type, cancellationToken),
        NpgsqlDbType.Double => await reader.ReadAsync<double>(type, cancellationToken),
        NpgsqlDbType.Boolean => await reader.ReadAsync<bool>(type, cancellationToken),
        NpgsqlDbType.Date => await reader.ReadAsync<DateOnly>(type, cancellationToken),
        NpgsqlDbType.Timestamp or NpgsqlDbType.TimestampTz => await reader.ReadAsync<DateTime>(type, cancellationToken),
        NpgsqlDbType.Numeric => await reader.ReadAsync<decimal>(type, cancellationToken),
        NpgsqlDbType.Bytea => await reader.ReadAsync<byte[]>(type, cancellationToken),
        _ => await reader.ReadAsync<string>(type, cancellationToken),
    };
}
