using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pipeline.Tests.Support;

/// <summary>A YARN of its own over an HDFS: a resource manager and a node manager from HADOOP_HOME on free loopback ports. Stopped when disposed; the HDFS is the caller's.</summary>
public sealed class YarnServer : IDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(180);
    private readonly string home;
    private readonly HdfsServer hdfs;
    private readonly string folder = Directory.CreateTempSubdirectory("yarn-").FullName;
    private readonly List<Process> daemons = [];
    private readonly int webPort = FreePort();

    private YarnServer(string home, HdfsServer hdfs)
    {
        this.home = home;
        this.hdfs = hdfs;
    }

    /// <summary>The folder with HDFS's and YARN's settings, for HADOOP_CONF_DIR.</summary>
    public string ConfFolder => hdfs.ConfFolder;

    /// <summary>Starts one and waits until its node is there, or skips the test where HADOOP_HOME is unset (fails it where it was promised).</summary>
    public static YarnServer Start(HdfsServer hdfs)
    {
        var home = Environment.GetEnvironmentVariable("HADOOP_HOME");
        Server.Require("yarn", !string.IsNullOrEmpty(home), "Set HADOOP_HOME to a Hadoop 3 distribution.");
        var server = new YarnServer(home!, hdfs);
        try
        {
            server.WriteConfiguration();
            server.daemons.Add(server.Launch("resourcemanager"));
            server.daemons.Add(server.Launch("nodemanager"));
            server.AwaitNode();
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
        foreach (var daemon in daemons)
        {
            if (!daemon.HasExited) daemon.Kill(entireProcessTree: true);
            daemon.WaitForExit();
            daemon.Dispose();
        }
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    private void WriteConfiguration()
    {
        File.WriteAllText(
            Path.Combine(ConfFolder, "yarn-site.xml"),
            Site(
                ("yarn.resourcemanager.hostname", "127.0.0.1"),
                ("yarn.resourcemanager.address", Address(FreePort())),
                ("yarn.resourcemanager.scheduler.address", Address(FreePort())),
                ("yarn.resourcemanager.resource-tracker.address", Address(FreePort())),
                ("yarn.resourcemanager.admin.address", Address(FreePort())),
                ("yarn.resourcemanager.webapp.address", Address(webPort)),
                ("yarn.nodemanager.hostname", "127.0.0.1"),
                ("yarn.nodemanager.address", Address(FreePort())),
                ("yarn.nodemanager.localizer.address", Address(FreePort())),
                ("yarn.nodemanager.webapp.address", Address(FreePort())),
                ("yarn.nodemanager.local-dirs", Path.Combine(folder, "local")),
                ("yarn.nodemanager.log-dirs", Path.Combine(folder, "logs")),
                ("yarn.nodemanager.resource.memory-mb", "6144"),
                ("yarn.nodemanager.resource.cpu-vcores", "4"),
                ("yarn.scheduler.minimum-allocation-mb", "128"),
                ("yarn.nodemanager.vmem-check-enabled", "false"),
                ("yarn.nodemanager.pmem-check-enabled", "false"),
                ("yarn.nodemanager.disk-health-checker.enable", "false"),
                ("yarn.nodemanager.delete.debug-delay-sec", "600")));
        File.WriteAllText(
            Path.Combine(ConfFolder, "capacity-scheduler.xml"),
            Site(
                ("yarn.scheduler.capacity.root.queues", "default"),
                ("yarn.scheduler.capacity.root.default.capacity", "100"),
                ("yarn.scheduler.capacity.maximum-am-resource-percent", "1.0"),
                ("yarn.scheduler.capacity.resource-calculator", "org.apache.hadoop.yarn.util.resource.DefaultResourceCalculator")));
    }

    /// <summary>What the containers printed, for an error.</summary>
    public string ContainerLogs() =>
        string.Join('\n', Directory.Exists(Path.Combine(folder, "logs"))
            ? Directory.GetFiles(Path.Combine(folder, "logs"), "std*", SearchOption.AllDirectories).SelectMany(static file => File.ReadLines(file).TakeLast(30).Prepend($"== {file}"))
            : []);

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private static string Site(params (string Name, string Value)[] properties) =>
        $"<configuration>{string.Concat(properties.Select(static property => $"<property><name>{property.Name}</name><value>{property.Value}</value></property>"))}</configuration>";

    private Process Launch(string daemon)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", Path.Combine(folder, daemon + ".log"), Path.Combine(home, "bin", "yarn"), daemon]) { UseShellExecute = false };
        start.Environment["HADOOP_CONF_DIR"] = ConfFolder;
        start.Environment["YARN_CONF_DIR"] = ConfFolder;
        start.Environment["HADOOP_HEAPSIZE_MAX"] = "256m";
        return Process.Start(start)!;
    }

    private void AwaitNode()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (daemons.Exists(static daemon => daemon.HasExited)) throw new InvalidOperationException($"A daemon of YARN ended while it started: {LastLines()}");
            if (waited.Elapsed > StartTime) throw new TimeoutException($"YARN had no node after {StartTime.TotalSeconds} s: {LastLines()}");
            try
            {
                using var answer = http.Send(new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{Address(webPort)}/ws/v1/cluster/metrics")));
                using var reader = new StreamReader(answer.Content.ReadAsStream());
                if (answer.StatusCode == HttpStatusCode.OK && reader.ReadToEnd().Contains("\"activeNodes\":1", StringComparison.Ordinal)) return;
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                // Not listening yet.
            }
            _ = daemons[0].WaitForExit(TimeSpan.FromMilliseconds(300));
        }
    }

    private string LastLines() => string.Join('\n', Directory.GetFiles(folder, "*.log").SelectMany(static file => File.ReadLines(file).TakeLast(5)));

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
