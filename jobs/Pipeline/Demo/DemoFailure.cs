using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Errors;
using Pipeline.Suite.Runtime.Results;

namespace Pipeline.Jobs.Cli.Demo;

/// <summary>A step of the demo that failed: it has told its own story on stderr; the demo ends with its exit code.</summary>
internal static class DemoFailure
{
    public static void ThrowIfFailed(RunResult result)
    {
        if (result.IsSuccess) return;
        var message = $"The demo ended at its step '{result.Job}': {result.Message}";
        throw result.ExitCode switch
        {
            ExitCodes.Usage => new UsageException(message),
            ExitCodes.Transient => new TransientException(message),
            ExitCodes.LockHeld => new LockHeldException(message),
            _ => new DataException(message),
        };
    }
}
