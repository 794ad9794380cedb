using System.Runtime.InteropServices;

namespace Pipeline.Runtime;

/// <summary>SIGINT and SIGTERM: the first asks the job to end, the second ends the process at once.</summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;
    private readonly TextWriter error;
    private volatile int exitCode;

    public Signals(TextWriter error)
    {
        this.error = error;
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, ExitCodes.Interrupted));
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, ExitCodes.Terminated));
    }

    public CancellationToken Token => source.Token;

    /// <summary>The exit code of the signal that came, or null.</summary>
    public int? ExitCode => exitCode == 0 ? null : exitCode;

    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        source.Dispose();
    }

    private void Handle(PosixSignalContext context, int code)
    {
        context.Cancel = true;
        if (exitCode != 0) Environment.Exit(code);
        exitCode = code;
        error.WriteLine("Ending after the work at hand; once more ends at once.");
        source.Cancel();
    }
}
