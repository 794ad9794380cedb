namespace Pipeline.Engine.Sql.Engines;

/// <summary>Error classes (<see cref="EngineException.ErrorClass"/>) of our own, where Spark has none; for whoever has to tell such an error from others.</summary>
public static class ErrorClasses
{
    /// <summary>A message of a Kafka topic has a timestamp that the engine's source cannot hold, so that its batch cannot be read.</summary>
    public const string KafkaTimestamp = "KAFKA_TIMESTAMP_OVERFLOW";
}
