using System.Runtime.InteropServices;

namespace Pipeline.Engine.Kafka.Native;

/// <summary>librdkafka's C functions that Confluent.Kafka does not reach: the mock cluster and the raw produce path.</summary>
/// <remarks>
/// Confluent.Kafka picks one of several builds (<c>librdkafka</c>, <c>centos8-librdkafka</c>, <c>alpine-librdkafka</c>) at its first use;
/// these imports go to that same one, since a second copy in the process would not know the first one's handles.
/// Source: librdkafka 2.16, rdkafka.h and rdkafka_mock.h.
/// </remarks>
internal static unsafe partial class Librdkafka
{
    /// <summary>The name in the imports, resolved by <see cref="LibrdkafkaLibrary"/>.</summary>
    internal const string Name = "librdkafka";

    /// <summary>RD_KAFKA_RESP_ERR_NO_ERROR.</summary>
    internal const int NoError = 0;

    static Librdkafka() => LibrdkafkaLibrary.Redirect(typeof(Librdkafka).Assembly);

    [LibraryImport(Name)]
    internal static partial nint rd_kafka_conf_new();

    [LibraryImport(Name)]
    internal static partial void rd_kafka_conf_destroy(nint conf);

    /// <returns>0 done, -1 invalid value, -2 unknown name.</returns>
    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rd_kafka_conf_set(nint conf, string name, string value, byte* error, nuint errorSize);

    [LibraryImport(Name)]
    internal static partial void rd_kafka_conf_set_opaque(nint conf, nint opaque);

    [LibraryImport(Name)]
    internal static partial void rd_kafka_conf_set_log_cb(nint conf, delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, void> callback);

    [LibraryImport(Name)]
    internal static partial nint rd_kafka_opaque(nint client);

    /// <summary>Takes <paramref name="conf"/> over when it gives a client; leaves it to the caller when it gives 0.</summary>
    [LibraryImport(Name)]
    internal static partial nint rd_kafka_new(int type, nint conf, byte* error, nuint errorSize);

    [LibraryImport(Name)]
    internal static partial void rd_kafka_destroy(nint client);

    /// <summary>A static text, not to be freed.</summary>
    [LibraryImport(Name)]
    internal static partial byte* rd_kafka_err2str(int error);

    /// <summary>The cluster of a client with <c>test.mock.num.brokers</c>; borrowed, or 0.</summary>
    [LibraryImport(Name)]
    internal static partial nint rd_kafka_handle_mock_cluster(nint client);

    /// <summary>Borrowed text <c>host:port,…</c>, valid as long as the cluster.</summary>
    [LibraryImport(Name)]
    internal static partial byte* rd_kafka_mock_cluster_bootstraps(nint cluster);

    [LibraryImport(Name, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int rd_kafka_mock_topic_create(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Name)]
    internal static partial void rd_kafka_mock_push_request_errors_array(nint cluster, short apiKey, nuint count, int* errors);

    [LibraryImport(Name)]
    internal static partial void rd_kafka_mock_group_initial_rebalance_delay_ms(nint cluster, int delayMs);

    [LibraryImport(Name)]
    internal static partial void rd_kafka_mock_set_controller_id(nint cluster, int broker);

    /// <summary>The borrowed, zero-ended text as a string.</summary>
    internal static string Text(byte* borrowed) => Marshal.PtrToStringUTF8((nint)borrowed) ?? "";
}
