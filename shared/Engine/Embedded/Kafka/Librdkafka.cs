using System.Runtime.InteropServices;
using Pipeline.Engine.Kafka;

namespace Pipeline.Engine.Embedded.Kafka;

/// <summary>librdkafka's C functions for a consumer that reads exact offsets in batches.</summary>
/// <remarks>Source: rdkafka.h of librdkafka 2.16, "Kafka messages", "Metadata API", "Queue API", "Simple Consumer API: Queue consumers".</remarks>
internal static unsafe partial class Librdkafka
{
    private const string Name = "librdkafka";

    static Librdkafka() => LibrdkafkaLibrary.Redirect(typeof(Librdkafka).Assembly);

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_new")]
    public static partial nint ConfNew();

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_destroy")]
    public static partial void ConfDestroy(nint conf);

    /// <summary>0 where the setting is taken.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ConfSet(nint conf, string name, string value, byte* error, nuint errorSize);

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_set_opaque")]
    public static partial void ConfSetOpaque(nint conf, nint opaque);

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_set_error_cb")]
    public static partial void ConfSetErrorCallback(nint conf, delegate* unmanaged[Cdecl]<nint, int, byte*, nint, void> callback);

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_set_log_cb")]
    public static partial void ConfSetLogCallback(nint conf, delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, void> callback);

    [LibraryImport(Name, EntryPoint = "rd_kafka_opaque")]
    public static partial nint Opaque(nint client);

    /// <summary>Takes the configuration over where it answers a client; 1 is a consumer.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_new")]
    public static partial nint New(int type, nint conf, byte* error, nuint errorSize);

    /// <summary>Flag 0x8 (no consumer close) as no group was joined.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_destroy_flags")]
    public static partial void DestroyFlags(nint client, int flags);

    [LibraryImport(Name, EntryPoint = "rd_kafka_poll_set_consumer")]
    public static partial int PollSetConsumer(nint client);

    [LibraryImport(Name, EntryPoint = "rd_kafka_poll")]
    public static partial int Poll(nint client, int timeoutMs);

    /// <summary>A static text, not to be freed.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_err2str")]
    public static partial byte* ErrorText(int error);

    [LibraryImport(Name, EntryPoint = "rd_kafka_topic_partition_list_new")]
    public static partial TopicPartitionList* ListNew(int size);

    [LibraryImport(Name, EntryPoint = "rd_kafka_topic_partition_list_destroy")]
    public static partial void ListDestroy(TopicPartitionList* list);

    [LibraryImport(Name, EntryPoint = "rd_kafka_topic_partition_list_add", StringMarshalling = StringMarshalling.Utf8)]
    public static partial TopicPartition* ListAdd(TopicPartitionList* list, string topic, int partition);

    [LibraryImport(Name, EntryPoint = "rd_kafka_incremental_assign")]
    public static partial nint IncrementalAssign(nint client, TopicPartitionList* list);

    [LibraryImport(Name, EntryPoint = "rd_kafka_incremental_unassign")]
    public static partial nint IncrementalUnassign(nint client, TopicPartitionList* list);

    [LibraryImport(Name, EntryPoint = "rd_kafka_error_string")]
    public static partial byte* ErrorString(nint error);

    [LibraryImport(Name, EntryPoint = "rd_kafka_error_destroy")]
    public static partial void ErrorDestroy(nint error);

    /// <summary>The offsets of the partitions' times, which stand in the place of offsets and get theirs; -1 is the end, -2 the beginning.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_offsets_for_times")]
    public static partial int OffsetsForTimes(nint client, TopicPartitionList* times, int timeoutMs);

