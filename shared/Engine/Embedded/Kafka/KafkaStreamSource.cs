using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Engine.Embedded.Session;
using Pipeline.Engine.Embedded.Streaming;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;

namespace Pipeline.Engine.Embedded.Kafka;

/// <summary>Topics of Kafka as a source: a table for a batch query, or a stream.</summary>
internal sealed class KafkaStreamSource(KafkaOptions options) : IStreamSource
{
    public StructType Schema { get; } = KafkaRowWriter.Columns(options.IncludeHeaders);

    public IStreamReader Start() => new KafkaStreamReader(options);

    /// <summary>Reads what there is between startingOffsets and endingOffsets into a table.</summary>
    public static SourceView OpenBatch(SessionContext session, SourceSpec spec)
    {
        var options = KafkaOptions.From(spec);
        using var reader = new KafkaStreamReader(options);
        var (start, end) = reader.Range();
        var name = SessionContext.NewName("kafka");
        var schema = KafkaRowWriter.Columns(options.IncludeHeaders);
        using var lease = session.Connections.Rent();
        lease.Connection.Execute($"CREATE TABLE {session.Qualified(name)} ({DuckDbTypes.ToColumns(schema)})");
        _ = reader.Load(start, end, lease.Connection, session.Schema, name, CancellationToken.None);
        return new SourceView(name, schema, false);
    }
}

/// <summary>Plans offsets and reads messages for one query.</summary>
internal sealed class KafkaStreamReader(KafkaOptions options) : IStreamReader
{
    private KafkaClient? reading;
    private KafkaClient? asking;

    public string Description => $"KafkaV2[Subscribe[{string.Join(", ", options.Topics)}]]";

    private KafkaClient Client
    {
        get
        {
            // What is wrong with the connection is told by the first client.
            _ = Offsets;
            return reading ??= new KafkaClient(options);
        }
    }

    /// <summary>The client that is asked for partitions and offsets: on a connection of its own, as brokers answer one request of a connection after the other, and one for messages waits for them.</summary>
    private KafkaClient Offsets => asking ??= Connect();

    public string FirstOffset(CancellationToken cancellationToken) => Resolve(options.StartingOffsets, isStart: true, Watermarks(cancellationToken)).ToJson();

    /// <summary>Both ends of a batch query.</summary>
    public (string Start, string End) Range()
    {
        var watermarks = Watermarks(CancellationToken.None);
        return (Resolve(options.StartingOffsets, isStart: true, watermarks).ToJson(), Resolve(options.EndingOffsets, isStart: false, watermarks).ToJson());
    }

    public string LatestOffset(string start, CancellationToken cancellationToken)
    {
        var from = KafkaOffsets.Parse(start).ByPartition;
        var partitions = Offsets.Partitions();
        var ends = partitions.Zip(Offsets.Ends(partitions, cancellationToken)).ToImmutableSortedDictionary(static entry => entry.First, static entry => entry.Second).ToBuilder();
        cancellationToken.ThrowIfCancellationRequested();
        // Where nothing is new, nothing that was to be read can be gone.
        var news = partitions.Where(partition => !from.TryGetValue(partition, out var begin) || begin != ends[partition]).ToList();
        foreach (var (partition, low) in news.Zip(news.Count == 0 ? [] : Offsets.Beginnings(news, cancellationToken)))
        {
            var high = ends[partition];
            if (from.TryGetValue(partition, out var begin))
            {
                if (high < begin) Lost($"Partition {partition} ends at offset {high}, and the stream had read up to {begin}: the topic was created again, or cut.");
                else if (low > begin) Lost($"Messages of {partition} from offset {begin} to {low - 1} ({low - begin} of them) are gone from Kafka before they were read: they were past the topic's retention, or deleted.");
            }
            else if (low > 0)
            {
                Lost($"The new partition {partition} begins at offset {low}: the {low} messages before it are gone.");
            }
        }
        foreach (var (partition, begin) in from)
        {
            if (ends.ContainsKey(partition)) continue;
            Lost($"Partition {partition} is gone; the stream had read it up to offset {begin}. The topic was created again with fewer partitions, or deleted.");
            ends[partition] = begin;
        }
        return new KafkaOffsets(ends.ToImmutable()).ToJson();
    }

    public string Limit(string start, string end) =>
        options.MaxOffsetsPerTrigger is { } most ? KafkaOffsets.Limit(KafkaOffsets.Parse(start), KafkaOffsets.Parse(end), most).ToJson() : end;

    public bool IsSame(string one, string other)
    {
        if (one == other) return true;
        var (from, to) = (KafkaOffsets.Parse(one).ByPartition, KafkaOffsets.Parse(other).ByPartition);
        return to.All(entry => from.TryGetValue(entry.Key, out var begin) ? begin == entry.Value : entry.Value == 0);
    }

