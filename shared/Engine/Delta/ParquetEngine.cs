using DuckDB.NET.Data;

namespace Pipeline.Engine.Delta;

/// <summary>DuckDB in memory, for parquet files of the log only. It never reaches for the network.</summary>
internal static class ParquetEngine
{
    /// <summary>One database for the process, as it holds nothing and costs more to open than a small checkpoint to write.</summary>
    private static readonly Lazy<DuckDBConnection> Database = new(static () =>
    {
        var connection = new DuckDBConnection("DataSource=:memory:;autoinstall_known_extensions=false;autoload_known_extensions=false;threads=1");
        connection.Open();
        return connection;
    });

    private static readonly Lock Gate = new();

    /// <summary>A connection of its own. The caller disposes it.</summary>
    public static DuckDBConnection Open()
    {
        lock (Gate)
        {
            var connection = Database.Value.Duplicate();
            connection.Open();
            return connection;
        }
    }

    /// <summary>A text as SQL writes it.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>File names as a list for <c>read_parquet</c>; characters of patterns stand for themselves.</summary>
    public static string List(IEnumerable<string> paths) => $"[{string.Join(", ", paths.Select(static path => Quote(EscapePattern(path))))}]";

    private static string EscapePattern(string path) => path.AsSpan().ContainsAny('*', '?', '[')
        ? path.Replace("[", "[[]", StringComparison.Ordinal).Replace("*", "[*]", StringComparison.Ordinal).Replace("?", "[?]", StringComparison.Ordinal)
        : path;
}
