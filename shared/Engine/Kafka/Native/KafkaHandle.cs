using System.Runtime.InteropServices;

namespace Pipeline.Engine.Kafka.Native;

/// <summary>An own librdkafka client; destroying it stops its threads and, for a mock cluster, its brokers.</summary>
internal sealed unsafe class KafkaHandle : SafeHandle
{
    private const int Producer = 0;
    private const int ErrorBytes = 512;

    private KafkaHandle(nint client) : base(0, ownsHandle: true) => SetHandle(client);

    public override bool IsInvalid => handle == 0;

    /// <summary>Makes a producer from settings; <paramref name="configure"/> sets callbacks on the configuration before the client takes it over.</summary>
    /// <exception cref="KafkaSettingsException">librdkafka refuses a key, a value or the whole; the message is its own.</exception>
    internal static KafkaHandle NewProducer(IEnumerable<KeyValuePair<string, string>> settings, Action<nint> configure)
    {
        var conf = Librdkafka.rd_kafka_conf_new();
        try
        {
            var error = stackalloc byte[ErrorBytes];
            foreach (var (name, value) in settings)
            {
                if (Librdkafka.rd_kafka_conf_set(conf, name, value, error, ErrorBytes) != 0)
                    throw new KafkaSettingsException($"The Kafka client refuses its setting '{name}': {Librdkafka.Text(error)}.");
            }
            configure(conf);
            var client = Librdkafka.rd_kafka_new(Producer, conf, error, ErrorBytes);
            if (client == 0)
                throw new KafkaSettingsException($"The Kafka client cannot start: {Librdkafka.Text(error)}.");
            conf = 0;
            return new KafkaHandle(client);
        }
        finally
        {
            if (conf != 0)
                Librdkafka.rd_kafka_conf_destroy(conf);
        }
    }

    protected override bool ReleaseHandle()
    {
        Librdkafka.rd_kafka_destroy(handle);
        return true;
    }
}
