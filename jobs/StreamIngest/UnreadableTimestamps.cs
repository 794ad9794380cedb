using System.Text;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Types;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.StreamIngest;

/// <summary>A message whose timestamp the engine's Kafka source cannot hold: its batch can be read by nobody, and the operator is told where it stands and how to go on.</summary>
internal static class UnreadableTimestamps
{
    /// <summary>Whether that is why a stream failed.</summary>
    public static bool IsCause(Exception error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
            if (cause is EngineException { ErrorClass: ErrorClasses.KafkaTimestamp }) return true;
        return false;
    }

    /// <summary>The error with the topic and the offsets of the batch that holds the message.</summary>
    public static async Task<DataException> ExplainAsync(JobContext context, string checkpoint, string topic, Exception error)
    {
        var offsets = await LastOffsetsAsync(context, checkpoint);
        return new DataException(
            $"A message of the topic '{topic}' has a timestamp that the engine cannot hold: it is not in milliseconds, as Kafka's are. "
            + $"It is {offsets}. Nothing of that batch was written. "
            + "Find the message with 'kafka-console-consumer --property print.timestamp=true', correct its producer, "
            + "and go on behind it: a new --checkpoint with --starting-offsets "
            + $"'{{\"{topic}\":{{\"PARTITION\":OFFSET}}}}', or the same command with --master embedded, which takes any timestamp.",
            error);
    }

    /// <summary>What the checkpoint's last batch spans, in words.</summary>
    private static async Task<string> LastOffsetsAsync(JobContext context, string checkpoint)
    {
        var storage = context.StorageFor(checkpoint);
        var numbers = (await storage.ListAsync("offsets"))
            .Select(static entry => long.TryParse(entry.Name, out var number) ? number : -1)
            .Where(static number => number >= 0).Order().ToList();
        if (numbers.Count == 0) return "in the first batch";
        var until = await OffsetsAsync(numbers[^1]);
        var from = numbers.Count > 1 ? $"at or behind the offsets {await OffsetsAsync(numbers[^2])}" : "at or behind the beginning";
        return $"{from} and before {until} (batch {numbers[^1]})";

        // Spark's file: a version, metadata, and a line of offsets for each source.
        async Task<string> OffsetsAsync(long number) =>
            Encoding.UTF8.GetString(await storage.TryReadAsync($"offsets/{number}") ?? []).TrimEnd().Split('\n')[^1];
    }
}
