using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Streaming;

/// <summary>A source without an end, as <c>ReadStream()</c> opened it.</summary>
internal interface IStreamSource
{
    StructType Schema { get; }

    /// <summary>Begins to read for one query.</summary>
    IStreamReader Start();
}

/// <summary>A source as one streaming query reads it. Offsets are JSON texts that only the source understands. Not thread-safe.</summary>
internal interface IStreamReader : IDisposable
{
    /// <summary>For progress, as Spark writes it: <c>KafkaV2[Subscribe[topic]]</c>.</summary>
    string Description { get; }

    /// <summary>Where the query begins that has no checkpoint yet.</summary>
    string FirstOffset(CancellationToken cancellationToken);

    /// <summary>How far there are rows now, seen from an offset. Fails where rows after that offset are gone.</summary>
    string LatestOffset(string start, CancellationToken cancellationToken);

    /// <summary>An end for the next batch, by the source's limit a trigger.</summary>
    string Limit(string start, string end);

    /// <summary>Whether there is no row between two offsets.</summary>
    bool IsSame(string one, string other);

    /// <summary>Refuses an offset of a checkpoint that is not of this source or goes backwards.</summary>
    /// <param name="offset">The offset as the file has it.</param>
    /// <param name="before">The offset of the batch before; null where it does not matter.</param>
    /// <exception cref="FormatException">It is not; the message says why, without the file's name.</exception>
    void Check(string offset, string? before);

    /// <summary>Writes the rows between two offsets into a table that was just made with the source's columns; answers their number.</summary>
    long Load(string start, string end, Connection connection, string schema, string table, CancellationToken cancellationToken);
}
