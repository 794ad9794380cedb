using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>Changes of a table that put files in the place of others: delete, replace by condition, compaction.</summary>
internal static class TableRewrite
{
    /// <summary>How often a change of rows is planned again where another writer was first.</summary>
    public const int Attempts = 10;

    /// <summary>Deletes the rows for which the condition holds; answers the table's version after it.</summary>
    public static long Delete(SessionContext session, DeltaLog log, string? condition, SourceOptions options)
    {
        var made = new List<DataFile>();
        return Commit(log, made, options, transaction =>
        {
            var snapshot = transaction.Snapshot ?? throw EngineErrors.Translate(Missing(log));
            var operation = new Operation("DELETE") { Parameters = Predicate(condition) };
            if (condition is null)
            {
                transaction.DependsOnRows();
                transaction.Overwrite([]);
                return operation;
            }
            var touched = Touched(session, log, snapshot, $"SELECT DISTINCT {DeltaScan.FileColumn} FROM ({Scan(session, log, snapshot)}) WHERE {condition}");
            if (touched.Count == 0) return null;
            var writer = new DataFileWriter(session, log, snapshot.Mapping, options);
            transaction.OnlyCopiesRows = true;
            if (snapshot.KeepsChanges)
                AddChanges(transaction, writer, made, $"SELECT *, 'delete' AS {DuckDbTypes.Quote(ChangeFeed.TypeColumn.Name)} FROM ({DeltaScan.Query(session.Database.Tables, log, snapshot, touched)}) WHERE {condition}");
            if (snapshot.MarksDeletedRows)
            {
                var scan = DeltaScan.Query(session.Database.Tables, log, snapshot, touched, new ScanForm { HasFile = true, HasRow = true });
                var rows = Places(session, log, snapshot, $"SELECT {DeltaScan.FileColumn}, {DeltaScan.RowColumn} FROM ({scan}) WHERE {condition}");
                if (RowMarking.TryMark(log, transaction, rows, made) is { } marking)
                {
                    return operation with
                    {
                        Metrics = Parameters(
                            ("numDeletedRows", Text(marking.Rows)), ("numCopiedRows", "0"), ("numDeletionVectorsAdded", Text(marking.Files)),
                            ("numRemovedFiles", Text(marking.WholeFiles)), ("numAddedFiles", "0")),
                    };
                }
            }
            var files = writer.Write($"FROM ({DeltaScan.Query(session.Database.Tables, log, snapshot, touched)}) WHERE ({condition}) IS NOT TRUE", CancellationToken.None);
            made.AddRange(files);
            transaction.Rewrite(touched, files);
            var (before, after) = (touched.Sum(Rows), files.Sum(file => file.Statistics!.NumRecords ?? 0));
            return operation with { Metrics = Parameters(("numDeletedRows", Text(before - after)), ("numCopiedRows", Text(after))) };
        });
    }

    /// <summary>Puts files of new rows in the place of the rows for which the condition holds.</summary>
    public static void Replace(SessionContext session, DeltaLog log, Transaction transaction, string condition, List<DataFile> files, SourceOptions options, CancellationToken cancellationToken)
    {
        var snapshot = transaction.Snapshot!;
        var touched = Touched(session, log, snapshot, $"SELECT DISTINCT {DeltaScan.FileColumn} FROM ({Scan(session, log, snapshot)}) WHERE {condition}");
        var writer = new DataFileWriter(session, log, transaction.Mapping, options);
        var kept = touched.Count == 0 ? [] : writer.Write($"FROM ({DeltaScan.Query(session.Database.Tables, log, snapshot, touched)}) WHERE ({condition}) IS NOT TRUE", cancellationToken);
        // Rows that are copied are no change, and nothing tells them from those that come.
        transaction.ChangesWholeFiles = kept.Count == 0;
        // The caller discards all of them where the commit fails.
        files.AddRange(kept);
        transaction.Rewrite(touched, files);
    }

