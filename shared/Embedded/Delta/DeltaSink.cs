using Pipeline.Embedded.Session;
using Pipeline.Embedded.Sources;
using Pipeline.Lake.Delta;
using Pipeline.Sql.Engine;
using Pipeline.Sql.Types;

namespace Pipeline.Embedded.Delta;

/// <summary>Writes rows into a Delta table: data files first, flushed, then one commit that names them.</summary>
internal static class DeltaSink
{
    public static void Write(SessionContext session, string sql, StructType schema, SinkSpec sink, CancellationToken cancellationToken)
    {
        var options = new SourceOptions(sink.Options);
        var log = session.Database.Tables.Log(sink.Path);
        var (appId, appVersion) = Transaction(options);
        var transaction = EngineErrors.Wait(log.BeginAsync(cancellationToken));
        if (transaction.Snapshot is not null && sink.Mode == "ignore") return;
        if (transaction.Snapshot is not null && sink.Mode == "errorifexists")
            throw new EngineException($"Cannot write to '{log.Table}': there is a Delta table, at version {transaction.Snapshot.Version}. Use the mode append or overwrite.") { ErrorClass = "DELTA_PATH_EXISTS", SqlState = "42K04" };
        // The same piece of work again: nothing is computed and nothing written.
        if (appId is not null && transaction.IsDone(appId, appVersion)) return;

        var overwrites = sink.Mode == "overwrite";
        var rows = EngineErrors.Run(() => TableColumns.Plan(session, log.Table, transaction, schema, sink.PartitionBy, options, overwrites));
        var writer = new DataFileWriter(session, log, transaction.Schema, transaction.PartitionColumns, options);
        var files = writer.Write($"SELECT {rows} FROM ({sql})", cancellationToken);
        CommitResult result;
        try
        {
            var condition = options["replaceWhere"];
            if (overwrites && condition is not null && transaction.Snapshot is not null) TableRewrite.Replace(session, log, transaction, condition, files, options, cancellationToken);
            else if (overwrites) EngineErrors.Run(() => Do(() => transaction.Overwrite(files)));
            else EngineErrors.Run(() => Do(() => transaction.Append(files)));
            if (appId is not null) transaction.SetTransaction(appId, appVersion);
            var operation = Operation.Write(overwrites ? "Overwrite" : "Append", transaction.PartitionColumns) with { UserMetadata = options["userMetadata"] };
            result = EngineErrors.Wait(transaction.CommitAsync(operation, cancellationToken));
            RequireCommitted(result);
        }
        finally
        {
            if (!transaction.MayStand) writer.Discard(files);
        }
        if (result is Committed committed) TableCompaction.RunAuto(session, log, committed.Snapshot);
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

    private static bool Do(Action act)
    {
        act();
        return true;
    }
}
