using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Sources;

/// <summary>Parquet files, by their own columns or by declared ones (those missing are null).</summary>
internal static class ParquetSource
{
    public static SourceView Open(SessionContext session, SourceSpec spec)
    {
        var files = InputFiles.Resolve(session, spec);
        if (files.Count == 0) throw new EngineException($"There is no Parquet file in {string.Join(", ", spec.Paths)}; its columns cannot be known. Declare a schema or check the path.") { ErrorClass = "UNABLE_TO_INFER_SCHEMA", SqlState = "42KD9" };
        foreach (var file in files) RequireReadable(file);
        var scan = Scan(files.Select(file => file.Local));
        if (spec.Schema is null) return session.MakeView("parquet", $"SELECT * FROM {scan}", null);
        return session.MakeView("parquet", Projection(spec.Schema, session.Describe($"FROM {scan}"), scan), spec.Schema);
    }

    /// <summary>Refuses a file that DuckDB could not read without the session's end.</summary>
    private static void RequireReadable(InputFile file)
    {
        if (ParquetFooter.HasEncryptedColumns(file.Local))
            throw new EngineException($"Cannot read the Parquet file '{file.Name}': it has encrypted columns, which the embedded engine does not read. Write it without encryption.") { ErrorClass = "FAILED_READ_FILE", SqlState = "22000" };
    }

    /// <summary><c>read_parquet</c> over files.</summary>
    public static string Scan(IEnumerable<string> files) =>
        $"read_parquet([{string.Join(", ", files.Select(DuckDbTypes.FileLiteral))}], union_by_name = true, hive_partitioning = false)";

    private static string Projection(StructType wanted, StructType found, string scan) =>
        "SELECT " + string.Join(", ", wanted.Select(field => found.Find(field.Name) is { } column
            ? column.DataType.Equals(field.DataType) ? $"{DuckDbTypes.Quote(column.Name)} AS {DuckDbTypes.Quote(field.Name)}" : $"CAST({DuckDbTypes.Quote(column.Name)} AS {DuckDbTypes.ToSql(field.DataType)}) AS {DuckDbTypes.Quote(field.Name)}"
            : $"CAST(NULL AS {DuckDbTypes.ToSql(field.DataType)}) AS {DuckDbTypes.Quote(field.Name)}")) + $" FROM {scan}";
}
