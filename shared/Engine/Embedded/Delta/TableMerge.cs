using System.Text;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>MERGE INTO a Delta table: the files with a matched row are written again with its changes, rows to insert go with them.</summary>
internal sealed class TableMerge(SessionContext session, MergeSpec merge)
{
    // No column of a table or a source has these names, as nobody can foresee them.
    private static readonly string SourceId = $"__source_id_{Guid.NewGuid():N}";
    private static readonly string TargetId = $"__target_id_{Guid.NewGuid():N}";
    private static readonly string Action = $"__action_{Guid.NewGuid():N}";
    private static readonly string Clause = $"__clause_{Guid.NewGuid():N}";
    private readonly string source = SessionContext.NewName("merge_source");
    private readonly string target = SessionContext.NewName("merge_target");
    private readonly string pairs = SessionContext.NewName("merge_pairs");
    private readonly string result = SessionContext.NewName("merge_result");

    /// <summary>Merges; answers the table's version after it.</summary>
    public long Run()
    {
        var options = new SourceOptions(merge.Options);
        var log = session.Database.Tables.Log(merge.Path);
        session.Refresh(merge.SourceSql);
        var made = new List<DataFile>();
        using var lease = session.Connections.Rent();
        var connection = lease.Connection;
        connection.Execute($"CREATE TABLE {session.Qualified(source)} AS SELECT *, row_number() OVER () AS {SourceId} FROM ({merge.SourceSql})");
        try
        {
            var columns = connection.Describe($"FROM {session.Qualified(source)}");
            return TableRewrite.Commit(log, made, options, transaction => Plan(connection, log, transaction, columns, options, made));
        }
        finally
        {
            foreach (var table in new[] { source, target, pairs, result }) connection.Execute($"DROP TABLE IF EXISTS {session.Qualified(table)}");
        }
    }

    private Operation? Plan(Connection connection, DeltaLog log, Transaction transaction, StructType columns, SourceOptions options, List<DataFile> made)
    {
        var snapshot = transaction.Snapshot ?? throw TableRewrite.Missing(log);
        var (t, s) = (DuckDbTypes.Quote(merge.TargetAlias), DuckDbTypes.Quote(merge.SourceAlias));
        var touched = merge.Clauses.Any(IsBySource)
            ? [.. snapshot.Files]
            : TableRewrite.Touched(session, log, snapshot, $"SELECT DISTINCT {t}.{DeltaScan.FileColumn} FROM ({TableRewrite.Scan(session, log, snapshot)}) {t} JOIN {session.Qualified(source)} {s} ON {merge.ConditionSql}");
        var form = new ScanForm { HasFile = snapshot.MarksDeletedRows, HasRow = snapshot.MarksDeletedRows };
        connection.Execute($"CREATE OR REPLACE TABLE {session.Qualified(target)} AS SELECT *, row_number() OVER () AS {TargetId} FROM ({DeltaScan.Query(session.Database.Tables, log, snapshot, touched, form)})");
        connection.Execute($"CREATE OR REPLACE TABLE {session.Qualified(pairs)} AS SELECT {t}.{TargetId}, {s}.{SourceId} FROM {session.Qualified(target)} {t} JOIN {session.Qualified(source)} {s} ON {merge.ConditionSql}");
        RefuseAmbiguity(connection);
        var rules = MakesRows ? RowRules.Of(log.Table, transaction) : RowRules.None;
        var rows = rules.Applied(Rows(snapshot.Schema, columns, rules, t, s), field => IsGiven(field, columns), $"{Action} IN ('update', 'insert')");
        connection.Execute($"CREATE OR REPLACE TABLE {session.Qualified(result)} AS {rows}");
        var counts = connection.Query($"SELECT count(*) FILTER ({Action} = 'update')::BIGINT, count(*) FILTER ({Action} = 'delete')::BIGINT, count(*) FILTER ({Action} = 'insert')::BIGINT, count(*) FILTER ({Action} = 'copy')::BIGINT FROM {session.Qualified(result)}", null).First();
        var (updated, deleted, inserted, copied) = ((long)counts.Values[0]!, (long)counts.Values[1]!, (long)counts.Values[2]!, (long)counts.Values[3]!);
        if (updated + deleted + inserted == 0) return null;
        var writer = new DataFileWriter(session, log, snapshot.Mapping, options);
        if (snapshot.KeepsChanges) TableRewrite.AddChanges(transaction, writer, made, Changes(snapshot.Schema));
        // Files of which no row changes stay where they are, and their rows are not written once more; so do files whose changed rows are marked.
        var staysWhole = updated + deleted == 0;
        var marking = staysWhole || !snapshot.MarksDeletedRows ? null : RowMarking.TryMark(log, transaction, TableRewrite.Places(session, log, snapshot, Marked()), made);
        if (staysWhole || marking is not null) copied = 0;
        var written = staysWhole || marking is not null ? "IN ('update', 'insert')" : "<> 'delete'";
        var files = writer.Write($"SELECT * EXCLUDE ({Action}, {TargetId}) FROM {session.Qualified(result)} WHERE {Action} {written}", CancellationToken.None);
        made.AddRange(files);
        transaction.DependsOnRows();
        transaction.OnlyCopiesRows = !MakesRows;
        transaction.Rewrite(staysWhole || marking is not null ? [] : touched, files);
        return new Operation("MERGE")
        {
            Parameters = TableRewrite.Parameters(("predicate", merge.ConditionSql)),
            Metrics = TableRewrite.Parameters(
                ("numTargetRowsUpdated", TableRewrite.Text(updated)), ("numTargetRowsDeleted", TableRewrite.Text(deleted)),
                ("numTargetRowsInserted", TableRewrite.Text(inserted)), ("numTargetRowsCopied", TableRewrite.Text(copied)),
                ("numTargetDeletionVectorsAdded", TableRewrite.Text(marking?.Files ?? 0))),
        };
    }

