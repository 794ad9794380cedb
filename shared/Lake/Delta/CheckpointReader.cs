using System.Collections.Immutable;
using System.Data.Common;
using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;
using Pipeline.Lake.Storage;

namespace Pipeline.Lake.Delta;

/// <summary>A checkpoint could not be read; another one, or the commits, may still be enough.</summary>
internal sealed class CheckpointException(string path, string message, Exception inner) : Exception(message, inner)
{
    public string Path { get; } = path;
}

/// <summary>Reads a checkpoint's rows as actions: what the table has, or what was removed from it.</summary>
/// <remarks>
/// Each row has one of its columns set. Files, of which there may be many, are read field by field; the few other rows are turned into the JSON of a commit's line by DuckDB and read as such.
/// Source: Delta transaction log protocol, "Checkpoints".
/// </remarks>
internal static class CheckpointReader
{
    private static readonly string[] Others = ["txn", "metaData", "protocol", "domainMetadata"];

    /// <summary>All rows but those of removed files.</summary>
    /// <exception cref="CheckpointException">A file of the checkpoint is not there, or is no checkpoint's.</exception>
    public static Task<List<DeltaAction>> ReadAsync(IStorage storage, CheckpointFiles checkpoint, CancellationToken cancellationToken) =>
        ReadAsync(storage, checkpoint, SelectTable, static (row, file, line) => row.IsDBNull(1) ? ToOther(row, file, line) : ToAdd(row), cancellationToken);

    /// <summary>The rows of removed files.</summary>
    /// <exception cref="CheckpointException">A file of the checkpoint is not there, or is no checkpoint's.</exception>
    public static Task<List<RemoveFile>> ReadTombstonesAsync(IStorage storage, CheckpointFiles checkpoint, CancellationToken cancellationToken) =>
        ReadAsync(storage, checkpoint, SelectTombstones, static (row, _, _) => row.IsDBNull(0) ? null : ToRemove(row), cancellationToken);

    private static async Task<List<T>> ReadAsync<T>(
        IStorage storage, CheckpointFiles checkpoint, Func<CheckpointColumns, string> select, Func<DbDataReader, string, int, T?> convert, CancellationToken cancellationToken) where T : DeltaAction
    {
        var (name, copies, actions) = (checkpoint.Paths[0], new List<LocalCopy>(), new List<T>());
        try
        {
            foreach (var path in checkpoint.Paths) copies.Add(await LocalCopy.FetchAsync(storage, path, cancellationToken: cancellationToken).ConfigureAwait(false));
            using var connection = ParquetEngine.Open();
            using var command = connection.CreateCommand();
            var source = $"read_parquet({ParquetEngine.List(copies.Select(static copy => copy.Path))}, union_by_name = true, hive_partitioning = false)";
            var columns = CheckpointColumns.Of(command, source);
            if (!columns.Has("add") && !Others.Any(columns.Has)) throw new CheckpointException(name, "it has none of a checkpoint's columns", new FormatException("No column of an action."));
            command.CommandText = $"{select(columns)} FROM {source}";
            using var rows = command.ExecuteReader();
            for (var line = 1; rows.Read(); line++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (convert(rows, name, line) is { } action) actions.Add(action);
            }

            return actions;
        }
        catch (Exception error) when (error is DuckDBException or FormatException or JsonException or StorageException { IsNotFound: true })
        {
            throw new CheckpointException(name, error.Message.Split('\n', 2)[0], error);
        }
        finally
        {
            foreach (var copy in copies) copy.Dispose();
        }
    }

    private static string SelectTable(CheckpointColumns columns)
    {
        var cases = string.Concat(Others.Where(columns.Has).Select(static kind => $" WHEN \"{kind}\" IS NOT NULL THEN '{{\"{kind}\":' || to_json(\"{kind}\")::VARCHAR || '}}'"));
        // Where its writer kept statistics only as columns, their number of rows stands in for the JSON.
        var stats = !columns.Has("add", "stats") && columns.Has("add", "stats_parsed")
            ? "CASE WHEN \"add\".stats_parsed.numRecords IS NOT NULL THEN '{\"numRecords\":' || \"add\".stats_parsed.numRecords || '}' END"
            : columns.Field("add", "stats");
        return $"""
            SELECT {(cases.Length == 0 ? "NULL" : $"CASE{cases} END")}, {columns.Field("add", "path")}, {columns.Json("add", "partitionValues")}, {columns.Field("add", "size")},
                {columns.Field("add", "modificationTime")}, {columns.Field("add", "dataChange")}, {stats}, {columns.Json("add", "tags")}, {columns.Json("add", "deletionVector")}
            """;
    }

