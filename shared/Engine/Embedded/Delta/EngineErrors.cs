using Pipeline.Engine.Delta;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Embedded.Delta;

/// <summary>Errors of the lake as the engine's, with Spark's class; and the wait at the edge of the engine's contract, which is not async.</summary>
internal static class EngineErrors
{
    public static T Wait<T>(Task<T> task) => Run(() => task.GetAwaiter().GetResult());

    public static void Wait(Task task) => Run(() =>
    {
        task.GetAwaiter().GetResult();
        return true;
    });

    public static void Run(Action act) => Run(() =>
    {
        act();
        return true;
    });

    public static T Run<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception error) when (error is DeltaException or StorageException or ArgumentException { InnerException: null } or IOException or UnauthorizedAccessException)
        {
            throw Translate(error);
        }
    }

    public static EngineException Translate(Exception error) => error switch
    {
        DeltaException delta => new EngineException(delta.Message, delta) { ErrorClass = ClassOf(delta.Kind), SqlState = StateOf(delta.Kind), IsTransient = delta.Kind == DeltaErrorKind.Conflict },
        StorageException storage => new EngineException(storage.Message, storage) { ErrorClass = storage.IsNotFound ? "PATH_NOT_FOUND" : "FAILED_READ_FILE", SqlState = storage.IsNotFound ? "42K03" : "58030", IsTransient = storage.IsTransient },
        IOException io => new EngineException(io.Message, io) { ErrorClass = "FAILED_READ_FILE", SqlState = "58030", IsTransient = true },
        _ => new EngineException(error.Message, error),
    };

    private static string ClassOf(DeltaErrorKind kind) => kind switch
    {
        DeltaErrorKind.TableNotFound => "DELTA_TABLE_NOT_FOUND",
        DeltaErrorKind.TableExists => "DELTA_PATH_EXISTS",
        DeltaErrorKind.UnsupportedFeature => "DELTA_UNSUPPORTED_FEATURES_FOR_READ",
        DeltaErrorKind.CorruptLog => "DELTA_TRUNCATED_TRANSACTION_LOG",
        DeltaErrorKind.VersionNotReadable => "DELTA_VERSION_NOT_FOUND",
        DeltaErrorKind.SchemaMismatch => "DELTA_FAILED_TO_MERGE_FIELDS",
        DeltaErrorKind.Conflict => "DELTA_CONCURRENT_WRITE",
        DeltaErrorKind.DataFile => "FAILED_READ_FILE",
        DeltaErrorKind.ChangesNotKept => "DELTA_MISSING_CHANGE_DATA",
        _ => "DELTA_INVALID_OPERATION",
    };

    private static string StateOf(DeltaErrorKind kind) => kind switch
    {
        DeltaErrorKind.TableNotFound => "42P01",
        DeltaErrorKind.TableExists => "42K04",
        DeltaErrorKind.UnsupportedFeature => "56038",
        DeltaErrorKind.CorruptLog => "XXKDS",
        DeltaErrorKind.VersionNotReadable => "22003",
        DeltaErrorKind.SchemaMismatch => "22005",
        DeltaErrorKind.Conflict => "2D521",
        DeltaErrorKind.DataFile => "KD001",
        DeltaErrorKind.ChangesNotKept => "KD002",
        _ => "42000",
    };
}
