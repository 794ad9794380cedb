namespace Pipeline.Files;

/// <summary>What was asked for cannot be done as asked: exit code 2.</summary>
public sealed class UsageException : Exception
{
    /// <summary>With a full sentence that says what to give instead.</summary>
    public UsageException(string message) : base(message)
    {
    }

    /// <summary>With a full sentence and the cause.</summary>
    public UsageException(string message, Exception cause) : base(message, cause)
    {
    }
}
