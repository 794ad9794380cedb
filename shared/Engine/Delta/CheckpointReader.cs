using System.Collections.Immutable;
using System.Data.Common;
using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Delta;

/// <summary>A checkpoint could not be read; another one, or the commits, may still be enough.</summary>
internal sealed class CheckpointException(string path, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Path { get; } = path;
}

/// <summary>Reads a checkpoint's rows as actions: what the table has, or what was removed from it.</summary>
/// <remarks>
/// Each row has one of its columns set. A checkpoint of the feature v2Checkpoint may be JSON, and may keep its files in sidecars. Files, of which there may be many, are read field by field; the few other rows are turned into the JSON of a commit's line by DuckDB and read as such.
/// Source: Delta transaction log protocol, "Checkpoints".
/// </remarks>
internal static class CheckpointReader
{
    private const string Add = "add";
    private const string Remove = "remove";
    private const string Sidecar = "sidecar";
    private const string Text = "VARCHAR";
    private const string Number = "BIGINT";
    private const string Flag = "BOOLEAN";
    private static readonly string[] KindsButFiles = ["txn", "metaData", "protocol", "domainMetadata"];

    /// <summary>All rows but those of removed files.</summary>
    /// <exception cref="CheckpointException">A file of the checkpoint is not there, or is no checkpoint's.</exception>
    public static Task<List<DeltaAction>> ReadAsync(IStorage storage, TablePaths paths, CheckpointFiles checkpoint, CancellationToken cancellationToken) => ReadAsync(
        storage,
        checkpoint,
        SelectTable,
        (row, file, line) => GetText(row, 0) is { } json ? RequireColumns(ActionReader.ReadLine(Encoding.UTF8.GetBytes(json), file, line)) : paths.Locate(ToAdd(row)),
        action => action is RemoveFile or CommitInfo ? null : RequireColumns(paths.Locate(action)),
        cancellationToken);

    /// <summary>The rows of removed files.</summary>
    /// <exception cref="CheckpointException">A file of the checkpoint is not there, or is no checkpoint's.</exception>
    public static Task<List<RemoveFile>> ReadTombstonesAsync(IStorage storage, TablePaths paths, CheckpointFiles checkpoint, CancellationToken cancellationToken) =>
        ReadAsync(storage, checkpoint, SelectTombstones, (row, _, _) => paths.Locate(ToRemove(row)), action => action is RemoveFile remove ? paths.Locate(remove) : null, cancellationToken);

    /// <summary>A checkpoint is of a table that has columns: one without them is broken, and another, or the commits, may tell them.</summary>
    private static DeltaAction? RequireColumns(DeltaAction? action) => action is Metadata { SchemaString.Length: 0 } ? throw Lacks("metaData", "schemaString") : action;

