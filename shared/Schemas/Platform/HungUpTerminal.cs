using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pipeline.Schemas.Platform;

/// <summary>Leads output away from a terminal that was closed, where each write fails, so that the program can end in good order.</summary>
public static partial class HungUpTerminal
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    /// <summary>Has what this process writes to a terminal that is gone go nowhere from now on; what it writes to files and pipes goes on.</summary>
    public static void Leave()
    {
        // Whether they led to one was looked up when it was there: .NET keeps the answers. A terminal that is there still is left as it is: the signal came from another program.
        if (!Console.IsOutputRedirected && isatty(StandardOutput) == 0) GoNowhere(StandardOutput);
        if (!Console.IsErrorRedirected && isatty(StandardError) == 0) GoNowhere(StandardError);
    }

    /// <summary>Has the process find out, while its terminal is there, which of its streams lead to it.</summary>
    public static bool IsWatched()
    {
        var (isOutput, isError) = (!Console.IsOutputRedirected, !Console.IsErrorRedirected);
        return isOutput || isError;
    }

    private static void GoNowhere(int descriptor)
    {
        using var nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
        _ = dup2(nowhere, descriptor);
    }

    [LibraryImport("libc")]
    private static partial int isatty(int descriptor);

    [LibraryImport("libc")]
    private static partial int dup2(SafeFileHandle existing, int descriptor);
}
