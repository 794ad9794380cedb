using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Pipeline.Engine.UserFunctions.Worker;

/// <summary>The process that an executor keeps: it listens, and serves each connection in a thread of its own.</summary>
/// <remarks>
/// A worker's id is its thread's: Spark 4 keeps a worker only while the system knows a process of its id, and Linux answers for threads too.
/// The executor names an id on standard input to have a worker ended; the end of standard input is the executor's end.
/// </remarks>
internal sealed partial class WorkerDaemon
{
    private readonly WorkerEnvironment environment;
    private readonly ConcurrentDictionary<int, Socket> workers = new();

    public WorkerDaemon(WorkerEnvironment environment) => this.environment = environment;

    /// <summary>Listens and serves until the executor has gone.</summary>
    /// <param name="input">Where the executor names workers to end.</param>
    /// <param name="output">Where the port or path is announced.</param>
    public void Run(Stream input, Stream output)
    {
        using var listener = Listen(out var path);
        try
        {
            Announce(listener, path, new WireWriter(output));
            new Thread(() => Accept(listener)) { IsBackground = true, Name = "function-daemon" }.Start();
            ObeyUntilEnd(new WireReader(input));
        }
        finally
        {
            if (path is not null) File.Delete(path);
        }
    }

    private Socket Listen(out string? path)
    {
        path = null;
        if (environment.SocketFolder is not { } folder)
        {
            var tcp = new Socket(environment.Loopback.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(environment.Loopback, 0));
            tcp.Listen(1024);
            return tcp;
        }
        path = Path.Combine(folder, $".{Guid.NewGuid():D}.sock");
        var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        local.Bind(new UnixDomainSocketEndPoint(path));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        local.Listen(1024);
        return local;
    }

    private static void Announce(Socket listener, string? path, WireWriter output)
    {
        if (path is not null) output.Write(path);
        else output.Write(((IPEndPoint)listener.LocalEndPoint!).Port);
        output.Flush();
    }

    private void Accept(Socket listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = listener.Accept();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;
            }
            var began = DateTime.UtcNow;
            new Thread(() => Serve(socket, began)) { IsBackground = true, Name = "function-worker" }.Start();
        }
    }

    private void Serve(Socket socket, DateTime began)
    {
        var id = CurrentId();
        workers[id] = socket;
        try
        {
            using (socket)
            using (var stream = new NetworkStream(socket, ownsSocket: false))
                if (Greet(stream, id)) new WorkerConnection(stream, began).Serve();
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // The executor has closed the connection before a task came.
        }
        finally
        {
            _ = workers.TryRemove(id, out _);
        }
    }

    /// <summary>The id, and over TCP the secret.</summary>
    private bool Greet(Stream stream, int id)
    {
        var writer = new WireWriter(stream);
        writer.Write(id);
        if (environment.SocketFolder is not null) return true;
        var isKnown = environment.IsSecret(new WireReader(stream).ReadText());
        writer.Write(isKnown ? "ok" : "err");
        return isKnown;
    }

    /// <summary>Ends workers that the executor names. A function that does not return keeps its thread, and its connection is gone.</summary>
    private void ObeyUntilEnd(WireReader input)
    {
        while (input.ReadIntOrEnd() is { } id)
            if (workers.TryRemove(id, out var socket)) End(socket);
    }

    private static void End(Socket socket)
    {
        try
        {
            // Its thread meets the end when it next reads or writes, and closes the socket.
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    private static int CurrentId() => OperatingSystem.IsLinux() ? CurrentThread() : Environment.ProcessId;

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int CurrentThread();
}
