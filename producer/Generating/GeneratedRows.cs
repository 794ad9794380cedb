using System.Buffers;
using System.Globalization;
using Pipeline.Engine.Files;

namespace Pipeline.Producer.Generating;

/// <summary>Rows made one by one, as a source; a row's line is the one it would have in a CSV file without line breaks in its fields.</summary>
public abstract class GeneratedRows(string name, IReadOnlyList<string> columns, long rows) : IRowSource
{
    private readonly RowBuffer _row = new();

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public IReadOnlyList<string> Columns => columns;

    /// <inheritdoc/>
    public RowPosition PositionKind => RowPosition.Line;

    /// <inheritdoc/>
    public long? Total => rows;

    /// <inheritdoc/>
    public long Done { get; private set; }

    /// <inheritdoc/>
    public int FieldCount => _row.Count;

    /// <inheritdoc/>
    public bool Read()
    {
        if (Done == rows)
            return false;
        _row.Clear();
        Make(Done, _row);
        Done++;
        return true;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Field(int index) => _row.Field(index);

    /// <inheritdoc/>
    public void WritePosition(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        const int longestNumber = 20;
        _ = (Done + 1).TryFormat(output.GetSpan(longestNumber), out var written, default, CultureInfo.InvariantCulture);
        output.Advance(written);
    }

    /// <inheritdoc/>
    public void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Adds the fields of row number <paramref name="index"/>, from 0; called in order.</summary>
    protected abstract void Make(long index, RowBuffer row);
}

/// <summary>Rows that are all in memory.</summary>
internal sealed class ListedRows(string name, IReadOnlyList<string> columns, IReadOnlyList<string[]> rows) : GeneratedRows(name, columns, rows.Count)
{
    protected override void Make(long index, RowBuffer row)
    {
        foreach (var field in rows[(int)index])
            row.Add(field);
    }
}
