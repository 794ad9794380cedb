using System.Globalization;
using System.Text.Json;

namespace Pipeline.Engine.Sql.Streaming;

/// <summary>What one batch did.</summary>
/// <param name="Id">The query's number, stable over restarts.</param>
/// <param name="RunId">The start's number.</param>
/// <param name="Name">The query's name, or null.</param>
/// <param name="Timestamp">When the trigger started, UTC.</param>
/// <param name="BatchId">The batch's number, from 0.</param>
/// <param name="NumInputRows">Rows that came in.</param>
/// <param name="InputRowsPerSecond">Rows a second that came in; NaN where not known.</param>
/// <param name="ProcessedRowsPerSecond">Rows a second that were processed; NaN where not known.</param>
/// <param name="DurationMs">Milliseconds by phase: triggerExecution, addBatch, latestOffset …</param>
/// <param name="EventTime">Watermark and extremes of event time by name, ISO 8601.</param>
/// <param name="Sources">The sources.</param>
/// <param name="StateOperators">Operators with state; none for ForeachBatch over a plain source.</param>
/// <param name="Sink">Where the rows went.</param>
/// <param name="Json">All of it as Spark's JSON.</param>
public sealed record StreamingQueryProgress(
    string Id,
    string RunId,
    string? Name,
    DateTimeOffset? Timestamp,
    long BatchId,
    long NumInputRows,
    double InputRowsPerSecond,
    double ProcessedRowsPerSecond,
    IReadOnlyDictionary<string, long> DurationMs,
    IReadOnlyDictionary<string, string> EventTime,
    IReadOnlyList<SourceProgress> Sources,
    IReadOnlyList<StateOperatorProgress> StateOperators,
    string? Sink,
    string Json)
{
    /// <summary>Reads Spark's JSON.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static StreamingQueryProgress Parse(string json)
    {
        using var document = ProgressJson.Read(json, "progress");
        var root = document.RootElement;
        return new StreamingQueryProgress(
            root.Text("id") ?? "",
            root.Text("runId") ?? "",
            root.Text("name"),
            DateTimeOffset.TryParse(root.Text("timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null,
            root.Whole("batchId") ?? -1,
            root.Whole("numInputRows") ?? 0,
            root.Real("inputRowsPerSecond"),
            root.Real("processedRowsPerSecond"),
            root.Members("durationMs").ToDictionary(member => member.Name, member => member.Value.GetInt64()),
            root.Members("eventTime").ToDictionary(member => member.Name, member => ProgressJson.Raw(member.Value)!),
            [.. root.Items("sources").Select(SourceProgress.Of)],
            [.. root.Items("stateOperators").Select(StateOperatorProgress.Of)],
            root.TryGetProperty("sink", out var sink) ? sink.Text("description") : null,
            json);
    }
}

/// <summary>What one batch read of a source.</summary>
/// <param name="Description">The source, such as <c>KafkaV2[Subscribe[water-quality]]</c>.</param>
/// <param name="StartOffset">Where the batch began, as the source's JSON, or null at the very first.</param>
/// <param name="EndOffset">Where it ended, as the source's JSON.</param>
/// <param name="LatestOffset">What the source had, as its JSON, or null.</param>
/// <param name="NumInputRows">Rows that came in.</param>
/// <param name="InputRowsPerSecond">Rows a second that came in; NaN where not known.</param>
/// <param name="ProcessedRowsPerSecond">Rows a second that were processed; NaN where not known.</param>
public sealed record SourceProgress(
    string Description,
    string? StartOffset,
    string? EndOffset,
    string? LatestOffset,
    long NumInputRows,
    double InputRowsPerSecond,
    double ProcessedRowsPerSecond)
{
    internal static SourceProgress Of(JsonElement source) => new(
        source.Text("description") ?? "",
        source.RawMember("startOffset"),
        source.RawMember("endOffset"),
        source.RawMember("latestOffset"),
        source.Whole("numInputRows") ?? 0,
        source.Real("inputRowsPerSecond"),
        source.Real("processedRowsPerSecond"));
}

/// <summary>What an operator with state holds.</summary>
/// <param name="OperatorName">Such as <c>stateStoreSave</c>.</param>
/// <param name="NumRowsTotal">Rows of state.</param>
/// <param name="NumRowsUpdated">Rows that the batch changed.</param>
/// <param name="NumRowsDroppedByWatermark">Rows that came too late.</param>
/// <param name="MemoryUsedBytes">Memory of the state.</param>
public sealed record StateOperatorProgress(string? OperatorName, long NumRowsTotal, long NumRowsUpdated, long NumRowsDroppedByWatermark, long MemoryUsedBytes)
{
    internal static StateOperatorProgress Of(JsonElement state) => new(
        state.Text("operatorName"),
        state.Whole("numRowsTotal") ?? 0,
        state.Whole("numRowsUpdated") ?? 0,
        state.Whole("numRowsDroppedByWatermark") ?? 0,
        state.Whole("memoryUsedBytes") ?? 0);
}

/// <summary>What a query is doing.</summary>
/// <param name="Message">In words.</param>
/// <param name="IsDataAvailable">Whether there are data to process.</param>
/// <param name="IsTriggerActive">Whether a batch is at work.</param>
public sealed record StreamingQueryStatus(string Message, bool IsDataAvailable, bool IsTriggerActive)
{
    /// <summary>Reads Spark's JSON.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static StreamingQueryStatus Parse(string json)
    {
        using var document = ProgressJson.Read(json, "status");
        var root = document.RootElement;
        return new StreamingQueryStatus(root.Text("message") ?? "", root.Flag("isDataAvailable"), root.Flag("isTriggerActive"));
    }
}
