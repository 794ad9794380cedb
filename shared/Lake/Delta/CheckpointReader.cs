using System.Text;
using DuckDB.NET.Data;
using Pipeline.Lake.Storage;

namespace Pipeline.Lake.Delta;

/// <summary>A checkpoint could not be read; another one, or the commits, may still be enough.</summary>
internal sealed class CheckpointException(string path, string message, Exception inner) : Exception(message, inner)
{
    public string Path { get; } = path;
}

/// <summary>Reads a checkpoint's rows as actions.</summary>
/// <remarks>Each row has one of its columns set; it is turned into the JSON of a commit's line by DuckDB and read as such. Source: Delta transaction log protocol, "Checkpoints".</remarks>
internal static class CheckpointReader
{
    private static readonly string[] Kinds = ["add", "remove", "txn", "metaData", "protocol", "domainMetadata"];

    public static async Task<List<DeltaAction>> ReadAsync(IStorage storage, CheckpointFiles checkpoint, CancellationToken cancellationToken)
    {
        var copies = new List<LocalCopy>();
        try
        {
            foreach (var path in checkpoint.Paths) copies.Add(await LocalCopy.FetchAsync(storage, path, cancellationToken: cancellationToken).ConfigureAwait(false));
            return Read(checkpoint.Paths[0], ParquetEngine.List(copies.Select(static copy => copy.Path)), cancellationToken);
        }
        catch (DuckDBException error)
        {
            throw new CheckpointException(checkpoint.Paths[0], error.Message.Split('\n', 2)[0], error);
        }
        finally
        {
            foreach (var copy in copies) copy.Dispose();
        }
    }

    private static List<DeltaAction> Read(string name, string files, CancellationToken cancellationToken)
    {
        var actions = new List<DeltaAction>();
        using var connection = ParquetEngine.Open();
        using var command = connection.CreateCommand();
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        command.CommandText = $"DESCRIBE SELECT * FROM read_parquet({files}, union_by_name = true, hive_partitioning = false)";
        using (var reader = command.ExecuteReader())
            while (reader.Read()) columns[reader.GetString(0)] = reader.GetString(1);
        var present = Kinds.Where(columns.ContainsKey).ToList();
        if (present.Count == 0) throw new CheckpointException(name, "it has none of a checkpoint's columns", new FormatException("No column of an action."));
        var cases = string.Concat(present.Select(kind => $" WHEN \"{kind}\" IS NOT NULL THEN '{{\"{kind}\":' || to_json({Value(kind, columns[kind])})::VARCHAR || '}}'"));
        command.CommandText = $"SELECT CASE{cases} END FROM read_parquet({files}, union_by_name = true, hive_partitioning = false)";
        using var rows = command.ExecuteReader();
        var line = 0;
        while (rows.Read())
        {
            cancellationToken.ThrowIfCancellationRequested();
            line++;
            if (!rows.IsDBNull(0) && ActionReader.ReadLine(Encoding.UTF8.GetBytes(rows.GetString(0)), name, line) is { } action) actions.Add(action);
        }

        return actions;
    }

    /// <summary>The column; where its writer kept statistics only as columns, their number of rows stands in for the JSON.</summary>
    private static string Value(string kind, string type) =>
        kind == "add" && !type.Contains("stats VARCHAR", StringComparison.Ordinal) && type.Contains("stats_parsed STRUCT(", StringComparison.Ordinal)
            ? "struct_insert(\"add\", stats := CASE WHEN \"add\".stats_parsed.numRecords IS NOT NULL THEN '{\"numRecords\":' || \"add\".stats_parsed.numRecords || '}' END)"
            : $"\"{kind}\"";
}
