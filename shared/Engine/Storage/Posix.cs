using System.Runtime.InteropServices;

namespace Pipeline.Engine.Storage;

/// <summary>The few calls of the C library that .NET has no face for.</summary>
/// <remarks>Source: POSIX.1-2017, link, kill, geteuid; realpath; Linux renameat2(2), statx(2).</remarks>
internal static partial class Posix
{
    public const int NoSuchFile = 2;
    public const int FileExists = 17;
    public const int NoSpace = 28;
    public const int DirectoryNotEmpty = 39;
    public const int QuotaExceeded = 122;
    private const int CurrentFolder = -100;
    private const uint NoReplace = 1;

    /// <summary>Gives the file a second name; 0, or the errno (<see cref="FileExists"/> where the name is taken).</summary>
    public static int Link(string existing, string name) => link(existing, name) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Renames unless the target exists; 0 or the errno.</summary>
    public static int RenameNoReplace(string from, string to) =>
        renameat2(CurrentFolder, from, CurrentFolder, to, NoReplace) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Number of names that a file has, 0 where there is none or it cannot be looked at.</summary>
    public static int CountNames(string file)
    {
        const uint names = 0x4;
        return statx(CurrentFolder, file, 0, names, out var found) == 0 ? (int)found.Names : 0;
    }

    /// <summary>What stands at a path, a symbolic link not followed.</summary>
    public static PathKind KindOf(string path)
    {
        const int noFollow = 0x100;
        const uint type = 0x1;
        const int typeBits = 0xF000;
        const int linkType = 0xA000;
        if (statx(CurrentFolder, path, noFollow, type, out var found) != 0) return PathKind.Missing;
        return (found.Mode & typeBits) == linkType ? PathKind.Link : PathKind.FileOrFolder;
    }

    /// <summary>Number of the user that a file belongs to, links followed; null where there is none or it cannot be looked at.</summary>
    public static uint? OwnerOf(string path)
    {
        const uint owner = 0x8;
        return statx(CurrentFolder, path, 0, owner, out var found) == 0 ? found.Owner : null;
    }

    /// <summary>Number of the user that this process acts for.</summary>
    public static uint User() => geteuid();

    /// <summary>The path without symbolic links, or null where nothing is there or it cannot be looked at.</summary>
    public static string? RealPath(string path)
    {
        var found = realpath(path, 0);
        if (found == 0) return null;
        try
        {
            return Marshal.PtrToStringUTF8(found);
        }
        finally
        {
            free(found);
        }
    }

    /// <summary>Ends this process at once, as <c>kill -9</c> does.</summary>
    public static void KillSelf() => _ = kill(Environment.ProcessId, 9);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string existing, string name);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, out FileFacts facts);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint realpath(string path, nint buffer);

    [LibraryImport("libc")]
    private static partial void free(nint memory);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    /// <summary>What is used of statx's answer, which has 256 bytes on every processor.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileFacts
    {
        [FieldOffset(16)]
        public uint Names;

        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(28)]
        public ushort Mode;
    }
}

/// <summary>What stands at a path of a disk.</summary>
internal enum PathKind
{
    /// <summary>Nothing.</summary>
    Missing,

    /// <summary>A symbolic link, wherever it leads.</summary>
    Link,

    /// <summary>Anything else.</summary>
    FileOrFolder,
}
