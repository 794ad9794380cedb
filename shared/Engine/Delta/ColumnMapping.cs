using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Delta;

/// <summary>By what a column is found in data files.</summary>
public enum ColumnMappingMode
{
    /// <summary>By its name in the schema.</summary>
    None,

    /// <summary>By a stored name, which stays when the column is renamed.</summary>
    Name,

    /// <summary>By the field id that each data file has for it.</summary>
    Id,
}

/// <summary>The columns of a table as readers name them, and as its files and its log name them. Immutable and thread-safe.</summary>
/// <remarks>Source: Delta transaction log protocol, "Column Mapping".</remarks>
public sealed class ColumnMapping
{
    private const string Prefix = "delta.columnMapping.";
    private const string IdKey = Prefix + "id";
    private const string NameKey = Prefix + "physicalName";
    private const string ModeProperty = Prefix + "mode";
    private const string MaxIdProperty = Prefix + "maxColumnId";

    private ColumnMapping(ColumnMappingMode mode, StructType schema, StructType stored, ImmutableArray<string> partitionColumns)
    {
        (Mode, Schema, StoredSchema, PartitionColumns) = (mode, schema, stored, partitionColumns);
        PartitionKeys = [.. partitionColumns.Select(column => schema.IndexOf(column) is var place and >= 0 && mode != ColumnMappingMode.None ? stored[place].Name : column)];
    }

    /// <summary>By what columns are found in data files.</summary>
    public ColumnMappingMode Mode { get; }

    /// <summary>All columns as readers name them, without the metadata that only the mapping needs.</summary>
    public StructType Schema { get; }

    /// <summary>The same columns in the same order, nested ones too, by the names that files, statistics and partition values have for them.</summary>
    public StructType StoredSchema { get; }

    /// <summary>Columns by which files are partitioned, as readers name them.</summary>
    public ImmutableArray<string> PartitionColumns { get; }

    /// <summary>The names that partition values in the log have for <see cref="PartitionColumns"/>, in the same order.</summary>
    public ImmutableArray<string> PartitionKeys { get; }

