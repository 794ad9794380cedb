using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Tests.Support.Kafka;

/// <summary>A real Kafka broker from KAFKA_HOME on free ports, with a plain listener and, where asked for, TLS listeners. Dispose ends it.</summary>
public sealed class KafkaServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly string _folder;
    private Process _process;
    private readonly StringBuilder _log = new();
    private readonly int[] _ports;

    private KafkaServer(string folder, Process process, TestCertificates? certificates, int[] ports) => (_folder, _process, Certificates, _ports) = (folder, process, certificates, ports);

    /// <summary>What to set so that tests with a real broker run.</summary>
    public static string HowToEnable => "Set KAFKA_HOME to a Kafka 4 installation (bin/kafka-server-start.sh) and have Java 17 on the path.";

    /// <summary>Whether there is a Kafka to start.</summary>
    public static bool IsPresent => Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home && File.Exists(Path.Combine(home, "bin", "kafka-server-start.sh"));

    /// <summary>The plain listener.</summary>
    public string BootstrapServers => $"localhost:{_ports[0]}";

    /// <summary>The TLS listener, which asks for a client certificate.</summary>
    public string TlsBootstrapServers => $"localhost:{_ports[2]}";

    /// <summary>A TLS listener with an expired certificate.</summary>
    public string ExpiredBootstrapServers => $"localhost:{_ports[3]}";

    /// <summary>A TLS listener with a certificate for another host.</summary>
    public string WrongHostBootstrapServers => $"localhost:{_ports[4]}";

    /// <summary>A plain listener that wants a name and a password (SASL PLAIN): <c>ada</c> and <c>lovelace</c>. There with the TLS listeners.</summary>
    public string SaslBootstrapServers => $"localhost:{_ports[5]}";

    /// <summary>The certificates of a broker with TLS; null for a plain one.</summary>
    public TestCertificates? Certificates { get; }

    /// <summary>Starts a broker and waits until it listens.</summary>
    /// <param name="withTls">Whether to open the TLS listeners as well.</param>
    public static async Task<KafkaServer> StartAsync(bool withTls = false)
    {
        Server.Require("kafka", IsPresent, HowToEnable);
        var folder = Directory.CreateTempSubdirectory("kafka-server").FullName;
        var certificates = withTls ? new TestCertificates(folder) : null;
        var ports = FreePorts.Several(6);
        var settings = Path.Combine(folder, "server.properties");
        await File.WriteAllTextAsync(settings, Settings(folder, ports, certificates));
        await RunAsync(folder, "kafka-storage.sh", "format", "-t", NewClusterId(), "-c", settings);
        var server = new KafkaServer(folder, StartProcess(folder, "kafka-server-start.sh", settings), certificates, ports);
        try
        {
            await server.ListenAsync();
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        return server;
    }

    /// <summary>Writes a client.properties with Kafka's own keys for the TLS listener.</summary>
    /// <param name="authority">The trusted authority's PEM file; null is the right one.</param>
    /// <param name="withClientCertificate">Whether the client shows a certificate.</param>
    public string WriteClientProperties(string? authority = null, bool withClientCertificate = true)
    {
        if (Certificates is null)
            throw new InvalidOperationException("The broker was started without TLS. Start it with withTls: true.");
        var text = new StringBuilder($"security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location={authority ?? Certificates.Authority}\n");
        if (withClientCertificate)
            _ = text.Append($"ssl.keystore.type=PEM\nssl.keystore.location={Certificates.Client}\n");
        var path = Path.Combine(_folder, $"client-{Guid.NewGuid():N}.properties");
        File.WriteAllText(path, text.ToString());
        return path;
    }

    /// <summary>Kills the broker as a crash would.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Starts a broker that was killed again: the same ports, the same log.</summary>
    public async Task StartAgainAsync()
    {
        if (!_process.HasExited)
            throw new InvalidOperationException("The broker runs. Kill it first.");
        _process.Dispose();
        _process = StartProcess(_folder, "kafka-server-start.sh", Path.Combine(_folder, "server.properties"));
        await ListenAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
        Certificates?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Settings(string folder, int[] ports, TestCertificates? certificates)
    {
        var listeners = new List<(string Name, string Protocol, int Port)> { ("PLAINTEXT", "PLAINTEXT", ports[0]), ("CONTROLLER", "PLAINTEXT", ports[1]) };
        if (certificates is not null)
            listeners.AddRange([("SSL", "SSL", ports[2]), ("EXPIRED", "SSL", ports[3]), ("WRONGHOST", "SSL", ports[4]), ("LOGIN", "SASL_PLAINTEXT", ports[5])]);
        var text = new StringBuilder(
            $"""
            process.roles=broker,controller
            node.id=1
            controller.quorum.voters=1@localhost:{ports[1]}
            controller.listener.names=CONTROLLER
            inter.broker.listener.name=PLAINTEXT
            listeners={string.Join(',', listeners.Select(one => $"{one.Name}://localhost:{one.Port}"))}
            advertised.listeners={string.Join(',', listeners.Where(one => one.Name != "CONTROLLER").Select(one => $"{one.Name}://localhost:{one.Port}"))}
            listener.security.protocol.map={string.Join(',', listeners.Select(one => $"{one.Name}:{one.Protocol}"))}
            log.dirs={Path.Combine(folder, "log")}
            num.partitions=1
            offsets.topic.replication.factor=1
            offsets.topic.num.partitions=1
            transaction.state.log.replication.factor=1
            transaction.state.log.min.isr=1
            share.coordinator.state.topic.replication.factor=1
            share.coordinator.state.topic.min.isr=1
            group.initial.rebalance.delay.ms=0

            """);
        if (certificates is not null)
        {
            _ = text.Append("sasl.enabled.mechanisms=PLAIN\nlistener.name.login.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_ada=\"lovelace\";\n");
            foreach (var (name, store) in new[] { ("ssl", certificates.Server), ("expired", certificates.ExpiredServer), ("wronghost", certificates.WrongHostServer) })
            {
                _ = text.Append(
                    $"""
                    listener.name.{name}.ssl.keystore.type=PEM
                    listener.name.{name}.ssl.keystore.location={store}
                    listener.name.{name}.ssl.truststore.type=PEM
                    listener.name.{name}.ssl.truststore.location={certificates.Authority}
                    listener.name.{name}.ssl.client.auth=required

                    """);
            }
        }
        return text.ToString();
    }

    private static ProcessStartInfo Command(string folder, string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Environment.GetEnvironmentVariable("KAFKA_HOME")!, "bin", script), arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment["KAFKA_HEAP_OPTS"] = "-Xmx512m -Xms256m";
        start.Environment["LOG_DIR"] = folder;
        return start;
    }

    private static Process StartProcess(string folder, string script, params string[] arguments) =>
        Process.Start(Command(folder, script, arguments)) ?? throw new InvalidOperationException($"'{script}' did not start.");

    /// <summary>A UUID as Kafka writes it, base64 of its bytes; never with a dash in front, which the script would take for an option.</summary>
    private static string NewClusterId()
    {
        var bytes = Guid.NewGuid().ToByteArray();
        bytes[0] &= 0x7F;
        return Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private static async Task RunAsync(string folder, string script, params string[] arguments)
    {
        using var process = StartProcess(folder, script, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{script}' ended with {process.ExitCode}: {await output} {error}");
    }

    private async Task ListenAsync()
    {
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await WaitUntilListeningAsync();
    }

    private async Task WaitUntilListeningAsync()
    {
        var until = Stopwatch.StartNew();
        foreach (var port in Certificates is null ? _ports[..1] : [_ports[0], .. _ports[2..]])
        {
            while (true)
            {
                if (_process.HasExited || until.Elapsed > StartLimit)
                    throw new InvalidOperationException($"The Kafka broker did not come up on port {port} in {StartLimit.TotalSeconds:0} s. Its log:\n{Log()}");
                try
                {
                    using var connection = new TcpClient();
                    await connection.ConnectAsync("localhost", port);
                    break;
                }
                catch (SocketException)
                {
                    await Task.Delay(100);
                }
            }
        }
    }

    private string Log()
    {
        lock (_log)
            return _log.ToString();
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _ = _log.AppendLine(line.Data);
    }
}