    /// <param name="storage">The table's folder.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="select">The query of a Parquet file.</param>
    /// <param name="convert">A row of that query as an action.</param>
    /// <param name="choose">An action of a JSON file that is asked for, else null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    private static async Task<List<T>> ReadAsync<T>(
        IStorage storage, CheckpointFiles checkpoint, Func<CheckpointColumns, string, string> select, Func<DbDataReader, string, int, T?> convert, Func<DeltaAction, T?> choose, CancellationToken cancellationToken)
        where T : DeltaAction
    {
        var name = checkpoint.Paths[0];
        try
        {
            var actions = new List<T>();
            var sidecars = name.EndsWith(".json", StringComparison.Ordinal)
                ? await ReadJsonAsync(storage, name, choose, actions, cancellationToken).ConfigureAwait(false)
                : await ReadParquetAsync(storage, checkpoint.Paths, select, convert, actions, cancellationToken).ConfigureAwait(false);
            if (sidecars.Count > 0) _ = await ReadParquetAsync(storage, [.. sidecars.Select(LogPath.Sidecar)], select, convert, actions, cancellationToken).ConfigureAwait(false);
            return actions;
        }
        catch (Exception error) when (error is DuckDBException or FormatException or JsonException or InvalidOperationException or InvalidCastException or DeltaException or StorageException { IsNotFound: true })
        {
            throw new CheckpointException(name, error.Message.Split('\n', 2)[0], error);
        }
    }

    /// <summary>Reads files of rows; answers the sidecars that they name.</summary>
    private static async Task<List<string>> ReadParquetAsync<T>(
        IStorage storage, ImmutableArray<string> files, Func<CheckpointColumns, string, string> select, Func<DbDataReader, string, int, T?> convert, List<T> actions, CancellationToken cancellationToken)
        where T : DeltaAction
    {
        var copies = new List<LocalCopy>();
        try
        {
            foreach (var path in files) copies.Add(await LocalCopy.FetchAsync(storage, path, cancellationToken: cancellationToken).ConfigureAwait(false));
            using var connection = ParquetEngine.Open();
            using var command = connection.CreateCommand();
            var source = $"read_parquet({ParquetEngine.List(copies.Select(static copy => copy.Path))}, union_by_name = true, hive_partitioning = false)";
            var columns = CheckpointColumns.Of(command, source);
            if (!columns.Has(Add) && !columns.Has(Remove) && !KindsButFiles.Any(columns.Has)) throw new FormatException("it has none of a checkpoint's columns");
            var sidecars = columns.Has(Sidecar, "path") ? Sidecars(command, source) : [];
            command.CommandText = select(columns, source);
            using var rows = command.ExecuteReader();
            for (var line = 1; rows.Read(); line++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (convert(rows, files[0], line) is { } action) actions.Add(action);
            }

            return sidecars;
        }
        finally
        {
            foreach (var copy in copies) copy.Dispose();
        }
    }

    private static List<string> Sidecars(DuckDBCommand command, string source)
    {
        command.CommandText = $"SELECT {Sidecar}.path FROM {source} WHERE {Sidecar}.path IS NOT NULL";
        using var rows = command.ExecuteReader();
        var sidecars = new List<string>();
        while (rows.Read()) sidecars.Add(rows.GetString(0));
        return sidecars;
    }

    /// <summary>Reads a file of lines, as a commit has them; answers the sidecars that it names.</summary>
    private static async Task<List<string>> ReadJsonAsync<T>(IStorage storage, string file, Func<DeltaAction, T?> choose, List<T> actions, CancellationToken cancellationToken) where T : DeltaAction
    {
        var content = await storage.TryReadAsync(file, cancellationToken).ConfigureAwait(false) ?? throw new FormatException("it is not there");
        var sidecars = new List<string>();
        foreach (var action in ActionReader.ReadCommit(content, file))
        {
            if (action is SidecarFile sidecar) sidecars.Add(sidecar.Path);
            else if (choose(action) is { } chosen) actions.Add(chosen);
        }

        return sidecars;
    }

    private static string SelectTable(CheckpointColumns columns, string source)
    {
        var kinds = KindsButFiles.Where(columns.Has).ToList();
        var cases = string.Concat(kinds.Select(static kind => $" WHEN \"{kind}\" IS NOT NULL THEN '{{\"{kind}\":' || to_json(\"{kind}\")::VARCHAR || '}}'"));
        // Where its writer kept statistics only as columns, their number of rows stands in for the JSON.
        var stats = !columns.Has(Add, "stats") && columns.Has(Add, "stats_parsed")
            ? "CASE WHEN \"add\".stats_parsed.numRecords IS NOT NULL THEN '{\"numRecords\":' || \"add\".stats_parsed.numRecords || '}' END"
            : columns.Field(Add, "stats", Text);
        return $"""
            SELECT CASE{cases} WHEN false THEN '' END, {columns.Field(Add, "path", Text)}, {columns.Json(Add, "partitionValues")}, {columns.Field(Add, "size", Number)},
                {columns.Field(Add, "modificationTime", Number)}, {columns.Field(Add, "dataChange", Flag)}, {stats}, {columns.Json(Add, "tags")}, {columns.Json(Add, "deletionVector")},
                {columns.Field(Add, "baseRowId", Number)}, {columns.Field(Add, "defaultRowCommitVersion", Number)}, {columns.Field(Add, "clusteringProvider", Text)}
            FROM {source} WHERE {string.Join(" OR ", kinds.Append(Add).Select(columns.IsSet))}
            """;
    }

    private static AddFile ToAdd(DbDataReader row) => new(
        GetText(row, 1) ?? throw Lacks(Add, "path"), GetTexts(row, 2) ?? ActionReader.NoTexts, GetNumber(row, 3) ?? throw Lacks(Add, "size"), GetNumber(row, 4) ?? 0, GetFlag(row, 5) ?? true)
    {
        Stats = GetText(row, 6),
        Tags = GetTexts(row, 7),
        DeletionVector = GetVector(row, 8),
        BaseRowId = GetNumber(row, 9),
        DefaultRowCommitVersion = GetNumber(row, 10),
        ClusteringProvider = GetText(row, 11),
    };

    private static string SelectTombstones(CheckpointColumns columns, string source) => $"""
        SELECT {columns.Field(Remove, "path", Text)}, {columns.Field(Remove, "deletionTimestamp", Number)}, {columns.Field(Remove, "dataChange", Flag)}, {columns.Field(Remove, "extendedFileMetadata", Flag)},
            {columns.Json(Remove, "partitionValues")}, {columns.Field(Remove, "size", Number)}, {columns.Json(Remove, "deletionVector")},
            {columns.Field(Remove, "baseRowId", Number)}, {columns.Field(Remove, "defaultRowCommitVersion", Number)}
        FROM {source} WHERE {columns.IsSet(Remove)}
        """;

    private static RemoveFile ToRemove(DbDataReader row) => new(GetText(row, 0) ?? throw Lacks(Remove, "path"), GetNumber(row, 1), GetFlag(row, 2) ?? true)
    {
        ExtendedFileMetadata = GetFlag(row, 3) ?? false,
        PartitionValues = GetTexts(row, 4),
        SizeBytes = GetNumber(row, 5),
        DeletionVector = GetVector(row, 6),
        BaseRowId = GetNumber(row, 7),
        DefaultRowCommitVersion = GetNumber(row, 8),
    };

    private static FormatException Lacks(string action, string field) => new($"an action '{action}' lacks '{field}'");

    private static string? GetText(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static long? GetNumber(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    private static bool? GetFlag(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetBoolean(column);

    private static ImmutableSortedDictionary<string, string?>? GetTexts(DbDataReader row, int column) =>
        GetText(row, column) is { } json ? json == "{}" ? ActionReader.NoTexts : ActionReader.ReadTexts(Encoding.UTF8.GetBytes(json)) : null;

    private static DeletionVector? GetVector(DbDataReader row, int column) => GetText(row, column) is { } json ? ActionReader.ReadVector(Encoding.UTF8.GetBytes(json)) : null;
}
