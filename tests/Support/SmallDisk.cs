using System.Diagnostics;
using System.Globalization;

namespace Pipeline.Tests.Support;

/// <summary>A tmpfs on a folder; only root may mount one.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly string folder;

    private SmallDisk(string folder) => this.folder = folder;

    private string Ballast => Path.Combine(folder, "ballast");

    /// <summary>Mounts one of a size.</summary>
    public static SmallDisk Mount(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        var mounted = Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "tmpfs", folder) == 0;
        Server.Require("tmpfs", mounted, "Run the tests as root, or with the capability to mount (CAP_SYS_ADMIN).");
        return new SmallDisk(folder);
    }

    /// <summary>Fills it but for so many bytes.</summary>
    public void LeaveFree(long bytes)
    {
        Empty();
        using var file = File.Create(Ballast);
        var block = new byte[4096];
        for (var left = new DriveInfo(folder).AvailableFreeSpace - bytes; left > 0; left -= block.Length) file.Write(block);
    }

    /// <summary>Gives the room back.</summary>
    public void Empty() => File.Delete(Ballast);

    /// <inheritdoc/>
    public void Dispose() => _ = Run("umount", "-l", folder);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _ = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
