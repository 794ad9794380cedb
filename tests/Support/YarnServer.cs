using System.Globalization;
using System.Net;

namespace Pipeline.Tests.Support;

/// <summary>A YARN of its own over an HDFS: a resource manager and a node manager from HADOOP_HOME on free loopback ports. Stopped when disposed; the HDFS is the caller's.</summary>
public sealed class YarnServer : IDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(180);
    private readonly HdfsServer hdfs;
    private readonly HadoopDaemons daemons;
    private readonly int webPort = FreePorts.One();

    private YarnServer(HadoopDaemons daemons, HdfsServer hdfs)
    {
        this.daemons = daemons;
        this.hdfs = hdfs;
    }

    /// <summary>The folder with HDFS's and YARN's settings, for HADOOP_CONF_DIR.</summary>
    public string ConfFolder => hdfs.ConfFolder;

    /// <summary>Starts one and waits until its node is there, or skips the test where HADOOP_HOME is unset (fails it where it was promised).</summary>
    public static YarnServer Start(HdfsServer hdfs)
    {
        var home = Environment.GetEnvironmentVariable("HADOOP_HOME");
        Server.Require("yarn", !string.IsNullOrEmpty(home), "Set HADOOP_HOME to a Hadoop 3 distribution.");
        var server = new YarnServer(new HadoopDaemons(Path.Combine(home!, "bin", "yarn"), "yarn-"), hdfs);
        try
        {
            server.WriteConfiguration();
            server.daemons.Start(server.ConfFolder, "resourcemanager");
            server.daemons.Start(server.ConfFolder, "nodemanager");
            server.daemons.Await("YARN had no node", StartTime, server.HasNode);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => daemons.Dispose();

    private void WriteConfiguration()
    {
        File.WriteAllText(
            Path.Combine(ConfFolder, "yarn-site.xml"),
            HadoopDaemons.Site(
                ("yarn.resourcemanager.hostname", "127.0.0.1"),
                ("yarn.resourcemanager.address", Address(FreePorts.One())),
                ("yarn.resourcemanager.scheduler.address", Address(FreePorts.One())),
                ("yarn.resourcemanager.resource-tracker.address", Address(FreePorts.One())),
                ("yarn.resourcemanager.admin.address", Address(FreePorts.One())),
                ("yarn.resourcemanager.webapp.address", Address(webPort)),
                ("yarn.nodemanager.hostname", "127.0.0.1"),
                ("yarn.nodemanager.address", Address(FreePorts.One())),
                ("yarn.nodemanager.localizer.address", Address(FreePorts.One())),
                ("yarn.nodemanager.webapp.address", Address(FreePorts.One())),
                ("yarn.nodemanager.local-dirs", Path.Combine(daemons.Folder, "local")),
                ("yarn.nodemanager.log-dirs", Path.Combine(daemons.Folder, "logs")),
                ("yarn.nodemanager.resource.memory-mb", "6144"),
                ("yarn.nodemanager.resource.cpu-vcores", "4"),
                ("yarn.scheduler.minimum-allocation-mb", "128"),
                ("yarn.nodemanager.vmem-check-enabled", "false"),
                ("yarn.nodemanager.pmem-check-enabled", "false"),
                ("yarn.nodemanager.disk-health-checker.enable", "false"),
                ("yarn.nodemanager.delete.debug-delay-sec", "600")));
        File.WriteAllText(
            Path.Combine(ConfFolder, "capacity-scheduler.xml"),
            HadoopDaemons.Site(
                ("yarn.scheduler.capacity.root.queues", "default"),
                ("yarn.scheduler.capacity.root.default.capacity", "100"),
                ("yarn.scheduler.capacity.maximum-am-resource-percent", "1.0"),
                ("yarn.scheduler.capacity.resource-calculator", "org.apache.hadoop.yarn.util.resource.DefaultResourceCalculator")));
    }

    /// <summary>What the containers printed, for an error.</summary>
    public string ContainerLogs() =>
        string.Join('\n', Directory.Exists(Path.Combine(daemons.Folder, "logs"))
            ? Directory.GetFiles(Path.Combine(daemons.Folder, "logs"), "std*", SearchOption.AllDirectories).SelectMany(static file => File.ReadLines(file).TakeLast(30).Prepend($"== {file}"))
            : []);

    private static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    private bool HasNode(HttpClient http)
    {
        using var answer = http.Send(new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{Address(webPort)}/ws/v1/cluster/metrics")));
        using var reader = new StreamReader(answer.Content.ReadAsStream());
        return answer.StatusCode == HttpStatusCode.OK && reader.ReadToEnd().Contains("\"activeNodes\":1", StringComparison.Ordinal);
    }
}
