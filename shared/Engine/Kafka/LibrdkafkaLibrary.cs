using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Pipeline.Engine.Kafka;

/// <summary>The one librdkafka in this process: the build that Confluent.Kafka loads.</summary>
public static class LibrdkafkaLibrary
{
    /// <summary>Files of the package for this platform; the first that finds what it asks for is taken.</summary>
    private static readonly string[] Builds = ["librdkafka.so", "centos8-librdkafka.so", "alpine-librdkafka.so"];

    private static readonly Lazy<nint> LoadedHandle = new(Load);

    /// <summary>The loaded library's handle, for <see cref="NativeLibrary.GetExport"/>.</summary>
    public static nint Handle => LoadedHandle.Value;

    /// <summary>Sends an assembly's <c>[LibraryImport("librdkafka")]</c> to the library that Confluent.Kafka loaded.</summary>
    /// <remarks>
    /// Call it once an assembly, before the first import is used. Confluent.Kafka chooses between several files at run time
    /// (on Debian <c>centos8-librdkafka.so</c>, as <c>librdkafka.so</c> asks for another libsasl2); a plain import would load a second one.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The assembly has a resolver already.</exception>
    public static void Redirect(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        NativeLibrary.SetDllImportResolver(assembly, static (name, _, _) => name == Native.Librdkafka.Name ? Handle : 0);
    }

    /// <summary>Has Confluent.Kafka take the build that stands beside the program: by name alone an older librdkafka that the system has may be found first.</summary>
    private static void LoadOurs()
    {
        var ours = Builds.Select(static name => NativeLibrary.TryLoad(Path.Combine(AppContext.BaseDirectory, name), out var handle) ? handle : 0).FirstOrDefault(static handle => handle != 0);
        if (ours != 0)
            NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, (name, _, _) => name == Native.Librdkafka.Name ? ours : 0);
        Library.Load();
    }

    private static nint Load()
    {
        if (!Library.IsLoaded)
            LoadOurs();
        using var process = Process.GetCurrentProcess();
        var path = process.Modules.Cast<ProcessModule>()
            .Select(module => module.FileName)
            .FirstOrDefault(file => Path.GetFileName(file).Contains("librdkafka", StringComparison.Ordinal))
            ?? throw new DllNotFoundException("Confluent.Kafka loaded no librdkafka that this process lists. Build for a platform with one (linux-x64) and keep its runtimes folder beside the program.");
        return NativeLibrary.Load(path);
    }
}
