using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Tests.Unit.Spark;

/// <summary>A gateway on loopback that records the exact text of each command and answers as the test says.</summary>
internal sealed class FakeGateway : IDisposable
{
    public const string Secret = "s3cret";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> sockets = [];
    private readonly Func<string, string?> answer;

    /// <param name="answer">From a command's text to the answer's, both whole; null closes the connection.</param>
    public FakeGateway(Func<string, string?> answer)
    {
        this.answer = answer;
        listener.Start();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Each command as it came, without the authentication.</summary>
    public ConcurrentQueue<string> Commands { get; } = [];

    public int Connections => sockets.Count;

    public void CloseAll()
    {
        foreach (var socket in sockets) socket.Dispose();
    }

    public void Dispose()
    {
        listener.Stop();
        CloseAll();
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var socket = listener.AcceptSocket();
                sockets.Add(socket);
                new Thread(() => Serve(socket)) { IsBackground = true }.Start();
            }
        }
        catch (Exception error) when (error is SocketException or InvalidOperationException)
        {
            return;
        }
    }

    private void Serve(Socket socket)
    {
        try
        {
            using var stream = new NetworkStream(socket);
            using var reader = new StreamReader(stream, new UTF8Encoding(false));
            var opening = reader.ReadLine() + "\n" + reader.ReadLine() + "\n";
            Send(stream, opening == $"A\n{Secret}\n" ? "!yv\n" : "!xsAuthentication error: bad token\n");
            var command = new StringBuilder();
            while (reader.ReadLine() is { } line)
            {
                _ = command.Append(line).Append('\n');
                if (line != "e") continue;
                var text = command.ToString();
                _ = command.Clear();
                Commands.Enqueue(text);
                if (answer(text) is not { } reply)
                {
                    socket.Dispose();
                    return;
                }
                Send(stream, reply);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            return;
        }
    }

    private static void Send(NetworkStream stream, string text) => stream.Write(Encoding.UTF8.GetBytes(text));
}
