namespace Pipeline.Suite.Runtime.Errors;

/// <summary>What a process says by its end. The same through spark-submit and YARN.</summary>
public static class ExitCodes
{
    /// <summary>Done; warnings too.</summary>
    public const int Done = 0;

    /// <summary>Nobody foresaw this: a defect, to be reported.</summary>
    public const int Unexpected = 1;

    /// <summary>Usage or configuration: correct the command.</summary>
    public const int Usage = 2;

    /// <summary>The data broke a contract: do not retry.</summary>
    public const int DataContract = 3;

    /// <summary>A batch was quarantined and the last good version is still served.</summary>
    public const int BatchQuarantined = 4;

    /// <summary>Another run holds the lock.</summary>
    public const int LockHeld = 6;

    /// <summary>Transient: the same command may succeed later.</summary>
    public const int Transient = 75;

    /// <summary>Ended by SIGINT (Ctrl-C).</summary>
    public const int Interrupted = 130;

    /// <summary>Ended by SIGTERM or SIGHUP.</summary>
    public const int Terminated = 143;
}
