using System.Globalization;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Suite.Schemas.Staging;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>Rows of a file that is not loaded in batches, such as a reference, on their way to quarantine.</summary>
/// <param name="context">The run.</param>
/// <param name="table">Name of the table that they were kept out of.</param>
public sealed class RejectedRows(ILoadingRun context, string table)
{
    private const int MostExamples = 5;

    /// <summary>Adds the rows that are not in quarantine yet.</summary>
    /// <param name="rejects">Staged rows with the rules that they break.</param>
    /// <param name="origin">The file.</param>
    /// <exception cref="DataException">The writer wrote another number of rows.</exception>
    /// <exception cref="TransientException">Other writers were first each time.</exception>
    /// <returns>How many rows were rejected, new ones or not, and what is wrong with the first.</returns>
    public (long Count, IReadOnlyList<string> Examples) Keep(DataFrame rejects, string origin)
    {
        var source = new BatchSource($"{context.RunId}/{table}", 0, origin, context.Job, context.RunId);
        var path = context.Lake.Quarantine(table);
        using var rows = new PersistedRows(rejects.Persist());
        var count = rows.Rows.Count();
        if (count == 0) return (0, []);
        var batchId = source.BatchId(context.Dataset.Name);
        // Taken before the quarantine is read: rows that another job adds meanwhile are there once.
        var before = QuarantineRows.Version(context.Spark, path);
        using var fresh = new PersistedRows(QuarantineRows.New(context.Spark, QuarantineRows.Select(rows.Rows, context.Dataset.Name, table, batchId, null, DateTime.UtcNow), path, batchId).Persist());
        var options = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["txnAppId"] = source.ApplicationId,
            ["txnVersion"] = source.Number.ToString(CultureInfo.InvariantCulture),
            ["userMetadata"] = batchId,
        };
        _ = QuarantineRows.Append(context.Spark, fresh.Rows, fresh.Rows.Count(), before, path, batchId, options);
        return (count, Examples(rows.Rows));
    }

    private static List<string> Examples(DataFrame rows) =>
    [
        .. rows
            .Select(Col(StagedColumns.Line), ElementAt(Col(StagedColumns.Broken), 1).GetField("column").As("column"), ElementAt(Col(StagedColumns.Broken), 1).GetField("rule").As("rule"))
            .OrderBy(Col(StagedColumns.Line).TryCast("bigint"), Col(StagedColumns.Line), Col("rule")).Limit(MostExamples).Collect()
            .Select(row => $"{(row.Get(0) is { } line ? $"line {line}: " : "")}{(row.Get("column") is { } column ? $"{column} " : "")}{row.Get("rule")}"),
    ];
}
