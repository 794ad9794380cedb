using DuckDB.NET.Data;

namespace Pipeline.Lake.Delta;

/// <summary>DuckDB in memory, for parquet files of the log only. It never reaches for the network.</summary>
internal static class ParquetEngine
{
    public static DuckDBConnection Open()
    {
        var connection = new DuckDBConnection("DataSource=:memory:;autoinstall_known_extensions=false;autoload_known_extensions=false;threads=1");
        connection.Open();
        return connection;
    }

    /// <summary>A text as SQL writes it.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>File names as a list for <c>read_parquet</c>; characters of patterns stand for themselves.</summary>
    public static string List(IEnumerable<string> paths) => $"[{string.Join(", ", paths.Select(static path => Quote(EscapePattern(path))))}]";

    private static string EscapePattern(string path) => path.AsSpan().ContainsAny('*', '?', '[')
        ? path.Replace("[", "[[]", StringComparison.Ordinal).Replace("*", "[*]", StringComparison.Ordinal).Replace("?", "[?]", StringComparison.Ordinal)
        : path;
}
