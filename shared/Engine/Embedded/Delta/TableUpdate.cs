using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>UPDATE of a Delta table: rows for which a condition holds get new values, in files that take the place of theirs, or beside them where the rows are marked.</summary>
internal static class TableUpdate
{
    // No column of a table has this name, as nobody can foresee it.
    private static readonly string IsChanged = $"__is_changed_{Guid.NewGuid():N}";

    /// <summary>Updates; answers the table's version after it.</summary>
    public static long Run(SessionContext session, UpdateSpec update)
    {
        var log = session.Database.Tables.Log(update.Path);
        var options = new SourceOptions(update.Options);
        var result = session.Qualified(SessionContext.NewName("update_result"));
        var made = new List<DataFile>();
        try
        {
            return TableRewrite.Commit(log, made, options, transaction => Plan(session, log, transaction, update, result, options, made));
        }
        finally
        {
            session.Execute($"DROP TABLE IF EXISTS {result}");
        }
    }

    private static Operation? Plan(SessionContext session, DeltaLog log, Transaction transaction, UpdateSpec update, string result, SourceOptions options, List<DataFile> made)
    {
        var snapshot = transaction.Snapshot ?? throw TableRewrite.Missing(log);
        var condition = update.ConditionSql ?? "true";
        var touched = update.ConditionSql is null ? [.. snapshot.Files]
            : TableRewrite.Touched(session, log, snapshot, $"SELECT DISTINCT {DeltaScan.FileColumn} FROM ({TableRewrite.Scan(session, log, snapshot)}) WHERE {condition}");
        if (touched.Count == 0) return null;
        var rules = RowRules.Of(log.Table, transaction);
        var form = new ScanForm { HasFile = snapshot.MarksDeletedRows, HasRow = snapshot.MarksDeletedRows };
        var before = DeltaScan.Query(session.Database.Tables, log, snapshot, touched, form);
        var values = snapshot.Schema.Select(field => $"{Value(field)} AS {DuckDbTypes.Quote(field.Name)}");
        var places = snapshot.MarksDeletedRows ? $", {DeltaScan.FileColumn}, {DeltaScan.RowColumn}" : "";
        var after = $"SELECT {string.Join(", ", values)}, {IsChanged}{places} FROM (SELECT *, ({condition}) IS TRUE AS {IsChanged} FROM ({before}))";
        // Kept once: an expression may give another value each time it is computed.
        session.Execute($"CREATE OR REPLACE TABLE {result} AS {rules.Applied(after, field => Assigned(field) is not null, IsChanged)}");
        var columns = string.Join(", ", snapshot.Schema.Select(static field => DuckDbTypes.Quote(field.Name)));
        var writer = new DataFileWriter(session, log, snapshot.Mapping, options);
        if (snapshot.KeepsChanges)
        {
            var type = DuckDbTypes.Quote(ChangeFeed.TypeColumn.Name);
            TableRewrite.AddChanges(transaction, writer, made, $"SELECT {columns}, 'update_preimage' AS {type} FROM ({before}) WHERE {condition} UNION ALL SELECT {columns}, 'update_postimage' FROM {result} WHERE {IsChanged}");
        }

        var marking = snapshot.MarksDeletedRows
            ? RowMarking.TryMark(log, transaction, TableRewrite.Places(session, log, snapshot, $"SELECT {DeltaScan.FileColumn}, {DeltaScan.RowColumn} FROM {result} WHERE {IsChanged}"), made)
            : null;
        var files = writer.Write($"SELECT {columns} FROM {result}{(marking is null ? "" : $" WHERE {IsChanged}")}", CancellationToken.None);
        made.AddRange(files);
        transaction.Rewrite(marking is null ? touched : [], files);
        using var lease = session.Connections.Rent();
        var updated = (long)lease.Connection.Scalar($"SELECT count(*)::BIGINT FROM {result} WHERE {IsChanged}")!;
        var written = files.Sum(static file => file.Statistics?.NumRecords ?? 0);
        return new Operation("UPDATE")
        {
            Parameters = TableRewrite.Predicate(update.ConditionSql),
            Metrics = TableRewrite.Parameters(
                ("numUpdatedRows", TableRewrite.Text(updated)), ("numCopiedRows", TableRewrite.Text(written - updated)),
                ("numAddedFiles", TableRewrite.Text(files.Count)), ("numDeletionVectorsAdded", TableRewrite.Text(marking?.Files ?? 0))),
        };

        string? Assigned(StructField field) => update.Assignments.FirstOrDefault(assignment => assignment.Key.Equals(field.Name, StringComparison.OrdinalIgnoreCase)).Value;

        string Value(StructField field)
        {
            var current = DuckDbTypes.Quote(field.Name);
            return Assigned(field) is { } expression ? $"CASE WHEN {IsChanged} THEN CAST({expression} AS {DuckDbTypes.ToSql(field.DataType)}) ELSE {current} END" : current;
        }
    }
}
