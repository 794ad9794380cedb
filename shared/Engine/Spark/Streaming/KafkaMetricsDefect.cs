using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Spark.Streaming;

/// <summary>A defect of Spark 4.1: a Kafka stream that runs a batch of its checkpoint again after a crash dies of its own progress report, when that batch is committed.</summary>
/// <remarks>
/// The report asks for the topic's latest offsets, which nobody has looked up yet, and meets null. The checkpoint is whole, and the next start has no batch to run again.
/// Source: Spark, SPARK-55271 (since SPARK-54027, in 4.1.0): <c>KafkaMicroBatchStream.metrics</c> wraps null in an Option.
/// </remarks>
internal static class KafkaMetricsDefect
{
    private const string Thrown = "java.lang.NullPointerException";
    private const string Place = "org.apache.spark.sql.kafka010.KafkaMicroBatchStream$.metrics(";

    /// <summary>Whether it is what ended the query.</summary>
    public static bool IsCause(EngineException failure) =>
        failure.RemoteStackTrace is { } stack && stack.Contains(Thrown, StringComparison.Ordinal) && stack.Contains(Place, StringComparison.Ordinal);
}
