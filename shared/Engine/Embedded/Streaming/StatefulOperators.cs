using System.Text.Json;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Streaming;

/// <summary>Refuses queries over a stream that need to remember earlier batches: here each batch is computed by itself.</summary>
internal static class StatefulOperators
{
    /// <exception cref="EngineException">The query has such an operator above a stream; the message names it.</exception>
    public static void Refuse(Connection connection, string sql, IReadOnlySet<string> streams)
    {
        // Without the optimizer the plan is the query's own; with it an empty table would be the whole plan.
        connection.Execute("PRAGMA disable_optimizer");
        try
        {
            var plan = (string)connection.Query($"EXPLAIN (FORMAT json) {sql}", null).First().Values[1]!;
            using var document = JsonDocument.Parse(plan);
            foreach (var root in document.RootElement.EnumerateArray()) _ = ReadsStream(root, streams);
        }
        finally
        {
            connection.Execute("PRAGMA enable_optimizer");
        }
    }

    private static bool ReadsStream(JsonElement node, IReadOnlySet<string> streams)
    {
        var name = node.GetProperty("name").GetString()!.Trim();
        if (node.TryGetProperty("extra_info", out var info) && info.ValueKind == JsonValueKind.Object && info.TryGetProperty("Table", out var table)
            && table.GetString() is { } path && streams.Contains(path[(path.LastIndexOf('.') + 1)..].Trim('"')))
            return true;
        var children = node.GetProperty("children").EnumerateArray().ToList();
        // The right side of such a join is computed for each row of the left by itself.
        if (name.Contains("DELIM_JOIN", StringComparison.Ordinal)) return children.Count > 0 && ReadsStream(children[0], streams);
        var reading = children.Count(child => ReadsStream(child, streams));
        if (reading == 0) return false;
        var what = name switch
        {
            "HASH_GROUP_BY" or "PERFECT_HASH_GROUP_BY" or "UNGROUPED_AGGREGATE" or "PARTITIONED_AGGREGATE" => "an aggregation (groupBy, distinct or dropDuplicates)",
            "WINDOW" or "STREAMING_WINDOW" => "a window function",
            "ORDER_BY" or "TOP_N" => "a sort (orderBy)",
            "LIMIT" or "STREAMING_LIMIT" or "LIMIT_PERCENT" => "a limit",
            _ when reading > 1 && name.Contains("JOIN", StringComparison.Ordinal) => "a join of two streams",
            _ => null,
        };
        return what is null ? true
            : throw new EngineException($"The embedded engine cannot run {what} over a stream: it keeps no state between batches. Do it on each batch within ForeachBatch, or run on Spark.") { ErrorClass = "STREAMING_OPERATION_NOT_SUPPORTED", SqlState = "0A000" };
    }
}
