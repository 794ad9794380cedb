using System.Diagnostics;
using System.Runtime.InteropServices;
using DuckDB.NET.Native;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>One connection to the session's database: one statement at a time.</summary>
internal sealed class Connection : IDisposable
{
    private readonly Action<TimeSpan>? afterPiece;

    /// <param name="native">DuckDB's own.</param>
    /// <param name="afterPiece">Told after each piece of a statement that has more, how long it took.</param>
    public Connection(DuckDBNativeConnection native, Action<TimeSpan>? afterPiece) => (Native, this.afterPiece) = (native, afterPiece);

    public DuckDBNativeConnection Native { get; }

    /// <summary>Makes more of an error of DuckDB where more is known.</summary>
    public Func<EngineException, EngineException> Explain { get; init; } = static error => error;

    /// <summary>Runs a statement to its end and forgets its rows.</summary>
    public void Execute(string sql, CancellationToken cancellationToken = default) => Guard(sql, cancellationToken, () =>
    {
        using var statement = Prepare(sql);
        var result = default(DuckDBResult);
        try
        {
            Run(statement, isStreaming: false, sql, ref result);
        }
        finally
        {
            NativeMethods.Query.DuckDBDestroyResult(ref result);
        }
    });

    /// <summary>Columns that a statement would answer with.</summary>
    public StructType Describe(string sql)
    {
        using var statement = Prepare(sql);
        var fields = new StructField[NativeSession.PreparedColumnCount(statement)];
        for (var i = 0; i < fields.Length; i++)
        {
            var name = NativeSession.TakeString(NativeSession.PreparedColumnName(statement, (ulong)i));
            using var type = NativeSession.PreparedColumnLogicalType(statement, (ulong)i);
            fields[i] = new StructField(name, DuckDbTypes.ToSpark(type, name));
        }
        return new StructType(fields);
    }

    /// <summary>Rows as they come. The connection is busy until the enumeration ends or is disposed.</summary>
    /// <param name="sql">One query.</param>
    /// <param name="schema">Its columns, or null for the types that DuckDB gives.</param>
    /// <param name="cancellationToken">Interrupts the query.</param>
    public IEnumerable<Row> Query(string sql, StructType? schema, CancellationToken cancellationToken = default)
    {
        using var registration = cancellationToken.UnsafeRegister(static state => ((Connection)state!).Native.Interrupt(), this);
        var result = default(DuckDBResult);
        try
        {
            Guard(sql, cancellationToken, () =>
            {
                using var statement = Prepare(sql);
                Run(statement, isStreaming: true, sql, ref result);
            });
            var columns = schema ?? ColumnsOf(ref result);
            var readers = Readers(ref result, columns, sql);
            while (true)
            {
                using var chunk = Fetch(ref result, sql, cancellationToken);
                if (chunk is null) yield break;
                for (var i = 0; i < readers.Length; i++) readers[i].Bind(NativeMethods.DataChunks.DuckDBDataChunkGetVector(chunk, i));
                var count = NativeMethods.DataChunks.DuckDBDataChunkGetSize(chunk);
                for (var row = 0UL; row < count; row++)
                {
                    var values = new object?[readers.Length];
                    for (var i = 0; i < values.Length; i++) values[i] = readers[i].Get(row);
                    yield return new Row(columns, values);
                }
            }
        }
        finally
        {
            NativeMethods.Query.DuckDBDestroyResult(ref result);
        }
    }

    /// <summary>The first value of the first row.</summary>
    public object? Scalar(string sql) => Query(sql, null).First().Values[0];

    public void Dispose() => Native.Dispose();

