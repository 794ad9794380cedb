using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pipeline.Engine.Embedded.Kafka;

/// <summary>A partition of a topic.</summary>
internal readonly record struct PartitionKey(string Topic, int Partition) : IComparable<PartitionKey>
{
    public int CompareTo(PartitionKey other) => string.CompareOrdinal(Topic, other.Topic) is not 0 and var order ? order : Partition.CompareTo(other.Partition);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Topic}-{Partition}");
}

/// <summary>An offset a partition, in the JSON that Spark's connector keeps in its checkpoints: <c>{"topic":{"0":123}}</c>.</summary>
/// <param name="ByPartition">Next offset to read, by partition.</param>
internal sealed record KafkaOffsets(ImmutableSortedDictionary<PartitionKey, long> ByPartition)
{
    /// <summary>Before the first message that there is.</summary>
    public const long Earliest = -2;

    /// <summary>After the last.</summary>
    public const long Latest = -1;

    /// <summary>Reads the JSON.</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static KafkaOffsets Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var offsets = ImmutableSortedDictionary.CreateBuilder<PartitionKey, long>();
            foreach (var topic in document.RootElement.EnumerateObject())
                foreach (var partition in topic.Value.EnumerateObject())
                    offsets.Add(new PartitionKey(topic.Name, int.Parse(partition.Name, NumberStyles.None, CultureInfo.InvariantCulture)), partition.Value.GetInt64());
            return new KafkaOffsets(offsets.ToImmutable());
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            throw new FormatException($"'{(json.Length <= 120 ? json : json[..120] + "…")}' is not offsets by topic and partition, as in {{\"topic\":{{\"0\":123}}}}.", error);
        }
    }

    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            string? topic = null;
            foreach (var ((name, partition), offset) in ByPartition)
            {
                if (name != topic)
                {
                    if (topic is not null) json.WriteEndObject();
                    json.WriteStartObject(topic = name);
                }
                json.WriteNumber(partition.ToString(CultureInfo.InvariantCulture), offset);
            }
            if (topic is not null) json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>An end no more than so many messages behind a start, each partition by its share of what there is; at least one where it has any.</summary>
    public static KafkaOffsets Limit(KafkaOffsets start, KafkaOffsets end, long most)
    {
        var sizes = end.ByPartition.ToDictionary(entry => entry.Key, entry => Math.Max(0, entry.Value - start.ByPartition.GetValueOrDefault(entry.Key, 0)));
        var total = sizes.Values.Sum();
        if (total <= most) return end;
        return new KafkaOffsets(end.ByPartition.ToImmutableSortedDictionary(entry => entry.Key, entry =>
        {
            var begin = start.ByPartition.GetValueOrDefault(entry.Key, 0);
            if (sizes[entry.Key] == 0) return entry.Value;
            var share = (double)most * sizes[entry.Key] / total;
            return Math.Min(entry.Value, begin + (long)(share < 1 ? Math.Ceiling(share) : Math.Floor(share)));
        }));
    }

    public bool Equals(KafkaOffsets? other) => other is not null && ByPartition.SequenceEqual(other.ByPartition);

    public override int GetHashCode() => ByPartition.Aggregate(17, (hash, entry) => HashCode.Combine(hash, entry));
}
