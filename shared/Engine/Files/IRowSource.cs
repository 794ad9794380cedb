using System.Buffers;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Files;

/// <summary>Rows of text fields under named columns, from a CSV file, a sheet or a generator.</summary>
/// <remarks>Synchronous: both libraries below are, and a row is read in microseconds. One thread reads.</remarks>
public interface IRowSource : IDisposable
{
    /// <summary>The file's name, or what generates the rows.</summary>
    string Name { get; }

    /// <summary>The columns in the source's order and spelling.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>Whether <see cref="WritePosition"/> gives a line or a cell.</summary>
    RowPosition PositionKind { get; }

    /// <summary>How much there is to read, in the unit of <see cref="Done"/>; null where it is not known.</summary>
    long? Total { get; }

    /// <summary>How much of <see cref="Total"/> is read.</summary>
    long Done { get; }

    /// <summary>How many fields the current row has, which need not be the number of columns.</summary>
    int FieldCount { get; }

    /// <summary>Goes to the next row; false at the end.</summary>
    /// <exception cref="DataException">The source is broken from here on.</exception>
    bool Read();

    /// <summary>A field of the current row as it is written, in UTF-8; valid until the next read.</summary>
    ReadOnlySpan<byte> Field(int index);

    /// <summary>Writes where the current row stands: a line number, or <c>Sheet!A12</c>.</summary>
    void WritePosition(IBufferWriter<byte> output);
}

/// <summary>How a source tells where a row stands.</summary>
public enum RowPosition
{
    /// <summary>The line of the file on which the row begins, from 1.</summary>
    Line,

    /// <summary>The sheet and the row's first cell.</summary>
    Cell,
}
