namespace Pipeline.Producer.Sending;

/// <summary>What became of the rows, so far or in the end.</summary>
/// <param name="Read">Rows read from the source.</param>
/// <param name="Sent">Messages handed to the client: each row read makes one.</param>
/// <param name="Acknowledged">Messages that the broker acknowledged.</param>
/// <param name="Failed">Messages that were given up.</param>
/// <param name="Batches">Batches begun.</param>
/// <param name="Bytes">Keys and values sent, in bytes.</param>
/// <param name="OddRows">Rows with too few or too many fields, sent all the same.</param>
public sealed record SendCounts(long Read, long Sent, long Acknowledged, long Failed, long Batches, long Bytes, long OddRows)
{
    /// <summary>Nothing yet.</summary>
    public static SendCounts None { get; } = new(0, 0, 0, 0, 0, 0, 0);
}

/// <summary>How far a send is.</summary>
/// <param name="Counts">The counts so far.</param>
/// <param name="Done">How much of the source is read, in its own unit.</param>
/// <param name="Total">How much there is, in the same unit; null where it is not known.</param>
public sealed record SendProgress(SendCounts Counts, long Done, long? Total);
