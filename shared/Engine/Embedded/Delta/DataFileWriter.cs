using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>Writes a query's rows as Parquet files into a table's folder, each flushed to the disk, with the statistics that the log takes.</summary>
/// <param name="session">Where the query runs.</param>
/// <param name="log">The table.</param>
/// <param name="mapping">The table's columns; the query gives all of them as readers name them, by their types, and the files get their stored names.</param>
/// <param name="options">Writer options: <c>compression</c>, <c>targetFileSizeBytes</c>, <c>maxRecordsPerRowGroup</c>.</param>
internal sealed class DataFileWriter(SessionContext session, DeltaLog log, ColumnMapping mapping, SourceOptions options)
{
    /// <summary>Largest size of a data file where none is asked for, as Delta's own optimize has it for small tables.</summary>
    private const long TargetBytes = 128L << 20;

    /// <summary>Where files of changes stand, as in Spark's Delta.</summary>
    private const string ChangesFolder = "_change_data";

    private readonly ImmutableArray<string> partitions = mapping.PartitionKeys;
    private readonly List<(StructField Field, StructField Stored)> columns = InFiles(mapping);

    /// <summary>Files written, none where the query has no rows.</summary>
    public List<DataFile> Write(string sql, CancellationToken cancellationToken)
    {
        KillPoint.Reach(EmbeddedKillPoints.BeforeDataFile);
        var files = log.Storage.LocalRoot is { } root && partitions.Length == 0 ? WriteInPlace(root, sql, cancellationToken) : WriteBeside(sql, cancellationToken);
        if (files.Count > 0) KillPoint.Reach(EmbeddedKillPoints.AfterDataFile);
        return files;
    }

    /// <summary>Files of rows that a change deletes, inserts or updates, which readers of the table's changes read; each row has its kind in <see cref="ChangeFeed.TypeColumn"/> after the table's columns.</summary>
    public List<DataFile> WriteChanges(string sql, CancellationToken cancellationToken) => WriteBeside(sql, cancellationToken, isChanges: true);

    /// <summary>Deletes files that no commit has taken; never where one may have (<see cref="Transaction.MayStand"/>).</summary>
    public static void Discard(DeltaLog log, IEnumerable<DataFile> files)
    {
        foreach (var file in files) _ = EngineErrors.Wait(log.Storage.DeleteAsync(file.Path));
    }

    /// <summary>Straight into the table's folder, as Spark does: nothing names the files before the commit, and a vacuum takes what a writer that died leaves.</summary>
    private List<DataFile> WriteInPlace(string root, string sql, CancellationToken cancellationToken)
    {
        var stem = DataFile.NewStem();
        try
        {
            EngineErrors.Wait(log.Storage.CreateFolderAsync("", cancellationToken));
            var written = Copy(sql, root, stem + "-{i}", cancellationToken);
            foreach (var empty in written.Where(static file => file.Rows == 0)) File.Delete(empty.Path);
            var files = written.Where(static file => file.Rows > 0).Select(file => Described(file, Path.GetFileName(file.Path), DataFile.NoPartitions)).ToList();
            EngineErrors.Wait(log.Storage.FlushAsync([.. files.Select(static file => file.Path)], cancellationToken));
            return files;
        }
        catch
        {
            if (Directory.Exists(root))
                foreach (var file in Directory.EnumerateFiles(root, stem + "*")) File.Delete(file);
            throw;
        }
    }

