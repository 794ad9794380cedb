using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Schemas;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Suite.Runtime.Queries;

/// <summary>A table of the lake as its log and its contract tell of it.</summary>
/// <param name="Name">The name that queries use.</param>
/// <param name="Location">Path or URI of the table.</param>
public sealed record CatalogTable(string Name, string Location)
{
    /// <summary>Data set; null where the table belongs to none, or to all.</summary>
    public string? Dataset { get; init; }

    /// <summary>What one row is; null where no contract tells.</summary>
    public string? Grain { get; init; }

    /// <summary>Where the rows come from, in words; null where no contract tells.</summary>
    public string? Lineage { get; init; }

    /// <summary>The latest version.</summary>
    public required long Version { get; init; }

    /// <summary>Rows, by the files' statistics; null where a file has none.</summary>
    public long? Rows { get; init; }

    /// <summary>Data files of the latest version.</summary>
    public required int Files { get; init; }

    /// <summary>Size of these files.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>When the latest version was committed, UTC; null where its commit file is gone.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Columns in order.</summary>
    public required IReadOnlyList<CatalogColumn> Columns { get; init; }
}

/// <summary>A column of a table of the lake.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">Its type, as Spark names it.</param>
/// <param name="IsNullable">Whether it may be without a value, by the table and the contract.</param>
public sealed record CatalogColumn(string Name, string Type, bool IsNullable)
{
    /// <summary>Place in the table's key from 1; null where it is no part of it.</summary>
    public int? KeyPlace { get; init; }

    /// <summary>Unit as printed; null where there is none, or none is known.</summary>
    public string? Unit { get; init; }

    /// <summary>What it means; null where neither the table nor a contract tells.</summary>
    public string? Description { get; init; }
}

/// <summary>What tables a lake has, with the meaning that the contracts give them. Read from the tables' logs: no engine is asked.</summary>
public static class LakeCatalog
{
    /// <summary>Columns of <c>information_schema.tables</c>.</summary>
    public static StructType TableColumns { get; } = new(
        new StructField("table_name", new StringType()), new StructField("table_type", new StringType()), new StructField("dataset", new StringType()), new StructField("rows", new LongType()),
        new StructField("size_bytes", new LongType()), new StructField("version", new LongType()), new StructField("changed_at", new TimestampType()), new StructField("description", new StringType()));

    /// <summary>Columns of <c>information_schema.columns</c>.</summary>
    public static StructType ColumnColumns { get; } = new(
        new StructField("table_name", new StringType()), new StructField("column_name", new StringType()), new StructField("ordinal_position", new IntegerType()), new StructField("data_type", new StringType()),
        new StructField("is_nullable", new StringType()), new StructField("key", new StringType()), new StructField("unit", new StringType()), new StructField("description", new StringType()));

    /// <summary>All tables, ordered by name.</summary>
    /// <exception cref="DeltaException">A table's log cannot be read.</exception>
    public static async Task<IReadOnlyList<CatalogTable>> ReadAsync(LakeLayout lake, LakeTables tables, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tables);
        var found = new List<CatalogTable>();
        foreach (var name in tables.Names)
        {
            try
            {
                found.Add(await ReadAsync(lake, tables, name, cancellationToken));
            }
            catch (DeltaException error) when (error.Kind == DeltaErrorKind.TableNotFound)
            {
                // A folder that a run made, and into which none has written.
            }
        }
        return found;
    }

    /// <summary>One table.</summary>
    /// <exception cref="UsageException">There is no such table; the message names the nearest.</exception>
    /// <exception cref="DeltaException">Its log cannot be read.</exception>
    public static async Task<CatalogTable> ReadAsync(LakeLayout lake, LakeTables tables, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(tables);
        var log = DeltaLog.For(tables.PathOf(name), lake.StorageOptions);
        var snapshot = await log.LoadExistingAsync(cancellationToken);
        var latest = (await TableHistory.ReadAsync(log, 1, cancellationToken)).FirstOrDefault();
        var (dataset, description) = Describe(tables.NameOf(name));
        return new CatalogTable(tables.NameOf(name), tables.PathOf(name))
        {
            Dataset = dataset,
            Grain = description?.Grain,
            Lineage = description?.Lineage,
            Version = snapshot.Version,
            Rows = snapshot.CountRows(),
            Files = snapshot.FileCount,
            SizeBytes = snapshot.SizeBytes,
            ChangedAt = latest?.CommittedAt,
            Columns = [.. snapshot.Mapping.Schema.Select(field => Of(field, description))],
        };
    }

    /// <summary>The data set and the meaning of a table, by its name; null where no contract knows it.</summary>
    public static (string? Dataset, TableDescription? Description) Describe(string table)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (table == LakeColumns.Batches.Name) return (null, LakeColumns.Batches);
        foreach (var dataset in Datasets.All)
        {
            if (table == dataset.Main.Contract.Name) return (dataset.Name, TableDescription.Of(dataset));
            if (table == dataset.Enriched?.Name) return (dataset.Name, dataset.Enriched);
            if (table == dataset.Main.Contract.Name + LakeTables.QuarantineSuffix) return (dataset.Name, LakeColumns.Quarantine(dataset.Main.Contract.Name));
        }
        return (null, table.EndsWith(LakeTables.QuarantineSuffix, StringComparison.Ordinal) ? LakeColumns.Quarantine(table[..^LakeTables.QuarantineSuffix.Length]) : null);
    }

    /// <summary>A table as a row of <see cref="TableColumns"/>.</summary>
    internal static Row TableRow(CatalogTable table) =>
        new(TableColumns, [table.Name, "BASE TABLE", table.Dataset, table.Rows, table.SizeBytes, table.Version, table.ChangedAt?.UtcDateTime, table.Grain]);

    /// <summary>A table's columns as rows of <see cref="ColumnColumns"/>.</summary>
    internal static IEnumerable<Row> ColumnRows(CatalogTable table) => table.Columns.Select((column, i) => new Row(ColumnColumns,
        [table.Name, column.Name, i + 1, column.Type, column.IsNullable ? "YES" : "NO", column.KeyPlace is null ? null : "PRI", column.Unit, column.Description]));

    private static CatalogColumn Of(StructField field, TableDescription? description)
    {
        var told = description?.Columns.FirstOrDefault(column => column.Name == field.Name) ?? LakeColumns.Provenance.FirstOrDefault(column => column.Name == field.Name);
        var place = description?.Key.IndexOf(field.Name) ?? -1;
        return new CatalogColumn(field.Name, field.DataType.SimpleString, field.IsNullable && told is not { IsRequired: true })
        {
            KeyPlace = place < 0 ? null : place + 1,
            Unit = told?.Unit,
            Description = told?.Description,
        };
    }
}
