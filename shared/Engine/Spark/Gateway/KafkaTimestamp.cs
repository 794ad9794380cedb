namespace Pipeline.Engine.Spark.Gateway;

/// <summary>A Kafka message whose timestamp Spark's source cannot hold: a producer gave nanoseconds, where Kafka means milliseconds. Spark fails on the whole batch with "long overflow".</summary>
internal static class KafkaTimestamp
{
    /// <summary>SQLSTATE "datetime field overflow".</summary>
    public const string SqlState = "22008";

    public const string Thrown = "java.lang.ArithmeticException";
    public const string Message = "A message of the topic has a timestamp that Spark cannot hold: it is not in milliseconds, as Kafka's are.";
    private const string Place = "org.apache.spark.sql.kafka010.KafkaRecordToRowConverter";

    /// <summary>Whether it is what a throwable with this stack is about.</summary>
    public static bool IsCause(bool isOverflow, string? stack) => isOverflow && stack is not null && stack.Contains(Place, StringComparison.Ordinal);
}