    /// <summary>Into a folder beside, and from there to their places: where a store is elsewhere, or partitions have folders whose names are Delta's.</summary>
    private List<DataFile> WriteBeside(string sql, CancellationToken cancellationToken, bool isChanges = false)
    {
        // On the table's own disk, so that a file gets its name without being copied; a name with a dot is none of the table's.
        var folder = Path.Combine(log.Storage.LocalRoot ?? session.Database.TemporaryFolder, $".writing-{Guid.NewGuid():N}");
        try
        {
            if (log.Storage.LocalRoot is not null) EngineErrors.Wait(log.Storage.CreateFolderAsync("", cancellationToken));
            var files = new List<DataFile>();
            foreach (var file in Copy(sql, folder, "part-{uuid}", cancellationToken, isChanges).Where(static file => file.Rows > 0)) files.Add(Publish(file, files.Count, isChanges, cancellationToken));
            return files;
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    private List<Written> Copy(string sql, string folder, string names, CancellationToken cancellationToken, bool isChanges = false)
    {
        var values = columns.Select(pair => $"{(mapping.IsPartition(pair.Field) ? PartitionText(pair.Field) : Stored(pair.Field, pair.Stored))} AS {DuckDbTypes.Quote(pair.Stored.Name)}");
        if (isChanges) values = values.Append(DuckDbTypes.Quote(ChangeFeed.TypeColumn.Name));
        var rows = isChanges ? sql : RequiredValues.Checked(log.Table, mapping.Schema, sql);
        var compression = options.Text("compression", "snappy").ToLowerInvariant();
        if (compression is not ("snappy" or "zstd" or "gzip" or "lz4" or "uncompressed" or "none")) throw new EngineException($"The option compression is '{compression}'; it takes snappy, zstd, gzip, lz4 or uncompressed.") { ErrorClass = "INVALID_OPTION", SqlState = "22023" };
        var layout = partitions.Length > 0
            ? $"PARTITION_BY ({string.Join(", ", partitions.Select(DuckDbTypes.Quote))})"
            : string.Create(CultureInfo.InvariantCulture, $"FILE_SIZE_BYTES {options.Number("targetFileSizeBytes") ?? TargetBytes}");
        var copy = $"COPY (SELECT {string.Join(", ", values)} FROM ({rows})) TO {DuckDbTypes.Literal(folder)} (FORMAT parquet, COMPRESSION {(compression == "none" ? "uncompressed" : compression)}, RETURN_STATS, OVERWRITE_OR_IGNORE, FILENAME_PATTERN {DuckDbTypes.Literal(names)}{FieldIdOption()}, {layout})";
        using var lease = session.Connections.Rent();
        return [.. lease.Connection.Query(copy, null, cancellationToken).Select(Written.From)];
    }

    /// <summary>The table's columns, without those of the type void, which Spark does not write either: a file with a column of another type in such a place could not be read once the column gets its type.</summary>
    private static List<(StructField Field, StructField Stored)> InFiles(ColumnMapping mapping)
    {
        var hasOthers = mapping.Schema.Any(field => field.DataType is not NullType && !mapping.IsPartition(field));
        return [.. mapping.Schema.Zip(mapping.StoredSchema).Where(pair => pair.First.DataType is not NullType || !hasOthers)];
    }

    /// <summary>A column's value by its type, the fields in it by their stored names.</summary>
    private static string Stored(StructField field, StructField stored) =>
        NestedNames.Rename($"CAST({DuckDbTypes.Quote(field.Name)} AS {DuckDbTypes.ToSql(field.DataType)})", field.DataType, stored.DataType);

    /// <summary>The option of COPY for the field ids of the columns, which a table with a column mapping has; nothing for others.</summary>
    private string FieldIdOption()
    {
        if (mapping.Mode == ColumnMappingMode.None) return "";
        return Entries(columns.Where(pair => !mapping.IsPartition(pair.Field)).Select(static pair => pair.Stored)) is { Length: > 0 } entries ? $", FIELD_IDS {{{entries}}}" : "";

        static string Entries(IEnumerable<StructField> fields) => Listed(fields.Select(static field => Entry(field.Name, ColumnMapping.FieldId(field), field.DataType)));

        static string Entry(string name, int? id, DataType type)
        {
            var own = id is { } number ? string.Create(CultureInfo.InvariantCulture, $"__duckdb_field_id: {number}") : "";
            return Listed([own, Inside(type)]) is { Length: > 0 } entry ? $"{DuckDbTypes.Literal(name)}: {{{entry}}}" : "";
        }

        // Elements, keys and values have no ids of their own; fields of structs in them have.
        static string Inside(DataType type) => type switch
        {
            StructType fields => Entries(fields),
            ArrayType array => Entry("element", null, array.ElementType),
            MapType map => Listed([Entry("key", null, map.KeyType), Entry("value", null, map.ValueType)]),
            _ => "",
        };

        static string Listed(IEnumerable<string> entries) => string.Join(", ", entries.Where(static entry => entry.Length > 0));
    }

    private DataFile Publish(Written file, int part, bool isChanges, CancellationToken cancellationToken)
    {
        var values = partitions.Length == 0 ? DataFile.NoPartitions
            : partitions.ToImmutableSortedDictionary(column => column, column => file.PartitionKeys.GetValueOrDefault(column) is { Length: > 0 } text ? text : null, StringComparer.Ordinal);
        var path = DataFile.NewPath(partitions.Length == 0 ? "" : PartitionValue.FolderOf(partitions, values), part);
        if (isChanges) path = $"{ChangesFolder}/{path}";
        EngineErrors.Run(() => log.RequireOwnFolder(path));
        var described = Described(file, path, values);
        if (EngineErrors.Wait(log.Storage.PutFileIfAbsentAsync(path, file.Path, cancellationToken)) != PutResult.Created)
            throw new EngineException($"Cannot write the data file '{path}' of the table '{log.Table}': there is one of this name, which is made of a random number. Run again.") { IsTransient = true };
        return described;
    }

    private DataFile Described(Written file, string path, IReadOnlyDictionary<string, string?> values) =>
        new(path, new FileInfo(file.Path).Length, values, ColumnStatistics.Read(mapping.StoredSchema, partitions, file.Rows, file.Statistics), DateTimeOffset.UtcNow);

    /// <summary>A partition column as the text that the log has for it.</summary>
    internal static string PartitionText(StructField field)
    {
        var column = DuckDbTypes.Quote(field.Name);
        return field.DataType switch
        {
            StringType => $"nullif({column}, '')",
            TimestampType => $"strftime(CAST({column} AS TIMESTAMPTZ) AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')",
            TimestampNTZType => $"strftime(CAST({column} AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%f')",
            // Bytes that are no UTF-8 have no text in the log: DuckDB refuses them.
            BinaryType => $"nullif(decode({column}), '')",
            _ => $"CAST(CAST({column} AS {DuckDbTypes.ToSql(field.DataType)}) AS VARCHAR)",
        };
    }

    /// <summary>A file as COPY reports it.</summary>
    private sealed record Written(string Path, long Rows, Dictionary<object, object?> Statistics, Dictionary<string, string?> PartitionKeys)
    {
        public static Written From(Pipeline.Engine.Sql.Row row) => new(
            row.GetAs<string>("filename"),
            (long)row.GetAs<decimal>("count"),
            row.Get("column_statistics") as Dictionary<object, object?> ?? [],
            row.Get("partition_keys") is Dictionary<object, object?> keys ? keys.ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value, StringComparer.OrdinalIgnoreCase) : []);
    }
}