    /// <summary>Runs a statement until it has its answer, or the first rows of it.</summary>
    /// <remarks>Piece by piece, as DuckDB's own wait for what its other threads do is a loop without a pause, which takes a processor from them.</remarks>
    private unsafe void Run(DuckDBPreparedStatement statement, bool isStreaming, string sql, ref DuckDBResult result)
    {
        const uint pauseMicroseconds = 50;
        var state = isStreaming ? NativeSession.PendingPreparedStreaming(statement, out var pending) : NativeSession.PendingPrepared(statement, out pending);
        try
        {
            var progress = state.IsSuccess() ? PendingState.NotReady : PendingState.Failed;
            while (progress is PendingState.NotReady or PendingState.WithOthers)
            {
                if (progress == PendingState.WithOthers) _ = NativeSession.Sleep(pauseMicroseconds);
                var began = Stopwatch.GetTimestamp();
                progress = NativeSession.PendingExecuteTask(pending);
                if (progress == PendingState.NotReady) afterPiece?.Invoke(Stopwatch.GetElapsedTime(began));
            }
            if (progress == PendingState.Failed)
                throw Explain(DuckDbError.Create(DuckDBErrorType.Invalid, Marshal.PtrToStringUTF8(NativeSession.PendingError(pending)) ?? "The statement failed.", sql));
            fixed (DuckDBResult* answer = &result)
                if (!NativeSession.ExecutePending(pending, answer).IsSuccess()) throw Explain(Failed(ref result, sql));
        }
        finally
        {
            NativeSession.DestroyPending(ref pending);
        }
    }

    /// <summary>Plans a statement.</summary>
    /// <remarks>
    /// For one run, and again for the next: DuckDB 1.5 folds what it knows of a table's values into the plan and does not look at it again.
    /// Prepared while a table was empty, <c>SELECT count(*) FROM t WHERE i &gt; 10</c> answers 0 whatever is inserted afterwards.
    /// </remarks>
    private DuckDBPreparedStatement Prepare(string sql)
    {
        if (NativeMethods.PreparedStatements.DuckDBPrepare(Native, sql, out var statement).IsSuccess()) return statement;
        var message = NativeMethods.PreparedStatements.DuckDBPrepareError(statement) ?? "The statement could not be prepared.";
        statement.Dispose();
        throw Explain(DuckDbError.Create(DuckDBErrorType.Invalid, message, sql));
    }

    private DuckDBDataChunk? Fetch(ref DuckDBResult result, string sql, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var chunk = NativeMethods.Query.DuckDBFetchChunk(result);
        if (!chunk.IsInvalid) return chunk;
        chunk.Dispose();
        // No chunk is the end of the rows or an error; only the result's error tells.
        var error = NativeMethods.Query.DuckDBResultError(ref result);
        if (string.IsNullOrEmpty(error)) return null;
        cancellationToken.ThrowIfCancellationRequested();
        throw Explain(Failed(ref result, sql));
    }

    private static StructType ColumnsOf(ref DuckDBResult result)
    {
        var fields = new StructField[NativeMethods.Query.DuckDBColumnCount(ref result)];
        for (var i = 0; i < fields.Length; i++)
        {
            var name = NativeMethods.Query.DuckDBColumnName(ref result, i);
            using var type = NativeMethods.Query.DuckDBColumnLogicalType(ref result, i);
            fields[i] = new StructField(name, DuckDbTypes.ToSpark(type, name));
        }
        return new StructType(fields);
    }

    private static VectorReader[] Readers(ref DuckDBResult result, StructType schema, string sql)
    {
        var count = (int)NativeMethods.Query.DuckDBColumnCount(ref result);
        if (count != schema.Count)
            throw new EngineException($"The query answers with {count} columns where {schema.Count} were expected ({string.Join(", ", schema.FieldNames)}).") { RemoteStackTrace = $"In the query: {sql}" };
        var readers = new VectorReader[count];
        for (var i = 0; i < count; i++)
        {
            using var type = NativeMethods.Query.DuckDBColumnLogicalType(ref result, i);
            readers[i] = new VectorReader(type, schema[i].DataType);
        }
        return readers;
    }

    private void Guard(string sql, CancellationToken cancellationToken, Action run)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var registration = cancellationToken.UnsafeRegister(static state => ((Connection)state!).Native.Interrupt(), this);
        try
        {
            run();
        }
        catch (EngineException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"The query was cancelled: {(sql.Length > 80 ? sql[..80] + "…" : sql)}", cancellationToken);
        }
    }

    private static EngineException Failed(ref DuckDBResult result, string sql) =>
        DuckDbError.Create(NativeMethods.Query.DuckDBResultErrorType(ref result), NativeMethods.Query.DuckDBResultError(ref result) ?? "The statement failed.", sql);
}
