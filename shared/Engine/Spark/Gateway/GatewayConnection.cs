using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Pipeline.Engine.Spark.Gateway.Wire;

namespace Pipeline.Engine.Spark.Gateway;

/// <summary>What a connection can do now.</summary>
internal enum ConnectionState
{
    /// <summary>Waits for a command.</summary>
    Ready,

    /// <summary>A command is on its way.</summary>
    Busy,

    /// <summary>Failed or closed; never used again.</summary>
    Broken,
}

/// <summary>One authenticated connection, which is one thread of the JVM. One command at a time.</summary>
internal sealed class GatewayConnection : IDisposable
{
    private readonly Socket socket;
    private readonly NetworkStream stream;
    private readonly LineReader reader;
    private readonly ArrayBufferWriter<byte> output = new(1024);
    private int state;

    private GatewayConnection(Socket socket)
    {
        this.socket = socket;
        stream = new NetworkStream(socket, ownsSocket: true);
        reader = new LineReader(stream);
    }

    /// <summary>What it can do now.</summary>
    public ConnectionState State => (ConnectionState)Volatile.Read(ref state);

    /// <summary>Connects and shows the secret.</summary>
    /// <exception cref="GatewayException">Nobody listens there, or the secret is refused.</exception>
    public static GatewayConnection Open(IPEndPoint address, GatewaySecret secret)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect(address);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new GatewayException($"Cannot connect to Spark's gateway at {address}: {error.Message}. The JVM is not there, or has ended.", error);
        }
        var connection = new GatewayConnection(socket);
        try
        {
            Commands.Authenticate(connection.Begin(), secret);
            return connection.Exchange("authenticate").Kind == AnswerKind.Returned
                ? connection
                : throw connection.Break($"Spark's gateway at {address} refused the secret. Start the job through spark-submit again; its environment belongs to another run.");
        }
        catch (GatewayException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The empty buffer for the next command.</summary>
    /// <exception cref="InvalidOperationException">A command is on its way: two threads use the connection.</exception>
    public ArrayBufferWriter<byte> Begin()
    {
        switch (State)
        {
            case ConnectionState.Busy:
                throw new InvalidOperationException("The gateway's connection is busy with another call: a scope belongs to one thread at a time.");
            case ConnectionState.Broken:
                throw new GatewayException("The connection to Spark's JVM was lost earlier, so the call was not made.");
            default:
                output.ResetWrittenCount();
                return output;
        }
    }

    /// <summary>Sends the command in the buffer and waits for its answer.</summary>
    /// <param name="doing">The call's name for errors; never its arguments.</param>
    /// <exception cref="GatewayException">The transport failed or the answer is none; the connection is broken.</exception>
    public Answer Exchange(string doing)
    {
        if (Interlocked.CompareExchange(ref state, (int)ConnectionState.Busy, (int)ConnectionState.Ready) != (int)ConnectionState.Ready) _ = Begin();
        try
        {
            stream.Write(output.WrittenSpan);
            var answer = ReadAnswer(doing);
            if (reader.HasMore) throw Break($"Spark's gateway answered the call '{doing}' twice; the connection is given up.");
            Return();
            return answer;
        }
        catch (Exception error) when (IsTransport(error))
        {
            throw Break($"Lost the connection to Spark's JVM in the call '{doing}': {error.Message}", error);
        }
    }

    /// <summary>Forgets references, one after another.</summary>
    /// <remarks>Not many commands at once: the JVM answers each by a small packet of its own and waits with the second until the first is acknowledged, which Linux puts off for 40 ms.</remarks>
    public void Forget(IReadOnlyList<string> ids)
    {
        if (Interlocked.CompareExchange(ref state, (int)ConnectionState.Busy, (int)ConnectionState.Ready) != (int)ConnectionState.Ready) _ = Begin();
        try
        {
            foreach (var id in ids)
            {
                output.ResetWrittenCount();
                Commands.Forget(output, id);
                stream.Write(output.WrittenSpan);
                _ = ReadAnswer("forget");
            }
            Return();
        }
        catch (Exception error) when (IsTransport(error))
        {
            throw Break($"Lost the connection to Spark's JVM while references were released: {error.Message}", error);
        }
    }

    /// <summary>Blocks until the other side closes the connection or it is closed here.</summary>
    public void AwaitEnd()
    {
        try
        {
            _ = reader.TryRead(out _);
        }
        catch (Exception error) when (IsTransport(error))
        {
            _ = Break("The connection to Spark's JVM ended.", error);
        }
    }

    /// <summary>Gives the connection up from any thread: a call that waits on it fails.</summary>
    public void Abort()
    {
        Volatile.Write(ref state, (int)ConnectionState.Broken);
        // Shutdown wakes a thread that is blocked in a read; Dispose alone may not.
        if (socket.Connected)
        {
            try
            {
                socket.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // The other side closed it first, which is what was wanted.
            }
        }
        socket.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => Abort();

    private Answer ReadAnswer(string doing)
    {
        if (!reader.TryRead(out var line)) throw Break($"Lost the connection to Spark's JVM in the call '{doing}': the JVM closed it.");
        try
        {
            return Answer.Read(line);
        }
        catch (FormatException error)
        {
            throw Break($"Spark's gateway answered the call '{doing}' with what is not in its protocol. {error.Message}", error);
        }
    }

    private void Return() => _ = Interlocked.CompareExchange(ref state, (int)ConnectionState.Ready, (int)ConnectionState.Busy);

    private GatewayException Break(string message, Exception? inner = null)
    {
        Abort();
        return new GatewayException(message, inner);
    }

    [SuppressMessage("Performance", "CA1859", Justification = "Kinds of failure are told apart by type.")]
    private static bool IsTransport(Exception error) => error is IOException or SocketException or ObjectDisposedException;
}
