using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>Writes rows into a Delta table: data files first, flushed, then one commit that names them.</summary>
internal static class DeltaSink
{
    public static void Write(SessionContext session, string sql, StructType schema, SinkSpec sink, CancellationToken cancellationToken)
    {
        var log = session.Database.Tables.Log(sink.Path);
        var options = new SourceOptions(sink.Options);
        for (var attempt = 1; ; attempt++)
        {
            var result = TryWrite(session, log, sql, schema, sink, options, cancellationToken);
            // What the rows replace was changed meanwhile, or put into other files: planned again on the table as it now is.
            if (result is Conflict && OverwriteScope.IsPart(session, sink, options) && attempt < TableRewrite.Attempts) continue;
            RequireCommitted(result);
            if (result is Committed committed) LookAfter(session, log, committed.Snapshot);
            return;
        }
    }

    /// <summary>Appends rows that were chosen by what the table held: a change of its rows since is a conflict, and the rows in the files are counted before the commit.</summary>
    public static AppendResult Append(SessionContext session, AppendSpec append, CancellationToken cancellationToken)
    {
        var log = session.Database.Tables.Log(append.Path);
        var options = new SourceOptions(append.Options);
        var (appId, appVersion) = Transaction(options);
        var latest = EngineErrors.Wait(log.LoadAsync(cancellationToken));
        if (appId is not null && EngineErrors.Wait(log.Begin(latest).IsDoneAsync(appId, appVersion, cancellationToken))) return new AppendRepeated();
        if (latest is null != append.ReadVersion is null || latest?.Version < append.ReadVersion)
            return new AppendConflict($"The table '{log.Table}' was {(append.ReadVersion is null ? "created" : "deleted or created again")} after it was read.");
        var planned = append.ReadVersion is { } version && version != latest!.Version ? EngineErrors.Wait(log.LoadVersionAsync(version, cancellationToken)) : latest;
        var transaction = log.Begin(planned);
        transaction.DependsOnRows();
        transaction.DefersCheckpoint = session.Upkeep is not null;
        var rowsToWrite = EngineErrors.Run(() => TableColumns.Plan(session, log.Table, transaction, append.Sql, append.Schema, [], options, overwrites: false));
        var writer = new DataFileWriter(session, log, transaction.Mapping, options);
        var files = writer.Write(rowsToWrite, cancellationToken);
        try
        {
            var rows = files.Sum(static file => file.Statistics?.NumRecords ?? 0);
            if (rows != append.Rows) return new AppendMiscounted(rows, null);
            var replaced = options["replaceWhere"];
            if (replaced is not null && planned is not null) TableRewrite.Replace(session, log, transaction, replaced, files, options, cancellationToken);
            else EngineErrors.Run(() => transaction.Append(files));
            if (appId is not null) transaction.SetTransaction(appId, appVersion);
            var operation = Operation.Write(replaced is null ? "Append" : "Overwrite", transaction.PartitionColumns) with { UserMetadata = options["userMetadata"] };
            switch (EngineErrors.Wait(transaction.CommitAsync(operation, cancellationToken)))
            {
                case Committed committed:
                    LookAfter(session, log, committed.Snapshot);
                    return new RowsAppended(committed.Version, rows);
                case AlreadyCommitted:
                    return new AppendRepeated();
                case Conflict conflict:
                    return new AppendConflict(conflict.Message);
                case var other:
                    RequireCommitted(other);
                    throw new InvalidOperationException($"An append to '{log.Table}' was answered '{other}'.");
            }
        }
        finally
        {
            if (!transaction.MayStand) DataFileWriter.Discard(log, files);
        }
    }

    /// <summary>One attempt; null where there is nothing to write.</summary>
    private static CommitResult? TryWrite(SessionContext session, DeltaLog log, string sql, StructType schema, SinkSpec sink, SourceOptions options, CancellationToken cancellationToken)
    {
        var (appId, appVersion) = Transaction(options);
        var transaction = EngineErrors.Wait(log.BeginAsync(cancellationToken));
        if (transaction.Snapshot is not null && sink.Mode == "ignore") return null;
        if (transaction.Snapshot is not null && sink.Mode == "errorifexists")
            throw new EngineException($"Cannot write to '{log.Table}': there is a Delta table, at version {transaction.Snapshot.Version}. Use the mode append or overwrite.") { ErrorClass = "DELTA_PATH_EXISTS", SqlState = "42K04" };
        // The same piece of work again: nothing is computed and nothing written.
        if (appId is not null && EngineErrors.Wait(transaction.IsDoneAsync(appId, appVersion, cancellationToken))) return null;

        var overwrites = sink.Mode == "overwrite";
        var scope = overwrites ? OverwriteScope.Of(session, log, transaction, sink, options) : OverwriteScope.All;
        transaction.DefersCheckpoint = session.Upkeep is not null;
        var rows = EngineErrors.Run(() => TableColumns.Plan(session, log.Table, transaction, sql, schema, sink.PartitionBy, options, overwrites));
        var writer = new DataFileWriter(session, log, transaction.Mapping, options);
        var files = writer.Write(scope.Checked(log.Table, rows), cancellationToken);
        try
        {
            if (!overwrites) EngineErrors.Run(() => transaction.Append(files));
            else if (transaction.Snapshot is not null && scope.Condition is { } condition) TableRewrite.Replace(session, log, transaction, condition, files, options, cancellationToken);
            else if (transaction.Snapshot is { } snapshot && scope.IsDynamic)
            {
                transaction.ChangesWholeFiles = true;
                EngineErrors.Run(() => transaction.Rewrite(TableRewrite.OfPartitions(session, snapshot, files), files));
            }
            else EngineErrors.Run(() => transaction.Overwrite(files));
            if (appId is not null) transaction.SetTransaction(appId, appVersion);
            var operation = Operation.Write(overwrites ? "Overwrite" : "Append", transaction.PartitionColumns) with { UserMetadata = options["userMetadata"] };
            operation = operation with { Parameters = operation.Parameters.AddRange(scope.Parameters) };
            return EngineErrors.Wait(transaction.CommitAsync(operation, cancellationToken));
        }
        finally
        {
            if (!transaction.MayStand) DataFileWriter.Discard(log, files);
        }
    }

    /// <summary>Small files compacted, and a checkpoint that the commit left: here and now, or by the session's thread for it.</summary>
    private static void LookAfter(SessionContext session, DeltaLog log, Snapshot snapshot)
    {
        if (session.Upkeep is { } upkeep) upkeep.After(log, snapshot);
        else TableCompaction.RunAuto(session, log, snapshot);
    }

    /// <summary>A commit that did not come to be is an error that may be tried again.</summary>
    public static void RequireCommitted(CommitResult? result)
    {
        switch (result)
        {
            case Conflict conflict:
                throw new EngineException(conflict.Message) { ErrorClass = "DELTA_CONCURRENT_WRITE", SqlState = "2D521", IsTransient = true };
            case Retryable retryable:
                throw new EngineException(retryable.Message, retryable.Cause) { IsTransient = true };
        }
    }

    private static (string? AppId, long Version) Transaction(SourceOptions options)
    {
        var (appId, version) = (options["txnAppId"], options.Number("txnVersion"));
        return (appId is null) == (version is null) ? (appId, version ?? 0)
            : throw new EngineException("The options txnAppId and txnVersion go together; one of them is missing.") { ErrorClass = "DELTA_INVALID_IDEMPOTENT_WRITES_OPTIONS", SqlState = "42616" };
    }
}
