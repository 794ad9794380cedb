using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DuckDB.NET.Native;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>A source read in C#: each scan starts a reader, which fills chunk after chunk.</summary>
internal interface IScanSource
{
    StructType Schema { get; }

    /// <summary>Starts a scan of some of the columns; <paramref name="columns"/> are places in <see cref="Schema"/>.</summary>
    IScanReader Start(IReadOnlyList<int> columns);
}

/// <summary>One scan of a source.</summary>
internal interface IScanReader : IDisposable
{
    /// <summary>Writes at most <paramref name="capacity"/> rows, a writer a column asked for; 0 is the end.</summary>
    int Fill(VectorWriter[] columns, int capacity);
}

/// <summary>DuckDB's table function <c>__scan(id)</c> over the sources of this process that are read in C#.</summary>
internal static unsafe class ScanFunction
{
    private const string Name = "__scan";
    private static readonly ConcurrentDictionary<long, IScanSource> Sources = new();
    private static long nextId;

    /// <summary>Makes the function known to a database.</summary>
    public static void Register(Connection connection)
    {
        var function = NativeMethods.TableFunction.DuckDBCreateTableFunction();
        NativeMethods.TableFunction.DuckDBTableFunctionSetName(function, Name);
        using (var type = NativeMethods.LogicalType.DuckDBCreateLogicalType(DuckDBType.BigInt)) NativeMethods.TableFunction.DuckDBTableFunctionAddParameter(function, type);
        NativeMethods.TableFunction.DuckDBTableFunctionSetBind(function, &Bind);
        NativeMethods.TableFunction.DuckDBTableFunctionSetInit(function, &Start);
        NativeMethods.TableFunction.DuckDBTableFunctionSetFunction(function, &Fill);
        NativeMethods.TableFunction.DuckDBTableFunctionSupportsProjectionPushdown(function, true);
        var state = NativeMethods.TableFunction.DuckDBRegisterTableFunction(connection.Native, function);
        NativeMethods.TableFunction.DuckDBDestroyTableFunction(ref function);
        if (!state.IsSuccess()) throw new EngineException("DuckDB did not take the function that reads files.");
    }

    /// <summary>The call that scans a source, for a FROM clause.</summary>
    public static string Call(IScanSource source)
    {
        var id = Interlocked.Increment(ref nextId);
        Sources[id] = source;
        return string.Create(CultureInfo.InvariantCulture, $"{Name}({id})");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Bind(nint info)
    {
        try
        {
            using var parameter = NativeMethods.TableFunction.DuckDBBindGetParameter(info, 0);
            var source = Sources[NativeMethods.Value.DuckDBGetInt64(parameter)];
            foreach (var field in source.Schema)
            {
                using var type = LogicalTypes.Create(field.DataType);
                NativeMethods.TableFunction.DuckDBBindAddResultColumn(info, field.Name, type);
            }
            NativeMethods.TableFunction.DuckDBBindSetBindData(info, GCHandle.ToIntPtr(GCHandle.Alloc(source)), &Free);
        }
        catch (Exception error)
        {
            NativeMethods.TableFunction.DuckDBBindSetError(info, DuckDbError.Carry(error));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Start(nint info)
    {
        try
        {
            var source = (IScanSource)GCHandle.FromIntPtr(NativeMethods.TableFunction.DuckDBInitGetBindData(info)).Target!;
            var columns = new int[NativeMethods.TableFunction.DuckDBInitGetColumnCount(info)];
            for (var i = 0; i < columns.Length; i++) columns[i] = (int)NativeMethods.TableFunction.DuckDBInitGetColumnIndex(info, (ulong)i);
            // A scan that only counts rows is asked for a column that is none (the row id).
            var real = columns.Where(column => column >= 0 && column < source.Schema.Count).ToArray();
            var scan = new Scan(source.Start(real), Array.ConvertAll(real, column => new VectorWriter(source.Schema[column].DataType)), columns, source.Schema.Count);
            NativeMethods.TableFunction.DuckDBInitSetInitData(info, GCHandle.ToIntPtr(GCHandle.Alloc(scan)), &Free);
            NativeSession.InitSetMaxThreads(info, 1);
        }
        catch (Exception error)
        {
            NativeMethods.TableFunction.DuckDBInitSetError(info, DuckDbError.Carry(error));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Fill(nint info, nint chunk)
    {
        try
        {
            var scan = (Scan)GCHandle.FromIntPtr(NativeMethods.TableFunction.DuckDBFunctionGetInitData(info)).Target!;
            using var output = new BorrowedChunk(chunk);
            scan.Fill(output);
        }
        catch (Exception error)
        {
            NativeMethods.TableFunction.DuckDBFunctionSetError(info, DuckDbError.Carry(error));
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(nint data)
    {
        var handle = GCHandle.FromIntPtr(data);
        (handle.Target as IDisposable)?.Dispose();
        handle.Free();
    }

    private sealed class Scan(IScanReader reader, VectorWriter[] writers, int[] columns, int known) : IDisposable
    {
        public void Fill(BorrowedChunk output)
        {
            var next = 0;
            for (var i = 0; i < columns.Length; i++)
                if (columns[i] >= 0 && columns[i] < known) writers[next++].Bind(output.Vector(i));
            output.SetSize(reader.Fill(writers, ChunkAppender.Capacity));
        }

        public void Dispose() => reader.Dispose();
    }

    /// <summary>A chunk that DuckDB owns.</summary>
    private readonly struct BorrowedChunk(nint chunk) : IDisposable
    {
        private readonly DuckDBDataChunk handle = new(chunk);

        public nint Vector(int column) => NativeMethods.DataChunks.DuckDBDataChunkGetVector(handle, column);

        public void SetSize(int rows) => _ = NativeMethods.DataChunks.DuckDBDataChunkSetSize(handle, (ulong)rows);

        public void Dispose() => handle.SetHandleAsInvalid();
    }
}
