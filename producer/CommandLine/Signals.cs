using System.Runtime.InteropServices;

namespace Pipeline.Producer.CommandLine;

/// <summary>SIGINT and SIGTERM: the first asks the send to end in good order, the second ends the process at once.</summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private readonly TextWriter _error;
    private int _exitCode;

    internal Signals(TextWriter error)
    {
        _error = error;
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, ExitCodes.Interrupted));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, ExitCodes.Terminated));
    }

    internal CancellationToken Token => _source.Token;

    /// <summary>The exit code of the signal that came; 0 while none has.</summary>
    internal int ExitCode => Volatile.Read(ref _exitCode);

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context, int code)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _exitCode, code, 0) != 0)
            Environment.Exit(code);
        _error.WriteLine("Ending once what is in flight has arrived; once more ends at once.");
        _source.Cancel();
    }
}
