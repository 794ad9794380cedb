using System.Collections;
using System.Collections.Immutable;

namespace Pipeline.Engine.Types;

/// <summary>A named, typed column of a <see cref="StructType"/>.</summary>
/// <param name="Name">The column's name, as it is written.</param>
/// <param name="DataType">Its type.</param>
/// <param name="IsNullable">Whether it may be null.</param>
/// <param name="Metadata">Spark's column metadata: JSON texts by key, such as <c>comment</c>; null is empty.</param>
public sealed record StructField(string Name, DataType DataType, bool IsNullable = true, ImmutableSortedDictionary<string, string>? Metadata = null)
{
    /// <summary>Column metadata, never null: the raw JSON of each value by key.</summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } = Metadata ?? ImmutableSortedDictionary<string, string>.Empty;

    /// <inheritdoc/>
    public bool Equals(StructField? other) =>
        other is not null && Name == other.Name && DataType.Equals(other.DataType) && IsNullable == other.IsNullable && Metadata.SequenceEqual(other.Metadata);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, DataType, IsNullable);
}

/// <summary>An ordered set of named columns: the schema of a table, or a value with fields.</summary>
public sealed record StructType : DataType, IReadOnlyList<StructField>
{
    private readonly ImmutableArray<StructField> fields;

    /// <summary>A schema of these columns, in this order.</summary>
    public StructType(IEnumerable<StructField> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        this.fields = [.. fields];
    }

    /// <summary>A schema of these columns, in this order.</summary>
    public StructType(params StructField[] fields) : this(fields.AsEnumerable())
    {
    }

    /// <summary>The columns in their order.</summary>
    public ImmutableArray<StructField> Fields => fields;

    /// <summary>The columns' names in their order.</summary>
    public IEnumerable<string> FieldNames => fields.Select(static column => column.Name);

    /// <inheritdoc/>
    public override string TypeName => "struct";

    /// <inheritdoc/>
    public override string SimpleString => $"struct<{string.Join(',', fields.Select(static column => $"{column.Name}:{column.DataType.SimpleString}"))}>";

    /// <summary>The schema as Spark's DDL: <c>`id` BIGINT, `name` STRING</c>.</summary>
    public string ToDdl() =>
        string.Join(", ", fields.Select(field => $"`{field.Name.Replace("`", "``", StringComparison.Ordinal)}` {field.DataType.SimpleString}{(field.IsNullable ? "" : " NOT NULL")}"));

    /// <inheritdoc/>
    public int Count => fields.Length;

    /// <inheritdoc/>
    public StructField this[int index] => fields[index];

    /// <summary>The column of this name (upper and lower case are one, as in Spark), or null where there is none.</summary>
    public StructField? Find(string name) => fields.FirstOrDefault(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Place of the column of this name, or -1.</summary>
    public int IndexOf(string name)
    {
        for (var i = 0; i < fields.Length; i++)
            if (fields[i].Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return i;
        return -1;
    }

    /// <summary>This schema with one more column at its end.</summary>
    public StructType Add(StructField field) => new(fields.Add(field));

    /// <inheritdoc/>
    public IEnumerator<StructField> GetEnumerator() => fields.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(StructType? other) => other is not null && fields.SequenceEqual(other.fields);

    /// <inheritdoc/>
    public override int GetHashCode() => fields.Aggregate(17, (hash, field) => HashCode.Combine(hash, field));

    /// <inheritdoc/>
    public override string ToString() => SimpleString;
}
