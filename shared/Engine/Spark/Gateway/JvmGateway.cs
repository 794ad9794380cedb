using System.Net;
using Pipeline.Engine.Spark.Gateway.Callbacks;

namespace Pipeline.Engine.Spark.Gateway;

/// <summary>The way to one JVM: a pool of connections, the references that we hold, its callbacks, and a watch on its life. Thread-safe.</summary>
internal sealed class JvmGateway : IDisposable
{
    private const int IdleConnections = 8;
    private static readonly TimeSpan LossTime = TimeSpan.FromMilliseconds(300);

    private readonly IPEndPoint address;
    private readonly GatewaySecret secret;
    private readonly Lock gate = new();
    private readonly Stack<GatewayConnection> idle = [];
    private readonly HashSet<GatewayConnection> open = [];
    private readonly List<string> orphans = [];
    private readonly CancellationTokenSource lost = new();
    private readonly GatewayConnection watchdog;
    private readonly Func<string?>? explainLoss;
    private CallbackServer? callbacks;
    private long references;
    private int nextName;
    private bool disposed;

    private JvmGateway(IPEndPoint address, GatewaySecret secret, Func<string?>? explainLoss)
    {
        this.address = address;
        this.secret = secret;
        this.explainLoss = explainLoss;
        watchdog = GatewayConnection.Open(address, secret);
        new Thread(Watch) { IsBackground = true, Name = "spark-gateway-watchdog" }.Start();
    }

    /// <summary>JVM objects that this process holds.</summary>
    public long LiveReferences => Interlocked.Read(ref references);

    /// <summary>Cancelled when the JVM has gone without being asked to.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>Connects to a gateway on this machine and watches it.</summary>
    /// <param name="port">Its port on 127.0.0.1.</param>
    /// <param name="secret">Its secret.</param>
    /// <param name="explainLoss">Tells why the JVM ended, where the caller started it.</param>
    /// <exception cref="GatewayException">Nobody listens there, or the secret is refused.</exception>
    public static JvmGateway Connect(int port, GatewaySecret secret, Func<string?>? explainLoss = null) =>
        new(new IPEndPoint(IPAddress.Loopback, port), secret, explainLoss);

    /// <summary>Leases a connection for a whole operation; the scope's end gives it back and releases the references made in it.</summary>
    public JvmScope BeginScope() => new(this, Lease());

    /// <summary>A number that no other caller of this gateway gets, for the names of views and tags.</summary>
    public int NextNumber() => Interlocked.Increment(ref nextName);

    /// <summary>The callback server, started and made known to the JVM at the first use.</summary>
    public CallbackServer Callbacks
    {
        get
        {
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(disposed, this);
                if (callbacks is not null) return callbacks;
            }
            var started = new CallbackServer(this, secret);
            started.Announce();
            lock (gate)
            {
                if (callbacks is null) return callbacks = started;
            }
            started.Dispose();
            return callbacks;
        }
    }

    /// <summary>Releases an object that its owner had kept over its scope.</summary>
    public void Release(params IEnumerable<JvmObject?> kept)
    {
        var ids = kept.Select(static reference => reference?.TakeForRelease()).OfType<string>().ToList();
        if (ids.Count == 0) return;
        if (lost.IsCancellationRequested || disposed)
        {
            Count(-ids.Count);
            return;
        }
        lock (gate) orphans.AddRange(ids);
        using var scope = BeginScope();
    }

    /// <summary>An error for a call that failed because the JVM has gone, else the error itself.</summary>
    public GatewayException Explain(GatewayException error) =>
        // The call's connection may be seen to end a moment before the watchdog's.
        lost.Token.WaitHandle.WaitOne(LossTime) ? LossError(error) : error;

    /// <inheritdoc/>
    public void Dispose()
    {
        List<GatewayConnection> connections;
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            connections = [.. open];
            open.Clear();
            idle.Clear();
        }
        callbacks?.Dispose();
        watchdog.Abort();
        foreach (var connection in connections) connection.Abort();
        GatewayMetrics.Connections.Add(-connections.Count);
        Count(-LiveReferences);
    }

    internal void Count(long change)
    {
        if (change == 0) return;
        _ = Interlocked.Add(ref references, change);
        GatewayMetrics.References.Add(change);
    }

    /// <summary>Takes a connection back; ids are what its scope held, released here or by the next scope where this connection has failed.</summary>
    internal void TakeBack(GatewayConnection connection, List<string> ids)
    {
        lock (gate)
        {
            if (orphans.Count > 0 && connection.State == ConnectionState.Ready)
            {
                ids.AddRange(orphans);
                orphans.Clear();
            }
        }
        var released = ids.Count == 0 || TryForget(connection, ids);
        lock (gate)
        {
            if (!released && !lost.IsCancellationRequested && !disposed) orphans.AddRange(ids);
            else if (!disposed) Count(-ids.Count);
            if (connection.State == ConnectionState.Ready && idle.Count < IdleConnections && !disposed)
            {
                idle.Push(connection);
                return;
            }
            if (open.Remove(connection)) GatewayMetrics.Connections.Add(-1);
        }
        connection.Abort();
    }

    private static bool TryForget(GatewayConnection connection, List<string> ids)
    {
        if (connection.State != ConnectionState.Ready) return false;
        try
        {
            connection.Forget(ids);
            return true;
        }
        catch (GatewayException)
        {
            return false;
        }
    }

    private GatewayConnection Lease()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (lost.IsCancellationRequested) throw LossError(null);
            while (idle.TryPop(out var ready))
            {
                if (ready.State == ConnectionState.Ready) return ready;
                if (open.Remove(ready)) GatewayMetrics.Connections.Add(-1);
            }
        }
        var connection = OpenConnection();
        lock (gate)
        {
            if (!disposed && open.Add(connection)) GatewayMetrics.Connections.Add(1);
        }
        return connection;
    }

    private GatewayConnection OpenConnection()
    {
        try
        {
            return GatewayConnection.Open(address, secret);
        }
        catch (GatewayException error)
        {
            throw Explain(error);
        }
    }

    private GatewayException LossError(Exception? inner)
    {
        var why = explainLoss?.Invoke();
        return new GatewayException($"The JVM that runs Spark has ended{(why is null ? "" : $" ({why})")}; the job cannot go on. Start it again: a stream goes on from its checkpoint.", inner);
    }

    private void Watch()
    {
        watchdog.AwaitEnd();
        List<GatewayConnection> connections;
        lock (gate)
        {
            if (disposed) return;
            connections = [.. open];
        }
        // Cancel first: whoever then fails on a closed connection is told of the JVM's end, not of a socket's.
        _ = lost.CancelAsync();
        foreach (var connection in connections) connection.Abort();
    }
}
