using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>The SQL that reads data files of a Delta table as rows of its columns.</summary>
/// <remarks>
/// The table's columns and types are given to DuckDB, by name: a column that a file lacks is null in it, whatever the log's statistics say of it,
/// and no file is opened before it is read. Rows that a file's deletion vector names are left out. Partition columns have the log's values, even where a file has a column of that name too.
/// </remarks>
internal static class DeltaScan
{
    private const int MostBranches = 32;

    /// <summary>Name of a further column with the local path of the file that a row stands in. No table has a column of this name, as nobody can foresee it.</summary>
    public static string FileColumn { get; } = $"__file_{Guid.NewGuid():N}";

    /// <summary>Name of a further column with the number of a row in its file, from 0, deleted rows counted too.</summary>
    public static string RowColumn { get; } = $"__row_{Guid.NewGuid():N}";

    /// <summary>Stands for a table's columns where all of them are partition columns: DuckDB reads no file without a column.</summary>
    private static readonly StructField NoColumn = new($"__none_{Guid.NewGuid():N}", new IntegerType());

    /// <summary>A query of all columns, in the table's order, over some of its files.</summary>
    /// <param name="tables">Gives local paths.</param>
    /// <param name="log">The table.</param>
    /// <param name="snapshot">The version whose columns are read.</param>
    /// <param name="files">The files; all of the snapshot's where null.</param>
    /// <param name="withFile">Whether <see cref="FileColumn"/> is there, after the table's columns.</param>
    public static string Query(DeltaTables tables, DeltaLog log, Snapshot snapshot, IEnumerable<AddFile>? files = null, bool withFile = false) =>
        Query(tables, log, snapshot, files, new ScanForm { HasFile = withFile });

    /// <summary>As the other, with what the form asks for.</summary>
    public static string Query(DeltaTables tables, DeltaLog log, Snapshot snapshot, IEnumerable<AddFile>? files, ScanForm form)
    {
        var mapping = EngineErrors.Run(() => snapshot.Mapping);
        var chosen = (files ?? snapshot.Files).ToList();
        if (chosen.Count == 0 || mapping.Mode != ColumnMappingMode.Id) return new Scan(tables, log, snapshot, mapping.StoredSchema, form).Query(chosen);
        // Each file may have other names for the columns.
        var found = EngineErrors.Run(() => FieldIds.Find(snapshot, chosen, chosen.ConvertAll(file => tables.Local(log, snapshot, file))));
        var alike = chosen.Zip(found).GroupBy(static pair => pair.Second, static pair => pair.First);
        return string.Join(" UNION ALL ", alike.Select(group => new Scan(tables, log, snapshot, group.Key, form).Query([.. group])));
    }

    /// <summary>A partition's value in the log as a constant of SQL. An empty text is null, whatever the column's type; the bytes of a binary value are those of its text in UTF-8, as in Spark.</summary>
    /// <remarks>Source: Delta transaction log protocol, "Partition Value Serialization".</remarks>
    public static string Constant(string? text, DataType type)
    {
        if (string.IsNullOrEmpty(text)) return $"NULL::{DuckDbTypes.ToSql(type)}";
        return type is BinaryType ? $"encode({DuckDbTypes.Literal(text)})" : $"CAST({DuckDbTypes.Literal(text)} AS {DuckDbTypes.ToSql(type)})";
    }

    /// <summary>One query in the making.</summary>
    private sealed class Scan
    {
        private readonly DeltaTables tables;
        private readonly DeltaLog log;
        private readonly Snapshot snapshot;
        private readonly ColumnMapping mapping;
        private readonly ScanForm form;
        private readonly List<StructField> columns;
        private readonly List<StructField> inFiles;
        private readonly string fileSchema;

