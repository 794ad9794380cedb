using System.Runtime.InteropServices;

namespace Pipeline.Engine.Kafka.Native;

/// <summary>The tags of <c>rd_kafka_vu_t</c> that are used here.</summary>
internal enum MessagePart
{
    TopicHandle = 2,
    Partition = 3,
    Value = 4,
    Key = 5,
    Flags = 7,
    Header = 9,
}

/// <summary><c>rd_kafka_vu_t</c>: a tag, then a union of 64 bytes of which the three shapes below are used.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal unsafe struct MessageField
{
    [FieldOffset(0)] internal MessagePart Part;
    [FieldOffset(8)] internal nint Pointer;
    [FieldOffset(8)] internal int Number;
    [FieldOffset(16)] internal nint Size;
    [FieldOffset(16)] internal nint HeaderValue;
    [FieldOffset(24)] internal nint HeaderSize;
}

internal static unsafe partial class Librdkafka
{
    /// <summary>RD_KAFKA_MSG_F_COPY: the bytes are copied before the call returns.</summary>
    internal const int CopyFlag = 2;

    /// <summary>RD_KAFKA_RESP_ERR__QUEUE_FULL.</summary>
    internal const int QueueFull = -184;

    /// <summary>RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE.</summary>
    internal const int MessageTooLarge = 10;

    /// <summary>RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.</summary>
    internal const int AllBrokersDown = -187;

    [LibraryImport(Name)]
    internal static partial void rd_kafka_conf_set_dr_msg_cb(nint conf, delegate* unmanaged[Cdecl]<nint, int*, nint, void> callback);

    [LibraryImport(Name)]
    internal static partial void rd_kafka_conf_set_error_cb(nint conf, delegate* unmanaged[Cdecl]<nint, int, byte*, nint, void> callback);

    /// <summary>A handle on a topic, to be destroyed before the client; 0 on error. The configuration is 0 for the defaults.</summary>
    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint rd_kafka_topic_new(nint client, string topic, nint conf);

    [LibraryImport(Name)]
    internal static partial void rd_kafka_topic_destroy(nint topic);

    /// <summary>0 when the message is queued, else an error object to be destroyed by the caller.</summary>
    [LibraryImport(Name)]
    internal static partial nint rd_kafka_produceva(nint client, MessageField* fields, nuint count);

    [LibraryImport(Name)]
    internal static partial int rd_kafka_error_code(nint error);

    [LibraryImport(Name)]
    internal static partial void rd_kafka_error_destroy(nint error);

    [LibraryImport(Name)]
    internal static partial int rd_kafka_poll(nint client, int timeoutMs);

    /// <summary>Asks a broker about all topics or the one; <paramref name="metadata"/> is to be destroyed where the answer is 0.</summary>
    [LibraryImport(Name)]
    internal static partial int rd_kafka_metadata(nint client, int allTopics, nint onlyTopic, nint* metadata, int timeoutMs);

    [LibraryImport(Name)]
    internal static partial void rd_kafka_metadata_destroy(nint metadata);

    /// <summary>The code of the error that ended the client, or 0; its reason goes to <paramref name="reason"/>.</summary>
    [LibraryImport(Name)]
    internal static partial int rd_kafka_fatal_error(nint client, byte* reason, nuint reasonSize);
}
