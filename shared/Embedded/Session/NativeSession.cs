using System.Runtime.InteropServices;
using DuckDB.NET.Native;

namespace Pipeline.Embedded.Session;

/// <summary>Functions of DuckDB's C API that the Bindings package leaves out.</summary>
/// <remarks>Source: duckdb.h of DuckDB 1.5, chapters "Prepared Statements", "Query Execution", "Table Function", "Scalar Functions".</remarks>
internal static partial class NativeSession
{
    private const string Library = "duckdb";

    [LibraryImport(Library, EntryPoint = "duckdb_prepared_statement_column_count")]
    public static partial ulong PreparedColumnCount(DuckDBPreparedStatement statement);

    /// <summary>The name is the caller's to free with <c>duckdb_free</c>.</summary>
    [LibraryImport(Library, EntryPoint = "duckdb_prepared_statement_column_name")]
    public static partial nint PreparedColumnName(DuckDBPreparedStatement statement, ulong column);

    [LibraryImport(Library, EntryPoint = "duckdb_prepared_statement_column_logical_type")]
    public static partial DuckDBLogicalType PreparedColumnLogicalType(DuckDBPreparedStatement statement, ulong column);

    [LibraryImport(Library, EntryPoint = "duckdb_init_set_max_threads")]
    public static partial void InitSetMaxThreads(nint info, ulong threads);

    [LibraryImport(Library, EntryPoint = "duckdb_create_map_type")]
    public static partial DuckDBLogicalType CreateMapType(DuckDBLogicalType key, DuckDBLogicalType value);

    [LibraryImport(Library, EntryPoint = "duckdb_create_struct_type", StringMarshalling = StringMarshalling.Utf8)]
    public static partial DuckDBLogicalType CreateStructType([In] nint[] types, [In] string[] names, ulong count);

    /// <summary>Has the function called for NULLs too.</summary>
    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_special_handling")]
    public static partial void ScalarFunctionSetSpecialHandling(nint function);

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
