using Pipeline.Engine.Embedded.Delta;
using Pipeline.Engine.Kafka;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Embedded.Kafka;

/// <summary>Why brokers do not answer, in one sentence that names them and says what to do.</summary>
internal static class ConnectionDiagnosis
{
    /// <summary>How long an absent broker is waited for before anything is read.</summary>
    private static readonly TimeSpan FirstContact = TimeSpan.FromSeconds(8);

    /// <summary>How long is looked for the reason why a broker that did answer does not any more.</summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(1);

    /// <summary>Returns once a broker has answered.</summary>
    /// <exception cref="EngineException">None can be talked to; the message says why.</exception>
    public static void Verify(KafkaOptions options, CancellationToken cancellationToken)
    {
        if (Refusal(options, FirstContact, cancellationToken) is { } refusal) throw refusal;
    }

    /// <summary>The error of a call that the brokers did not answer.</summary>
    /// <param name="options">The source.</param>
    /// <param name="cause">What the client says.</param>
    public static EngineException Describe(KafkaOptions options, string cause) =>
        Refusal(options, SecondLook, CancellationToken.None)
        ?? Unreachable($"No Kafka broker answers at {options.Servers}: {cause.Trim().TrimEnd('.')}. Check kafka.bootstrap.servers and that the broker runs, then run again.", null, isTransient: true);

    private static EngineException? Refusal(KafkaOptions options, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            EngineErrors.Wait(BrokerContact.VerifyAsync(options.Properties, limit, cancellationToken));
            return null;
        }
        catch (KafkaConnectionException error)
        {
            return Unreachable(error.Message, error, error.IsTransient);
        }
        catch (KafkaSettingsException error)
        {
            return new EngineException(error.Message, error) { ErrorClass = "INVALID_OPTION", SqlState = "22023" };
        }
    }

    private static EngineException Unreachable(string message, Exception? inner, bool isTransient) => new(message, inner) { ErrorClass = "KAFKA_UNREACHABLE", SqlState = "08001", IsTransient = isTransient };
}
