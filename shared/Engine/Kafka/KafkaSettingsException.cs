namespace Pipeline.Engine.Kafka;

/// <summary>The client's settings are wrong: a key, a value, or a file that they name. Exit code 2; trying again does not help.</summary>
public sealed class KafkaSettingsException : Exception
{
    /// <summary>With a full sentence that says what to change, without any secret.</summary>
    public KafkaSettingsException(string message) : base(message)
    {
    }

    /// <summary>With a full sentence and what caused it.</summary>
    public KafkaSettingsException(string message, Exception cause) : base(message, cause)
    {
    }
}
