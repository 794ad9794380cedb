using System.Globalization;
using System.Text.Json;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Suite.Runtime.Live;

/// <summary>Collects what a running job tells of itself, for whoever asks meanwhile. Thread-safe.</summary>
public sealed class RunMonitor
{
    /// <summary>Time without a look after the stream from which on a run counts as stuck.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Time that a batch takes from which on somebody should look.</summary>
    private static readonly TimeSpan LongBatch = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly Dictionary<string, long> batches = new(StringComparer.Ordinal);
    private LiveStatus status;
    private string? offsetsSeen;
    private DateTimeOffset? lookedAt;
    private DateTimeOffset? busySince;

    internal RunMonitor(LiveStatus first, TimeProvider clock)
    {
        status = first;
        this.clock = clock;
    }

    /// <summary>The run as it stands now.</summary>
    public LiveStatus Status()
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (status.State == "working" && busySince is { } since && now - since > LongBatch)
                return status with { Advice = string.Create(CultureInfo.InvariantCulture, $"The current batch has gone on since {since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: a store or database that it writes to may be slow or not answer. Try 'pipeline doctor'.") };
            if (lookedAt is not { } at || now - at <= Patience) return status;
            return status with
            {
                State = "stuck",
                Advice = string.Create(CultureInfo.InvariantCulture, $"The run has given no sign of life since {at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: a store or database that it writes to may not answer. Look at its log, and try 'pipeline doctor'."),
            };
        }
    }

    /// <summary>Notes a batch that was loaded.</summary>
    internal void BatchLoaded(RunBatch batch, RunCounts total, IReadOnlyList<RejectedRule> rejected, IReadOnlyList<string> warnings)
    {
        lock (gate)
        {
            busySince = clock.GetUtcNow();
            batches[batch.Status] = batches.GetValueOrDefault(batch.Status) + 1;
            status = status with
            {
                State = "working",
                IdleSince = null,
                Counts = total,
                Batches = new Dictionary<string, long>(batches),
                LastBatch = new LiveBatch(batch.BatchId, batch.Status, clock.GetUtcNow(), batch.Counts),
                Rejected = rejected,
                Warnings = [.. warnings.TakeLast(20)],
                Advice = batch.Status == "quarantined" ? $"Batch '{batch.BatchId}' is whole in quarantine. See why with 'pipeline quarantine list', repair with 'pipeline batches replay'." : status.Advice,
            };
        }
    }

    /// <summary>Notes that the stream was looked after, and what it does.</summary>
    /// <param name="isWaiting">Whether it waits for messages.</param>
    /// <param name="isStopping">Whether it was asked to end.</param>
    /// <param name="offset">Where the last batch ended, as the source's JSON (<c>{"topic":{"0":5}}</c>); null before the first.</param>
    /// <param name="latest">What the topic had then, in the same form.</param>
    /// <returns>Since when it has been idle; null where it works.</returns>
    public DateTimeOffset? Looked(bool isWaiting, bool isStopping, string? offset, string? latest)
    {
        lock (gate)
        {
            lookedAt = clock.GetUtcNow();
            busySince = isWaiting ? null : busySince ?? lookedAt;
            if (offset is not null && offset + latest != offsetsSeen)
            {
                offsetsSeen = offset + latest;
                var partitions = Lags(offset, latest ?? offset);
                status = status with { Partitions = partitions, Lag = partitions.Sum(static partition => partition.Lag) };
            }
            status = status with
            {
                State = isStopping ? "stopping" : isWaiting ? "idle" : "working",
                IdleSince = !isWaiting ? null : status.IdleSince ?? status.LastBatch?.At ?? lookedAt,
            };
            return status.IdleSince;
        }
    }

    private static List<PartitionLag> Lags(string offset, string latest)
    {
        var ends = Read(latest);
        return [.. Read(offset).Select(read => new PartitionLag(read.Key.Topic, read.Key.Partition, read.Value, ends.GetValueOrDefault(read.Key, read.Value))).OrderBy(static lag => lag.Topic, StringComparer.Ordinal).ThenBy(static lag => lag.Partition)];
    }

    private static Dictionary<(string Topic, int Partition), long> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject()
            .SelectMany(static topic => topic.Value.EnumerateObject().Select(partition => (Key: (topic.Name, int.Parse(partition.Name, CultureInfo.InvariantCulture)), Offset: partition.Value.GetInt64())))
            .ToDictionary(static entry => entry.Key, static entry => entry.Offset);
    }
}
