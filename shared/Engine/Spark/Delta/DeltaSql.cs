using System.Text;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Spark.Delta;

/// <summary>The spelling of Delta's commands.</summary>
internal static class DeltaSql
{
    /// <summary>A table by its path.</summary>
    public static string Table(string path) => $"delta.{Name(path)}";

    /// <summary>A name, quoted.</summary>
    public static string Name(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    /// <summary>A text, quoted.</summary>
    public static string Text(string text) => $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    /// <summary>A change of rows as one UPDATE.</summary>
    public static string Update(UpdateSpec update) =>
        $"UPDATE {Table(update.Path)} SET {string.Join(", ", update.Assignments.Select(static entry => $"{Name(entry.Key)} = {entry.Value}"))}{(update.ConditionSql is null ? "" : $" WHERE {update.ConditionSql}")}";

    /// <summary>An upsert as one MERGE.</summary>
    public static string Merge(MergeSpec merge)
    {
        var sql = new StringBuilder($"MERGE INTO {Table(merge.Path)} AS {Name(merge.TargetAlias)} USING ({merge.SourceSql}) AS {Name(merge.SourceAlias)} ON {merge.ConditionSql}");
        foreach (var clause in merge.Clauses) _ = sql.Append(' ').Append(Clause(clause));
        return sql.ToString();
    }

    private static string Clause(MergeClause clause)
    {
        var and = clause.ConditionSql is null ? "" : $" AND {clause.ConditionSql}";
        return clause.Kind switch
        {
            "matchedUpdate" => $"WHEN MATCHED{and} THEN UPDATE SET {Set(clause)}",
            "matchedDelete" => $"WHEN MATCHED{and} THEN DELETE",
            "notMatchedInsert" => $"WHEN NOT MATCHED{and} THEN INSERT {Insert(clause)}",
            "notMatchedBySourceUpdate" => $"WHEN NOT MATCHED BY SOURCE{and} THEN UPDATE SET {Set(clause)}",
            "notMatchedBySourceDelete" => $"WHEN NOT MATCHED BY SOURCE{and} THEN DELETE",
            _ => throw new ArgumentException($"The merge clause '{clause.Kind}' is not known. There are: matchedUpdate, matchedDelete, notMatchedInsert, notMatchedBySourceUpdate, notMatchedBySourceDelete.", nameof(clause)),
        };
    }

    private static string Set(MergeClause clause) =>
        clause.Assignments is { } assignments ? string.Join(", ", assignments.Select(static entry => $"{Name(entry.Key)} = {entry.Value}")) : "*";

    private static string Insert(MergeClause clause) =>
        clause.Assignments is { } assignments ? $"({string.Join(", ", assignments.Keys.Select(Name))}) VALUES ({string.Join(", ", assignments.Values)})" : "*";
}
