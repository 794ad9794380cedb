using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Kafka;

/// <summary>Messages of one partition in the order of their offsets, up to an end; what was fetched beyond it waits for the next call.</summary>
internal sealed unsafe class PartitionReader : IDisposable
{
    private const int BatchSize = 2048;
    private const int PollMs = 100;

    /// <summary>How long nothing may come while there should be something.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly KafkaClient client;
    private readonly PartitionKey partition;
    private readonly nint queue;
    private readonly nint[] messages = new nint[BatchSize];
    private int next;
    private int count;

    public PartitionReader(KafkaClient client, PartitionKey partition, long offset)
    {
        this.client = client;
        this.partition = partition;
        Position = offset;
        queue = Librdkafka.QueueGetPartition(client.Handle, partition.Topic, partition.Partition);
        Librdkafka.QueueForward(queue, 0);
    }

    /// <summary>The offset to read next.</summary>
    public long Position { get; private set; }

    /// <summary>Gives each message before <paramref name="until"/> to the writer.</summary>
    /// <exception cref="EngineException">Offsets are gone, or nothing comes any more.</exception>
    public long ReadUntil(long until, KafkaRowWriter writer, CancellationToken cancellationToken)
    {
        var rows = 0L;
        var lastProgress = Environment.TickCount64;
        // Offsets without a message (compacted away, or marks of transactions) are passed when a later message or the partition's end comes.
        while (Position < until)
        {
            if (next == count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Fetch();
                if (count == 0)
                {
                    if (Environment.TickCount64 - lastProgress > Patience.TotalMilliseconds)
                        throw new EngineException($"No message of {partition} came for {Patience.TotalSeconds:N0} seconds, and those from offset {Position} to {until - 1} are to be read. Check the brokers, then run again.", client.Unreachable(KafkaError.TimedOut)) { IsTransient = true };
                    continue;
                }
                lastProgress = Environment.TickCount64;
            }
            var message = (Librdkafka.Message*)messages[next];
            if (message->Error == KafkaError.None)
            {
                if (message->Offset >= until) break;
                if (message->Offset >= Position)
                {
                    writer.Write(message);
                    rows++;
                    Position = message->Offset + 1;
                }
            }
            else if (message->Error == KafkaError.PartitionEof)
            {
                if (message->Offset >= until) break;
            }
            else
            {
                Refuse(message, until);
            }
            next++;
            Librdkafka.MessageDestroy(message);
        }
        Position = until;
        return rows;
    }

    private void Fetch()
    {
        fixed (nint* first = messages)
        {
            // With a time to wait the client waits all of it for a full batch: what is there is taken at once, and waiting is for one message.
            var got = Librdkafka.ConsumeBatchQueue(queue, 0, (Librdkafka.Message**)first, BatchSize);
            if (got == 0) got = Librdkafka.ConsumeBatchQueue(queue, PollMs, (Librdkafka.Message**)first, 1);
            (next, count) = (0, Math.Max(0, (int)got));
        }
    }

    private void Refuse(Librdkafka.Message* message, long until)
    {
        switch (message->Error)
        {
            case KafkaError.AutoOffsetReset or KafkaError.OffsetOutOfRange:
                throw new EngineException($"Messages of {partition} from offset {Position} on are gone from Kafka before they were read (those up to {until - 1} were to be). They may be past the topic's retention, or the topic was created again.") { ErrorClass = "KAFKA_DATA_LOSS", SqlState = "22000" };
            case KafkaError.UnknownPartition or KafkaError.UnknownTopicOrPartition or KafkaError.UnknownTopic:
                throw new EngineException($"The partition {partition} is gone from Kafka while messages from offset {Position} to {until - 1} were to be read.") { ErrorClass = "KAFKA_DATA_LOSS", SqlState = "22000" };
            default:
                // The client goes on by itself: brokers that come back, new leaders.
                return;
        }
    }

    public void Dispose()
    {
        while (next < count) Librdkafka.MessageDestroy((Librdkafka.Message*)messages[next++]);
        Librdkafka.QueueDestroy(queue);
    }
}