    /// <summary>A row of the target that two rows of the source would change has no one right outcome.</summary>
    private void RefuseAmbiguity(Connection connection)
    {
        var matched = merge.Clauses.Where(clause => clause.Kind.StartsWith("matched", StringComparison.Ordinal)).ToList();
        if (matched.Count == 0 || matched is [{ Kind: "matchedDelete", ConditionSql: null }]) return;
        var twice = (long)connection.Scalar($"SELECT count(*)::BIGINT FROM (SELECT {TargetId} FROM {session.Qualified(pairs)} GROUP BY ALL HAVING count(*) > 1)")!;
        if (twice > 0)
            throw new EngineException($"Cannot merge into '{merge.Path}': {twice} of its rows match more than one row of the source. Make the source unique by the columns of the condition.") { ErrorClass = "DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE", SqlState = "21506" };
    }

    private string Rows(StructType schema, StructType columns, RowRules rules, string t, string s)
    {
        var matched = merge.Clauses.Where(clause => clause.Kind is "matchedUpdate" or "matchedDelete").ToList();
        var bySource = merge.Clauses.Where(IsBySource).ToList();
        var inserts = merge.Clauses.Where(clause => clause.Kind == "notMatchedInsert").ToList();
        var isMatched = $"p.{SourceId} IS NOT NULL";
        var action = new StringBuilder("CASE WHEN false THEN -1");
        for (var i = 0; i < matched.Count; i++) _ = action.Append($" WHEN {isMatched} AND {Condition(matched[i])} THEN {i}");
        for (var i = 0; i < bySource.Count; i++) _ = action.Append($" WHEN p.{SourceId} IS NULL AND {Condition(bySource[i])} THEN {matched.Count + i}");
        var changing = matched.Concat(bySource).ToList();
        _ = action.Append(" ELSE -1 END");
        var values = schema.Select(field =>
        {
            var updates = changing.Select((clause, i) => clause.Kind is "matchedUpdate" or "notMatchedBySourceUpdate" ? $" WHEN {i} THEN {Value(clause, field, columns, rules, s, $"{t}.{DuckDbTypes.Quote(field.Name)}")}" : "").Where(text => text.Length > 0).ToList();
            var current = $"{t}.{DuckDbTypes.Quote(field.Name)}";
            return $"{(updates.Count == 0 ? current : $"CASE {Clause}{string.Concat(updates)} ELSE {current} END")} AS {DuckDbTypes.Quote(field.Name)}";
        });
        var actionName = $"CASE WHEN {Clause} = -1 THEN 'copy' WHEN {Clause} = -2{string.Concat(changing.Select((clause, i) => clause.Kind is "matchedDelete" or "notMatchedBySourceDelete" ? $" OR {Clause} = {i}" : ""))} THEN 'delete' ELSE 'update' END";
        // With a plain matched delete a row may match several; it is deleted once.
        var pairsOnce = $"(SELECT {TargetId}, min({SourceId}) AS {SourceId} FROM {session.Qualified(pairs)} GROUP BY ALL)";
        var kept = $"SELECT {string.Join(", ", values)}, {actionName} AS {Action}, {t}.{TargetId} FROM {session.Qualified(target)} {t} LEFT JOIN {pairsOnce} p ON p.{TargetId} = {t}.{TargetId} LEFT JOIN {session.Qualified(source)} {s} ON {s}.{SourceId} = p.{SourceId}, LATERAL (SELECT {action} AS {Clause})";
        if (inserts.Count == 0) return kept;
        var which = $"CASE{string.Concat(inserts.Select((clause, i) => $" WHEN {Condition(clause)} THEN {i}"))} END";
        var inserted = schema.Select(field => $"CASE {Clause}{string.Concat(inserts.Select((clause, i) => $" WHEN {i} THEN {Value(clause, field, columns, rules, s, $"NULL::{DuckDbTypes.ToSql(field.DataType)}")}"))} END AS {DuckDbTypes.Quote(field.Name)}");
        return $"{kept} UNION ALL SELECT {string.Join(", ", inserted)}, 'insert', NULL FROM {session.Qualified(source)} {s}, LATERAL (SELECT {which} AS {Clause}) WHERE {Clause} IS NOT NULL AND {s}.{SourceId} NOT IN (SELECT {SourceId} FROM {session.Qualified(pairs)})";
    }