    /// <summary>Files of the partitions that new files have rows of. Values are compared, not their texts: writers spell an instant or a number differently.</summary>
    public static List<AddFile> OfPartitions(SessionContext session, Snapshot snapshot, List<DataFile> files)
    {
        var columns = snapshot.Mapping.PartitionKeys;
        var written = files.Select(file => PartitionValue.KeyOf(columns, file.PartitionValues)).ToHashSet(StringComparer.Ordinal);
        var partitions = snapshot.Files.GroupBy(file => PartitionValue.KeyOf(columns, file.PartitionValues), StringComparer.Ordinal).ToList();
        if (written.Count == 0 || partitions.Count == 0) return [];
        var fields = snapshot.Mapping.PartitionColumns.Select(column => snapshot.Schema.Find(column)!).ToList();
        var rows = partitions.Select((partition, i) =>
            $"({Text(i)}, {string.Join(", ", fields.Select((field, c) => DeltaScan.Constant(partition.First().PartitionValues.GetValueOrDefault(columns[c]), field.DataType)))})");
        var sql = $"SELECT {string.Join(", ", fields.Select(DataFileWriter.PartitionText))} FROM (VALUES {string.Join(", ", rows)}) t(place, {string.Join(", ", fields.Select(static field => DuckDbTypes.Quote(field.Name)))}) ORDER BY place";
        using var lease = session.Connections.Rent();
        var texts = lease.Connection.Query(sql, null).Select(row => columns.Select((column, c) => (column, Value: row.Values[c] as string)).ToDictionary(entry => entry.column, entry => entry.Value));
        return [.. partitions.Zip(texts).Where(pair => written.Contains(PartitionValue.KeyOf(columns, pair.Second))).SelectMany(pair => pair.First)];
    }

    /// <summary>The table's rows, each with the file that it stands in.</summary>
    public static string Scan(SessionContext session, DeltaLog log, Snapshot snapshot, IEnumerable<AddFile>? files = null) => DeltaScan.Query(session.Database.Tables, log, snapshot, files, withFile: true);

    /// <summary>The files that a query names by their local paths.</summary>
    public static List<AddFile> Touched(SessionContext session, DeltaLog log, Snapshot snapshot, string sql)
    {
        var byPath = snapshot.Files.ToDictionary(file => session.Database.Tables.Local(log, snapshot, file), StringComparer.Ordinal);
        using var lease = session.Connections.Rent();
        return [.. lease.Connection.Query(sql, null).Select(row => byPath[(string)row.Values[0]!])];
    }

    /// <summary>Numbers of rows by file, as a query names both.</summary>
    public static Dictionary<AddFile, List<long>> Places(SessionContext session, DeltaLog log, Snapshot snapshot, string sql)
    {
        var byPath = snapshot.Files.ToDictionary(file => session.Database.Tables.Local(log, snapshot, file), StringComparer.Ordinal);
        using var lease = session.Connections.Rent();
        return lease.Connection.Query(sql, null).GroupBy(row => byPath[(string)row.Values[0]!], static row => (long)row.Values[1]!).ToDictionary(static group => group.Key, static group => group.ToList());
    }

    /// <summary>Writes rows with their kind of change for readers of the table's changes.</summary>
    public static void AddChanges(Transaction transaction, DataFileWriter writer, List<DataFile> made, string sql)
    {
        var files = writer.WriteChanges(sql, CancellationToken.None);
        made.AddRange(files);
        transaction.AddChanges(files);
    }

    /// <summary>A condition as an operation's parameter.</summary>
    public static ImmutableSortedDictionary<string, string> Predicate(string? condition) =>
        Parameters(("predicate", condition is null ? "[]" : $"[\"{condition.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"]"));

    /// <summary>Plans and commits, again where another writer was first; files of attempts that came to nothing are deleted. A plan without an operation changes nothing.</summary>
    public static long Commit(DeltaLog log, List<DataFile> made, SourceOptions options, Func<Transaction, Operation?> plan)
    {
        for (var attempt = 1; ; attempt++)
        {
            var transaction = EngineErrors.Wait(log.BeginAsync());
            try
            {
                if (options["txnAppId"] is { } appId && options.Number("txnVersion") is { } version)
                {
                    if (EngineErrors.Wait(transaction.IsDoneAsync(appId, version))) return transaction.Snapshot!.Version;
                    transaction.SetTransaction(appId, version);
                }
                var operation = EngineErrors.Run(() => plan(transaction));
                if (operation is null) return transaction.Snapshot!.Version;
                operation = operation with { UserMetadata = options["userMetadata"] };
                var result = EngineErrors.Wait(transaction.CommitAsync(operation));
                if (result is Committed committed) return committed.Version;
                if (result is AlreadyCommitted already) return already.Snapshot.Version;
                if (result is Retryable retryable) throw new EngineException(retryable.Message, retryable.Cause) { IsTransient = true };
                if (attempt == Attempts) throw new EngineException(((Conflict)result).Message) { ErrorClass = "DELTA_CONCURRENT_WRITE", SqlState = "2D521", IsTransient = true };
            }
            finally
            {
                if (!transaction.MayStand) DataFileWriter.Discard(log, made);
                made.Clear();
            }
        }
    }

    public static DeltaException Missing(DeltaLog log) => new(DeltaErrorKind.TableNotFound, $"There is no Delta table at '{log.Table}'. Check the path, or write the table first.");

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static ImmutableSortedDictionary<string, string> Parameters(params (string Key, string Value)[] entries) =>
        entries.ToImmutableSortedDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);

    private static long Rows(AddFile file) => file.CountRows() ?? 0;
}
