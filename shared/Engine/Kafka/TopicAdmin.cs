using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Pipeline.Engine.Kafka;

/// <summary>A topic as it was found or made.</summary>
/// <param name="Name">The topic.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="WasCreated">Whether this call made it.</param>
public sealed record TopicState(string Name, int Partitions, bool WasCreated);

/// <summary>Creates topics that are missing.</summary>
public static class TopicAdmin
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BetweenTurns = TimeSpan.FromMilliseconds(200);

    /// <summary>Finds the topic, or creates it with so many partitions and the broker's own replication.</summary>
    /// <remarks>A topic that is there stays as it is, also with another number of partitions. librdkafka's mock broker knows no CreateTopics: there the first look creates the topic with 4.</remarks>
    /// <exception cref="KafkaConnectionException">The brokers cannot be reached in 10 s, refuse the log-in, or do not allow the topic.</exception>
    public static async Task<TopicState> EnsureAsync(KafkaClientProperties properties, string topic, int partitions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(properties);
        ArgumentException.ThrowIfNullOrEmpty(topic);
        var trouble = new ClientTrouble();
        using var admin = new AdminClientBuilder(properties.ForAdmin())
            .SetErrorHandler((_, error) => trouble.Note(error))
            .SetLogHandler((_, _) => { })
            .Build();
        // All topics, as asking for one by name makes it, with the broker's default of partitions.
        var known = await LookAsync(admin, null, properties, trouble, cancellationToken).ConfigureAwait(false);
        if (known.Topics.Find(one => one.Topic == topic) is { Error.IsError: false } found)
            return new TopicState(topic, found.Partitions.Count, WasCreated: false);
        try
        {
            await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = -1 }], new CreateTopicsOptions { RequestTimeout = Limit, OperationTimeout = Limit })
                .WaitAsync(cancellationToken).ConfigureAwait(false);
            return new TopicState(topic, partitions, WasCreated: true);
        }
        catch (CreateTopicsException exception) when (exception.Results[0].Error.Code == ErrorCode.TopicAlreadyExists)
        {
            return await FoundAsync(admin, topic, properties, trouble, cancellationToken).ConfigureAwait(false);
        }
        catch (CreateTopicsException exception)
        {
            throw NotCreated(topic, exception.Results[0].Error, exception);
        }
        catch (KafkaException exception) when (exception.Error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion)
        {
            return await FoundAsync(admin, topic, properties, trouble, cancellationToken).ConfigureAwait(false);
        }
        catch (KafkaException exception)
        {
            throw NotCreated(topic, exception.Error, exception);
        }
    }

    /// <summary>The id that the brokers gave the topic when it was created, or null where there is no such topic or the brokers give none (before Kafka 3.1).</summary>
    /// <remarks>A topic that is deleted and created again has another id.</remarks>
    /// <exception cref="KafkaConnectionException">The brokers answer to nothing in 10 s, or refuse the log-in.</exception>
    public static async Task<string?> FindIdAsync(KafkaClientProperties properties, string topic, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(properties);
        ArgumentException.ThrowIfNullOrEmpty(topic);
        var trouble = new ClientTrouble();
        using var admin = new AdminClientBuilder(properties.ForAdmin())
            .SetErrorHandler((_, error) => trouble.Note(error))
            .SetLogHandler((_, _) => { })
            .Build();
        try
        {
            var described = await admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new DescribeTopicsOptions { RequestTimeout = Limit })
                .WaitAsync(cancellationToken).ConfigureAwait(false);
            return described.TopicDescriptions is [{ Error.IsError: false, TopicId: { } id }] && (id.MostSignificantBits != 0 || id.LeastSignificantBits != 0) ? id.ToString() : null;
        }
        catch (DescribeTopicsException)
        {
            // No such topic, or one that this client may not describe: the consumer says so in its own words.
            return null;
        }
        catch (KafkaException exception) when (exception.Error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion)
        {
            return null;
        }
        catch (KafkaException exception)
        {
            throw trouble.Explain(properties.BootstrapServers ?? "", exception);
        }
    }

    private static async Task<TopicState> FoundAsync(IAdminClient admin, string topic, KafkaClientProperties properties, ClientTrouble trouble, CancellationToken cancellationToken)
    {
        var metadata = await LookAsync(admin, topic, properties, trouble, cancellationToken).ConfigureAwait(false);
        return new TopicState(topic, metadata.Topics.Find(one => one.Topic == topic)?.Partitions.Count ?? 0, WasCreated: false);
    }

    private static async Task<Metadata> LookAsync(IAdminClient admin, string? topic, KafkaClientProperties properties, ClientTrouble trouble, CancellationToken cancellationToken)
    {
        // In short turns: a refused log-in is told by the error handler, while the call itself only runs out of time.
        var startedAt = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await Task.Run(() => topic is null ? admin.GetMetadata(Turn) : admin.GetMetadata(topic, Turn), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (KafkaException exception) when (trouble.IsRefused || TimeProvider.System.GetElapsedTime(startedAt) > Limit - Turn)
            {
                throw trouble.Explain(properties.BootstrapServers ?? "", exception);
            }
            catch (KafkaException)
            {
                await Task.Delay(BetweenTurns, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static KafkaConnectionException NotCreated(string topic, Error error, Exception cause) => new(
        error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.PolicyViolation or ErrorCode.TopicException ? ConnectionRefusal.Authorization : ConnectionRefusal.Unreachable,
        $"Topic '{topic}' is not there and cannot be created: {error.Reason.TrimEnd('.')}. Create it first, or give this client the right to.", cause);

    /// <summary>The first telling error of a client, for the sentence when it gives up.</summary>
    private sealed class ClientTrouble
    {
        private Error? _first;

        internal bool IsRefused => _first?.Code is ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed;

        internal void Note(Error error)
        {
            if (error.Code == ErrorCode.Local_Authentication)
                _first = error;
            else if (error.Code is not ErrorCode.Local_AllBrokersDown)
                _first ??= error;
        }

        internal KafkaConnectionException Explain(string servers, KafkaException exception)
        {
            var error = _first ?? exception.Error;
            return IsRefused
                ? new(ConnectionRefusal.Authentication, $"The brokers at '{servers}' refuse the log-in: {error.Reason.TrimEnd('.')}. Check sasl.mechanism, name and password in the file of --kafka-config.", exception)
                : new(ConnectionRefusal.Unreachable, $"The brokers at '{servers}' answer, but give no list of topics in {Limit.TotalSeconds:0} s: {error.Reason.TrimEnd('.')}. Check that the addresses which the brokers advertise can be reached from here.", exception);
        }
    }
}
