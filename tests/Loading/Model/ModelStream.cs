namespace Pipeline.Tests.Loading.Model;

/// <summary>A batch of a stream: the messages of a topic from an offset on, under a number of a checkpoint.</summary>
internal sealed record StreamBatch(string Checkpoint, long Number, long Offset, IReadOnlyList<Thing> Rows)
{
    /// <summary>Its id in the lake, once it is loaded.</summary>
    public string? Id { get; init; }

    /// <summary>Whether it is the same work: the same messages under the same number.</summary>
    public bool IsSame(StreamBatch other) => (Checkpoint, Number, Offset, Rows.Count) == (other.Checkpoint, other.Number, other.Offset, other.Rows.Count);
}

/// <summary>A topic and the checkpoint that reads it, with a copy of the checkpoint that may be put back.</summary>
internal sealed class ModelStream
{
    private readonly List<Thing> topic = [];
    private Position at = new("checkpoint-0", 0, 0);
    private Position? copy;

    /// <summary>Batches that were loaded, of all checkpoints, in order.</summary>
    public List<StreamBatch> Loaded { get; } = [];

    public void Send(IReadOnlyList<Thing> rows) => topic.AddRange(rows);

    /// <summary>The next batch, of so many messages at most; null where all are read.</summary>
    public StreamBatch? Next(int size)
    {
        var left = topic.Count - (int)at.Offset;
        return left == 0 ? null : new StreamBatch(at.Checkpoint, at.Number, at.Offset, topic.GetRange((int)at.Offset, Math.Min(size, left)));
    }

    /// <summary>The checkpoint goes on behind a batch.</summary>
    public void Done(StreamBatch batch) => at = at with { Number = batch.Number + 1, Offset = batch.Offset + batch.Rows.Count };

    /// <summary>Another checkpoint, which reads the topic from its start.</summary>
    public void Begin(string checkpoint) => at = new Position(checkpoint, 0, 0);

    public void Copy() => copy = at;

    /// <summary>The checkpoint is put back from its copy, or from the time before its last batch where there is none.</summary>
    public void PutBack()
    {
        if (copy is { } earlier && earlier.Checkpoint == at.Checkpoint) at = earlier;
        else if (Loaded.FindLast(batch => batch.Checkpoint == at.Checkpoint && batch.Number < at.Number) is { } last) at = at with { Number = last.Number, Offset = last.Offset };
    }

    /// <summary>The topic is deleted and created again, and read by another checkpoint.</summary>
    public void Recreate(string checkpoint)
    {
        topic.Clear();
        Begin(checkpoint);
    }

    private sealed record Position(string Checkpoint, long Number, long Offset);
}
