namespace Pipeline.Suite.Export;

/// <summary>Why an export did not happen, by what helps.</summary>
public enum ExportFailure
{
    /// <summary>The address, a right or the database's own shape is wrong: correct it.</summary>
    Configuration,

    /// <summary>The server is not there now, or the disk is full: the same export may succeed later.</summary>
    Transient,

    /// <summary>The rows cannot be held as they are: a repeated key, a value that the sink has no place for, or what was read back differs.</summary>
    Contract,

    /// <summary>A newer run has exported already; this one changed nothing.</summary>
    Fenced,
}

/// <summary>An export failed and left the sink as it was. The message names the sink without its secrets.</summary>
public sealed class ExportException(ExportFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of failure it is.</summary>
    public ExportFailure Failure { get; } = failure;
}
