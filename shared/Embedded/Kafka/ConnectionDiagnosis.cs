using Pipeline.Sql.Engine;

namespace Pipeline.Embedded.Kafka;

/// <summary>Why brokers do not answer, in one sentence that names them and says what to do.</summary>
internal static class ConnectionDiagnosis
{
    public static EngineException Describe(KafkaOptions options, string cause) =>
        new($"No Kafka broker answers at {options.Servers}: {cause.Trim().TrimEnd('.')}. Check kafka.bootstrap.servers and that the broker runs, then run again.") { ErrorClass = "KAFKA_UNREACHABLE", SqlState = "08001", IsTransient = true };
}
