using System.Net.Sockets;
using Pipeline.Engine.UserFunctions.Calls;
using Pipeline.Engine.UserFunctions.Columns;
using Pipeline.Engine.UserFunctions.Identity;

namespace Pipeline.Engine.UserFunctions.Worker;

/// <summary>One connection of an executor: task after task until it ends.</summary>
internal sealed class WorkerConnection
{
    private const int BufferSize = 64 * 1024;

    private readonly WireReader reader;
    private readonly WireWriter writer;
    private readonly DateTime began;

    /// <param name="stream">The connection, its greeting done.</param>
    /// <param name="began">When the process or thread began, for Spark's times.</param>
    public WorkerConnection(Stream stream, DateTime began)
    {
        reader = new WireReader(new BufferedStream(stream, BufferSize));
        writer = new WireWriter(new BufferedStream(stream, BufferSize));
        this.began = began;
    }

    /// <summary>Serves tasks until the executor ends the connection, or a task fails.</summary>
    public void Serve()
    {
        try
        {
            var boot = began;
            while (ServeOne(boot)) boot = DateTime.UtcNow;
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            // The executor has gone or has cancelled the task; nobody is left to be told.
        }
    }

    private bool ServeOne(DateTime boot)
    {
        try
        {
            if (TaskHeader.Read(reader) is not { } header) return false;
            IWorkerTask task = header.EvalType == EvalTypes.Scalar ? ScalarTask.Of(header) : TableTask.Of(header);
            var initialized = DateTime.UtcNow;
            task.Run(reader, writer);
            return End(boot, initialized);
        }
        catch (Exception error) when (TextOf(error) is { } text)
        {
            Fail(text);
            return false;
        }
    }

    /// <summary>Times, no accumulators, and whether another task may come.</summary>
    private bool End(DateTime boot, DateTime initialized)
    {
        writer.Write(Marks.Timing);
        foreach (var time in (ReadOnlySpan<DateTime>)[boot, initialized, DateTime.UtcNow]) writer.Write((long)(time - DateTime.UnixEpoch).TotalMilliseconds);
        // Bytes spilled to memory and disk.
        writer.Write(0L);
        writer.Write(0L);
        writer.Write(Marks.EndOfData);
        // Updates of accumulators.
        writer.Write(0);
        writer.Flush();
        var mayReuse = reader.ReadInt() == Marks.EndOfStream;
        writer.Write(mayReuse ? Marks.EndOfStream : Marks.EndOfData);
        writer.Flush();
        return mayReuse;
    }

    /// <summary>What Spark is told of an error; null for one of the connection, where there is nobody to tell.</summary>
    private static string? TextOf(Exception error) => error switch
    {
        // A function's own IOException is the inner one of a TaskException.
        TaskException => error.Message,
        FunctionLoadException or FunctionCallException or ProtocolException => error.Message,
        IOException or SocketException or ObjectDisposedException => null,
        _ => $"{UserFunctionException.FirstLine(error)}\nin the worker of C# functions\n{error.StackTrace}",
    };

    private void Fail(string text)
    {
        writer.Write(Marks.Exception);
        writer.Write(text);
        writer.Flush();
        // Closed with bytes unread, the socket would be reset and the message lost.
        var rest = new byte[BufferSize];
        while (reader.Stream.Read(rest) > 0)
        {
        }
    }
}
