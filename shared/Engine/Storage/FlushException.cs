using System.Runtime.InteropServices;

namespace Pipeline.Engine.Storage;

/// <summary>A file or folder that the disk did not take. What was written may be lost at a power cut, so that nothing may be built on it; the same step may succeed later.</summary>
public sealed class FlushException : IOException
{
    private const int NoSuchFile = 2;
    private const int PermissionDenied = 13;

    /// <summary>The error of a flush.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="errno">What the system call answered.</param>
    public FlushException(string path, int errno) : base(Describe(path, errno), errno)
    {
        Path = path;
        Errno = errno;
    }

    /// <summary>The file or folder.</summary>
    public string Path { get; }

    /// <summary>What the system call answered.</summary>
    public int Errno { get; }

    private static string Describe(string path, int errno)
    {
        var advice = errno is NoSuchFile or PermissionDenied
            ? "Check the path and its permissions"
            : "Check the disk (the kernel's log names the fault)";
        return $"Cannot flush '{path}' to the disk: {Marshal.GetPInvokeErrorMessage(errno)}. The write is not safe from a power cut, so nothing is committed after it. {advice}, then run the same command again.";
    }
}