    /// <summary>Whether a column is one by which files are partitioned.</summary>
    public bool IsPartition(StructField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        return PartitionColumns.Contains(field.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The number by which a column of <see cref="StoredSchema"/> is known, or null where it has none.</summary>
    public static int? FieldId(StructField stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        return stored.Metadata.GetValueOrDefault(IdKey) is { } text && int.TryParse(text, CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    /// <summary>The mapping of a version of a table.</summary>
    /// <exception cref="DeltaException">The mode is not one of the protocol's, or a column lacks what the mode needs.</exception>
    internal static ColumnMapping Of(string table, Protocol protocol, Metadata metadata)
    {
        var (mode, schema) = (ModeOf(table, protocol, metadata), metadata.ReadSchema(table));
        if (mode == ColumnMappingMode.None) return new ColumnMapping(mode, schema, schema, metadata.PartitionColumns);
        return new ColumnMapping(mode, Plain(schema), Stored(table, mode, schema), metadata.PartitionColumns);
    }

    /// <summary>The mode of a table; a property of a table whose protocol has no column mapping is no mode.</summary>
    /// <exception cref="DeltaException">The mode is not one of the protocol's.</exception>
    internal static ColumnMappingMode ModeOf(string table, Protocol protocol, Metadata metadata)
    {
        var isSupported = protocol.MinReaderVersion == 2 || protocol.ReaderFeatures.Contains(TableFeatures.ColumnMapping);
        return !isSupported ? ColumnMappingMode.None : metadata.Configuration.GetValueOrDefault(ModeProperty) switch
        {
            null or "none" => ColumnMappingMode.None,
            "name" => ColumnMappingMode.Name,
            "id" => ColumnMappingMode.Id,
            var other => throw TableFeatures.Refused(table, "read", $"columnMapping (mode {other})"),
        };
    }

    /// <summary>Metadata whose new columns, nested ones too, have a stored name and a number.</summary>
    internal static Metadata Number(Metadata metadata, StructType schema)
    {
        var last = metadata.Configuration.TryGetValue(MaxIdProperty, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var known) ? known : 0;
        var next = TableSchema.Fields(schema).Select(static field => FieldId(field.Field) ?? 0).Append(last).Max();
        var numbered = Each(schema, field =>
        {
            var own = field.Metadata;
            if (!own.ContainsKey(IdKey)) own = own.SetItem(IdKey, (++next).ToString(CultureInfo.InvariantCulture));
            if (!own.ContainsKey(NameKey)) own = own.SetItem(NameKey, $"\"col-{Guid.NewGuid():D}\"");
            return field with { Metadata = own };
        });
        return metadata with { SchemaString = numbered.Json, Configuration = metadata.Configuration.SetItem(MaxIdProperty, next.ToString(CultureInfo.InvariantCulture)) };
    }

    /// <summary>Metadata of an earlier version whose next column does not get a number that a column of the table had since.</summary>
    internal static Metadata KeepLargestId(Metadata earlier, Metadata current)
    {
        if (!current.Configuration.TryGetValue(MaxIdProperty, out var now)) return earlier;
        var then = earlier.Configuration.GetValueOrDefault(MaxIdProperty);
        var isLarger = int.TryParse(now, CultureInfo.InvariantCulture, out var last) && (!int.TryParse(then, CultureInfo.InvariantCulture, out var first) || last > first);
        return isLarger ? earlier with { Configuration = earlier.Configuration.SetItem(MaxIdProperty, now) } : earlier;
    }

    /// <summary>Whether two versions have the same columns under the same stored names, so that a file written for one has the columns of the other.</summary>
    internal static bool IsSame(string table, Metadata a, Metadata b)
    {
        if ((a.Configuration.GetValueOrDefault(ModeProperty) ?? "none") != (b.Configuration.GetValueOrDefault(ModeProperty) ?? "none")) return false;
        if (a.SchemaString == b.SchemaString) return true;
        var (x, y) = (a.ReadSchema(table), b.ReadSchema(table));
        return TableSchema.IsSame(x, y) && TableSchema.IsSame(Named(x), Named(y));

        static DataType Named(StructType schema) => Each(schema, static field => field.Metadata.TryGetValue(NameKey, out var name) ? field with { Name = name } : field);
    }

    /// <summary>The same fields changed one after the other, a struct's before those in it; in arrays and maps too.</summary>
    private static DataType Each(DataType type, Func<StructField, StructField> change) => type switch
    {
        StructType fields => new StructType(fields.Select(field => change(field) with { DataType = Each(field.DataType, change) })),
        ArrayType array => array with { ElementType = Each(array.ElementType, change) },
        MapType map => map with { KeyType = Each(map.KeyType, change), ValueType = Each(map.ValueType, change) },
        _ => type,
    };

    private static StructType Plain(StructType schema) => (StructType)Each(schema, static field =>
        field with { Metadata = field.Metadata.RemoveRange(field.Metadata.Keys.Where(static key => key.StartsWith(Prefix, StringComparison.Ordinal))) });

    private static StructType Stored(string table, ColumnMappingMode mode, StructType schema) => (StructType)Each(schema, field =>
    {
        if (field.Metadata.GetValueOrDefault(NameKey) is not ['"', ..] name) throw Lacks(table, mode, field.Name, NameKey);
        if (mode == ColumnMappingMode.Id && FieldId(field) is null) throw Lacks(table, mode, field.Name, IdKey);
        return field with { Name = JsonSerializer.Deserialize<string>(name)! };
    });

    private static DeltaException Lacks(string table, ColumnMappingMode mode, string column, string key) => new(
        DeltaErrorKind.CorruptLog,
        $"Cannot read the columns of the table '{table}': its columns are mapped by {(mode == ColumnMappingMode.Id ? "id" : "name")}, and column '{column}' has no '{key}'. Read another version of the table, or set the column's mapping with Spark's Delta.");
}
