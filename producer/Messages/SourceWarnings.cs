using System.Globalization;

namespace Pipeline.Producer.Messages;

/// <summary>Rows that were odd and were sent all the same, for the reader downstream to classify.</summary>
public sealed class SourceWarnings
{
    private const int KeptPositions = 5;
    private readonly List<string> _short = [];
    private readonly List<string> _long = [];
    private readonly List<string> _notes = [];

    /// <summary>Rows with fewer fields than the header.</summary>
    public long ShortRows { get; private set; }

    /// <summary>Rows with more fields than the header.</summary>
    public long LongRows { get; private set; }

    /// <summary>All odd rows.</summary>
    public long Count => ShortRows + LongRows;

    /// <summary>Full sentences for the log and the result file.</summary>
    public IReadOnlyList<string> Sentences =>
    [
        .. _notes,
        .. Sentence(ShortRows, _short, "too few fields; what is missing is left out of the message"),
        .. Sentence(LongRows, _long, "too many fields; the rest is in the message's \"_extra\""),
    ];

    /// <summary>Something about the source as a whole.</summary>
    public void Note(string sentence) => _notes.Add(sentence);

    /// <summary>Counts a row with too few fields; the first positions are kept.</summary>
    public void AddShortRow(Func<string> position)
    {
        ShortRows++;
        Keep(_short, position);
    }

    /// <summary>Counts a row with too many fields; the first positions are kept.</summary>
    public void AddLongRow(Func<string> position)
    {
        LongRows++;
        Keep(_long, position);
    }

    private static void Keep(List<string> positions, Func<string> position)
    {
        if (positions.Count < KeptPositions)
            positions.Add(position());
    }

    private static IEnumerable<string> Sentence(long count, List<string> positions, string what)
    {
        if (count > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "row has" : "rows have")} {what} (first at {string.Join(", ", positions)}).");
    }
}
