using System.Globalization;
using Pipeline.Engine.Spark.Gateway;
using Pipeline.Engine.Spark.Gateway.Wire;
using Pipeline.Engine.Spark.Session;
using Pipeline.Engine.Sql.Engines;

namespace Pipeline.Engine.Spark.Streaming;

/// <summary>A streaming query's writer, from what the caller asks for.</summary>
internal static class StreamStart
{
    private const string Trigger = "org.apache.spark.sql.streaming.Trigger";

    /// <summary>Starts the query and answers it.</summary>
    public static JvmObject Start(JvmScope scope, JvmObject session, StreamSpec stream, JvmProxy? callback)
    {
        var writer = scope.Object(scope.Object(session, "sql", stream.Sql), "writeStream");
        if (stream.QueryName is { Length: > 0 } name) writer = scope.Object(writer, "queryName", name);
        writer = scope.Object(writer, "outputMode", stream.OutputMode);
        writer = scope.Object(writer, "trigger", TriggerOf(scope, stream.Trigger));
        if (stream.CheckpointLocation is { Length: > 0 } checkpoint) writer = scope.Object(writer, "option", "checkpointLocation", checkpoint);
        foreach (var (key, value) in stream.Options) writer = scope.Object(writer, "option", key, value);
        if (callback is not null) return scope.Object(scope.Object(writer, "foreachBatch", callback), "start");
        var sink = stream.Sink ?? throw new ArgumentException("A streaming query needs a sink or a ForeachBatch function.", nameof(stream));
        writer = scope.Object(writer, "format", sink.Format);
        foreach (var (key, value) in KafkaSource.Options(sink.Format, sink.Options)) writer = scope.Object(writer, "option", key, value);
        if (sink.PartitionBy.Count > 0) writer = scope.Object(writer, "partitionBy", scope.Array("java.lang.String", [.. sink.PartitionBy]));
        return sink.Path.Length > 0 ? scope.Object(writer, "start", sink.Path) : scope.Object(writer, "start");
    }

    private static JvmObject TriggerOf(JvmScope scope, TriggerSpec trigger) => trigger.Kind switch
    {
        "processingTime" => scope.StaticObject(Trigger, "ProcessingTime", Interval(trigger)),
        "continuous" => scope.StaticObject(Trigger, "Continuous", Interval(trigger)),
        "availableNow" => scope.StaticObject(Trigger, "AvailableNow"),
        "once" => scope.StaticObject(Trigger, "Once"),
        _ => throw new ArgumentException($"The trigger '{trigger.Kind}' is not known. There are: processingTime, continuous, availableNow, once.", nameof(trigger)),
    };

    // As text, because the overload for a number of Java's long is not found by an int.
    private static string Interval(TriggerSpec trigger) => string.Create(CultureInfo.InvariantCulture, $"{trigger.IntervalMs} milliseconds");
}
