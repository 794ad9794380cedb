using System.Runtime.InteropServices;
using DuckDB.NET.Native;

namespace Pipeline.Engine.Embedded.Session;

/// <summary>Functions of DuckDB's C API that the Bindings package leaves out.</summary>
/// <remarks>Source: duckdb.h of DuckDB 1.5, chapters "Prepared Statements", "Query Execution", "Table Function", "Scalar Functions".</remarks>
internal static unsafe partial class NativeSession
{
    private const string Library = "duckdb";

    [LibraryImport(Library, EntryPoint = "duckdb_prepared_statement_column_count")]
    public static partial ulong PreparedColumnCount(DuckDBPreparedStatement statement);

    /// <summary>The name is the caller's to free with <c>duckdb_free</c>.</summary>
    [LibraryImport(Library, EntryPoint = "duckdb_prepared_statement_column_name")]
    public static partial nint PreparedColumnName(DuckDBPreparedStatement statement, ulong column);

    [LibraryImport(Library, EntryPoint = "duckdb_prepared_statement_column_logical_type")]
    public static partial DuckDBLogicalType PreparedColumnLogicalType(DuckDBPreparedStatement statement, ulong column);

    [LibraryImport(Library, EntryPoint = "duckdb_pending_prepared")]
    public static partial DuckDBState PendingPrepared(DuckDBPreparedStatement statement, out nint pending);

    [LibraryImport(Library, EntryPoint = "duckdb_pending_prepared_streaming")]
    public static partial DuckDBState PendingPreparedStreaming(DuckDBPreparedStatement statement, out nint pending);

    /// <summary>Does a piece of the statement's work in this thread, if there is one to be had.</summary>
    [LibraryImport(Library, EntryPoint = "duckdb_pending_execute_task")]
    public static partial PendingState PendingExecuteTask(nint pending);

    [LibraryImport(Library, EntryPoint = "duckdb_execute_pending")]
    public static partial DuckDBState ExecutePending(nint pending, DuckDBResult* result);

    /// <summary>The text is the pending result's own.</summary>
    [LibraryImport(Library, EntryPoint = "duckdb_pending_error")]
    public static partial nint PendingError(nint pending);

    [LibraryImport(Library, EntryPoint = "duckdb_destroy_pending")]
    public static partial void DestroyPending(ref nint pending);

    [LibraryImport("libc", EntryPoint = "usleep")]
    public static partial int Sleep(uint microseconds);

    /// <summary>Gives the calling thread, and it alone, a lower priority; there is no way back.</summary>
    [LibraryImport("libc", EntryPoint = "nice")]
    public static partial int LowerPriority(int steps);

    [LibraryImport(Library, EntryPoint = "duckdb_init_set_max_threads")]
    public static partial void InitSetMaxThreads(nint info, ulong threads);

    [LibraryImport(Library, EntryPoint = "duckdb_create_map_type")]
    public static partial DuckDBLogicalType CreateMapType(DuckDBLogicalType key, DuckDBLogicalType value);

    [LibraryImport(Library, EntryPoint = "duckdb_create_struct_type", StringMarshalling = StringMarshalling.Utf8)]
    public static partial DuckDBLogicalType CreateStructType([In] nint[] types, [In] string[] names, ulong count);

    /// <summary>Has the function called for NULLs too.</summary>
    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_special_handling")]
    public static partial void ScalarFunctionSetSpecialHandling(nint function);

    /// <summary>Has every call made, as two with the same arguments may differ.</summary>
    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_volatile")]
    public static partial void ScalarFunctionSetVolatile(nint function);

    /// <summary>Gives the function a pointer of its own, which is freed with it.</summary>
    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_extra_info")]
    public static partial void ScalarFunctionSetExtraInfo(nint function, nint extraInfo, delegate* unmanaged[Cdecl]<nint, void> free);

    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_get_extra_info")]
    public static partial nint ScalarFunctionGetExtraInfo(nint info);

    /// <summary>Moves an owned C string into a .NET one.</summary>
    public static string TakeString(nint text)
    {
        try
        {
            return Marshal.PtrToStringUTF8(text) ?? "";
        }
        finally
        {
            NativeMethods.Helpers.DuckDBFree(text);
        }
    }
}

/// <summary>How far a statement is: <c>duckdb_pending_state</c>.</summary>
internal enum PendingState
{
    Ready = 0,
    NotReady = 1,
    Failed = 2,

    /// <summary>All pieces that can be done now are with other threads.</summary>
    WithOthers = 3,
}
