using DuckDB.NET.Native;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>Fills a table of DuckDB chunk by chunk. Nothing is kept unless <see cref="Complete"/> is called.</summary>
internal sealed class ChunkAppender : IDisposable
{
    private readonly string table;
    private readonly DuckDBAppender appender;
    private readonly DuckDBDataChunk chunk;

    /// <summary>Rows that a chunk takes.</summary>
    public static readonly int Capacity = (int)NativeMethods.Helpers.DuckDBVectorSize();

    public ChunkAppender(Connection connection, string? schema, string table)
    {
        this.table = table;
        if (!NativeMethods.Appender.DuckDBAppenderCreateExt(connection.Native, null!, schema!, table, out appender).IsSuccess()) throw Failed();
        var types = new DuckDBLogicalType[NativeMethods.Appender.DuckDBAppenderColumnCount(appender)];
        for (var i = 0; i < types.Length; i++) types[i] = NativeMethods.Appender.DuckDBAppenderColumnType(appender, (ulong)i);
        chunk = NativeMethods.DataChunks.DuckDBCreateDataChunk(Array.ConvertAll(types, type => type.DangerousGetHandle()), (ulong)types.Length);
        foreach (var type in types) type.Dispose();
    }

    /// <summary>The vector of a column of the current chunk.</summary>
    public nint Vector(int column) => NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, column);

    /// <summary>Appends the first rows of the chunk and empties it; vectors are to be asked for again.</summary>
    public void Append(int rows)
    {
        _ = NativeMethods.DataChunks.DuckDBDataChunkSetSize(chunk, (ulong)rows);
        if (!NativeMethods.Appender.DuckDBAppendDataChunk(appender, chunk).IsSuccess()) throw Failed();
        NativeMethods.DataChunks.DuckDBDataChunkReset(chunk);
    }

    /// <summary>Makes all appended rows the table's.</summary>
    public void Complete()
    {
        if (!NativeMethods.Appender.DuckDBAppenderClose(appender).IsSuccess()) throw Failed();
    }

    public void Dispose()
    {
        // Destroying an appender flushes it; what was not completed is not wanted.
        if (!appender.IsInvalid) _ = NativeMethods.Appender.DuckDBAppenderClear(appender);
        chunk?.Dispose();
        appender.Dispose();
    }

    private EngineException Failed()
    {
        using var error = NativeMethods.Appender.DuckDBAppenderErrorData(appender);
        return DuckDbError.Create(NativeMethods.ErrorData.DuckDBErrorDataErrorType(error), error.Message ?? "The rows could not be appended.", $"append to {table}");
    }

    /// <summary>Appends rows of .NET values.</summary>
    public static void AppendRows(Connection connection, string? schemaName, string table, StructType schema, IEnumerable<object?[]> rows)
    {
        using var appender = new ChunkAppender(connection, schemaName, table);
        var writers = schema.Select(field => new VectorWriter(field.DataType)).ToArray();
        var count = 0;
        foreach (var row in rows)
        {
            if (row.Length != writers.Length)
                throw new EngineException($"A row with {row.Length} values was given for {writers.Length} columns: {string.Join(", ", schema.FieldNames)}.");
            if (count == 0)
                for (var i = 0; i < writers.Length; i++) writers[i].Bind(appender.Vector(i));
            for (var i = 0; i < writers.Length; i++)
            {
                try
                {
                    writers[i].Write((ulong)count, row[i]);
                }
                catch (EngineException error) when (error.ErrorClass == "DATATYPE_MISMATCH")
                {
                    throw new EngineException($"Column '{schema[i].Name}': {error.Message}", error) { ErrorClass = error.ErrorClass, SqlState = error.SqlState };
                }
            }
            if (++count < Capacity) continue;
            appender.Append(count);
            count = 0;
        }
        if (count > 0) appender.Append(count);
        appender.Complete();
    }
}
