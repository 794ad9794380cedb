using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Kafka;

/// <summary>A consumer of librdkafka that belongs to no group: it is told which offsets to read, or only asked which there are. Not thread-safe.</summary>
internal sealed unsafe class KafkaClient : IDisposable
{
    private const int ConsumerType = 1;
    private const int NoConsumerClose = 0x8;
    private const int ErrorBytes = 512;

    /// <summary>How long a broker has to answer.</summary>
    private const int AnswerMs = 10_000;

    /// <summary>Pause before a partition without a leader is asked again.</summary>
    private const int ElectionPauseMs = 100;

    private readonly KafkaOptions options;
    private readonly GCHandle self;
    private readonly ConcurrentDictionary<int, string> complaints = new();
    private readonly Dictionary<PartitionKey, PartitionReader> readers = [];
    private nint client;

    public KafkaClient(KafkaOptions options)
    {
        this.options = options;
        self = GCHandle.Alloc(this, GCHandleType.Weak);
        var conf = Librdkafka.ConfNew();
        var error = stackalloc byte[ErrorBytes];
        foreach (var (name, value) in options.Client)
        {
            if (Librdkafka.ConfSet(conf, name, value, error, ErrorBytes) == 0) continue;
            Librdkafka.ConfDestroy(conf);
            self.Free();
            throw new EngineException($"The Kafka client refuses its setting '{name}': {Librdkafka.Text(error).TrimEnd('.')}.") { ErrorClass = "INVALID_OPTION", SqlState = "22023" };
        }
        Librdkafka.ConfSetOpaque(conf, GCHandle.ToIntPtr(self));
        Librdkafka.ConfSetErrorCallback(conf, &OnError);
        Librdkafka.ConfSetLogCallback(conf, &OnLog);
        client = Librdkafka.New(ConsumerType, conf, error, ErrorBytes);
        if (client == 0)
        {
            Librdkafka.ConfDestroy(conf);
            self.Free();
            throw new EngineException($"The Kafka client cannot start: {Librdkafka.Text(error).TrimEnd('.')}.") { ErrorClass = "INVALID_OPTION", SqlState = "22023" };
        }
        _ = Librdkafka.PollSetConsumer(client);
    }

    public nint Handle => client;

    /// <summary>Partitions of the topics, in order.</summary>
    /// <exception cref="EngineException">No broker answers, or a topic does not exist.</exception>
    public List<PartitionKey> Partitions()
    {
        var partitions = new List<PartitionKey>();
        foreach (var topic in options.Topics)
        {
            var handle = Librdkafka.TopicNew(client, topic, 0);
            try
            {
                var error = Librdkafka.GetMetadata(client, 0, handle, out var metadata, AnswerMs);
                if (error != KafkaError.None) throw Unreachable(error);
                try
                {
                    if (metadata->TopicCount == 0 || metadata->Topics[0].Error is KafkaError.UnknownTopicOrPartition or KafkaError.UnknownTopic || metadata->Topics[0].PartitionCount == 0)
                        throw new EngineException($"There is no topic '{topic}' at the Kafka brokers {options.Servers}. Create it, or correct the option subscribe.") { ErrorClass = "UNKNOWN_TOPIC_OR_PARTITION", SqlState = "42K03", IsTransient = true };
                    if (metadata->Topics[0].Error != KafkaError.None)
                        throw new EngineException($"The Kafka brokers {options.Servers} do not give the partitions of the topic '{topic}': {Librdkafka.Text(Librdkafka.ErrorText(metadata->Topics[0].Error))}.") { IsTransient = true };
                    for (var i = 0; i < metadata->Topics[0].PartitionCount; i++) partitions.Add(new PartitionKey(topic, metadata->Topics[0].Partitions[i].Id));
                }
                finally
                {
                    Librdkafka.MetadataDestroy(metadata);
                }
            }
            finally
            {
                Librdkafka.TopicDestroy(handle);
            }
        }
        partitions.Sort();
        return partitions;
    }

    /// <summary>The first offset that there is of each partition.</summary>
    /// <exception cref="EngineException">No broker answers, or a partition does not exist.</exception>
    public long[] Beginnings(IReadOnlyList<PartitionKey> partitions, CancellationToken cancellationToken) => Offsets(partitions, KafkaOffsets.Earliest, cancellationToken);

    /// <summary>The offset after the last that is committed of each partition.</summary>
    /// <exception cref="EngineException">No broker answers, or a partition does not exist.</exception>
    public long[] Ends(IReadOnlyList<PartitionKey> partitions, CancellationToken cancellationToken) => Offsets(partitions, KafkaOffsets.Latest, cancellationToken);

