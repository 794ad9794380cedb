using Microsoft.Extensions.Logging;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Schemas.Contracts;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>Brings tables that an earlier contract or release made to the columns of this one.</summary>
/// <remarks>Only a nullable column can be added: the rows that the table has get null in it. Every other difference is refused, since it would change or lose what the table has.</remarks>
public static class TableEvolution
{
    /// <summary>The columns of a contract's table: the contract's, the surrogate key or the rows' origin where the contract asks for one of them, and <c>batch_id</c>.</summary>
    /// <param name="contract">The contract.</param>
    public static StructType ColumnsOf(TableContract contract)
    {
        ArgumentNullException.ThrowIfNull(contract);
        var columns = contract.Columns.Select(static column => new StructField(column.Name, column.Type, !column.IsRequired)).ToList();
        if (contract.Key.IsEmpty) columns.Add(new StructField(SurrogateKey.ColumnName, new StringType(), false));
        else if (contract.RefusesRepeatedKeys) columns.AddRange(RowClassifier.OriginColumns);
        columns.Add(new StructField("batch_id", new StringType(), false));
        return new StructType(columns);
    }

    /// <summary>Adds the nullable columns that a table lacks.</summary>
    /// <param name="spark">The session.</param>
    /// <param name="path">The table; nothing is done where there is none.</param>
    /// <param name="wanted">Its columns by this contract or release.</param>
    /// <param name="allowsMore">Whether the table may have columns that are not among them, as one that a later release has extended.</param>
    /// <returns>Names of the columns that were added.</returns>
    /// <exception cref="DataException">The table differs in another way.</exception>
    public static IReadOnlyList<string> Evolve(SparkSession spark, string path, StructType wanted, bool allowsMore)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(wanted);
        if (!DeltaTable.IsDeltaTable(spark, path)) return [];
        var table = spark.Read().Format("delta").Load(path);
        var found = table.Schema();
        Require(path, found, wanted, allowsMore);
        var missing = wanted.Where(column => found.Find(column.Name) is null).ToList();
        if (missing.Count == 0) return [];
        // No row is written: the commit changes the schema only.
        var extended = missing.Aggregate(table.Limit(0), static (rows, column) => rows.WithColumn(column.Name, Lit(null).Cast(column.DataType.SimpleString)));
        extended.Write().Format("delta").Mode("append").Option("mergeSchema", "true").Save(path);
        return [.. missing.Select(static column => column.Name)];
    }

    /// <summary>Brings the table of a data set, its quarantine and <c>batches</c> to the columns of this contract and release, with a line in the log for each table that is changed.</summary>
    /// <param name="context">The run.</param>
    /// <param name="contract">The table's contract.</param>
    /// <exception cref="DataException">A table differs in a way that no new column can mend.</exception>
    public static void EvolveTables(this ILoadingRun context, TableContract contract)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(contract);
        Evolve(context, context.Lake.Table(contract.Name), ColumnsOf(contract), allowsMore: false);
        EvolveQuarantine(context, contract.Name);
        EvolveBatches(context);
    }

    /// <summary>Brings the quarantine of a table to the columns of this release.</summary>
    public static void EvolveQuarantine(this ILoadingRun context, string table)
    {
        ArgumentNullException.ThrowIfNull(context);
        Evolve(context, context.Lake.Quarantine(table), Quarantine.Schema, allowsMore: true);
    }

    /// <summary>Brings <c>batches</c> to the columns of this release.</summary>
    public static void EvolveBatches(this ILoadingRun context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Evolve(context, context.Lake.Batches, Batches.Schema, allowsMore: true);
    }

    /// <summary>Rows of a table with the columns of this release: null in those that the table lacks.</summary>
    /// <param name="spark">The session.</param>
    /// <param name="path">The table.</param>
    /// <param name="columns">The columns.</param>
    public static DataFrame Read(SparkSession spark, string path, StructType columns)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(columns);
        var table = spark.Read().Format("delta").Load(path);
        var found = table.Schema();
        return table.Select([.. columns.Select(column => found.Find(column.Name) is null ? Lit(null).Cast(column.DataType.SimpleString).As(column.Name) : Col(column.Name))]);
    }

    private static void Evolve(ILoadingRun context, string path, StructType wanted, bool allowsMore)
    {
        var added = Evolve(context.Spark, path, wanted, allowsMore);
        if (added.Count == 0) return;
        context.Log.LogInformation("Table '{Table}' has new columns: {Columns}. The rows that it has are null there", path, string.Join(", ", added.Select(static name => $"'{name}'")));
    }

    private static void Require(string path, StructType found, StructType wanted, bool allowsMore)
    {
        foreach (var column in wanted)
        {
            var known = found.Find(column.Name);
            if (known is null && !column.IsNullable)
                throw new DataException($"Table '{path}' lacks the column '{column.Name}', which must have a value in each row: the rows that the table has would have none. Make the column optional in the contract, or load the data into another lake.");
            if (known is not null && known.DataType.SimpleString != column.DataType.SimpleString)
                throw new DataException($"Column '{column.Name}' of table '{path}' is {known.DataType.SimpleString}, and the contract has {column.DataType.SimpleString}. Give the contract's column its old type, or a new name; or load the data into another lake.");
        }
        if (allowsMore) return;
        if (found.FirstOrDefault(column => wanted.Find(column.Name) is null) is { } unknown)
            throw new DataException($"Table '{path}' has the column '{unknown.Name}', which the contract lacks: new rows would have no value in it. Put the column back into the contract as an optional one, or load the data into another lake.");
    }
}
