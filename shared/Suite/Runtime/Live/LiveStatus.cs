using System.Text.Json.Serialization;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Suite.Runtime.Live;

/// <summary>What a running job tells of itself at one instant: the body of <c>/status</c>.</summary>
public sealed record LiveStatus
{
    /// <summary>The run's id.</summary>
    public required string RunId { get; init; }

    /// <summary>The job.</summary>
    public required string Job { get; init; }

    /// <summary>The data set, or null.</summary>
    public string? Dataset { get; init; }

    /// <summary>Root of the lake.</summary>
    public required string Lake { get; init; }

    /// <summary>The suite's version.</summary>
    public required string SuiteVersion { get; init; }

    /// <summary><c>starting</c> until the stream reads, then <c>working</c> or <c>idle</c>; <c>stopping</c> when it was asked to end; <c>stuck</c> where the run has not looked after its stream for a minute.</summary>
    public required string State { get; init; }

    /// <summary>What an operator should do or know, in a sentence; null where all is well.</summary>
    public string? Advice { get; init; }

    /// <summary>When the run started, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Since when no message has come, UTC; null where it works.</summary>
    public DateTimeOffset? IdleSince { get; init; }

    /// <summary>Rows by outcome so far.</summary>
    public required RunCounts Counts { get; init; }

    /// <summary>Batches so far by their status.</summary>
    public required IReadOnlyDictionary<string, long> Batches { get; init; }

    /// <summary>The last batch; null before the first.</summary>
    public LiveBatch? LastBatch { get; init; }

    /// <summary>Why rows were rejected so far, the most frequent first.</summary>
    public required IReadOnlyList<RejectedRule> Rejected { get; init; }

    /// <summary>Messages that the topic had when it was last looked at and the table has not: over all partitions; null before the first look.</summary>
    public long? Lag { get; init; }

    /// <summary>The same by partition.</summary>
    public required IReadOnlyList<PartitionLag> Partitions { get; init; }

    /// <summary>Warnings so far.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>A batch as a running job tells of it.</summary>
/// <param name="BatchId">Its id.</param>
/// <param name="Status">committed or quarantined.</param>
/// <param name="At">When it was done, UTC.</param>
/// <param name="Counts">Its rows by outcome.</param>
public sealed record LiveBatch(string BatchId, string Status, DateTimeOffset At, RunCounts Counts);

/// <summary>How far a partition was read.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="Offset">The next offset to read.</param>
/// <param name="Latest">The offset after the last message that the partition had when it was last looked at.</param>
public sealed record PartitionLag(string Topic, int Partition, long Offset, long Latest)
{
    /// <summary>Messages between the two.</summary>
    public long Lag => Math.Max(0, Latest - Offset);
}

/// <summary>The shape of <c>/status</c>: snake_case, indented.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(LiveStatus))]
internal sealed partial class LiveStatusJson : JsonSerializerContext;
