using System.Text;
using DuckDB.NET.Native;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Kafka;

/// <summary>Writes messages into the vectors of DuckDB's data chunks: no object a message, no copy but the one into the chunk.</summary>
internal sealed unsafe class KafkaRowWriter : IDisposable
{
    private readonly ChunkAppender appender;
    private readonly bool includesHeaders;
    private readonly byte[] topic = new byte[1024];
    private int topicLength;
    private int partition;
    private int row;
    private nint keys;
    private nint values;
    private nint topics;
    private int* partitions;
    private long* offsets;
    private long* timestamps;
    private int* timestampTypes;
    private nint headers;
    private ulong* keyValidity;
    private ulong* valueValidity;
    private ulong* headerValidity;
    private ulong headerCount;
    private ulong headerCapacity;

    public KafkaRowWriter(Connection connection, string schema, string table, bool includesHeaders)
    {
        this.includesHeaders = includesHeaders;
        appender = new ChunkAppender(connection, schema, table);
        Bind();
    }

    /// <summary>Columns as Spark's connector has them.</summary>
    public static StructType Columns(bool includesHeaders)
    {
        var columns = new StructType(
            new StructField("key", new BinaryType()), new StructField("value", new BinaryType()), new StructField("topic", new StringType()), new StructField("partition", new IntegerType()),
            new StructField("offset", new LongType()), new StructField("timestamp", new TimestampType()), new StructField("timestampType", new IntegerType()));
        return includesHeaders
            ? columns.Add(new StructField("headers", new ArrayType(new StructType(new StructField("key", new StringType()), new StructField("value", new BinaryType())))))
            : columns;
    }

    /// <summary>Says which partition the next messages are of.</summary>
    public void Begin(PartitionKey of)
    {
        topicLength = Encoding.UTF8.GetBytes(of.Topic, topic);
        partition = of.Partition;
    }

    public void Write(Librdkafka.Message* message)
    {
        var at = (ulong)row;
        if (message->Key == null) SetNull(keys, ref keyValidity, at);
        else NativeMethods.Vectors.DuckDBUnsafeVectorAssignStringElementLength(keys, at, message->Key, (long)message->KeyLength);
        if (message->Payload == null) SetNull(values, ref valueValidity, at);
        else NativeMethods.Vectors.DuckDBUnsafeVectorAssignStringElementLength(values, at, message->Payload, (long)message->Length);
        fixed (byte* name = topic) NativeMethods.Vectors.DuckDBUnsafeVectorAssignStringElementLength(topics, at, name, topicLength);
        partitions[at] = partition;
        offsets[at] = message->Offset;
        timestamps[at] = Librdkafka.MessageTimestamp(message, out var type) * 1000;
        // librdkafka counts from "none", Kafka's own enumeration from "create time".
        timestampTypes[at] = type - 1;
        if (includesHeaders) WriteHeaders(message, at);
        if (++row < ChunkAppender.Capacity) return;
        Flush();
    }

    /// <summary>Makes the rows the table's.</summary>
    public void Complete()
    {
        if (row > 0) Flush();
        appender.Complete();
    }

    public void Dispose() => appender.Dispose();

    private void Flush()
    {
        if (includesHeaders) _ = NativeMethods.Vectors.DuckDBListVectorSetSize(headers, headerCount);
        appender.Append(row);
        row = 0;
        Bind();
    }

    private void Bind()
    {
        keys = appender.Vector(0);
        values = appender.Vector(1);
        topics = appender.Vector(2);
        partitions = (int*)NativeMethods.Vectors.DuckDBVectorGetData(appender.Vector(3));
        offsets = (long*)NativeMethods.Vectors.DuckDBVectorGetData(appender.Vector(4));
        timestamps = (long*)NativeMethods.Vectors.DuckDBVectorGetData(appender.Vector(5));
        timestampTypes = (int*)NativeMethods.Vectors.DuckDBVectorGetData(appender.Vector(6));
        keyValidity = valueValidity = headerValidity = null;
        if (!includesHeaders) return;
        headers = appender.Vector(7);
        headerCount = 0;
        headerCapacity = 0;
    }

    private void WriteHeaders(Librdkafka.Message* message, ulong at)
    {
        var entry = (ulong*)NativeMethods.Vectors.DuckDBVectorGetData(headers) + (at * 2);
        entry[0] = headerCount;
        entry[1] = 0;
        if (Librdkafka.MessageHeaders(message, out var list) != KafkaError.None)
        {
            SetNull(headers, ref headerValidity, at);
            return;
        }
        for (nuint i = 0; Librdkafka.HeaderGetAll(list, i, out var name, out var value, out var size) == KafkaError.None; i++)
        {
            Reserve(headerCount + 1);
            var child = NativeMethods.Vectors.DuckDBListVectorGetChild(headers);
            var nameVector = NativeMethods.Vectors.DuckDBStructVectorGetChild(child, 0);
            var valueVector = NativeMethods.Vectors.DuckDBStructVectorGetChild(child, 1);
            var length = 0;
            while (name[length] != 0) length++;
            if (System.Text.Unicode.Utf8.IsValid(new ReadOnlySpan<byte>(name, length)))
                NativeMethods.Vectors.DuckDBUnsafeVectorAssignStringElementLength(nameVector, headerCount, name, length);
            else
                WriteMarked(nameVector, new ReadOnlySpan<byte>(name, length));
            if (value == null)
            {
                ulong* validity = null;
                SetNull(valueVector, ref validity, headerCount);
            }
            else
            {
                NativeMethods.Vectors.DuckDBUnsafeVectorAssignStringElementLength(valueVector, headerCount, value, (long)size);
            }
            headerCount++;
            entry[1]++;
        }
    }

    /// <summary>A header's name that is not UTF-8 gets U+FFFD for what cannot be read.</summary>
    private void WriteMarked(nint vector, ReadOnlySpan<byte> name)
    {
        var text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(name));
        fixed (byte* first = text) NativeMethods.Vectors.DuckDBUnsafeVectorAssignStringElementLength(vector, headerCount, first, text.Length);
    }

    private void Reserve(ulong size)
    {
        if (size <= headerCapacity) return;
        headerCapacity = Math.Max(2048, headerCapacity * 2);
        _ = NativeMethods.Vectors.DuckDBListVectorReserve(headers, headerCapacity);
        _ = NativeMethods.Vectors.DuckDBListVectorSetSize(headers, headerCount);
    }

    private static void SetNull(nint vector, ref ulong* validity, ulong at)
    {
        if (validity == null)
        {
            NativeMethods.Vectors.DuckDBVectorEnsureValidityWritable(vector);
            validity = NativeMethods.Vectors.DuckDBVectorGetValidity(vector);
        }
        validity[at >> 6] &= ~(1UL << (int)(at & 63));
    }
}
