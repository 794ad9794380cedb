using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded;

/// <summary>Another run holds the checkpoint of the stream; the message names it.</summary>
public sealed class CheckpointInUseException : EngineException
{
    /// <summary>An error with its sentence.</summary>
    public CheckpointInUseException(string message) : base(message)
    {
    }
}
