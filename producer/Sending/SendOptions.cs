using Pipeline.Engine.Kafka;
using Pipeline.Suite.Schemas.Contracts;

namespace Pipeline.Producer.Sending;

/// <summary>What is sent, where, and how fast.</summary>
/// <param name="Dataset">The data set's contract.</param>
public sealed record SendOptions(DatasetContract Dataset)
{
    /// <summary>The file to send; null where rows are generated.</summary>
    public string? File { get; init; }

    /// <summary>How many rows to generate instead of a file.</summary>
    public long? GenerateRows { get; init; }

    /// <summary>The generator's seed.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The generator's weights to set again, such as <c>broken=0</c>; null leaves the usual ones.</summary>
    public string? Shares { get; init; }

    /// <summary>The sheet of a workbook; null is its first visible one.</summary>
    public string? Sheet { get; init; }

    /// <summary>The encoding of a CSV file; null has it found.</summary>
    public string? Encoding { get; init; }

    /// <summary>The brokers, <c>host:port,…</c>; null takes those of the client's settings.</summary>
    public string? BootstrapServers { get; init; }

    /// <summary>The client's own settings (TLS, log-in); a plain connection unless given.</summary>
    public KafkaClientProperties Client { get; init; } = KafkaClientProperties.Empty;

    /// <summary>The topic; null is the contract's.</summary>
    public string? Topic { get; init; }

    /// <summary>Rows in a batch.</summary>
    public int BatchSize { get; init; } = 100;

    /// <summary>How long to wait between batches; zero is flat out.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most rows to send; null is all.</summary>
    public long? Limit { get; init; }

    /// <summary>Takes sentences on what goes on, for the log; null leaves them out.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>Takes the client library's own log lines; null leaves them out.</summary>
    public Action<string>? ClientLog { get; init; }

    /// <summary>The topic that is sent to.</summary>
    public string TopicName => Topic ?? Dataset.Topic;
}
