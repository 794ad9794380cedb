namespace Pipeline.Suite.Loading;

/// <summary>A batch was put whole into quarantine and the job stops there: exit code 4.</summary>
public sealed class BatchQuarantinedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The batch, or null where it has no id.</summary>
    public string? BatchId { get; init; }
}

/// <summary>Another run works on the same job, data set and lake, or on the same checkpoint: exit code 6.</summary>
public sealed class LockHeldException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Something outside is not there now (broker, server, room on the disk): exit code 75.</summary>
public sealed class TransientException(string message, Exception? inner = null) : Exception(message, inner);
