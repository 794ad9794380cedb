namespace Pipeline.Suite.Loading;

/// <summary>A span of offsets of a partition, both ends included.</summary>
/// <param name="From">First offset.</param>
/// <param name="Until">Last offset.</param>
internal readonly record struct OffsetRange(long From, long Until);

/// <summary>Finds the offsets of a partition at which too many of the last messages are bad, whatever the batches in which they came.</summary>
/// <remarks>
/// At an offset the window is that offset and those before it, <c>size</c> in all, or as many as there are since the first known one. Its share is the number of bad messages by the number of offsets.
/// What is found at an offset depends on it and on earlier offsets only. So the same messages meet the same decision however they are cut into batches. Fewer than 50 offsets are too few to classify by.
/// Offsets without a message count as good. Not thread-safe.
/// </remarks>
/// <param name="maxShare">Share, 0 to 1, over which a window is bad.</param>
/// <param name="size">Offsets in a window.</param>
internal sealed class BadShareWindow(double maxShare, int size)
{
    /// <summary>Offsets that must be known before a share is checked.</summary>
    public const int Evidence = 50;

    private readonly Queue<long> recent = new();
    private long first = -1;

    /// <summary>Notes what was read before: from which offset on, and which of the messages since were bad.</summary>
    public void Remember(long firstKnown, IEnumerable<long> bad)
    {
        first = firstKnown;
        recent.Clear();
        foreach (var offset in bad.Order()) recent.Enqueue(offset);
    }

    /// <summary>Takes the next offsets of the partition; answers the ranges of them that are in a bad window.</summary>
    /// <param name="from">The first of them.</param>
    /// <param name="until">The last of them.</param>
    /// <param name="bad">Those of bad messages, in any order.</param>
    public IReadOnlyList<OffsetRange> Take(long from, long until, IEnumerable<long> bad)
    {
        if (first < 0 || first > from) first = from;
        var known = recent.Concat(bad.Order()).ToList();
        var found = new List<OffsetRange>();
        // Between two events the number of bad messages in the window stays the same: one comes in at its offset, and leaves it after as many offsets as the window has.
        var events = known.Concat(known.Select(offset => offset + size)).Append(from).Where(offset => offset >= from && offset <= until).Distinct().Order().ToList();
        for (var i = 0; i < events.Count; i++)
        {
            var start = events[i];
            var end = i + 1 < events.Count ? events[i + 1] - 1 : until;
            var inWindow = CountUpTo(known, start) - CountUpTo(known, start - size);
            Add(found, Bad(start, end, inWindow));
        }
        recent.Clear();
        foreach (var offset in known.Where(offset => offset > until - size)) recent.Enqueue(offset);
        return found;
    }

    /// <summary>The part of a segment in which so many bad messages are too many; null for none. The window grows with the offset until it is full, so that it is the segment's beginning.</summary>
    private OffsetRange? Bad(long start, long end, int bad)
    {
        if (bad == 0) return null;
        var from = Math.Max(start, first + Math.Min(Evidence, size) - 1);
        if (from > end || !IsOver(bad, Length(from))) return null;
        if (IsOver(bad, Length(end))) return new OffsetRange(from, end);
        var (over, under) = (from, end);
        while (under - over > 1)
        {
            var middle = over + ((under - over) / 2);
            if (IsOver(bad, Length(middle))) over = middle;
            else under = middle;
        }
        return new OffsetRange(from, over);
    }

    private long Length(long offset) => Math.Min(size, offset - first + 1);

    private bool IsOver(int bad, long length) => (double)bad / length > maxShare;

    private static int CountUpTo(List<long> sorted, long offset)
    {
        var index = sorted.BinarySearch(offset);
        return index >= 0 ? index + 1 : ~index;
    }

    private static void Add(List<OffsetRange> ranges, OffsetRange? found)
    {
        if (found is not { } range) return;
        if (ranges.Count > 0 && ranges[^1].Until == range.From - 1) ranges[^1] = ranges[^1] with { Until = range.Until };
        else ranges.Add(range);
    }
}
