using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Types;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>The lake's table <c>batches</c>, read and changed.</summary>
public static class BatchRows
{
    /// <summary>Whether any batch was ever taken in.</summary>
    public static bool Exist(SparkSession spark, LakeLayout lake)
    {
        ArgumentNullException.ThrowIfNull(lake);
        return DeltaTable.IsDeltaTable(spark, lake.Batches);
    }

    /// <summary>All rows, columns as in <see cref="Batches.Schema"/>; fails where there are none (<see cref="Exist"/>).</summary>
    public static DataFrame Read(SparkSession spark, LakeLayout lake)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(lake);
        return TableEvolution.Read(spark, lake.Batches, Batches.Schema);
    }

    /// <summary>The rows of a condition, oldest first; none where no batch was ever taken in.</summary>
    public static IReadOnlyList<BatchRecord> Find(SparkSession spark, LakeLayout lake, Column condition) => Exist(spark, lake)
        ? [.. Read(spark, lake).Filter(condition).OrderBy(Col("received_at").Asc(), Col("batch_id").Asc()).Collect().Select(static row => BatchRecord.FromValues(row.Values))]
        : [];

    /// <summary>Adds a row, once however often it is tried: the row's id is Delta's transaction.</summary>
    public static void Append(SparkSession spark, LakeLayout lake, BatchRecord batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Append(spark, lake, batch, batch.BatchId, 0);
    }

    /// <summary>Adds a row, once however often it is tried.</summary>
    /// <param name="spark">The session.</param>
    /// <param name="lake">The lake.</param>
    /// <param name="batch">The row.</param>
    /// <param name="applicationId">Delta's transaction: whose work it is.</param>
    /// <param name="number">Which piece of it.</param>
    public static void Append(SparkSession spark, LakeLayout lake, BatchRecord batch, string applicationId, long number)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(batch);
        using var row = new PersistedRows(spark.CreateDataFrame([batch.ToValues()], Batches.Schema));
        row.Rows.Write().Format("delta").Mode("append")
            .Option("txnAppId", applicationId).Option("txnVersion", number).Option("userMetadata", batch.BatchId).Save(lake.Batches);
    }

    /// <summary>Puts a row in the place of the one of the same batch and table.</summary>
    public static void Update(SparkSession spark, LakeLayout lake, BatchRecord batch)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(batch);
        var columns = Batches.Schema.FieldNames;
        using var row = new PersistedRows(spark.CreateDataFrame([batch.ToValues()], new StructType(Batches.Schema.Select(static field => new StructField("new_" + field.Name, field.DataType, field.IsNullable)))));
        DeltaTable.ForPath(spark, lake.Batches)
            .Merge(row.Rows.Alias("s"), (Col("batch_id") == Col("new_batch_id")) & (Col("table_name") == Col("new_table_name")))
            .WhenMatched().Update(columns.ToDictionary(static name => name, static name => Col("new_" + name)))
            .Option("userMetadata", batch.BatchId)
            .Execute();
    }
}
