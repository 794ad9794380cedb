using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pipeline.Engine.Embedded.Streaming;

/// <summary>What a streaming query does and did, as the JSON of Spark's StreamingQueryProgress and StreamingQueryStatus. Thread-safe.</summary>
internal sealed class ProgressLog(Guid id, Guid runId, string? name, string[] sources, string sink)
{
    private const int Kept = 100;
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Lock gate = new();
    private readonly Queue<string> recent = new();
    private string message = "Initializing sources";
    private bool isTriggerActive;
    private DateTimeOffset? lastBeganAt;

    public string? Last { get; private set; }

    public IReadOnlyList<string> Recent
    {
        get
        {
            lock (gate) return [.. recent];
        }
    }

    public void Say(string what, bool isTriggerActive)
    {
        lock (gate) (message, this.isTriggerActive) = (what, isTriggerActive);
    }

    public string Status(bool isActive)
    {
        lock (gate)
            return Write(json =>
            {
                json.WriteString("message", message);
                json.WriteBoolean("isDataAvailable", isActive && message == "Processing new data");
                json.WriteBoolean("isTriggerActive", isActive && isTriggerActive);
            });
    }

    public void Add(PlannedBatch batch, string[] start, string[] latest, long[] rows, BatchClock clock)
    {
        var totalMs = Math.Max(1, clock.TotalMs);
        var sinceLast = lastBeganAt is { } before ? (clock.BeganAt - before).TotalSeconds : 0;
        lastBeganAt = clock.BeganAt;
        var all = rows.Sum();
        var text = Write(json =>
        {
            json.WriteString("id", id.ToString("D"));
            json.WriteString("runId", runId.ToString("D"));
            if (name is null) json.WriteNull("name");
            else json.WriteString("name", name);
            json.WriteString("timestamp", clock.BeganAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteNumber("batchId", batch.Number);
            json.WriteNumber("batchDuration", totalMs);
            Rates(json, all, sinceLast, totalMs);
            json.WriteStartObject("durationMs");
            foreach (var (step, milliseconds) in clock.Steps) json.WriteNumber(step, milliseconds);
            json.WriteNumber("triggerExecution", totalMs);
            json.WriteEndObject();
            json.WriteStartArray("stateOperators");
            json.WriteEndArray();
            json.WriteStartArray("sources");
            for (var i = 0; i < sources.Length; i++)
            {
                json.WriteStartObject();
                json.WriteString("description", sources[i]);
                Raw(json, "startOffset", start[i]);
                Raw(json, "endOffset", batch.Offsets[i]);
                Raw(json, "latestOffset", latest[i]);
                Rates(json, rows[i], sinceLast, totalMs);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartObject("sink");
            json.WriteString("description", sink);
            json.WriteNumber("numOutputRows", -1);
            json.WriteEndObject();
        });
        lock (gate)
        {
            recent.Enqueue(text);
            while (recent.Count > Kept) _ = recent.Dequeue();
            Last = text;
        }
    }

    private static void Rates(Utf8JsonWriter json, long rows, double sinceLastSeconds, long totalMs)
    {
        json.WriteNumber("numInputRows", rows);
        json.WriteNumber("inputRowsPerSecond", sinceLastSeconds > 0 ? Math.Round(rows / sinceLastSeconds, 3) : 0);
        json.WriteNumber("processedRowsPerSecond", Math.Round(rows * 1000.0 / totalMs, 3));
    }

    private static void Raw(Utf8JsonWriter json, string property, string value)
    {
        json.WritePropertyName(property);
        json.WriteRawValue(value);
    }

    private static string Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
