using System.Globalization;
using System.Net;

namespace Pipeline.Tests.Support;

/// <summary>An HDFS of its own in a temporary folder: a name node and a data node from HADOOP_HOME, on free loopback ports, with WebHDFS and without permissions. Stopped and deleted when disposed.</summary>
public sealed class HdfsServer : IDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(120);
    private readonly HadoopDaemons daemons;

    private HdfsServer(HadoopDaemons daemons) => this.daemons = daemons;

    /// <summary>Port of the name node's RPC, for <c>hdfs://</c>.</summary>
    public int RpcPort { get; } = FreePorts.One();

    /// <summary>Port of the name node's HTTP, for <c>webhdfs://</c>.</summary>
    public int HttpPort { get; } = FreePorts.One();

    /// <summary>The root as Hadoop programs name it.</summary>
    public string HdfsUri => string.Create(CultureInfo.InvariantCulture, $"hdfs://127.0.0.1:{RpcPort}");

    /// <summary>The root over HTTP.</summary>
    public string WebHdfsUri => string.Create(CultureInfo.InvariantCulture, $"webhdfs://127.0.0.1:{HttpPort}");

    /// <summary>The folder with core-site.xml and hdfs-site.xml, for HADOOP_CONF_DIR.</summary>
    public string ConfFolder => Path.Combine(daemons.Folder, "conf");

    /// <summary>Starts one and waits until a file can be written, or skips the test where HADOOP_HOME is unset (fails it where it was promised).</summary>
    public static HdfsServer Start()
    {
        var home = Environment.GetEnvironmentVariable("HADOOP_HOME");
        Server.Require("hdfs", !string.IsNullOrEmpty(home), "Set HADOOP_HOME to a Hadoop 3 distribution.");
        var server = new HdfsServer(new HadoopDaemons(Path.Combine(home!, "bin", "hdfs"), "hdfs-"));
        try
        {
            server.WriteConfiguration();
            using (var format = server.daemons.Run(server.ConfFolder, "namenode", "-format", "-nonInteractive"))
            {
                if (!format.WaitForExit(StartTime) || format.ExitCode != 0) throw new InvalidOperationException($"'hdfs namenode -format' failed; see {server.daemons.Folder}/namenode.log.");
            }

            server.daemons.Start(server.ConfFolder, "namenode");
            server.daemons.Start(server.ConfFolder, "datanode");
            server.daemons.Await("HDFS could not be written to", StartTime, server.IsWritable);
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
        Directory.CreateDirectory(ConfFolder);
        File.WriteAllText(Path.Combine(ConfFolder, "core-site.xml"), HadoopDaemons.Site(("fs.defaultFS", HdfsUri), ("hadoop.tmp.dir", Path.Combine(daemons.Folder, "tmp"))));
        File.WriteAllText(
            Path.Combine(ConfFolder, "hdfs-site.xml"),
            HadoopDaemons.Site(
                ("dfs.replication", "1"),
                ("dfs.permissions.enabled", "false"),
                ("dfs.namenode.name.dir", Path.Combine(daemons.Folder, "name")),
                ("dfs.datanode.data.dir", Path.Combine(daemons.Folder, "data")),
                ("dfs.namenode.http-address", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{HttpPort}")),
                ("dfs.datanode.address", "127.0.0.1:0"),
                ("dfs.datanode.http.address", "127.0.0.1:0"),
                ("dfs.datanode.ipc.address", "127.0.0.1:0"),
                ("dfs.datanode.hostname", "127.0.0.1"),
                ("dfs.client.use.datanode.hostname", "true"),
                ("dfs.namenode.safemode.extension", "0")));
    }

    private bool IsWritable(HttpClient http)
    {
        var ask = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{HttpPort}/webhdfs/v1/.ready?op=CREATE&overwrite=true&user.name=test"));
        using var redirect = http.Send(new HttpRequestMessage(HttpMethod.Put, ask));
        if (redirect.Headers.Location is not { } target) return false;
        using var created = http.Send(new HttpRequestMessage(HttpMethod.Put, target) { Content = new ByteArrayContent([]) });
        return created.StatusCode == HttpStatusCode.Created;
    }
}
