using System.Globalization;
using Pipeline.Engine.Kafka;

namespace Pipeline.Tests.Benchmarks.Harness;

/// <summary>Topics that streams are measured on.</summary>
internal static class StreamTopics
{
    private const int Partitions = 3;

    /// <summary>Makes a topic where it is not there.</summary>
    public static Task EnsureAsync(string servers, string topic) =>
        TopicAdmin.EnsureAsync(KafkaClientProperties.Empty.With("bootstrap.servers", servers), topic, Partitions, CancellationToken.None);

    /// <summary>Makes a topic and fills it with messages of 200 B.</summary>
    public static async Task FillAsync(string servers, string topic, int messages)
    {
        await EnsureAsync(servers, topic);
        _ = await Children.MeasureAsync("produce", $"servers={servers}", $"topic={topic}", string.Create(CultureInfo.InvariantCulture, $"messages={messages}"), "size=200");
    }
}
