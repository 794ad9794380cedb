using Pipeline.Engine.Kafka;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Spark.Session;

/// <summary>Options of Spark's Kafka source and sink: what begins with <c>kafka.</c> is a client's setting, in Java's words or librdkafka's.</summary>
internal static class KafkaSource
{
    private const string Format = "kafka";
    private const string Prefix = "kafka.";

    /// <summary>The options with the client's settings in Java's words; other formats' as they are.</summary>
    /// <exception cref="EngineException">A setting asks for something that Java's clients cannot do.</exception>
    public static IEnumerable<KeyValuePair<string, string>> Options(string format, IReadOnlyDictionary<string, string> options)
    {
        if (!format.Equals(Format, StringComparison.OrdinalIgnoreCase)) return options;
        var client = options.Where(static option => IsClients(option.Key)).ToDictionary(static option => option.Key[Prefix.Length..], static option => option.Value, StringComparer.Ordinal);
        try
        {
            var java = JavaClientProperties.Of(client, "the options of the Kafka source");
            return [.. options.Where(static option => !IsClients(option.Key)), .. java.Select(static entry => KeyValuePair.Create(Prefix + entry.Key, entry.Value))];
        }
        catch (KafkaSettingsException error)
        {
            throw new EngineException(error.Message, error) { ErrorClass = "INVALID_OPTION", SqlState = "22023" };
        }
    }

    private static bool IsClients(string key) => key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);
}