    private static AddFile ToAdd(DbDataReader row) =>
        new(row.GetString(1), Texts(row, 2) ?? ActionReader.NoTexts, Number(row, 3) ?? throw new FormatException("the action 'add' lacks 'size'"), Number(row, 4) ?? 0, Flag(row, 5) ?? true)
        {
            Stats = Text(row, 6),
            Tags = Texts(row, 7),
            DeletionVector = Vector(row, 8),
        };

    private static DeltaAction? ToOther(DbDataReader row, string file, int line) => Text(row, 0) is { } json ? ActionReader.ReadLine(Encoding.UTF8.GetBytes(json), file, line) : null;

    private static string SelectTombstones(CheckpointColumns columns) => $"""
        SELECT {columns.Field("remove", "path")}, {columns.Field("remove", "deletionTimestamp")}, {columns.Field("remove", "dataChange")}, {columns.Field("remove", "extendedFileMetadata")},
            {columns.Json("remove", "partitionValues")}, {columns.Field("remove", "size")}, {columns.Json("remove", "deletionVector")}
        """;

    private static RemoveFile ToRemove(DbDataReader row) => new(row.GetString(0), Number(row, 1), Flag(row, 2) ?? true)
    {
        ExtendedFileMetadata = Flag(row, 3) ?? false,
        PartitionValues = Texts(row, 4),
        SizeBytes = Number(row, 5),
        DeletionVector = Vector(row, 6),
    };

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? Number(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static bool? Flag(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetBoolean(column);

    private static ImmutableSortedDictionary<string, string?>? Texts(DbDataReader row, int column) =>
        Text(row, column) is { } json ? json == "{}" ? ActionReader.NoTexts : ActionReader.ReadTexts(Encoding.UTF8.GetBytes(json)) : null;

    private static DeletionVector? Vector(DbDataReader row, int column) => Text(row, column) is { } json ? ActionReader.ReadVector(Encoding.UTF8.GetBytes(json)) : null;
}

/// <summary>Which columns a checkpoint has, and which fields in them: writers leave out what they do not use.</summary>
internal sealed class CheckpointColumns
{
    private readonly Dictionary<string, HashSet<string>> fields = new(StringComparer.Ordinal);

    private CheckpointColumns()
    {
    }

    public static CheckpointColumns Of(DuckDBCommand command, string source)
    {
        var columns = new CheckpointColumns();
        command.CommandText = $"DESCRIBE FROM {source}";
        using var reader = command.ExecuteReader();
        while (reader.Read()) columns.fields[reader.GetString(0)] = FieldsOf(reader.GetString(1));
        return columns;
    }

    public bool Has(string column) => fields.ContainsKey(column);

    public bool Has(string column, string field) => fields.TryGetValue(column, out var known) && known.Contains(field);

    /// <summary>The field as SQL, NULL where it is not there.</summary>
    public string Field(string column, string field) => Has(column, field) ? $"\"{column}\".\"{field}\"" : "NULL";

    /// <summary>The JSON of a field that is a map or a struct, as SQL.</summary>
    public string Json(string column, string field) => Has(column, field) ? $"CASE WHEN {Field(column, field)} IS NOT NULL THEN to_json({Field(column, field)})::VARCHAR END" : "NULL";

    /// <summary>Names of the fields of <c>STRUCT(path VARCHAR, "offset" INTEGER, …)</c>; none of another type.</summary>
    internal static HashSet<string> FieldsOf(string type)
    {
        const string Struct = "STRUCT(";
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (!type.StartsWith(Struct, StringComparison.Ordinal)) return names;
        var (depth, start, isQuoted) = (0, Struct.Length, false);
        for (var i = start; i < type.Length; i++)
        {
            if (type[i] == '"') isQuoted = !isQuoted;
            else if (isQuoted) continue;
            else if (depth == 0 && type[i] is ',' or ')')
            {
                var field = type.AsSpan(start..i).Trim();
                names.Add(field[0] == '"' ? field[1..(field[1..].IndexOf('"') + 1)].ToString() : field[..field.IndexOf(' ')].ToString());
                start = i + 1;
                if (type[i] == ')') break;
            }
            else if (type[i] == '(') depth++;
            else if (type[i] == ')') depth--;
        }

        return names;
    }
}
