using System.Diagnostics;
using System.Globalization;
using System.Net;
using Pipeline.Tests.Support.Processes;

namespace Pipeline.Tests.Support.Spark;

/// <summary>A standalone Spark cluster of one master and one worker, on free loopback ports. Stopped when disposed.</summary>
public sealed class StandaloneServer : IDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(90);
    private readonly TemporaryFolder folder = new();
    private readonly List<Process> daemons = [];
    private readonly string home;
    private readonly int port = FreePorts.One();
    private readonly int webPort = FreePorts.One();

    private StandaloneServer(string home) => this.home = home;

    /// <summary>The master URL.</summary>
    public string Master => string.Create(CultureInfo.InvariantCulture, $"spark://127.0.0.1:{port}");

    /// <summary>Starts one and waits until its worker is there.</summary>
    /// <param name="version">Of Spark: 4.1 or 3.5.</param>
    public static StandaloneServer Start(string version)
    {
        var server = new StandaloneServer(SparkServer.RequireHome(version));
        try
        {
            server.Launch("master", "org.apache.spark.deploy.master.Master", "-h", "127.0.0.1", "-p", Text(server.port), "--webui-port", Text(server.webPort));
            server.Await("\"status\"");
            server.Launch("worker", "org.apache.spark.deploy.worker.Worker", "-h", "127.0.0.1", "-c", "2", "-m", "2g", "--webui-port", "0", "-d", server.folder["work"], server.Master);
            server.Await("\"aliveworkers\" : 1");
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The worker first: it ends its executors.
        foreach (var daemon in Enumerable.Reverse(daemons))
        {
            if (!daemon.HasExited) daemon.Kill(entireProcessTree: true);
            daemon.WaitForExit();
            daemon.Dispose();
        }
        folder.Dispose();
    }

    private void Launch(string name, params string[] command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", folder[$"{name}.log"], Path.Combine(home, "bin", "spark-class"), .. command]) { UseShellExecute = false };
        start.Environment["SPARK_HOME"] = home;
        start.Environment["SPARK_DAEMON_MEMORY"] = "256m";
        start.Environment["SPARK_LOCAL_DIRS"] = folder.Path;
        daemons.Add(Process.Start(start)!);
    }

    /// <summary>Waits until the master's page says one of these.</summary>
    private void Await(params string[] any)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (daemons.Exists(static daemon => daemon.HasExited)) throw new InvalidOperationException($"A daemon of Spark ended while it started: {LastLines()}");
            if (waited.Elapsed > StartTime) throw new TimeoutException($"The cluster was not ready after {StartTime.TotalSeconds} s: {LastLines()}");
            try
            {
                using var answer = http.Send(new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{webPort}/json/")));
                using var reader = new StreamReader(answer.Content.ReadAsStream());
                var text = reader.ReadToEnd();
                if (answer.StatusCode == HttpStatusCode.OK && any.Any(words => text.Contains(words, StringComparison.Ordinal))) return;
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                // Not listening yet.
            }
            _ = daemons[0].WaitForExit(TimeSpan.FromMilliseconds(200));
        }
    }

    private string LastLines() => string.Join('\n', Directory.GetFiles(folder.Path, "*.log").SelectMany(static file => File.ReadLines(file).TakeLast(5)));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
