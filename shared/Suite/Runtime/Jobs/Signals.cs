using System.Diagnostics;
using System.Runtime.InteropServices;
using Pipeline.Suite.Runtime.Errors;

namespace Pipeline.Suite.Runtime.Jobs;

/// <summary>SIGINT, SIGTERM and SIGHUP: the first asks the job to stop, one that comes more than two seconds later ends the process immediately.</summary>
/// <remarks>
/// A terminal that closes sends SIGHUP more than once (by the kernel and by the shell), and service managers send SIGTERM with it: within two seconds they are one signal.
/// A program that was started with SIGHUP ignored, as by <c>nohup</c>, goes on ignoring it.
/// </remarks>
internal sealed partial class Signals : IDisposable
{
    private static readonly TimeSpan SameSignal = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly TextWriter error;
    private long receivedAt;
    private int exitCode;

    public Signals(TextWriter error)
    {
        this.error = error;
        registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, ExitCodes.Interrupted)));
        registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, ExitCodes.Terminated)));
        if (!IgnoredSignals.HasHangup) registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Handle(context, ExitCodes.Terminated)));
    }

    public CancellationToken Token => source.Token;

    /// <summary>The exit code of the signal that came, or null.</summary>
    public int? ExitCode => Volatile.Read(ref exitCode) is not 0 and var code ? code : null;

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
            if (Stopwatch.GetElapsedTime(first) > SameSignal) ExitNow(code);
            return;
        }
        Volatile.Write(ref exitCode, code);
        error.WriteLine("Stopping after the current batch. Press Ctrl-C again to stop immediately.");
        // Whoever waits for the token goes on inside of the call, so that it may last as long as the rest of the work.
        _ = source.CancelAsync();
    }

    /// <summary>Ends the process without the exit handlers of libraries, which may wait for the very work that is to be given up.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}
