using System.Globalization;
using System.Net.Sockets;
using Pipeline.Engine.Delta;
using Pipeline.Engine.Embedded;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Spark.Launch;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Suite.Export;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using Pipeline.Suite.Runtime.Settings;

namespace Pipeline.Suite.Runtime.Errors;

/// <summary>What an exception means to an operator: the one place that turns kinds of error into exit codes.</summary>
/// <param name="Status">How the run ended.</param>
/// <param name="ExitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="Message">One sentence or two, without a stack trace.</param>
public sealed record Failure(RunStatus Status, int ExitCode, string Message)
{
    // errno in the low half of IOException.HResult on Unix: ENOSPC and EDQUOT.
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    /// <summary>Classifies an error; <paramref name="signalExitCode"/> is the code of the signal that asked to end, or null.</summary>
    public static Failure Of(Exception error, int? signalExitCode = null)
    {
        var causes = Chain(error).ToList();
        if (signalExitCode is { } code && causes.Any(static cause => cause is OperationCanceledException))
        {
            var rest = causes.OfType<RunStoppedException>().FirstOrDefault()?.Message ?? "what was committed stays, the rest is done by the next run.";
            return new Failure(RunStatus.Cancelled, code, $"{(code == ExitCodes.Interrupted ? "Interrupted" : "Terminated")}: {rest}");
        }
        return causes.Select(Known).FirstOrDefault(static known => known is not null)
            ?? new Failure(RunStatus.Failed, ExitCodes.Unexpected, $"{Sentence(Innermost(error))} This was not foreseen ({Innermost(error).GetType().Name}): run again with --debug for the stack trace.");
    }

    /// <summary>Classifies an error of a run whose engine has gone: what nobody foresaw is then a consequence of that, and a new start may go well. A signal that came too (to a whole group of processes) is what ended it.</summary>
    public static Failure OfLostEngine(Exception error, int? signalExitCode) =>
        signalExitCode is not null ? Of(new OperationCanceledException("The run was asked to end.", error), signalExitCode)
        : Of(error) is { ExitCode: not ExitCodes.Unexpected } known
            ? known
            : new Failure(RunStatus.Failed, ExitCodes.Transient, "The engine has ended and the job with it. Start the job again: what was committed stays, and a stream goes on from its checkpoint.");

    /// <summary>Whether the disk or the quota is used up.</summary>
    public static bool IsDiskFull(IOException error) => (error.HResult & 0xFFFF) is NoSpaceLeft or QuotaExceeded;

    private static Failure? Known(Exception cause) => cause switch
    {
        BatchQuarantinedException => new Failure(RunStatus.Quarantined, ExitCodes.BatchQuarantined, Sentence(cause)),
        UsageException or KafkaSettingsException => Failed(ExitCodes.Usage, cause),
        DataException or InvalidDataException => Failed(ExitCodes.DataContract, cause),
        LockHeldException or CheckpointInUseException or LockLostException => Failed(ExitCodes.LockHeld, cause),
        TransientException => Failed(ExitCodes.Transient, cause),
        ExportException export => Failed(export.Failure switch
        {
            ExportFailure.Transient => ExitCodes.Transient,
            ExportFailure.Contract => ExitCodes.DataContract,
            ExportFailure.Fenced => ExitCodes.LockHeld,
            _ => ExitCodes.Usage,
        }, cause),
        KafkaConnectionException connection => Failed(connection.IsTransient ? ExitCodes.Transient : ExitCodes.Usage, cause),
        DeltaException delta => Failed(delta.Kind switch
        {
            DeltaErrorKind.UnsupportedFeature or DeltaErrorKind.CorruptLog or DeltaErrorKind.SchemaMismatch or DeltaErrorKind.DataFile => ExitCodes.DataContract,
            DeltaErrorKind.Conflict => ExitCodes.Transient,
            _ => ExitCodes.Usage,
        }, cause),
        StorageException storage => Failed(storage.IsTransient ? ExitCodes.Transient : ExitCodes.Usage, cause),
        SparkStartException { IsConfiguration: true } => Failed(ExitCodes.Usage, cause),
        EngineException { IsTransient: true } => Failed(ExitCodes.Transient, cause),
        // SQLSTATE class 22 is "data exception" (but for 22023, an option's value), 23 a row that breaks what its table requires, 44 a row outside the condition of a write; 42 is what was asked for: a name, a path, a mode; 0A is what the engine cannot do, 28 a login that is refused.
        EngineException { SqlState: "22023" or ['4', '2', ..] or ['0', 'A', ..] or ['2', '8', ..] } => Failed(ExitCodes.Usage, cause),
        EngineException { SqlState: ['2', '2' or '3', ..] or ['4', '4', ..] } => Failed(ExitCodes.DataContract, cause),
        FileNotFoundException or DirectoryNotFoundException or PathTooLongException => Failed(ExitCodes.Usage, cause),
        UnauthorizedAccessException => Failed(ExitCodes.Usage, cause),
        IOException io when IsDiskFull(io) => new Failure(RunStatus.Failed, ExitCodes.Transient, $"{Sentence(io)} There is no room left: make room and run the same command again, it goes on where it stopped."),
        IOException or SocketException or HttpRequestException or TimeoutException => Failed(ExitCodes.Transient, cause),
        _ => null,
    };

    private static Failure Failed(int exitCode, Exception cause) => new(RunStatus.Failed, exitCode, Sentence(cause));

    /// <summary>The first paragraph of the message, ended by a full stop, without secrets.</summary>
    private static string Sentence(Exception cause)
    {
        var text = cause.Message.ReplaceLineEndings("\n").Split("\n\n")[0].Replace("\n", " ", StringComparison.Ordinal).Trim();
        if (text.Length == 0) text = cause.GetType().Name;
        return Secrets.Mask(text[^1] is '.' or '!' or '?' ? text : string.Create(CultureInfo.InvariantCulture, $"{text}."));
    }

    private static Exception Innermost(Exception error) => error is AggregateException { InnerException: { } inner } ? Innermost(inner) : error;

    /// <summary>The error and its causes, outermost first: the job's own exception under the engine's wins only where the engine's says nothing.</summary>
    private static IEnumerable<Exception> Chain(Exception error)
    {
        var all = new List<Exception>();
        for (Exception? cause = error; cause is not null; cause = cause.InnerException) all.Add(cause);
        // An error of the suite's own kinds is exact wherever it stands (a stream wraps what its batch function threw).
        return all.OrderBy(static cause => cause is UsageException or DataException or BatchQuarantinedException or LockHeldException or LockLostException or TransientException ? 0 : 1);
    }
}
