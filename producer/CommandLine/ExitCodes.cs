using Pipeline.Files;
using Pipeline.Kafka;
using Pipeline.Schemas.Platform;

namespace Pipeline.Producer.CommandLine;

/// <summary>What the process says by its end: the suite's codes that a producer can meet.</summary>
internal static class ExitCodes
{
    internal const int Done = 0;
    internal const int Unexpected = 1;
    internal const int Usage = 2;
    internal const int Data = 3;
    internal const int Transient = 75;
    internal const int Interrupted = 130;
    internal const int Terminated = 143;

    // errno in the low half of IOException.HResult: ENOSPC and EDQUOT.
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    /// <summary>The one place that turns kinds of error into exit codes.</summary>
    internal static int Of(Exception error) => error switch
    {
        UsageException or KafkaSettingsException => Usage,
        DataException => Data,
        KafkaConnectionException connection => connection.IsTransient ? Transient : Usage,
        FlushException => Transient,
        IOException io when (io.HResult & 0xFFFF) is NoSpaceLeft or QuotaExceeded => Transient,
        IOException or UnauthorizedAccessException => Usage,
        _ => Unexpected,
    };
}
