using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using System.Runtime.InteropServices;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Launch;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.UserFunctions.Worker;

namespace Pipeline.Engine.Spark.UserFunctions;

/// <summary>How executors start this program as their worker: the path of its executable, which is shipped where it has to be, and the environment.</summary>
/// <param name="Executable">The path as the executor's process resolves it.</param>
/// <param name="Environment">The same for every function: Spark keeps a process for each environment.</param>
internal sealed record WorkerProgram(string Executable, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>The setting that names the executable on the executors, for images that have it, and for programs that are not their own worker.</summary>
    public const string Setting = "spark.pipeline.functions.worker";

    private const string ArchiveName = "pipeline-functions";

    /// <summary>Finds the program, and ships its folder where executors are elsewhere.</summary>
    /// <exception cref="EngineException">This program has no executable that can be a worker.</exception>
    public static WorkerProgram Find(JvmScope scope, JvmObject sparkContext, JvmObject session, SparkDialect dialect)
    {
        var master = scope.Text(sparkContext, "master");
        var isLocal = master.StartsWith("local", StringComparison.Ordinal) && !master.StartsWith("local-cluster", StringComparison.Ordinal);
        var environment = EnvironmentOf(scope, sparkContext, isLocal);
        if (Conf(scope, session, Setting) is { Length: > 0 } named) return new WorkerProgram(named, environment);
        var own = OwnExecutable();
        // The driver of Kubernetes' cluster mode runs from the executors' image.
        var isSameImage = master.StartsWith("k8s", StringComparison.Ordinal) && scope.Text(sparkContext, "deployMode") == "cluster";
        if (isLocal || isSameImage) return new WorkerProgram(own, environment);
        if (dialect.IsolatesArtifacts && Conf(scope, session, SparkConf.ArtifactIsolation) != "false")
            throw new EngineException($"Cannot ship this program to the executors for its C# functions: the setting {SparkConf.ArtifactIsolation} keeps what is shipped for another session. Set it to false, or name the program on the executors by {Setting}.");
        Ship(scope, sparkContext);
        return new WorkerProgram($"./{ArchiveName}/{Path.GetFileName(own)}", environment);
    }

    /// <summary>This program's executable: the process's own, or beside the assembly that <c>dotnet x.dll</c> runs.</summary>
    internal static string OwnExecutable()
    {
        var process = System.Environment.ProcessPath;
        if (process is not null && Path.GetFileNameWithoutExtension(process) != "dotnet") return process;
        var assembly = Assembly.GetEntryAssembly()?.Location ?? "";
        var beside = Path.ChangeExtension(assembly, null);
        return beside.Length > 0 && File.Exists(beside)
            ? beside
            : throw new EngineException($"Cannot run C# functions on Spark: there is no executable beside '{assembly}', which the executors would start. Build the program with UseAppHost, or name one by the setting {Setting}.");
    }

    /// <summary>Packs the program's folder and gives it to Spark, which unpacks it for each executor.</summary>
    private static void Ship(JvmScope scope, JvmObject sparkContext)
    {
        var folder = Directory.CreateTempSubdirectory("pipeline-functions-");
        try
        {
            var archive = Path.Combine(folder.FullName, $"{ArchiveName}.tar.gz");
            using (var file = new GZipStream(File.Create(archive), CompressionLevel.Fastest))
                TarFile.CreateFromDirectory(AppContext.BaseDirectory, file, includeBaseDirectory: false);
            // Spark's file server reads the file whenever an executor joins.
            _ = scope.Static("org.apache.spark.util.ShutdownHookManager", "registerShutdownDeleteDir", scope.New("java.io.File", folder.FullName));
            _ = scope.Call(sparkContext, "addArchive", $"{archive}#{ArchiveName}");
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    private static Dictionary<string, string> EnvironmentOf(JvmScope scope, JvmObject sparkContext, bool isLocal)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        // PySpark limits its workers by this setting; .NET's limit is its heap's.
        if (scope.Call(scope.Object(sparkContext, "conf"), "getSizeAsMb", "spark.executor.pyspark.memory", "0m") is long and > 0 and var megabytes)
            environment["DOTNET_GCHeapHardLimit"] = string.Create(CultureInfo.InvariantCulture, $"{megabytes << 20:x}");
        // The executable looks for a runtime by its own rules, and this process may have found its own by others.
        if (isLocal && RuntimeFolder() is { } root) environment["DOTNET_ROOT"] = root;
        return environment;
    }

    /// <summary>The folder of the runtime that runs this process; null where the program brings its own.</summary>
    private static string? RuntimeFolder()
    {
        var runtime = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory());
        return runtime.Parent?.Name == "Microsoft.NETCore.App" ? runtime.Parent.Parent?.Parent?.FullName : null;
    }

    private static string? Conf(JvmScope scope, JvmObject session, string key)
    {
        var option = scope.Object(scope.Object(session, "conf"), "getOption", key);
        return scope.Flag(option, "isDefined") ? scope.Text(option, "get") : null;
    }
}
