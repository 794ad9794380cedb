using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Engine.UserFunctions.Worker;

/// <summary>How the executor that started this process wants to be reached, from its environment.</summary>
/// <remarks>Source: Spark, <c>PythonWorkerFactory.scala</c>.</remarks>
internal sealed record WorkerEnvironment
{
    private const string SecretName = "PYTHON_WORKER_FACTORY_SECRET";
    private const string SocketFolderName = "PYTHON_WORKER_FACTORY_SOCK_DIR";
    private const string SocketPathName = "PYTHON_WORKER_FACTORY_SOCK_PATH";

    /// <summary>The secret of TCP connections; null over unix sockets, which the file system guards.</summary>
    public string? Secret { get; private init; }

    /// <summary>Where a daemon makes its unix socket, or null for TCP.</summary>
    public string? SocketFolder { get; private init; }

    /// <summary>The unix socket that a single worker connects to, or null for TCP.</summary>
    public string? SocketPath { get; private init; }

    /// <summary>The port that a single worker connects to.</summary>
    public int Port { get; private init; }

    /// <summary>Whether the process is to listen: an executor that waits for a single worker tells it where.</summary>
    public bool IsDaemon => SocketPath is null && Port == 0;

    public IPAddress Loopback { get; private init; } = IPAddress.Loopback;

    /// <summary>Whether an executor's environment is there.</summary>
    public static bool IsThere(Func<string, string?> variable) => new[] { SecretName, SocketFolderName, SocketPathName }.Any(name => !string.IsNullOrEmpty(variable(name)));

    public static WorkerEnvironment Read(Func<string, string?> variable)
    {
        var isUnix = string.Equals(variable("PYTHON_UNIX_DOMAIN_ENABLED"), "true", StringComparison.OrdinalIgnoreCase);
        return new WorkerEnvironment
        {
            Secret = isUnix ? null : variable(SecretName),
            SocketFolder = isUnix ? variable(SocketFolderName) : null,
            SocketPath = isUnix ? variable(SocketPathName) : null,
            Port = int.TryParse(variable("PYTHON_WORKER_FACTORY_PORT"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0,
            Loopback = string.Equals(variable("SPARK_PREFER_IPV6"), "true", StringComparison.OrdinalIgnoreCase) ? IPAddress.IPv6Loopback : IPAddress.Loopback,
        };
    }

    /// <summary>Whether a secret is this one; the time that it takes tells nothing.</summary>
    public bool IsSecret(string given) => Secret is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(Secret));

    /// <summary>The connection of a single worker.</summary>
    public Socket Connect()
    {
        if (SocketPath is not null)
        {
            var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            local.Connect(new UnixDomainSocketEndPoint(SocketPath));
            return local;
        }
        var socket = new Socket(Loopback.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(new IPEndPoint(Loopback, Port));
        return socket;
    }
}
