using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Pipeline.Tests.Support;

/// <summary>An HDFS of its own in a temporary folder: a name node and a data node from HADOOP_HOME, on free loopback ports, with WebHDFS and without permissions. Stopped and deleted when disposed.</summary>
public sealed class HdfsServer : IDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(120);
    private readonly string home;
    private readonly string folder = Directory.CreateTempSubdirectory("hdfs-").FullName;
    private readonly List<Process> daemons = [];

    private HdfsServer(string home)
    {
        this.home = home;
        RpcPort = FreePort();
        HttpPort = FreePort();
    }

    /// <summary>Port of the name node's RPC, for <c>hdfs://</c>.</summary>
    public int RpcPort { get; }

    /// <summary>Port of the name node's HTTP, for <c>webhdfs://</c>.</summary>
    public int HttpPort { get; }

    /// <summary>The root as Hadoop programs name it.</summary>
    public string HdfsUri => string.Create(CultureInfo.InvariantCulture, $"hdfs://127.0.0.1:{RpcPort}");

    /// <summary>The root over HTTP.</summary>
    public string WebHdfsUri => string.Create(CultureInfo.InvariantCulture, $"webhdfs://127.0.0.1:{HttpPort}");

    /// <summary>The folder with core-site.xml and hdfs-site.xml, for HADOOP_CONF_DIR.</summary>
    public string ConfFolder => Path.Combine(folder, "conf");

    /// <summary>Starts one and waits until a file can be written, or skips the test where HADOOP_HOME is unset (fails it where it was promised).</summary>
    public static HdfsServer Start()
    {
        var home = Environment.GetEnvironmentVariable("HADOOP_HOME");
        Server.Require("hdfs", !string.IsNullOrEmpty(home), "Set HADOOP_HOME to a Hadoop 3 distribution.");
        var server = new HdfsServer(home!);
        try
        {
            server.WriteConfiguration();
            using (var format = server.Launch("namenode", "-format", "-nonInteractive"))
            {
                if (!format.WaitForExit(StartTime) || format.ExitCode != 0) throw new InvalidOperationException($"'hdfs namenode -format' failed; see {server.folder}/namenode.log.");
            }

            server.daemons.Add(server.Launch("namenode"));
            server.daemons.Add(server.Launch("datanode"));
            server.AwaitWritable();
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
        Directory.CreateDirectory(ConfFolder);
        File.WriteAllText(Path.Combine(ConfFolder, "core-site.xml"), Site(("fs.defaultFS", HdfsUri), ("hadoop.tmp.dir", Path.Combine(folder, "tmp"))));
        File.WriteAllText(
            Path.Combine(ConfFolder, "hdfs-site.xml"),
            Site(
                ("dfs.replication", "1"),
                ("dfs.permissions.enabled", "false"),
                ("dfs.namenode.name.dir", Path.Combine(folder, "name")),
                ("dfs.datanode.data.dir", Path.Combine(folder, "data")),
                ("dfs.namenode.http-address", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{HttpPort}")),
                ("dfs.datanode.address", "127.0.0.1:0"),
                ("dfs.datanode.http.address", "127.0.0.1:0"),
                ("dfs.datanode.ipc.address", "127.0.0.1:0"),
                ("dfs.datanode.hostname", "127.0.0.1"),
                ("dfs.client.use.datanode.hostname", "true"),
                ("dfs.namenode.safemode.extension", "0")));
    }

    private static string Site(params (string Name, string Value)[] properties) =>
        $"<configuration>{string.Concat(properties.Select(static property => $"<property><name>{property.Name}</name><value>{property.Value}</value></property>"))}</configuration>";

    private Process Launch(string daemon, params string[] arguments)
    {
        var log = Path.Combine(folder, daemon + ".log");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1", log, Path.Combine(home, "bin", "hdfs"), daemon, .. arguments]) { UseShellExecute = false };
        start.Environment["HADOOP_CONF_DIR"] = ConfFolder;
        start.Environment["HADOOP_HEAPSIZE_MAX"] = "256m";
        return Process.Start(start)!;
    }

    private void AwaitWritable()
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(5) };
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (daemons.Exists(static daemon => daemon.HasExited)) throw new InvalidOperationException($"A daemon of HDFS ended while it started: {LastLines()}");
            if (waited.Elapsed > StartTime) throw new TimeoutException($"HDFS could not be written to after {StartTime.TotalSeconds} s: {LastLines()}");
            try
            {
                var ask = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{HttpPort}/webhdfs/v1/.ready?op=CREATE&overwrite=true&user.name=test"));
                using var redirect = http.Send(new HttpRequestMessage(HttpMethod.Put, ask));
                if (redirect.Headers.Location is { } target)
                {
                    using var created = http.Send(new HttpRequestMessage(HttpMethod.Put, target) { Content = new ByteArrayContent([]) });
                    if (created.StatusCode == HttpStatusCode.Created) return;
                }
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                // Not listening yet.
            }

            _ = daemons[0].WaitForExit(TimeSpan.FromMilliseconds(200));
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
