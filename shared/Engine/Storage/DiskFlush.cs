using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pipeline.Engine.Storage;

/// <summary>Flushes files and folders to the disk, and reports when the disk refuses.</summary>
/// <remarks>
/// .NET's <c>FileStream.Flush(true)</c> and <c>RandomAccess.FlushToDisk</c> discard the error of <c>fsync</c>, so that a caller goes on as if its data were safe. Everything that relies on a flush calls this class.
/// Thread-safe. Source: POSIX.1-2017, fsync.
/// </remarks>
public static partial class DiskFlush
{
    private const int Interrupted = 4;
    private const int InvalidArgument = 22;
    private const int ReadOnlyFolder = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC

    /// <summary>A test's answer in place of the system call, for the test's own flow of execution and no other.</summary>
    private static readonly AsyncLocal<Func<string, int>?> Intercepted = new();

    /// <summary>Writes what the stream has buffered, and flushes its file to the disk.</summary>
    /// <exception cref="FlushException">The disk did not take it.</exception>
    public static void Stream(FileStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Flush();
        File(stream.SafeFileHandle, stream.Name);
    }

    /// <summary>Flushes an open file to the disk.</summary>
    /// <param name="handle">The file.</param>
    /// <param name="path">Its path, for the message.</param>
    /// <exception cref="FlushException">The disk did not take it.</exception>
    public static void File(SafeFileHandle handle, string path)
    {
        ArgumentNullException.ThrowIfNull(handle);
        ArgumentNullException.ThrowIfNull(path);
        if (Sync(handle, path) is not 0 and var error) throw new FlushException(path, error);
    }

    /// <summary>Flushes a file to the disk.</summary>
    /// <exception cref="FlushException">The disk did not take it.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static void File(string path)
    {
        using var handle = System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        File(handle, path);
    }

    /// <summary>Flushes a folder's names to the disk, so that files that were just made in it or renamed survive a power cut.</summary>
    /// <exception cref="FlushException">The disk did not take them, or the folder cannot be opened.</exception>
    public static void Folder(string path)
    {
        var descriptor = open(path, ReadOnlyFolder);
        if (descriptor < 0) throw new FlushException(path, Marshal.GetLastPInvokeError());
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        var error = Sync(handle, path);
        // Some file systems have nothing to flush for a folder.
        if (error is not (0 or InvalidArgument)) throw new FlushException(path, error);
    }

    /// <summary>Has a test decide what each flush of its flow of execution answers, also on threads that this flow starts; ends when disposed.</summary>
    /// <param name="errorOf">Gives, by the file's or folder's path, an errno, or 0 for the system call itself.</param>
    internal static IDisposable Intercept(Func<string, int> errorOf)
    {
        Intercepted.Value = errorOf;
        return new Interception();
    }

    private static int Sync(SafeFileHandle handle, string path)
    {
        if (Intercepted.Value?.Invoke(path) is { } told and not 0) return told;
        while (fsync(handle) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted) return error;
        }
        return 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle descriptor);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    private sealed class Interception : IDisposable
    {
        public void Dispose() => Intercepted.Value = null;
    }
}