    /// <summary>The reader of a partition, at an offset: where it stands already, or by beginning there.</summary>
    public PartitionReader ReaderAt(PartitionKey partition, long offset)
    {
        if (readers.TryGetValue(partition, out var reader))
        {
            if (reader.Position == offset) return reader;
            reader.Dispose();
            _ = readers.Remove(partition);
            Assign(partition, offset, isGone: true);
        }
        // The reader has the partition's queue to itself before the first message can go elsewhere.
        readers[partition] = reader = new PartitionReader(this, partition, offset);
        Assign(partition, offset, isGone: false);
        return reader;
    }

    /// <summary>What keeps the brokers from answering, in a sentence.</summary>
    public EngineException Unreachable(int error)
    {
        // Complaints of the connection come as events of the client's own queue.
        for (var i = 0; i < 100 && Librdkafka.Poll(client, 0) > 0; i++)
        {
        }
        var cause = new[] { KafkaError.Ssl, KafkaError.Authentication, KafkaError.Resolve, KafkaError.Transport, KafkaError.AllBrokersDown }.Select(code => complaints.GetValueOrDefault(code)).FirstOrDefault(text => text is not null)
            ?? Librdkafka.Text(Librdkafka.ErrorText(error));
        return ConnectionDiagnosis.Describe(options, cause);
    }

    /// <summary>The offsets; a partition whose leader is being elected, as those of a new topic or of a broker that ended, is asked again as long as a broker has to answer.</summary>
    private long[] Offsets(IReadOnlyList<PartitionKey> partitions, long which, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            if (AskOffsets(partitions, which, mayBeElecting: Stopwatch.GetElapsedTime(began).TotalMilliseconds < AnswerMs) is { } offsets) return offsets;
            _ = cancellationToken.WaitHandle.WaitOne(ElectionPauseMs);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>One request to each broker, whatever the number of partitions; null where a partition has no leader at the moment.</summary>
    private long[]? AskOffsets(IReadOnlyList<PartitionKey> partitions, long which, bool mayBeElecting)
    {
        var list = Librdkafka.ListNew(partitions.Count);
        try
        {
            foreach (var partition in partitions) Librdkafka.ListAdd(list, partition.Topic, partition.Partition)->Offset = which;
            var error = Librdkafka.OffsetsForTimes(client, list, AnswerMs);
            var offsets = new long[partitions.Count];
            for (var i = 0; i < offsets.Length; i++)
            {
                offsets[i] = list->Elements[i].Offset;
                var own = list->Elements[i].Error is var one && one != KafkaError.None ? one : error;
                if (own is KafkaError.UnknownPartition or KafkaError.UnknownTopic or KafkaError.UnknownTopicOrPartition)
                    throw new EngineException($"The partition {partitions[i]} does not exist at the Kafka brokers {options.Servers} any more. Was the topic deleted?") { ErrorClass = "UNKNOWN_TOPIC_OR_PARTITION", SqlState = "42K03", IsTransient = true };
                if (mayBeElecting && own is (KafkaError.NotLeader or KafkaError.LeaderNotAvailable)) return null;
                if (own != KafkaError.None) throw Unreachable(own);
            }
            return offsets;
        }
        finally
        {
            Librdkafka.ListDestroy(list);
        }
    }

    private void Assign(PartitionKey partition, long offset, bool isGone)
    {
        var list = Librdkafka.ListNew(1);
        try
        {
            var element = Librdkafka.ListAdd(list, partition.Topic, partition.Partition);
            element->Offset = offset;
            var error = isGone ? Librdkafka.IncrementalUnassign(client, list) : Librdkafka.IncrementalAssign(client, list);
            if (error == 0) return;
            var text = Librdkafka.Text(Librdkafka.ErrorString(error));
            Librdkafka.ErrorDestroy(error);
            throw new EngineException($"The Kafka client does not take the partition {partition}: {text}.") { IsTransient = true };
        }
        finally
        {
            Librdkafka.ListDestroy(list);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnError(nint client, int error, byte* reason, nint opaque)
    {
        if (opaque != 0 && GCHandle.FromIntPtr(opaque).Target is KafkaClient one) one.complaints[error] = Librdkafka.Text(reason);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(nint client, int level, byte* facility, byte* message)
    {
        // The client's log says the same as its errors; those are told once, where a call fails.
    }

    public void Dispose()
    {
        if (client == 0) return;
        foreach (var reader in readers.Values) reader.Dispose();
        readers.Clear();
        Librdkafka.DestroyFlags(client, NoConsumerClose);
        client = 0;
        self.Free();
    }
}