        /// <param name="tables">Gives local paths.</param>
        /// <param name="log">The table.</param>
        /// <param name="snapshot">The version whose columns are read.</param>
        /// <param name="stored">The table's columns by the names that the files have for them.</param>
        /// <param name="form">What else is asked for.</param>
        public Scan(DeltaTables tables, DeltaLog log, Snapshot snapshot, StructType stored, ScanForm form)
        {
            (this.tables, this.log, this.snapshot, this.form, mapping) = (tables, log, snapshot, form, snapshot.Mapping);
            columns = [.. mapping.Schema.Where(field => !mapping.IsPartition(field))];
            inFiles = [.. stored.Zip(mapping.Schema).Where(pair => !mapping.IsPartition(pair.Second)).Select(static pair => pair.First)];
            inFiles.AddRange(form.More);
            if (inFiles.Count == 0) inFiles.Add(NoColumn);
            var entries = inFiles.Select(static (field, i) =>
                $"{DuckDbTypes.Literal(field.Name)}: {{name: '{Place(i)}', type: {DuckDbTypes.Literal(DuckDbTypes.ToSql(field.DataType))}, default_value: NULL}}");
            fileSchema = $"MAP {{{string.Join(", ", entries)}}}";
        }

        /// <summary>All columns of some files.</summary>
        public string Query(List<AddFile> files)
        {
            if (files.Count == 0) return Empty();
            if (mapping.PartitionKeys.IsEmpty) return Branch(files);
            var groups = files.GroupBy(file => PartitionValue.KeyOf(mapping.PartitionKeys, file.PartitionValues), StringComparer.Ordinal).ToList();
            return groups.Count <= MostBranches ? string.Join(" UNION ALL ", groups.Select(group => Branch([.. group]))) : Joined(files);
        }

        /// <summary>No rows, with the columns' types.</summary>
        private string Empty()
        {
            var columns = mapping.Schema.Select(static field => $"NULL::{DuckDbTypes.ToSql(field.DataType)} AS {DuckDbTypes.Quote(field.Name)}");
            var more = form.More.Select(static field => $", NULL::{DuckDbTypes.ToSql(field.DataType)} AS {DuckDbTypes.Quote(field.Name)}");
            return $"SELECT {string.Join(", ", columns)}{string.Concat(more)}{(form.HasFile ? $", NULL::VARCHAR AS {FileColumn}" : "")}{(form.HasRow ? $", NULL::BIGINT AS {RowColumn}" : "")} WHERE false";
        }

        /// <summary>Files of one partition: its values stand as constants, so that a filter on them leaves the whole branch out.</summary>
        private string Branch(List<AddFile> files)
        {
            var values = files[0].PartitionValues;
            return $"SELECT {Columns(field => Constant(ValueOf(values, field.Name), field.DataType))} FROM {Rows(files, form.HasFile)} f";
        }

        /// <summary>Files of many partitions: their values come by a join on the file's name.</summary>
        private string Joined(List<AddFile> files)
        {
            var partitions = mapping.Schema.Where(mapping.IsPartition).ToList();
            var texts = partitions.Select((field, i) => $"unnest({DuckDbTypes.TextList(files.ConvertAll(file => ValueOf(file.PartitionValues, field.Name) ?? ""))}) AS e{i}");
            var values = partitions.Select(static (field, i) => field.DataType is BinaryType ? $"encode(nullif(e{i}, '')) AS p{i}" : $"CAST(nullif(e{i}, '') AS {DuckDbTypes.ToSql(field.DataType)}) AS p{i}");
            return $"SELECT {Columns(field => $"p.p{partitions.IndexOf(field)}")} FROM {Rows(files, true)} f "
                + $"JOIN (SELECT path, {string.Join(", ", values)} FROM (SELECT unnest({DuckDbTypes.TextList(Paths(files))}) AS path, {string.Join(", ", texts)})) p ON f.{FileColumn} = p.path";
        }

        /// <summary>The table's columns out of those of <see cref="Rows"/>.</summary>
        private string Columns(Func<StructField, string> partitionValue)
        {
            var values = mapping.Schema.Select(field => $"{(mapping.IsPartition(field) ? partitionValue(field) : InFile(columns.IndexOf(field)))} AS {DuckDbTypes.Quote(field.Name)}");
            var more = form.More.Select((field, i) => $", f.{Place(columns.Count + i)} AS {DuckDbTypes.Quote(field.Name)}");
            return $"{string.Join(", ", values)}{string.Concat(more)}{(form.HasFile ? $", f.{FileColumn}" : "")}{(form.HasRow ? $", f.{RowColumn}" : "")}";
        }

