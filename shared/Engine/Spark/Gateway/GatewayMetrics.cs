using System.Diagnostics.Metrics;

namespace Pipeline.Engine.Spark.Gateway;

/// <summary>What the gateway counts, on the meter <c>Pipeline.Engine.Spark</c>.</summary>
internal static class GatewayMetrics
{
    private static readonly Meter Meter = new("Pipeline.Engine.Spark");

    /// <summary>JVM objects that we hold now. Flat in a stream that is well.</summary>
    public static readonly UpDownCounter<long> References = Meter.CreateUpDownCounter<long>("pipeline.spark.jvm_references", "{reference}", "JVM objects held by this process.");

    /// <summary>Connections, each a thread of the JVM.</summary>
    public static readonly UpDownCounter<long> Connections = Meter.CreateUpDownCounter<long>("pipeline.spark.gateway_connections", "{connection}", "Open connections to the JVM.");

    /// <summary>Time in a callback from the JVM.</summary>
    public static readonly Histogram<double> Callbacks = Meter.CreateHistogram<double>("pipeline.spark.callback_duration", "ms", "Time spent in C# for a call from the JVM.");
}
