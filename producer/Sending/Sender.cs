using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Pipeline.Engine.Files;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Types;
using Pipeline.Producer.Messages;

namespace Pipeline.Producer.Sending;

/// <summary>Sends a file's rows, or generated ones, to a topic in batches, and accounts for each.</summary>
/// <remarks>
/// acks=all and idempotent: a message is in the topic once and in order, as far as this run goes; another run sends again, and the reader downstream tells duplicates by the
/// row's key. Whatever its end, what was handed to the client is acknowledged or given up before <see cref="RunAsync"/> returns (30 s at most). One run an instance.
/// </remarks>
public sealed class Sender(SendOptions options)
{
    private static readonly TimeSpan FirstContact = TimeSpan.FromSeconds(10);
    private readonly MessageBuffer _message = new();
    private MessageHeaders? _headers;
    private IMessageSource? _source;
    private BytesProducer? _producer;
    private SendCounts? _final;
    private long _read;
    private long _batches;
    private long _bytes;

    /// <summary>The counts so far; after <see cref="RunAsync"/> the final ones, also when it threw.</summary>
    public SendCounts Counts => _final ?? new SendCounts(Interlocked.Read(ref _read), _producer?.Queued ?? 0, _producer?.Acknowledged ?? 0, _producer?.Failed ?? 0, Interlocked.Read(ref _batches), Interlocked.Read(ref _bytes), _source?.Warnings.Count ?? 0);

    /// <summary>Full sentences on what was odd about the source.</summary>
    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>Sends everything.</summary>
    /// <param name="progress">Told after each batch.</param>
    /// <param name="gate">Awaited before each batch; holds the sender back as long as it likes.</param>
    /// <param name="cancellationToken">Stops reading; what is in flight is still waited for.</param>
    /// <returns>The counts; sent and acknowledged are equal.</returns>
    /// <exception cref="UsageException">What is asked for is not there.</exception>
    /// <exception cref="DataException">The source breaks the contract, or a row is too large for a message.</exception>
    /// <exception cref="KafkaSettingsException">The client's settings are wrong.</exception>
    /// <exception cref="KafkaConnectionException">No broker can be talked to, or messages were given up.</exception>
    public Task<SendCounts> RunAsync(IProgress<SendProgress>? progress = null, Func<SendProgress, CancellationToken, ValueTask>? gate = null, CancellationToken cancellationToken = default) =>
        // Reading and encoding are synchronous work: not on the caller's thread.
        Task.Run(() => SendAsync(progress, gate, cancellationToken), cancellationToken);

    private async Task<SendCounts> SendAsync(IProgress<SendProgress>? progress, Func<SendProgress, CancellationToken, ValueTask>? gate, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1, nameof(options));
        using var source = _source = MessageSources.Open(options);
        // What tells a file from an earlier one of its name; generated rows are told by their seed.
        _headers = new MessageHeaders(options.Dataset.SchemaVersion, options.GenerateRows is null ? FileVersion.Of(options.File!) : $"seed {options.Seed.ToString(CultureInfo.InvariantCulture)}");
        var connection = ProducerSettings.Connection(options);
        await BrokerContact.VerifyAsync(connection, FirstContact, cancellationToken).ConfigureAwait(false);
        var topic = await TopicAdmin.EnsureAsync(connection, options.TopicName, options.Dataset.Partitions, cancellationToken).ConfigureAwait(false);
        NoteTopic(topic);
        using var producer = _producer = new BytesProducer(ProducerSettings.For(connection), options.TopicName, MessageHeaders.Names(source), options.ClientLog);
        try
        {
            await PumpAsync(source, producer, progress, gate, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Bounded by the messages' own limit of time. Not by the token: what is in flight is in the topic or not, and the counts must say which.
            producer.Flush(CancellationToken.None);
            Warnings = source.Warnings.Sentences;
            _final = Counts;
            progress?.Report(new SendProgress(_final, source.Done, source.Total));
        }
        return producer.FirstFailure is { } failure ? throw GivenUp(failure) : Counts;
    }

    private async Task PumpAsync(IMessageSource source, BytesProducer producer, IProgress<SendProgress>? progress, Func<SendProgress, CancellationToken, ValueTask>? gate, CancellationToken cancellationToken)
    {
        var left = options.Limit ?? long.MaxValue;
        var hasMore = left > 0 && source.Read(_message);
        while (hasMore && producer.Failed == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (gate is not null)
                await gate(Progress(source), cancellationToken).ConfigureAwait(false);
            _headers!.Begin(source, Interlocked.Increment(ref _batches));
            for (var inBatch = 0; hasMore && inBatch < options.BatchSize && producer.Failed == 0; inBatch++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _ = Interlocked.Increment(ref _read);
                while (!TrySend(producer))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    producer.WaitForRoom();
                }
                hasMore = --left > 0 && source.Read(_message);
            }
            if (options.Pause > TimeSpan.Zero)
            {
                producer.Flush(cancellationToken);
                progress?.Report(Progress(source));
                if (hasMore)
                    await Task.Delay(options.Pause, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                producer.TakeReports(TimeSpan.Zero);
                progress?.Report(Progress(source));
            }
        }
    }

    private SendProgress Progress(IMessageSource source) => new(Counts, source.Done, source.Total);

    private bool TrySend(BytesProducer producer)
    {
        _headers!.At(_message.Position.WrittenSpan);
        var outcome = producer.TryProduce(_message.Key.WrittenSpan, _message.Value.WrittenSpan, _headers.Values, _headers.Lengths);
        if (outcome == ProduceOutcome.TooLarge)
            throw new DataException($"'{_source!.Name}', {Encoding.UTF8.GetString(_message.Position.WrittenSpan)}: the row makes a message of {_message.Value.WrittenCount} bytes, more than message.max.bytes allows. Shorten the row, or raise message.max.bytes here and at the broker.");
        if (outcome == ProduceOutcome.Queued)
            _ = Interlocked.Add(ref _bytes, _message.Key.WrittenCount + _message.Value.WrittenCount);
        return outcome == ProduceOutcome.Queued;
    }

    private void NoteTopic(TopicState topic)
    {
        if (topic.WasCreated)
            options.Note?.Invoke($"Created topic '{topic.Name}' with {topic.Partitions} partitions.");
        else if (topic.Partitions != options.Dataset.Partitions)
            options.Note?.Invoke($"Topic '{topic.Name}' has {topic.Partitions} partitions and not the {options.Dataset.Partitions} of the contract; it is used as it is.");
    }

    private Exception GivenUp(DeliveryFailure failure)
    {
        var counts = Counts;
        var sentence = string.Create(CultureInfo.InvariantCulture, $"Of {counts.Sent} messages sent to '{options.TopicName}', {counts.Acknowledged} were acknowledged and {counts.Failed} given up: {failure.Reason}");
        return failure.Code switch
        {
            ErrorCode.MsgSizeTooLarge => new DataException($"{sentence}. The broker takes no message of this size; raise the topic's max.message.bytes or shorten the rows."),
            ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed => new KafkaConnectionException(ConnectionRefusal.Authorization, $"{sentence}. Give this client the right to write to the topic."),
            _ => new KafkaConnectionException(ConnectionRefusal.Unreachable, $"{sentence}{(_producer?.LastClientError is { } trouble ? $" ({trouble})" : "")}. See that the broker is up, and send again: rows that are there already are told as duplicates downstream."),
        };
    }
}
