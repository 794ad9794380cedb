using Pipeline.Engine.Types;

namespace Pipeline.Producer.Messages;

/// <summary>Messages in order, from a file or a generator, ready to be sent.</summary>
/// <remarks>Reading is synchronous: a row comes from a buffer nearly always, and an await a row costs more than the row. One thread reads.</remarks>
public interface IMessageSource : IDisposable
{
    /// <summary>The file's name or what generates the messages; the header <c>source-file</c>.</summary>
    string Name { get; }

    /// <summary>The header that tells where in the source a message stands: <c>source-line</c> or <c>source-cell</c>.</summary>
    string PositionHeader { get; }

    /// <summary>How much there is to read, in the unit of <see cref="Done"/>; null where it is not known.</summary>
    long? Total { get; }

    /// <summary>How much of <see cref="Total"/> is read.</summary>
    long Done { get; }

    /// <summary>What was odd about the messages so far, counted by kind.</summary>
    SourceWarnings Warnings { get; }

    /// <summary>Fills the next message in; false at the end.</summary>
    /// <exception cref="DataException">The source is broken from here on.</exception>
    bool Read(MessageBuffer message);
}
