using Pipeline.Engine.Sql;
using Pipeline.Engine.Sql.Delta;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.Cli.Commands;

/// <summary>The lake's table <c>batches</c>, as the commands ask and change it.</summary>
internal sealed class BatchTable(JobContext context)
{
    private bool Exists => DeltaTable.IsDeltaTable(context.Spark, context.Lake.Batches);

    /// <summary>All rows, columns as in <see cref="Batches.Schema"/>.</summary>
    /// <exception cref="UsageException">No batch was ever taken in.</exception>
    public DataFrame Rows() => Exists
        ? BatchRows.Read(context.Spark, context.Lake)
        : throw new UsageException($"The lake '{context.Lake.Root}' has no batches yet: run stream-ingest or batch-etl first, or name another lake with --lake.");

    /// <summary>The rows of one batch; more than one only where it went to several tables.</summary>
    /// <exception cref="UsageException">There is no such batch; the message names the nearest.</exception>
    public IReadOnlyList<BatchRecord> Find(string id)
    {
        var found = Rows().Filter(Col("batch_id") == Lit(id)).Collect().Select(static row => BatchRecord.FromValues(row.Values)).ToList();
        if (found.Count > 0) return found;
        var known = Rows().Select("batch_id").OrderBy(Col("batch_id").Desc()).Limit(1000).Collect().Select(static row => row.GetAs<string>(0));
        throw new UsageException($"There is no batch '{id}' in the lake '{context.Lake.Root}'.{NearestName.Suggestion(id, known)} 'pipeline batches list' shows those that there are.");
    }

    /// <summary>The data set whose batches went to a table, or null where none did.</summary>
    public string? DatasetOf(string table) => Exists
        ? Rows().Filter(Col("table_name") == Lit(table)).Select("dataset").Limit(1).Collect().Select(static row => row.GetAs<string>(0)).FirstOrDefault()
        : null;

    /// <summary>Adds a row, once.</summary>
    public void Append(BatchRecord batch) => BatchRows.Append(context.Spark, context.Lake, batch);
}
