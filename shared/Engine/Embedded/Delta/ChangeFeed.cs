using System.Globalization;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>The changes of a Delta table's rows as a source (<c>readChangeFeed</c>): the table's columns, <c>_change_type</c>, <c>_commit_version</c> and <c>_commit_timestamp</c>.</summary>
/// <remarks>Options are Spark's: startingVersion or startingTimestamp, endingVersion or endingTimestamp. Source: "Use Delta Lake change data feed" of the Delta docs.</remarks>
internal static class ChangeFeed
{
    /// <summary>What became of a row: insert, delete, update_preimage or update_postimage.</summary>
    public static StructField TypeColumn { get; } = new(TableChanges.Columns[0], new StringType());

    private static readonly StructField[] More = [TypeColumn, new(TableChanges.Columns[1], new LongType()), new(TableChanges.Columns[2], new TimestampType())];

    /// <summary>Whether a read asks for changes.</summary>
    public static bool IsAskedFor(SourceOptions options) => options.Flag("readChangeFeed", options.Flag("readChangeData", false));

    public static SourceView Open(SessionContext session, DeltaLog log, SourceOptions options)
    {
        if (options["versionAsOf"] is not null || options["timestampAsOf"] is not null)
            throw Refused("readChangeFeed goes with startingVersion and endingVersion, not with versionAsOf or timestampAsOf", "DELTA_UNSUPPORTED_TIME_TRAVEL_VIEWS");
        var first = Bound(options, "startingVersion", "startingTimestamp", instant => TableChanges.FirstAtAsync(log, instant))
            ?? throw Refused("readChangeFeed needs startingVersion or startingTimestamp", "DELTA_NO_START_FOR_CDC_READ");
        var last = Bound(options, "endingVersion", "endingTimestamp", instant => TableChanges.LastAtAsync(log, instant));
        var (end, changes) = EngineErrors.Wait(TableChanges.ReadAsync(log, first, last));
        var columns = EngineErrors.Run(() => end.Mapping.Schema);
        if (More.FirstOrDefault(field => columns.Find(field.Name) is not null) is { } taken)
            throw Refused($"the table '{log.Table}' has a column '{taken.Name}' itself", "DELTA_TABLE_ALREADY_CONTAINS_CDC_COLUMNS");
        var parts = changes.GroupBy(static change => (change.Version, change.CommittedAt, change.Kind)).Select(group => Part(session, log, end, group.Key.Version, group.Key.CommittedAt, group.Key.Kind, [.. group])).ToList();
        if (parts.Count == 0)
            parts.Add($"SELECT *, {string.Join(", ", More.Select(static field => $"NULL::{DuckDbTypes.ToSql(field.DataType)} AS {DuckDbTypes.Quote(field.Name)}"))} FROM ({DeltaScan.Query(session.Database.Tables, log, end, [])})");
        return session.MakeView("delta_changes", string.Join(" UNION ALL ", parts), new StructType(columns.Concat(More)));
    }

    private static string Part(SessionContext session, DeltaLog log, Snapshot end, long version, DateTimeOffset committedAt, string? kind, List<FileChange> changes)
    {
        var form = new ScanForm
        {
            More = kind is null ? [TypeColumn] : [],
            Only = changes.Where(static change => change.Rows is not null).ToDictionary(static change => change.File.FilePath, static change => change.Rows!),
        };
        var rows = DeltaScan.Query(session.Database.Tables, log, end, changes.ConvertAll(static change => change.File), form);
        var type = kind is null ? "" : $"{DuckDbTypes.Literal(kind)} AS {DuckDbTypes.Quote(TypeColumn.Name)}, ";
        var at = committedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"SELECT *, {type}{version}::BIGINT AS {DuckDbTypes.Quote(More[1].Name)}, TIMESTAMPTZ '{at}Z' AS {DuckDbTypes.Quote(More[2].Name)} FROM ({rows})");
    }

    private static long? Bound(SourceOptions options, string version, string timestamp, Func<DateTimeOffset, Task<long>> at)
    {
        if (options[version] is not null && options[timestamp] is not null) throw Refused($"give {version} or {timestamp}, not both", "DELTA_MULTIPLE_CDC_BOUNDARY");
        return options.Number(version) ?? (options[timestamp] is { } text ? EngineErrors.Wait(at(DeltaSource.Instant(text))) : null);
    }

    private static EngineException Refused(string why, string errorClass) => new($"Cannot read the changes of a Delta table: {why}.") { ErrorClass = errorClass, SqlState = "42601" };
}
