using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Pipeline.Engine.Spark.Gateway.Wire;

namespace Pipeline.Engine.Spark.Gateway.Callbacks;

/// <summary>What the JVM calls: a method of the interface that the proxy stands for. References among the arguments belong to the scope, which ends with the call.</summary>
/// <param name="scope">A scope of the call's own.</param>
/// <param name="method">The Java method's name.</param>
/// <param name="arguments">Its arguments.</param>
/// <returns>The method's value, of a type that the wire has; null for void.</returns>
internal delegate object? CallbackHandler(JvmScope scope, string method, IReadOnlyList<object?> arguments);

/// <summary>Listens on loopback for calls from the JVM, each on a background thread, so that it never keeps the process alive. Thread-safe.</summary>
internal sealed class CallbackServer : IDisposable
{
    private readonly JvmGateway gateway;
    private readonly GatewaySecret secret;
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, CallbackHandler> handlers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<CallbackConnection, byte> connections = [];
    private volatile bool disposed;

    public CallbackServer(JvmGateway gateway, GatewaySecret secret)
    {
        this.gateway = gateway;
        this.secret = secret;
        listener.Start();
        new Thread(Accept) { IsBackground = true, Name = "spark-callbacks" }.Start();
    }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Proxies that the JVM may call.</summary>
    public int ProxyCount => handlers.Count;

    /// <summary>Whether the JVM shows no secret to us, so that a proxy's id, 128 random bits, stands for it.</summary>
    public bool AllowsProxyIdAsSecret { get; set; }

    /// <summary>Tells the JVM where to call.</summary>
    /// <remarks>Py4J's pinned mode (<c>py4j.JavaServer</c>, PYSPARK_PIN_THREAD=true, spark-submit's default) loses its secret in <c>resetCallbackClient</c>; its other mode shows it.</remarks>
    public void Announce()
    {
        using var scope = gateway.BeginScope();
        AllowsProxyIdAsSecret = scope.Text((JvmObject)scope.OfGateway("getClass")!, "getName") == "py4j.JavaServer";
        var client = (JvmObject)scope.OfGateway("getCallbackClient")!;
        var loopback = scope.Object(client, "getAddress");
        _ = scope.OfGateway("resetCallbackClient", loopback, Port);
    }

    /// <summary>Makes a proxy: give it to a Java method that takes the interface.</summary>
    public JvmProxy Add(string javaInterface, CallbackHandler handler)
    {
        var proxy = new JvmProxy($"p{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}", javaInterface);
        handlers[proxy.Id] = handler;
        return proxy;
    }

    /// <summary>Whether there is such a proxy.</summary>
    public bool Knows(string proxyId) => handlers.ContainsKey(proxyId);

    /// <summary>Forgets a proxy: a later call to it fails in the JVM.</summary>
    public bool Remove(string proxyId) => handlers.TryRemove(proxyId, out _);

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        listener.Stop();
        foreach (var connection in connections.Keys) connection.Dispose();
        handlers.Clear();
    }

    /// <summary>Runs a call in a scope of its own.</summary>
    internal object? Dispatch(string proxyId, string method, IReadOnlyList<object?> arguments)
    {
        if (!handlers.TryGetValue(proxyId, out var handler))
            throw new InvalidOperationException($"The callback {proxyId} is not known here: it was given up, or belongs to another process.");
        using var scope = gateway.BeginScope();
        return handler(scope, method, [.. arguments.Select(argument => argument is WireReference reference ? scope.Adopt(reference) : argument)]);
    }

    internal void Closed(CallbackConnection connection) => connections.TryRemove(connection, out _);

    private void Accept()
    {
        while (!disposed)
        {
            Socket socket;
            try
            {
                socket = listener.AcceptSocket();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                if (disposed) return;
                continue;
            }
            var connection = new CallbackConnection(this, secret, socket);
            connections[connection] = 0;
            new Thread(connection.Serve) { IsBackground = true, Name = "spark-callback" }.Start();
            if (disposed) connection.Dispose();
        }
    }
}
