using System.Diagnostics;

namespace Pipeline.Tests.Support;

/// <summary>Daemons of Hadoop in a temporary folder of their own. Stopped, and the folder deleted, when disposed.</summary>
/// <param name="script">The script that starts them: bin/hdfs or bin/yarn.</param>
/// <param name="prefix">Beginning of the folder's name.</param>
internal sealed class HadoopDaemons(string script, string prefix) : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);
    private readonly List<Process> running = [];

    /// <summary>The folder: data, and a log a daemon.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory(prefix).FullName;

    /// <summary>Starts a daemon, which is then this object's.</summary>
    public void Start(string confFolder, string daemon) => running.Add(Run(confFolder, daemon));

    /// <summary>Starts a command of the script, its output in the folder; the caller waits for it and disposes it.</summary>
    public Process Run(string confFolder, string command, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", Path.Combine(Folder, command + ".log"), script, command, .. arguments]) { UseShellExecute = false };
        start.Environment["HADOOP_CONF_DIR"] = confFolder;
        start.Environment["YARN_CONF_DIR"] = confFolder;
        start.Environment["HADOOP_HEAPSIZE_MAX"] = "256m";
        return Process.Start(start)!;
    }

    /// <summary>Waits until the daemons are ready; fails where one ends, or where it takes too long.</summary>
    /// <param name="complaint">What is told where it takes too long, without its end.</param>
    /// <param name="limit">How long.</param>
    /// <param name="isReady">Asks; what the network throws is no yet.</param>
    public void Await(string complaint, TimeSpan limit, Func<HttpClient, bool> isReady)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(5) };
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (running.Exists(static daemon => daemon.HasExited)) throw new InvalidOperationException($"A daemon of '{script}' ended while it started: {LastLines()}");
            if (waited.Elapsed > limit) throw new TimeoutException($"{complaint} after {limit.TotalSeconds} s: {LastLines()}");
            try
            {
                if (isReady(http)) return;
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                // Not listening yet.
            }
            _ = running[0].WaitForExit(BetweenLooks);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var daemon in running)
        {
            if (!daemon.HasExited) daemon.Kill(entireProcessTree: true);
            daemon.WaitForExit();
            daemon.Dispose();
        }
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A settings file.</summary>
    public static string Site(params (string Name, string Value)[] properties) =>
        $"<configuration>{string.Concat(properties.Select(static property => $"<property><name>{property.Name}</name><value>{property.Value}</value></property>"))}</configuration>";

    private string LastLines() => string.Join('\n', Directory.GetFiles(Folder, "*.log").SelectMany(static file => File.ReadLines(file).TakeLast(5)));
}