    /// <summary>Places of the rows that are updated or deleted.</summary>
    private string Marked() =>
        $"SELECT t.{DeltaScan.FileColumn}, t.{DeltaScan.RowColumn} FROM {session.Qualified(target)} t JOIN {session.Qualified(result)} r ON r.{TargetId} = t.{TargetId} WHERE r.{Action} IN ('update', 'delete')";

    /// <summary>The rows before and after, each with its kind of change.</summary>
    private string Changes(StructType schema)
    {
        var type = DuckDbTypes.Quote(ChangeFeed.TypeColumn.Name);
        var before = string.Join(", ", schema.Select(static field => $"t.{DuckDbTypes.Quote(field.Name)}"));
        var after = string.Join(", ", schema.Select(static field => $"r.{DuckDbTypes.Quote(field.Name)}"));
        return $"SELECT {before}, CASE r.{Action} WHEN 'update' THEN 'update_preimage' ELSE 'delete' END AS {type} FROM {session.Qualified(target)} t JOIN {session.Qualified(result)} r ON r.{TargetId} = t.{TargetId} WHERE r.{Action} IN ('update', 'delete')"
            + $" UNION ALL SELECT {after}, CASE r.{Action} WHEN 'update' THEN 'update_postimage' ELSE 'insert' END FROM {session.Qualified(result)} r WHERE r.{Action} IN ('update', 'insert')";
    }

    private static string Condition(MergeClause clause) => clause.ConditionSql is null ? "true" : $"({clause.ConditionSql})";

    private bool MakesRows => merge.Clauses.Any(IsMaking);

    /// <summary>Whether a clause may make rows that the table did not have.</summary>
    private static bool IsMaking(MergeClause clause) => clause.Kind is "matchedUpdate" or "notMatchedInsert" or "notMatchedBySourceUpdate";

    private static bool IsBySource(MergeClause clause) => clause.Kind is "notMatchedBySourceUpdate" or "notMatchedBySourceDelete";

    /// <summary>Whether the merge says what a column's values are; a generated column of which it does not is made from the others.</summary>
    private bool IsGiven(StructField field, StructType columns) =>
        merge.Clauses.Any(clause => IsMaking(clause) && Assigned(clause, field, columns, "") is not null);

    private string Value(MergeClause clause, StructField field, StructType columns, RowRules rules, string s, string otherwise)
    {
        if (Assigned(clause, field, columns, s) is { } expression) return $"CAST({expression} AS {DuckDbTypes.ToSql(field.DataType)})";
        if (rules.IsGenerated(field))
            return IsGiven(field, columns)
                ? throw new EngineException($"Cannot merge into '{merge.Path}': one clause sets the generated column '{field.Name}' and another leaves it to be made from other columns. Set it in all clauses or in none.") { ErrorClass = "DELTA_MERGE_UNRESOLVED_EXPRESSION", SqlState = "42601" }
                : otherwise;
        if (clause.Assignments is null)
            throw new EngineException($"Cannot merge into '{merge.Path}': all columns are to be set, and the source lacks '{field.Name}'. It has: {string.Join(", ", columns.FieldNames.Where(name => name != SourceId))}.") { ErrorClass = "DELTA_MERGE_UNRESOLVED_EXPRESSION", SqlState = "42601" };
        return otherwise;
    }

    /// <summary>What a clause sets a column to; null where it does not set it.</summary>
    private static string? Assigned(MergeClause clause, StructField field, StructType columns, string s)
    {
        if (clause.Assignments is not null) return clause.Assignments.FirstOrDefault(assignment => assignment.Key.Equals(field.Name, StringComparison.OrdinalIgnoreCase)).Value;
        return columns.Find(field.Name) is { } column ? $"{s}.{DuckDbTypes.Quote(column.Name)}" : null;
    }
}
