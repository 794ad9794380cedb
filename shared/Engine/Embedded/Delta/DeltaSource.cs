using System.Globalization;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Sources;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>A Delta table as a source: as it is when it is read, or as one version had it.</summary>
internal static class DeltaSource
{
    public static SourceView Open(SessionContext session, SourceSpec spec)
    {
        if (spec.Paths.Count != 1) throw new EngineException($"Reading a Delta table needs one path; {spec.Paths.Count} were given.");
        if (spec.Schema is not null) throw new EngineException($"The columns of the Delta table '{spec.Paths[0]}' stand in its log; leave Schema(…) out.") { ErrorClass = "DELTA_UNSUPPORTED_SCHEMA_DURING_READ", SqlState = "0A000" };
        var options = new SourceOptions(spec.Options);
        var log = session.Database.Tables.Log(spec.Paths[0]);
        if (ChangeFeed.IsAskedFor(options)) return ChangeFeed.Open(session, log, options);
        var version = options.Number("versionAsOf");
        var instant = options["timestampAsOf"] is { } text ? Instant(text) : (DateTimeOffset?)null;
        if (version is not null && instant is not null) throw new EngineException("Give versionAsOf or timestampAsOf, not both.") { ErrorClass = "INVALID_TIME_TRAVEL_SPEC", SqlState = "42K0E" };
        var snapshot = EngineErrors.Wait(version is { } number ? log.LoadVersionAsync(number) : instant is { } at ? log.LoadAtAsync(at) : log.LoadExistingAsync());
        var schema = EngineErrors.Run(() => snapshot.Mapping.Schema);
        SourceView Make() => session.MakeView("delta", DeltaScan.Query(session.Database.Tables, log, snapshot), schema);
        return version is null && instant is null ? session.Follow(log, snapshot, Make) : Make();
    }

    internal static DateTimeOffset Instant(string text) =>
        CsvValue.TryInstant(System.Text.Encoding.UTF8.GetBytes(text), null, out var instant) ? instant
        : throw new EngineException(string.Create(CultureInfo.InvariantCulture, $"'{text}' is not an instant. Write it as 2024-01-31T12:00:00Z or 2024-01-31.")) { ErrorClass = "DELTA_INVALID_TIMESTAMP_FORMAT", SqlState = "22007" };
}
