using System.Globalization;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Delta;

/// <summary>Whether rows and files fit a table.</summary>
internal static class TableSchema
{
    /// <summary>Refuses columns that do not fit: a column that the table lacks, another type, other partitions. A column that the table has and the rows lack is null, where it may be.</summary>
    public static void RequireAppendable(Snapshot snapshot, StructType schema, IReadOnlyList<string>? partitionColumns)
    {
        foreach (var field in schema)
        {
            var column = snapshot.Schema.Find(field.Name);
            if (column is null)
                throw Mismatch(snapshot.Table, $"column '{field.Name}' is not in it. It has: {string.Join(", ", snapshot.Schema.FieldNames)}. Leave the column out, or write with mergeSchema");
            if (!IsSame(column.DataType, field.DataType))
                throw Mismatch(snapshot.Table, $"column '{column.Name}' is {column.DataType.SimpleString}, and the rows have {field.DataType.SimpleString}. Cast the column, or overwrite the table with overwriteSchema");
        }

        foreach (var column in snapshot.Schema)
            if (!column.IsNullable && schema.Find(column.Name) is null)
                throw Mismatch(snapshot.Table, $"column '{column.Name}' may not be null, and the rows lack it");
        if (partitionColumns is { Count: > 0 } && !partitionColumns.SequenceEqual(snapshot.PartitionColumns, StringComparer.OrdinalIgnoreCase))
        {
            var has = snapshot.PartitionColumns.IsEmpty ? "is not partitioned" : $"is partitioned by {string.Join(", ", snapshot.PartitionColumns)}";
            throw Mismatch(snapshot.Table, $"it {has}, and the write says {string.Join(", ", partitionColumns)}. Leave the partition columns out");
        }
    }

    /// <summary>Refuses partition columns that the schema lacks, or that leave no column for the files.</summary>
    public static void RequirePartitions(string table, StructType schema, IReadOnlyList<string> partitionColumns)
    {
        if (schema.Count == 0) throw Mismatch(table, "it has no columns. Give it at least one");
        var twice = schema.FieldNames.GroupBy(static name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(static group => group.Count() > 1);
        if (twice is not null) throw Mismatch(table, $"column '{twice.Key}' stands in it twice (names are compared without case)");
        foreach (var column in partitionColumns)
        {
            var field = schema.Find(column) ?? throw Mismatch(table, $"partition column '{column}' is not among its columns. It has: {string.Join(", ", schema.FieldNames)}");
            if (field.DataType is StructType or ArrayType or MapType) throw Mismatch(table, $"partition column '{column}' is {field.DataType.SimpleString}, and files are partitioned by atomic values only");
        }

        if (partitionColumns.Count >= schema.Count) throw Mismatch(table, "all its columns are partition columns. Leave at least one for the files");
    }

    /// <summary>Refuses names of new columns, nested ones too, that Spark refuses in a table without column mapping: it could neither read nor write the table. A partition column is in no file, and Spark reads it under any name.</summary>
    /// <param name="table">The table, for messages.</param>
    /// <param name="before">Columns that the table has already, or null.</param>
    /// <param name="after">Its columns to be.</param>
    /// <param name="partitionColumns">Its partition columns to be.</param>
    public static void RequireNames(string table, StructType? before, StructType after, IReadOnlyList<string> partitionColumns)
    {
        var known = before is null ? [] : Names(before, "").ToHashSet(StringComparer.OrdinalIgnoreCase);
        known.UnionWith(partitionColumns);
        var bad = Names(after, "").FirstOrDefault(name => name.AsSpan().ContainsAny(RefusedInNames) && !known.Contains(name));
        if (bad is null) return;
        var letter = bad[bad.AsSpan().IndexOfAny(RefusedInNames)];
        var shown = letter switch { ' ' => "a blank", '\n' => "a line break", '\t' => "a tab", _ => $"'{letter}'" };
        throw Mismatch(table, $"the name of column '{bad.Replace('\n', ' ').Replace('\t', ' ')}' has {shown}, and Spark reads no Delta table with one of ' ,;{{}}()=', a tab or a line break in a column's name. Give the column another name");
    }

    private static readonly System.Buffers.SearchValues<char> RefusedInNames = System.Buffers.SearchValues.Create(" ,;{}()\n\t=");

    /// <summary>Names of all fields, those of structs after the name of the struct and a dot.</summary>
    private static IEnumerable<string> Names(DataType type, string path) => type switch
    {
        StructType fields => fields.SelectMany(field => Names(field.DataType, $"{path}{field.Name}.").Prepend(path + field.Name)),
        ArrayType array => Names(array.ElementType, path),
        MapType map => Names(map.KeyType, path).Concat(Names(map.ValueType, path)),
        _ => [],
    };

    /// <summary>The fields of a type, those in structs, arrays and maps too, each with the names that lead to it, as <c>place.lat</c>.</summary>
    public static IEnumerable<(string Path, StructField Field)> Fields(DataType type, string path = "") => type switch
    {
        StructType fields => fields.SelectMany(field => Fields(field.DataType, $"{path}{field.Name}.").Prepend(($"{path}{field.Name}", field))),
        ArrayType array => Fields(array.ElementType, path),
        MapType map => Fields(map.KeyType, path).Concat(Fields(map.ValueType, path)),
        _ => [],
    };

    /// <summary>Refuses a file that does not fit the table's partitions and not-null columns.</summary>
    public static void RequireFits(string table, ColumnMapping mapping, DataFile file)
    {
        var partitionKeys = mapping.PartitionKeys;
        if (file.Path.Length == 0 || file.Path[0] == '/' || file.Path.Contains("://", StringComparison.Ordinal) || file.Path.Split('/').Contains(".."))
            throw Mismatch(table, $"the file '{file.Path}' is not below the table's folder. Give paths from that folder");
        if (file.PartitionValues.Count != partitionKeys.Length || !partitionKeys.All(file.PartitionValues.ContainsKey))
            throw Mismatch(table, $"the file '{file.Path}' has values of the partition columns [{string.Join(", ", file.PartitionValues.Keys)}], and the table's are [{string.Join(", ", partitionKeys)}]");
        foreach (var (column, stored) in mapping.Schema.Zip(mapping.StoredSchema))
        {
            if (column.IsNullable) continue;
            if (file.Statistics?.NullCount.TryGetValue(stored.Name, out var nulls) == true && nulls > 0)
                throw Mismatch(table, string.Create(CultureInfo.InvariantCulture, $"column '{column.Name}' may not be null, and the file '{file.Path}' has {nulls} nulls in it"));
            if (file.PartitionValues.TryGetValue(stored.Name, out var value) && value is null)
                throw Mismatch(table, $"partition column '{column.Name}' may not be null, and it is in the file '{file.Path}'");
        }
    }

    /// <summary>Whether two types are the same but for what may be null and comments.</summary>
    public static bool IsSame(DataType a, DataType b) => (a, b) switch
    {
        (StructType x, StructType y) => x.Count == y.Count && x.Zip(y).All(static pair => pair.First.Name.Equals(pair.Second.Name, StringComparison.OrdinalIgnoreCase) && IsSame(pair.First.DataType, pair.Second.DataType)),
        (ArrayType x, ArrayType y) => IsSame(x.ElementType, y.ElementType),
        (MapType x, MapType y) => IsSame(x.KeyType, y.KeyType) && IsSame(x.ValueType, y.ValueType),
        _ => a.Equals(b),
    };

    private static DeltaException Mismatch(string table, string why) => new(DeltaErrorKind.SchemaMismatch, $"Cannot write to the table '{table}': {why}.");
}
