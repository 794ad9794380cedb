using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Types;
using Pipeline.Engine.UserFunctions.Columns;

namespace Pipeline.Engine.Spark.Rows;

/// <summary>Collects a Dataset as Arrow batches over a socket of its own.</summary>
/// <remarks>
/// Source: Spark, <c>Dataset.collectAsArrowToPython</c> and <c>SocketAuthServer</c>: int32 length and secret, answered by length and <c>ok</c>; an Arrow stream; a count and the batches' places, big endian.
/// Batches arrive as partitions end, so they are held until all are here.
/// </remarks>
internal static class ArrowCollect
{
    /// <summary>How long the thread that served the rows may take to end after its stream.</summary>
    private const long EndSeconds = 60;

    /// <summary>Runs the Dataset's query now; its rows in order are made as they are read.</summary>
    /// <exception cref="JvmException">The query failed.</exception>
    public static IEnumerable<Row> Start(JvmScope scope, JvmObject dataset, StructType schema) => Rows(Collect(scope, dataset), schema);

    private static IEnumerable<Row> Rows(RecordBatch[] batches, StructType schema)
    {
        foreach (var arrived in batches)
        {
            using var batch = arrived;
            foreach (var row in Rows(batch, schema)) yield return row;
        }
    }

    /// <summary>Rows of one batch.</summary>
    internal static IEnumerable<Row> Rows(RecordBatch batch, StructType schema)
    {
        var readers = new Func<int, object?>[schema.Count];
        for (var place = 0; place < readers.Length; place++) readers[place] = ArrowValues.Reader(schema[place].DataType, batch.Column(place), schema[place].Name);
        for (var index = 0; index < batch.Length; index++)
        {
            var values = new object?[readers.Length];
            for (var place = 0; place < values.Length; place++) values[place] = readers[place](index);
            yield return new Row(schema, values);
        }
    }

    private static RecordBatch[] Collect(JvmScope scope, JvmObject dataset)
    {
        var server = scope.Object(dataset, "collectAsArrowToPython");
        var address = scope.Element(server, 0);
        var secret = scope.Element(server, 1) as string;
        var function = (JvmObject)scope.Element(server, 2)!;
        RecordBatch[] batches;
        try
        {
            using var socket = Connect(address);
            using var stream = new NetworkStream(socket);
            if (secret is not null) Authenticate(stream, secret);
            batches = ReadStream(stream);
        }
        catch (Exception error) when (error is IOException or SocketException or InvalidDataException)
        {
            // The query's own error says more than its stream's end.
            AwaitFailure(scope, function);
            throw new GatewayException($"Spark's rows ended before their end: {error.Message}", error);
        }
        // A failed job may end its stream cleanly with rows missing; only this call tells.
        _ = scope.Call(function, "getResult");
        return batches;
    }

    /// <summary>Asks why the stream of rows broke off; answers where the query did not fail.</summary>
    /// <remarks>The JVM's thread that served the rows ends with its stream. It is not waited for without an end: one that died of a lack of memory has closed its socket and never tells.</remarks>
    /// <exception cref="JvmException">The query failed.</exception>
    /// <exception cref="GatewayException">The thread died without a word.</exception>
    private static void AwaitFailure(JvmScope scope, JvmObject function)
    {
        try
        {
            _ = scope.Call(function, "getResult", scope.StaticObject("scala.concurrent.duration.Duration", "create", EndSeconds, "seconds"));
        }
        catch (JvmException error) when (error.RemoteClasses.Contains("java.util.concurrent.TimeoutException"))
        {
            throw new GatewayException("Spark's thread that serves the rows of a query died without a word, most often because the JVM's memory did not suffice: give the driver more with spark.driver.memory.", error);
        }
    }

    private static Socket Connect(object? address)
    {
        EndPoint end = address switch
        {
            int port => new IPEndPoint(IPAddress.Loopback, port),
            string path => new UnixDomainSocketEndPoint(path),
            _ => throw new GatewayException("Spark told neither port nor path of the socket that serves the rows. This version of Spark is not one that is known here (3.5, 4.0, 4.1)."),
        };
        var socket = end is IPEndPoint ? new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true } : new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(end);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Authenticate(NetworkStream stream, string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        var message = new byte[sizeof(int) + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, bytes.Length);
        bytes.CopyTo(message, sizeof(int));
        stream.Write(message);
        var answer = new byte[ReadLength(stream, 64)];
        stream.ReadExactly(answer);
        if (!answer.AsSpan().SequenceEqual("ok"u8)) throw new InvalidDataException("the socket that serves the rows refused its secret.");
    }

    private static RecordBatch[] ReadStream(Stream stream)
    {
        var arrived = new List<RecordBatch>();
        using var reader = new ArrowStreamReader(stream, leaveOpen: true);
        while (reader.ReadNextRecordBatch() is { } batch) arrived.Add(batch);
        var count = ReadInt(stream);
        if (count < 0)
        {
            var text = new byte[ReadLength(stream, 1 << 24)];
            stream.ReadExactly(text);
            throw new InvalidDataException(Encoding.UTF8.GetString(text));
        }
        if (count != arrived.Count) throw new InvalidDataException($"Spark announced {count} batches and sent {arrived.Count}.");
        // The k-th number is the place, among those that arrived, of the batch that is k-th in order.
        var ordered = new RecordBatch[count];
        for (var k = 0; k < count; k++)
        {
            var place = ReadInt(stream);
            if (place < 0 || place >= count) throw new InvalidDataException($"Spark named batch {place} of {count}.");
            ordered[k] = arrived[place];
        }
        return ordered;
    }

    private static int ReadLength(Stream stream, int most) =>
        ReadInt(stream) is var length && length >= 0 && length <= most ? length : throw new InvalidDataException($"a length of {length} bytes is not possible here.");

    private static int ReadInt(Stream stream)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }
}
