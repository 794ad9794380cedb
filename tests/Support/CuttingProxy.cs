using System.Net;
using System.Net.Sockets;

namespace Pipeline.Tests.Support;

/// <summary>A TCP proxy on loopback that cuts the connection where a test says so: before bytes go to the server, or before its answer comes back.</summary>
public sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly int serverPort;
    private Func<byte[], Cut>? rule;
    private int cuts;

    public CuttingProxy(int serverPort)
    {
        this.serverPort = serverPort;
        listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Port to connect to.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Connections cut so far.</summary>
    public int Cuts => Volatile.Read(ref cuts);

    /// <summary>From now on the rule looks at what the client sends. It is forgotten after its first cut.</summary>
    public void CutOnce(Func<byte[], Cut> rule) => Volatile.Write(ref this.rule, rule);

    /// <inheritdoc/>
    public void Dispose()
    {
        stop.Cancel();
        listener.Dispose();
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await listener.AcceptTcpClientAsync(stop.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy is being disposed.
            return;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, serverPort, stop.Token);
                var isReplyLost = new bool[1];
                var back = BackAsync(server, client, isReplyLost);
                await ForwardAsync(client, server, isReplyLost);
                await back;
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side is gone: disposing both tells the other.
                return;
            }
        }
    }

    private async Task ForwardAsync(TcpClient client, TcpClient server, bool[] isReplyLost)
    {
        var buffer = new byte[1 << 16];
        while (await client.GetStream().ReadAsync(buffer, stop.Token) is var count and > 0)
        {
            var cut = Volatile.Read(ref rule)?.Invoke(buffer[..count]) ?? Cut.None;
            if (cut != Cut.None)
            {
                Volatile.Write(ref rule, null);
                Interlocked.Increment(ref cuts);
            }
            if (cut == Cut.BeforeServer)
            {
                client.Close();
                server.Close();
                return;
            }
            // Both sides stay connected, and nobody says a word any more.
            if (cut == Cut.Silent) await Task.Delay(Timeout.Infinite, stop.Token);
            if (cut == Cut.BeforeReply) Volatile.Write(ref isReplyLost[0], true);
            await server.GetStream().WriteAsync(buffer.AsMemory(0, count), stop.Token);
        }
        server.Client.Shutdown(SocketShutdown.Send);
    }

    private async Task BackAsync(TcpClient server, TcpClient client, bool[] isReplyLost)
    {
        var buffer = new byte[1 << 16];
        while (await server.GetStream().ReadAsync(buffer, stop.Token) is var count and > 0)
        {
            if (Volatile.Read(ref isReplyLost[0]))
            {
                client.Close();
                server.Close();
                return;
            }
            await client.GetStream().WriteAsync(buffer.AsMemory(0, count), stop.Token);
        }
    }
}

/// <summary>What becomes of a connection.</summary>
public enum Cut
{
    /// <summary>Nothing: bytes go on.</summary>
    None,

    /// <summary>Both sides are closed before these bytes reach the server.</summary>
    BeforeServer,

    /// <summary>The bytes reach the server, its answer does not come back.</summary>
    BeforeReply,

    /// <summary>The bytes are swallowed, and the connection stays.</summary>
    Silent,
}