    [LibraryImport(Name, EntryPoint = "rd_kafka_topic_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint TopicNew(nint client, string topic, nint conf);

    [LibraryImport(Name, EntryPoint = "rd_kafka_topic_destroy")]
    public static partial void TopicDestroy(nint topic);

    [LibraryImport(Name, EntryPoint = "rd_kafka_metadata")]
    public static partial int GetMetadata(nint client, int allTopics, nint onlyTopic, out Metadata* metadata, int timeoutMs);

    [LibraryImport(Name, EntryPoint = "rd_kafka_metadata_destroy")]
    public static partial void MetadataDestroy(Metadata* metadata);

    [LibraryImport(Name, EntryPoint = "rd_kafka_queue_get_partition", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint QueueGetPartition(nint client, string topic, int partition);

    [LibraryImport(Name, EntryPoint = "rd_kafka_queue_forward")]
    public static partial void QueueForward(nint source, nint target);

    [LibraryImport(Name, EntryPoint = "rd_kafka_queue_destroy")]
    public static partial void QueueDestroy(nint queue);

    /// <summary>Messages, whole and in order; each is the caller's to destroy.</summary>
    [LibraryImport(Name, EntryPoint = "rd_kafka_consume_batch_queue")]
    public static partial nint ConsumeBatchQueue(nint queue, int timeoutMs, Message** messages, nuint size);

    [LibraryImport(Name, EntryPoint = "rd_kafka_message_destroy")]
    public static partial void MessageDestroy(Message* message);

    [LibraryImport(Name, EntryPoint = "rd_kafka_message_timestamp")]
    public static partial long MessageTimestamp(Message* message, out int type);

    [LibraryImport(Name, EntryPoint = "rd_kafka_message_headers")]
    public static partial int MessageHeaders(Message* message, out nint headers);

    [LibraryImport(Name, EntryPoint = "rd_kafka_header_get_all")]
    public static partial int HeaderGetAll(nint headers, nuint index, out byte* name, out byte* value, out nuint size);

    /// <summary>The borrowed, zero-ended text as a string.</summary>
    public static string Text(byte* borrowed) => Marshal.PtrToStringUTF8((nint)borrowed) ?? "";

    /// <summary>rd_kafka_message_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Message
    {
        public int Error;
        public nint Topic;
        public int Partition;
        public byte* Payload;
        public nuint Length;
        public byte* Key;
        public nuint KeyLength;
        public long Offset;
        public nint Private;
    }

    /// <summary>rd_kafka_topic_partition_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TopicPartition
    {
        public byte* Topic;
        public int Partition;
        public long Offset;
        public nint Metadata;
        public nuint MetadataSize;
        public nint Opaque;
        public int Error;
        public nint Private;
    }

    /// <summary>rd_kafka_topic_partition_list_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TopicPartitionList
    {
        public int Count;
        public int Size;
        public TopicPartition* Elements;
    }

    /// <summary>rd_kafka_metadata_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Metadata
    {
        public int BrokerCount;
        public nint Brokers;
        public int TopicCount;
        public TopicMetadata* Topics;
        public int OriginId;
        public byte* OriginName;
    }

    /// <summary>rd_kafka_metadata_topic_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TopicMetadata
    {
        public byte* Topic;
        public int PartitionCount;
        public PartitionMetadata* Partitions;
        public int Error;
    }

    /// <summary>rd_kafka_metadata_partition_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PartitionMetadata
    {
        public int Id;
        public int Error;
        public int Leader;
        public int ReplicaCount;
        public nint Replicas;
        public int InSyncCount;
        public nint InSync;
    }
}

/// <summary>Codes of rd_kafka_resp_err_t that mean something here.</summary>
internal static class KafkaError
{
    public const int None = 0;
    public const int OffsetOutOfRange = 1;
    public const int UnknownTopicOrPartition = 3;
    public const int LeaderNotAvailable = 5;
    public const int NotLeader = 6;
    public const int AutoOffsetReset = -140;
    public const int UnknownTopic = -188;
    public const int UnknownPartition = -190;
    public const int PartitionEof = -191;
    public const int Transport = -195;
    public const int Resolve = -193;
    public const int AllBrokersDown = -187;
    public const int TimedOut = -185;
    public const int Ssl = -181;
    public const int Authentication = -169;
}
