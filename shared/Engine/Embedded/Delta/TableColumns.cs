using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>How the columns of rows to write meet those of a table.</summary>
internal static class TableColumns
{
    /// <summary>Makes the table or changes its columns where that is asked for; answers the query of the rows with the table's columns, which ends with an error at a row that the table's rules do not allow.</summary>
    /// <exception cref="EngineException">The columns do not fit, or a rule is not understood; the message names them.</exception>
    public static string Plan(SessionContext session, string table, Transaction transaction, string sql, StructType rows, IReadOnlyList<string> partitionBy, SourceOptions options, bool overwrites)
    {
        var incoming = AsNullable(rows);
        Fit(session, table, transaction, incoming, partitionBy, options, overwrites);
        var rules = RowRules.Of(table, transaction);
        if (transaction.Schema.FirstOrDefault(column => !column.IsNullable && incoming.Find(column.Name) is null && !rules.IsGenerated(column)) is { } required)
            throw Refused(table, $"column '{required.Name}' may not be null, and the rows lack it");
        return rules.Applied($"SELECT {Select(transaction.Schema, incoming)} FROM ({sql})", column => incoming.Find(column.Name) is not null);
    }

    private static void Fit(SessionContext session, string table, Transaction transaction, StructType incoming, IReadOnlyList<string> partitionBy, SourceOptions options, bool overwrites)
    {
        if (incoming.FirstOrDefault(field => field.DataType is NullType) is { } untyped && transaction.Snapshot?.Schema.Find(untyped.Name) is null)
            throw Refused(table, $"column '{untyped.Name}' is nothing but NULL and has no type. Cast it");
        if (transaction.Snapshot is null)
        {
            transaction.Create(incoming, partitionBy, Properties(session, options));
            return;
        }
        var current = transaction.Snapshot.Schema;
        if (overwrites && options.Flag("overwriteSchema", false))
        {
            var parts = partitionBy.Count > 0 ? partitionBy : [.. transaction.PartitionColumns.Where(column => incoming.Find(column) is not null)];
            if (!SameNames(parts, transaction.PartitionColumns) || !incoming.Equals(current)) transaction.SetSchema(incoming, [.. parts.Select(column => incoming.Find(column)?.Name ?? column)]);
            return;
        }
        if (partitionBy.Count > 0 && !SameNames(partitionBy, transaction.PartitionColumns))
            throw Refused(table, $"it is {(transaction.PartitionColumns.IsEmpty ? "not partitioned" : $"partitioned by {string.Join(", ", transaction.PartitionColumns)}")}, and the write says partitionBy {string.Join(", ", partitionBy)}. Leave partitionBy out, or overwrite with overwriteSchema");
        var other = incoming.Where(field => current.Find(field.Name) is { } column && field.DataType is not NullType && !IsSame(column.DataType, field.DataType)).ToList();
        if (other.Count > 0)
            throw Refused(table, $"columns have other types than in the table: {string.Join(", ", other.Select(field => $"'{field.Name}' is {current.Find(field.Name)!.DataType.SimpleString} and the rows have {field.DataType.SimpleString}"))}. Cast them, or overwrite with overwriteSchema");
        var unknown = incoming.Where(field => current.Find(field.Name) is null).ToList();
        if (unknown.Count > 0 && !options.Flag("mergeSchema", false))
            throw Refused(table, $"columns are not in the table: {string.Join(", ", unknown.Select(field => $"'{field.Name}'"))}. It has: {string.Join(", ", current.FieldNames)}. Leave them out, or set mergeSchema", "DELTA_METADATA_MISMATCH");
        if (unknown.Count > 0) transaction.SetSchema(new StructType(current.Concat(unknown)));
    }

    /// <summary>Properties of a table that is made: those of the write, and for the others the session's defaults.</summary>
    private static Dictionary<string, string> Properties(SessionContext session, SourceOptions options)
    {
        const string defaults = "spark.databricks.delta.properties.defaults.";
        const string own = "delta.";
        var properties = new SourceOptions(session.Conf).StartingWith(defaults).ToDictionary(entry => own + entry.Key[defaults.Length..], entry => entry.Value, StringComparer.Ordinal);
        foreach (var (key, value) in options.StartingWith(own)) properties[key] = value;
        return properties;
    }

    private static string Select(StructType table, StructType rows) => string.Join(", ", table.Select(column => rows.Find(column.Name) is { } field
        ? $"{DuckDbTypes.Quote(field.Name)} AS {DuckDbTypes.Quote(column.Name)}"
        : $"NULL::{DuckDbTypes.ToSql(column.DataType)} AS {DuckDbTypes.Quote(column.Name)}"));

    private static bool SameNames(IReadOnlyList<string> one, IReadOnlyList<string> other) => one.SequenceEqual(other, StringComparer.OrdinalIgnoreCase);

    private static StructType AsNullable(StructType schema) => new(schema.Select(field => field with { IsNullable = true }));

    private static bool IsSame(DataType a, DataType b) => (a, b) switch
    {
        (StructType x, StructType y) => x.Count == y.Count && x.Zip(y).All(pair => pair.First.Name.Equals(pair.Second.Name, StringComparison.OrdinalIgnoreCase) && IsSame(pair.First.DataType, pair.Second.DataType)),
        (ArrayType x, ArrayType y) => IsSame(x.ElementType, y.ElementType),
        (MapType x, MapType y) => IsSame(x.KeyType, y.KeyType) && IsSame(x.ValueType, y.ValueType),
        _ => a.Equals(b),
    };

    private static EngineException Refused(string table, string why, string errorClass = "DELTA_FAILED_TO_MERGE_FIELDS") =>
        new($"Cannot write to the Delta table '{table}': {why}.") { ErrorClass = errorClass, SqlState = "22005" };
}
