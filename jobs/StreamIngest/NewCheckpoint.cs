using Microsoft.Extensions.Logging;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.StreamIngest;

/// <summary>Says when a run begins a new checkpoint, and warns where the lake has read the topic before and no --checkpoint is given: it may have been forgotten.</summary>
internal static class NewCheckpoint
{
    /// <summary>Looks whether the checkpoint has a planned batch; says it where it has none.</summary>
    public static async Task AnnounceAsync(JobContext context, string checkpoint, StreamIngestOptions options, CancellationToken cancellationToken)
    {
        var planned = await context.StorageFor(checkpoint).ListAsync("offsets", cancellationToken: cancellationToken).ConfigureAwait(false);
        if (planned.Count > 0) return;
        var from = context.Get("starting-offsets");
        context.Log.LogInformation("A new checkpoint begins in '{Checkpoint}': the topic '{Topic}' is read from {From}", checkpoint, options.Topic, from);
        // One that was named is meant.
        if (options.Checkpoint is not null) return;
        var ofTopic = (Col("job") == Lit(context.Job)) & (Col("source") == Lit(options.Topic)) & Col("offsets_from").IsNotNull();
        var earlier = BatchRows.Find(context.Spark, context.Lake, ofTopic);
        if (earlier.Count == 0) return;
        var last = earlier[^1];
        var batches = FormattableString.Invariant($"{earlier.Count} {(earlier.Count == 1 ? "batch" : "batches")}");
        context.Warn(
            $"A new checkpoint begins in '{checkpoint}', and the lake has {batches} of the topic '{options.Topic}' from another one " +
            $"(the last is '{last.BatchId}', up to {last.OffsetsUntil}). " +
            $"The topic is read from {from} again; rows that the table has count as duplicates. To go on after the last batch, give the --checkpoint that it had.");
    }
}
