using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Spark.Launch;

/// <summary>A JVM that we start through spark-submit and that lives as long as we hold its standard input: when this process dies, however it dies, the JVM ends.</summary>
/// <remarks>Source: Spark, <c>org.apache.spark.api.python.PythonGatewayServer</c>: the file named by _PYSPARK_DRIVER_CONN_INFO_PATH holds port, length and secret; the end of standard input is the end of the JVM.</remarks>
internal sealed class SparkProcess : IDisposable
{
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(20);

    /// <summary>The variable whose options spark-submit gives its JVM.</summary>
    private const string SubmitOptions = "SPARK_SUBMIT_OPTS";

    private readonly Process process;
    private readonly DirectoryInfo folder;
    private readonly JvmLogTail log;
    private int disposed;

    private SparkProcess(Process process, DirectoryInfo folder, JvmLogTail log) => (this.process, this.folder, this.log) = (process, folder, log);

    private string InfoFile => Path.Combine(folder.FullName, "gateway");

    /// <summary>Id of the JVM's process.</summary>
    public int Id => process.Id;

    /// <summary>Starts spark-submit with a gateway and no program.</summary>
    /// <exception cref="SparkStartException">There is no Java, or the script cannot be run.</exception>
    public static SparkProcess Start(SparkHome home, SparkOptions options)
    {
        RequireJava();
        var folder = Directory.CreateTempSubdirectory("pipeline-spark-");
        var log = new JvmLogTail(options.JvmLog);
        // An ignored SIGINT stays ignored over exec: Ctrl-C stops the job, and the job ends the JVM in its own time.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "trap '' INT; exec \"$0\" \"$@\"", home.SparkSubmit, .. Arguments(options)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        JvmEnvironment.Restrict(start.Environment);
        start.Environment["SPARK_HOME"] = home.Folder;
        start.Environment["_PYSPARK_DRIVER_CONN_INFO_PATH"] = Path.Combine(folder.FullName, "gateway");
        // The mode of Py4J that shows its secret to callbacks; a connection is a thread in both.
        _ = start.Environment.TryAdd("PYSPARK_PIN_THREAD", "false");
        start.Environment[SubmitOptions] = EndingWithoutMemory(start.Environment.TryGetValue(SubmitOptions, out var given) ? given : null);
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += log.Take;
        process.ErrorDataReceived += log.Take;
        try
        {
            _ = process.Start();
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            process.Dispose();
            folder.Delete(recursive: true);
            throw new SparkStartException($"Cannot run '{home.SparkSubmit}': {error.Message}.", error) { IsConfiguration = true };
        }
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new SparkProcess(process, folder, log);
    }

    /// <summary>Options of spark-submit's JVM with which it ends where its memory does not suffice; a thread of Spark that dies of it leaves the job waiting for ever.</summary>
    internal static string EndingWithoutMemory(string? options) =>
        options is not null && options.Contains("OnOutOfMemoryError", StringComparison.Ordinal) ? options : $"-XX:OnOutOfMemoryError='kill -9 %p' {options}".TrimEnd();

    /// <summary>What spark-submit is given; secrets are not among it.</summary>
    internal static IReadOnlyList<string> Arguments(SparkOptions options)
    {
        var arguments = new List<string>();
        if (options.Master is { } master) arguments.AddRange("--master", master);
        arguments.AddRange("--name", options.AppName);
        if (options.Jars.Count > 0) arguments.AddRange("--jars", string.Join(',', options.Jars));
        if (options.Packages.Count > 0) arguments.AddRange("--packages", string.Join(',', options.Packages));
        foreach (var (key, value) in options.Conf.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
            if (!SecretNames.IsSecret(key)) arguments.AddRange("--conf", $"{key}={value}");
        if (!options.Conf.ContainsKey("spark.ui.showConsoleProgress")) arguments.AddRange("--conf", "spark.ui.showConsoleProgress=false");
        if (SparkConf.IsLocal(options.Master) && !options.Conf.ContainsKey("spark.ui.enabled")) arguments.AddRange("--conf", "spark.ui.enabled=false");
        arguments.Add("pyspark-shell");
        return arguments;
    }

    /// <summary>Waits until the JVM has written where its gateway is.</summary>
    /// <exception cref="SparkStartException">It ended first, or took too long.</exception>
    public (int Port, GatewaySecret Secret) AwaitGateway(TimeSpan timeout)
    {
        var started = Stopwatch.StartNew();
        while (!File.Exists(InfoFile))
        {
            if (process.WaitForExit(PollTime))
            {
                // Without a time it also waits for the last lines, which may come after the end.
                process.WaitForExit();
                throw new SparkStartException($"Spark's JVM ended with exit code {process.ExitCode} before it was ready. {log.Describe()}");
            }
            if (started.Elapsed > timeout)
                throw new SparkStartException(string.Create(CultureInfo.InvariantCulture, $"Spark's JVM was not ready after {timeout.TotalSeconds:0} s and was ended. {log.Describe()}"));
        }
        var info = File.ReadAllBytes(InfoFile);
        folder.Delete(recursive: true);
        return ReadInfo(info);
    }

    /// <summary>Port and secret from the file: int32 port, int32 length, the secret; big endian.</summary>
    internal static (int Port, GatewaySecret Secret) ReadInfo(ReadOnlySpan<byte> info)
    {
        if (info.Length < 8 || BinaryPrimitives.ReadInt32BigEndian(info[4..]) != info.Length - 8)
            throw new SparkStartException($"The file that tells where Spark's gateway is has {info.Length} bytes, which do not fit its form (port, length, secret). This Spark is not one that is known here.");
        return (BinaryPrimitives.ReadInt32BigEndian(info), new GatewaySecret(Encoding.UTF8.GetString(info[8..])));
    }

    /// <summary>Why the JVM ended, or null while it runs.</summary>
    public string? Explain() => !process.WaitForExit(TimeSpan.FromSeconds(1)) ? null
        : log.Holds("java.lang.OutOfMemoryError") ? $"exit code {process.ExitCode}: its memory did not suffice; give the driver more with spark.driver.memory"
        : $"exit code {process.ExitCode}";

    /// <summary>Ends the JVM: gently by closing its standard input, by force after ten seconds.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1) return;
        process.StandardInput.Close();
        if (!process.WaitForExit(EndTime))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        process.Dispose();
        folder.Refresh();
        if (folder.Exists) folder.Delete(recursive: true);
    }

    private static void RequireJava()
    {
        var home = Environment.GetEnvironmentVariable("JAVA_HOME");
        if (!string.IsNullOrEmpty(home))
        {
            if (!File.Exists(Path.Combine(home, "bin", "java")))
                throw new SparkStartException($"JAVA_HOME is '{home}', and there is no bin/java in it; set it to a Java 17 runtime, or unset it and put java on the PATH.") { IsConfiguration = true };
            return;
        }
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (!paths.Any(static path => File.Exists(Path.Combine(path, "java"))))
            throw new SparkStartException("Spark needs Java, and there is none: set JAVA_HOME to a Java 17 runtime, or put java on the PATH.") { IsConfiguration = true };
    }
}
