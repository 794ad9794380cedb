using Pipeline.Embedded.Session;
using Pipeline.Lake.Delta;
using Pipeline.Sql.Types;

namespace Pipeline.Embedded.Delta;

/// <summary>The SQL that reads data files of a Delta table as rows of its columns.</summary>
internal static class DeltaScan
{
    private const int MostBranches = 32;

    /// <summary>A query of all columns, in the table's order, over some of its files.</summary>
    /// <param name="tables">Gives local paths.</param>
    /// <param name="log">The table.</param>
    /// <param name="snapshot">The version whose columns are read.</param>
    /// <param name="files">The files; all of the snapshot's where null.</param>
    /// <param name="fileColumn">Name of a further column with the file's local path, or null.</param>
    public static string Query(DeltaTables tables, DeltaLog log, Snapshot snapshot, IEnumerable<AddFile>? files = null, string? fileColumn = null)
    {
        var chosen = (files ?? snapshot.Files).ToList();
        var schema = snapshot.Schema;
        var partitions = snapshot.PartitionColumns;
        var ofFile = new StructType(schema.Where(field => !partitions.Contains(field.Name, StringComparer.OrdinalIgnoreCase)));
        var wanted = Select(schema, fileColumn);
        if (chosen.Count == 0) return $"SELECT {wanted} FROM ({Empty(schema, fileColumn)})";
        var groups = chosen.GroupBy(file => string.Join('\u0001', partitions.Select(column => file.PartitionValues.GetValueOrDefault(column) ?? "\u0002"))).ToList();
        var rows = groups.Count <= MostBranches
            ? string.Join(" UNION ALL BY NAME ", groups.Select(group => Branch(tables, log, ofFile, schema, partitions, [.. group], fileColumn)))
            : Joined(tables, log, ofFile, schema, partitions, chosen, fileColumn);
        return $"SELECT {wanted} FROM ({rows})";
    }

    /// <summary>No rows, with the columns' types.</summary>
    private static string Empty(StructType schema, string? fileColumn) =>
        $"SELECT {string.Join(", ", schema.Select(field => $"NULL::{DuckDbTypes.ToSql(field.DataType)} AS {DuckDbTypes.Quote(field.Name)}"))}{(fileColumn is null ? "" : $", NULL::VARCHAR AS {DuckDbTypes.Quote(fileColumn)}")} WHERE false";

    private static string Select(StructType schema, string? fileColumn) =>
        string.Join(", ", schema.Select(field => $"CAST({DuckDbTypes.Quote(field.Name)} AS {DuckDbTypes.ToSql(field.DataType)}) AS {DuckDbTypes.Quote(field.Name)}")) + (fileColumn is null ? "" : $", {DuckDbTypes.Quote(fileColumn)}");

    /// <summary>Files of one partition: its values stand as constants, so that a filter on them leaves the whole branch out.</summary>
    private static string Branch(DeltaTables tables, DeltaLog log, StructType ofFile, StructType schema, IReadOnlyList<string> partitions, List<AddFile> files, string? fileColumn)
    {
        var constants = string.Concat(partitions.Select(column => $", {Constant(files[0].PartitionValues.GetValueOrDefault(column), schema.Find(column)!.DataType)} AS {DuckDbTypes.Quote(column)}"));
        return $"SELECT {OfFile(partitions)}{constants} FROM ({Files(tables, log, ofFile, files, fileColumn)})";
    }

    /// <summary>Files of many partitions: their values come by a join on the file's name.</summary>
    private static string Joined(DeltaTables tables, DeltaLog log, StructType ofFile, StructType schema, IReadOnlyList<string> partitions, List<AddFile> files, string? fileColumn)
    {
        var name = fileColumn ?? "__file";
        var values = string.Join(", ", files.Select(file => $"({DuckDbTypes.Literal(tables.Local(log, file.FilePath))}, {string.Join(", ", partitions.Select(column => Constant(file.PartitionValues.GetValueOrDefault(column), schema.Find(column)!.DataType)))})"));
        return $"SELECT f.*, {string.Join(", ", partitions.Select((column, i) => $"p.c{i} AS {DuckDbTypes.Quote(column)}"))} FROM (SELECT {OfFile(partitions)} FROM ({Files(tables, log, ofFile, files, name)})) f "
            + $"JOIN (VALUES {values}) p(path, {string.Join(", ", partitions.Select((_, i) => $"c{i}"))}) ON f.{DuckDbTypes.Quote(name)} = p.path";
    }

    /// <summary>All columns of the files but those of partitions, which a writer may have put into the files too: the log's values hold.</summary>
    private static string OfFile(IReadOnlyList<string> partitions) =>
        partitions.Count == 0 ? "*" : $"COLUMNS(c -> lower(c) NOT IN ({string.Join(", ", partitions.Select(column => $"lower({DuckDbTypes.Literal(column)})"))}))";

    private static string Files(DeltaTables tables, DeltaLog log, StructType ofFile, List<AddFile> files, string? fileColumn)
    {
        var paths = string.Join(", ", files.Select(file => DuckDbTypes.FileLiteral(tables.Local(log, file.FilePath))));
        var named = fileColumn is null ? "" : $", filename = {DuckDbTypes.Literal(fileColumn)}";
        // A column that came after a file was written is null in it; where every file is known to have every column there is no need to open them all to see.
        return files.TrueForAll(file => HasAll(ofFile, file))
            ? $"FROM read_parquet([{paths}], hive_partitioning = false{named})"
            : $"FROM read_parquet([{paths}], hive_partitioning = false, union_by_name = true{named}) UNION ALL BY NAME {Empty(ofFile, fileColumn)}";
    }

    private static bool HasAll(StructType columns, AddFile file) => file.ReadStatistics() is { } statistics && columns.All(column => statistics.NullCount.ContainsKey(column.Name));

    private static string Constant(string? text, DataType type) => text is null ? $"NULL::{DuckDbTypes.ToSql(type)}" : $"CAST({DuckDbTypes.Literal(text)} AS {DuckDbTypes.ToSql(type)})";
}
