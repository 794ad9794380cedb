namespace Pipeline.Engine.Types;

/// <summary>The command or the configuration is wrong: exit code 2. The message says what is expected.</summary>
public sealed class UsageException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Lines that show where, such as a query's line with a caret below the place; null for none. They stand below the message on stderr.</summary>
    public string? Detail { get; init; }
}
