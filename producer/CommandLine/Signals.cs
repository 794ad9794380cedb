using System.Diagnostics;
using System.Runtime.InteropServices;
using Pipeline.Schemas.Platform;

namespace Pipeline.Producer.CommandLine;

/// <summary>SIGINT, SIGTERM and SIGHUP: the first asks the send to end in good order, one that comes more than two seconds later ends the process at once.</summary>
/// <remarks>A terminal that closes sends SIGHUP more than once (by the kernel and by the shell), and service managers send SIGTERM with it: within two seconds they are one signal. A program that was started with SIGHUP ignored, as by <c>nohup</c>, goes on ignoring it.</remarks>
internal sealed class Signals : IDisposable
{
    private static readonly TimeSpan SameSignal = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly TextWriter error;
    private long receivedAt;
    private int exitCode;

    internal Signals(TextWriter error)
    {
        this.error = error;
        registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, ExitCodes.Interrupted)));
        registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, ExitCodes.Terminated)));
        if (!IgnoredSignals.HasHangup) registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Handle(context, ExitCodes.Terminated)));
    }

    internal CancellationToken Token => source.Token;

    /// <summary>The exit code of the signal that came; 0 while none has.</summary>
    internal int ExitCode => Volatile.Read(ref exitCode);

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void Handle(PosixSignalContext context, int code)
    {
        context.Cancel = true;
        var first = Interlocked.CompareExchange(ref receivedAt, Stopwatch.GetTimestamp(), 0);
        if (first != 0)
        {
            if (Stopwatch.GetElapsedTime(first) > SameSignal) Environment.Exit(code);
            return;
        }
        Volatile.Write(ref exitCode, code);
        source.Cancel();
        error.WriteLine("Ending once what is in flight has arrived; once more ends at once.");
    }
}
