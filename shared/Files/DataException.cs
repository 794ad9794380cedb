namespace Pipeline.Files;

/// <summary>The data break a contract: exit code 3, and trying again does not help.</summary>
public sealed class DataException : Exception
{
    /// <summary>With a full sentence that names the source and the place.</summary>
    public DataException(string message) : base(message)
    {
    }

    /// <summary>With a full sentence and the cause.</summary>
    public DataException(string message, Exception cause) : base(message, cause)
    {
    }
}
