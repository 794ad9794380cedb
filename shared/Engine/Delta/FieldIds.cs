using System.Collections.Immutable;
using DuckDB.NET.Data;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Delta;

/// <summary>Finds the columns of a table in its data files by the field ids of Parquet, for tables whose columns are mapped by id.</summary>
/// <remarks>Files that Delta wrote name a column by its stored name too; files of other writers, such as those of a converted Iceberg table, name it as it was called when they were written.</remarks>
public static class FieldIds
{
    /// <summary>What the name of a column begins with that a file lacks: no file has such a column.</summary>
    private static readonly string Absent = $"__absent_{Guid.NewGuid():N}";

    /// <summary>The columns of a table by the names that each file has for them, in the order of the files.</summary>
    /// <param name="snapshot">The table.</param>
    /// <param name="files">Data files of the table.</param>
    /// <param name="localPaths">Their paths on this machine, in the same order.</param>
    /// <exception cref="DeltaException">A file has no field ids, or cannot be read.</exception>
    public static IReadOnlyList<StructType> Find(Snapshot snapshot, IReadOnlyList<AddFile> files, IReadOnlyList<string> localPaths)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(localPaths);
        using var connection = ParquetEngine.Open();
        using var command = connection.CreateCommand();
        return [.. files.Zip(localPaths, (file, path) =>
        {
            var columns = Read(command, snapshot, file, path);
            return columns.Any(static column => column.HasId) ? Resolve(snapshot.Mapping.StoredSchema, columns) : throw DataFileErrors.WithoutFieldIds(snapshot, file);
        })];
    }

    private static ImmutableArray<FileColumn> Read(DuckDBCommand command, Snapshot snapshot, AddFile file, string path)
    {
        try
        {
            command.CommandText = $"SELECT name, field_id, num_children FROM parquet_schema({ParquetEngine.List([path])})";
            using var rows = command.ExecuteReader();
            return rows.Read() ? Children(rows, rows.IsDBNull(2) ? 0 : rows.GetInt64(2)) : [];
        }
        catch (DuckDBException error)
        {
            throw DataFileErrors.Damaged(snapshot.Table, snapshot.Version, file, error.Message.Split('\n', 2)[0], error);
        }
    }

    /// <summary>The next columns of the same parent; a column's children stand after it.</summary>
    private static ImmutableArray<FileColumn> Children(DuckDBDataReader rows, long count)
    {
        var columns = ImmutableArray.CreateBuilder<FileColumn>();
        for (; count > 0 && rows.Read(); count--)
        {
            var (name, id) = (rows.GetString(0), rows.IsDBNull(1) ? (long?)null : rows.GetInt64(1));
            columns.Add(new FileColumn(name, id, Children(rows, rows.IsDBNull(2) ? 0 : rows.GetInt64(2))));
        }

        return columns.ToImmutable();
    }

    private static StructType Resolve(StructType fields, ImmutableArray<FileColumn> columns) => new(fields.Select(field =>
        ColumnMapping.FieldId(field) is { } id && columns.FirstOrDefault(column => column.Id == id) is { } found
            ? field with { Name = found.Name, DataType = Resolve(field.DataType, found) }
            : field with { Name = Absent + field.Name }));

    private static DataType Resolve(DataType type, FileColumn column) => (type, column.Children) switch
    {
        (StructType fields, var children) => Resolve(fields, children),
        (ArrayType array, [var repeated]) => array with { ElementType = Resolve(array.ElementType, ElementOf(repeated)) },
        (MapType map, [{ Children: [var key, var value] }]) => map with { KeyType = Resolve(map.KeyType, key), ValueType = Resolve(map.ValueType, value) },
        _ => type,
    };

    /// <summary>The element of a list: the one column of its repeated group, or that group itself in files of old writers.</summary>
    /// <remarks>Source: Apache Parquet format, "Lists" and its backward-compatibility rules.</remarks>
    private static FileColumn ElementOf(FileColumn repeated) =>
        repeated.Children.Length == 1 && repeated.Name != "array" && !repeated.Name.EndsWith("_tuple", StringComparison.Ordinal) ? repeated.Children[0] : repeated;

    /// <summary>A column of a file.</summary>
    private sealed record FileColumn(string Name, long? Id, ImmutableArray<FileColumn> Children)
    {
        public bool HasId => Id is not null || Children.Any(static child => child.HasId);
    }
}
