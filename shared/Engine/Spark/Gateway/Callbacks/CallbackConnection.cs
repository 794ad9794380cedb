using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Pipeline.Engine.Spark.Gateway.Wire;

namespace Pipeline.Engine.Spark.Gateway.Callbacks;

/// <summary>One connection that the JVM opened to call us: the secret, then calls one after another.</summary>
/// <remarks>Source: Py4J 0.10.9, <c>py4j.CallbackConnection</c>; commands <c>c</c> (call) and <c>g</c> (the JVM has dropped the proxy).</remarks>
internal sealed class CallbackConnection : IDisposable
{
    private static readonly TimeSpan AuthenticationTime = TimeSpan.FromSeconds(10);

    private readonly CallbackServer server;
    private readonly GatewaySecret secret;
    private readonly NetworkStream stream;
    private readonly LineReader reader;
    private readonly ArrayBufferWriter<byte> output = new(256);
    private bool isTrusted;

    public CallbackConnection(CallbackServer server, GatewaySecret secret, Socket socket)
    {
        this.server = server;
        this.secret = secret;
        socket.NoDelay = true;
        stream = new NetworkStream(socket, ownsSocket: true) { ReadTimeout = (int)AuthenticationTime.TotalMilliseconds };
        reader = new LineReader(stream);
    }

    /// <summary>Answers until the JVM closes the connection, or shows a wrong secret.</summary>
    public void Serve()
    {
        try
        {
            if (!Open()) return;
            while (reader.TryRead(out var line) && ServeOne(line)) { }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or FormatException)
        {
            // The JVM or the server closed the connection, or it does not speak the protocol: whoever waits for the call learns it there.
            Debug.WriteLine(error.Message);
        }
        finally
        {
            Dispose();
            server.Closed(this);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    /// <summary>Reads how the connection opens; false where it is to be closed without an answer.</summary>
    private bool Open()
    {
        if (!reader.TryRead(out var line)) return false;
        if (line.SequenceEqual("A"u8))
        {
            if (!reader.TryRead(out var shown) || !secret.Matches(shown)) return false;
            isTrusted = true;
            stream.Write("!yv\n"u8);
            // The JVM ends this message by a line of e, which ours to it has not.
            return reader.TryRead(out line) && (line.SequenceEqual("e"u8) || ServeOne(line));
        }
        // Py4J's pinned mode shows no secret to callbacks: there the proxy's random id is what a stranger cannot know.
        return server.AllowsProxyIdAsSecret && ServeOne(line);
    }

    private bool ServeOne(ReadOnlySpan<byte> line)
    {
        var isCall = line.SequenceEqual("c"u8);
        if (!isCall && !line.SequenceEqual("g"u8)) return false;
        var proxyId = ReadText();
        if (!isTrusted && !server.Knows(proxyId)) return false;
        isTrusted = true;
        stream.ReadTimeout = Timeout.Infinite;
        if (!isCall)
        {
            _ = server.Remove(proxyId);
            SkipToEnd();
            stream.Write("!yv\n"u8);
            return true;
        }
        var method = ReadText();
        output.ResetWrittenCount();
        Answer(proxyId, method, ReadArguments());
        stream.Write(output.WrittenSpan);
        return true;
    }

    private void Answer(string proxyId, string method, List<object?> arguments)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var value = server.Dispatch(proxyId, method, arguments);
            output.Write("!y"u8);
            if (value is null) output.Write("v\n"u8);
            else WireValue.Write(output, value);
        }
#pragma warning disable CA1031 // Whatever the callback throws is the answer: the JVM fails the query with it.
        catch (Exception error)
#pragma warning restore CA1031
        {
            output.ResetWrittenCount();
            output.Write("!x"u8);
            WireValue.Write(output, Describe(error));
        }
        GatewayMetrics.Callbacks.Record(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    private static string Describe(Exception error) => $"{error.GetType().FullName}: {error.Message}\n{error.StackTrace}";

    private string ReadText() => reader.TryRead(out var line) ? Encoding.UTF8.GetString(line) : throw new EndOfStreamException("The JVM closed the connection within a call.");

    private List<object?> ReadArguments()
    {
        var arguments = new List<object?>();
        while (true)
        {
            if (!reader.TryRead(out var line)) throw new EndOfStreamException("The JVM closed the connection within a call.");
            if (line.SequenceEqual("e"u8)) return arguments;
            arguments.Add(WireValue.Read(line));
        }
    }

    private void SkipToEnd()
    {
        while (reader.TryRead(out var line) && !line.SequenceEqual("e"u8)) { }
    }
}