        /// <summary>Rows of files without those that deletion vectors name; of some files only those that are asked for.</summary>
        private string Rows(List<AddFile> files, bool named)
        {
            var whole = files.Where(file => file.DeletionVector is null && !form.Only.ContainsKey(file.FilePath)).ToList();
            if (whole.Count == files.Count && !form.HasRow) return Read(Paths(files), named);
            var columns = string.Join(", ", inFiles.Select(static (_, i) => Place(i)).Append(FileColumn));
            if (form.HasRow) columns += $", r.file_row_number AS {RowColumn}";
            var only = files.Where(file => form.Only.ContainsKey(file.FilePath)).ToList();
            var partial = files.Except(whole).Except(only).ToList();
            var parts = new List<string>();
            if (whole.Count > 0) parts.Add($"SELECT {columns} FROM {Read(Paths(whole), true)} r");
            if (partial.Count > 0) parts.Add(Joined("ANTI", partial, partial.ConvertAll(file => EngineErrors.Wait(log.ReadDeletedRowsAsync(snapshot, file)))));
            if (only.Count > 0) parts.Add(Joined("SEMI", only, only.ConvertAll(file => form.Only[file.FilePath])));
            return $"({string.Join(" UNION ALL ", parts)})";

            string Joined(string kind, List<AddFile> some, List<IReadOnlyList<long>> rows)
            {
                var paths = Paths(some);
                return $"SELECT {columns} FROM {Read(paths, true)} r {kind} JOIN (SELECT path, unnest(places) AS place FROM "
                    + $"(SELECT unnest({DuckDbTypes.TextList(paths)}) AS path, unnest(CAST('[{string.Join(',', rows.Select(static places => $"[{string.Join(',', places)}]"))}]' AS BIGINT[][])) AS places)) d ON r.{FileColumn} = d.path AND r.file_row_number = d.place";
            }
        }

        private static string Place(int column) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"c{column}");

        /// <summary>A column out of those of <see cref="Rows"/>, the fields in it by the table's names.</summary>
        private string InFile(int column) => NestedNames.Rename($"f.{Place(column)}", inFiles[column].DataType, columns[column].DataType);

        /// <summary>The value of a column by its name in <see cref="ColumnMapping.PartitionColumns"/>, which may be spelled with other case in the schema.</summary>
        private string? ValueOf(IReadOnlyDictionary<string, string?> values, string column)
        {
            var key = mapping.PartitionColumns.Zip(mapping.PartitionKeys).First(pair => pair.First.Equals(column, StringComparison.OrdinalIgnoreCase)).Second;
            return values.GetValueOrDefault(key);
        }

        private List<string> Paths(List<AddFile> files) => files.ConvertAll(file => tables.Local(log, snapshot, file));

        private string Read(List<string> paths, bool named) =>
            $"read_parquet({DuckDbTypes.TextList(paths.ConvertAll(DuckDbTypes.FilePattern))}, hive_partitioning = false, schema = {fileSchema}{(named ? $", filename = '{FileColumn}'" : "")})";
    }
}

/// <summary>What a query of a table's files gives beside the table's columns, and of which files it gives some rows only.</summary>
internal sealed record ScanForm
{
    /// <summary>Whether <see cref="DeltaScan.FileColumn"/> is there.</summary>
    public bool HasFile { get; init; }

    /// <summary>Whether <see cref="DeltaScan.RowColumn"/> is there.</summary>
    public bool HasRow { get; init; }

    /// <summary>Further columns of the files, after the table's.</summary>
    public IReadOnlyList<StructField> More { get; init; } = [];

    /// <summary>Numbers of the rows that are asked for by the file's path, in place of those that its deletion vector leaves.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Only { get; init; } = new Dictionary<string, IReadOnlyList<long>>();
}