    public void Check(string offset, string? before)
    {
        var offsets = KafkaOffsets.Parse(offset).ByPartition;
        if (offsets.Keys.FirstOrDefault(partition => !options.Topics.Contains(partition.Topic, StringComparer.Ordinal)) is { Topic: not null } foreign)
            throw new FormatException($"it has the topic '{foreign.Topic}', and the stream subscribes to {string.Join(", ", options.Topics)}");
        if (offsets.FirstOrDefault(entry => entry.Value < 0) is { Key.Topic: not null } negative)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"the offset {negative.Value} of {negative.Key} is below 0"));
        if (before is null) return;
        foreach (var (partition, begin) in KafkaOffsets.Parse(before).ByPartition)
        {
            if (!offsets.TryGetValue(partition, out var end)) throw new FormatException($"the partition {partition} of the batch before is not in it");
            if (end < begin) throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"the offset {end} of {partition} is before {begin}, where the batch before ended"));
        }
    }

    public long Load(string start, string end, Connection connection, string schema, string table, CancellationToken cancellationToken)
    {
        var from = KafkaOffsets.Parse(start).ByPartition;
        var rows = 0L;
        using var writer = new KafkaRowWriter(connection, schema, table, options.IncludeHeaders);
        foreach (var (partition, until) in KafkaOffsets.Parse(end).ByPartition)
        {
            var begin = from.GetValueOrDefault(partition, 0);
            if (begin == until) continue;
            // An end before the start is a topic created again, and the loss of the old one was said not to matter.
            if (begin > until) begin = Offsets.Beginnings([partition], cancellationToken)[0];
            writer.Begin(partition);
            rows += Read(partition, begin, until, writer, cancellationToken);
        }
        writer.Complete();
        return rows;
    }

    private long Read(PartitionKey partition, long begin, long until, KafkaRowWriter writer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var reader = Client.ReaderAt(partition, begin);
            try
            {
                return reader.ReadUntil(until, writer, cancellationToken);
            }
            catch (EngineException error) when (error.ErrorClass == KafkaDataLoss && !options.FailOnDataLoss)
            {
                // What is gone is gone: on with the first message that there is.
                var (low, high) = (Offsets.Beginnings([partition], cancellationToken)[0], Offsets.Ends([partition], cancellationToken)[0]);
                begin = Math.Max(low, reader.Position);
                if (begin >= until || begin >= high || begin == reader.Position) return 0;
            }
            catch (EngineException error) when (error.ErrorClass == KafkaDataLoss)
            {
                throw Loss(error.Message);
            }
        }
    }

    private const string KafkaDataLoss = "KAFKA_DATA_LOSS";

    private KafkaClient Connect()
    {
        ConnectionDiagnosis.Verify(options, CancellationToken.None);
        return new KafkaClient(options);
    }

    private SortedDictionary<PartitionKey, (long Low, long High)> Watermarks(CancellationToken cancellationToken)
    {
        var partitions = Offsets.Partitions();
        var (lows, highs) = (Offsets.Beginnings(partitions, cancellationToken), Offsets.Ends(partitions, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return new SortedDictionary<PartitionKey, (long, long)>(Enumerable.Range(0, partitions.Count).ToDictionary(i => partitions[i], i => (lows[i], highs[i])));
    }

    private KafkaOffsets Resolve(string setting, bool isStart, SortedDictionary<PartitionKey, (long Low, long High)> watermarks)
    {
        var name = isStart ? "startingOffsets" : "endingOffsets";
        var given = setting.TrimStart().StartsWith('{') ? Given(setting, name) : null;
        if (given is null && setting.ToLowerInvariant() is not ("earliest" or "latest")) throw Invalid($"The option {name} is '{setting}'; it takes earliest, latest, or offsets as JSON.");
        if (given is null && !isStart && setting.Equals("earliest", StringComparison.OrdinalIgnoreCase)) throw Invalid("The option endingOffsets cannot be earliest.");
        if (given is not null && given.ByPartition.Keys.FirstOrDefault(partition => !watermarks.ContainsKey(partition)) is { Topic: not null } unknown)
            throw Invalid($"The option {name} has the partition {unknown}, which is not there. There are: {string.Join(", ", watermarks.Keys)}.");
        return new KafkaOffsets(watermarks.ToImmutableSortedDictionary(entry => entry.Key, entry =>
        {
            var (low, high) = entry.Value;
            // A partition that the JSON leaves out is read as a new one: from its start, to its end.
            var asked = given is not null ? given.ByPartition.GetValueOrDefault(entry.Key, isStart ? KafkaOffsets.Earliest : KafkaOffsets.Latest)
                : setting.Equals("earliest", StringComparison.OrdinalIgnoreCase) ? KafkaOffsets.Earliest : KafkaOffsets.Latest;
            if (asked == KafkaOffsets.Earliest) return low;
            if (asked == KafkaOffsets.Latest) return high;
            if (asked < low || asked > high) Lost($"The option {name} asks for offset {asked} of {entry.Key}, which has {low} to {high}.");
            return Math.Clamp(asked, low, high);
        }));
    }

    private static KafkaOffsets Given(string setting, string name)
    {
        try
        {
            return KafkaOffsets.Parse(setting);
        }
        catch (FormatException error)
        {
            throw Invalid($"The option {name}: {error.Message}", error);
        }
    }

    private void Lost(string what)
    {
        if (options.FailOnDataLoss) throw Loss(what);
    }

    private static EngineException Loss(string what) =>
        new($"{what} To go on with what there is, set failOnDataLoss to false; to begin again, use another checkpoint.") { ErrorClass = KafkaDataLoss, SqlState = "22000" };

    private static EngineException Invalid(string message, Exception? inner = null) => new(message, inner) { ErrorClass = "INVALID_OPTION", SqlState = "22023" };

    public void Dispose()
    {
        reading?.Dispose();
        asking?.Dispose();
    }
}
