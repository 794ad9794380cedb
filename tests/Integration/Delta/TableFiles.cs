using System.Collections.Immutable;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Types;

namespace Pipeline.Tests.Integration.Delta;

/// <summary>Writes and reads parquet files of a table by DuckDB, as the embedded engine does.</summary>
internal static class TableFiles
{
    /// <summary>Writes the rows of a query as one file, and tells the log's statistics from DuckDB's own answer.</summary>
    public static DataFile Write(DeltaLog log, StructType schema, string query, params (string Column, string? Value)[] partition)
    {
        var values = partition.ToImmutableSortedDictionary(static entry => entry.Column, static entry => entry.Value, StringComparer.Ordinal);
        var path = DataFile.NewPath(partition.Length == 0 ? "" : PartitionValue.FolderOf(partition.Select(static entry => entry.Column), values));
        var file = Path.Combine(log.Storage.LocalRoot!, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var connection = ParquetEngine.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SET TimeZone = 'UTC'; COPY ({query}) TO {ParquetEngine.Quote(file)} (FORMAT parquet, RETURN_STATS)";
        using var answer = command.ExecuteReader();
        answer.Read();
        var columns = (System.Collections.IDictionary)answer.GetValue(answer.GetOrdinal("column_statistics"));
        var statistics = columns.Keys.Cast<string>().Select(name => KeyValuePair.Create(name, (IReadOnlyDictionary<string, string>)columns[name]!)).ToList();
        var rows = Convert.ToInt64(answer.GetValue(answer.GetOrdinal("count")), System.Globalization.CultureInfo.InvariantCulture);
        return new DataFile(path, new FileInfo(file).Length, values, ParquetStatistics.FromCopy(schema, rows, statistics), DateTimeOffset.UtcNow);
    }

    /// <summary>One value over all files of a snapshot.</summary>
    public static object? Query(Snapshot snapshot, string select)
    {
        using var connection = ParquetEngine.Open();
        using var command = connection.CreateCommand();
        var files = ParquetEngine.List(snapshot.Files.Select(file => Path.Combine(snapshot.Table, file.FilePath)));
        command.CommandText = $"SELECT {select} FROM read_parquet({files}, hive_partitioning = false)";
        return command.ExecuteScalar();
    }
}
