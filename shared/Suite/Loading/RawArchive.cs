using System.Globalization;
using Pipeline.Engine.Sql;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;

namespace Pipeline.Suite.Loading;

/// <summary>A topic's messages as they were received: <c>raw/TOPIC/APPLICATION/batch=NUMBER</c>, Parquet, a folder a batch.</summary>
public static class RawArchive
{
    private const string BatchPrefix = "batch=";

    /// <summary>The columns of an archived message: Kafka's own.</summary>
    public static StructType Schema { get; } = new(
        new StructField("key", new BinaryType()),
        new StructField("value", new BinaryType()),
        new StructField("headers", new ArrayType(new StructType(new StructField("key", new StringType()), new StructField("value", new BinaryType())))),
        new StructField("topic", new StringType()),
        new StructField("partition", new IntegerType()),
        new StructField("offset", new LongType()),
        new StructField("timestamp", new TimestampType()));

    /// <summary>Archives a batch's messages; writing it again replaces it.</summary>
    /// <param name="lake">The lake.</param>
    /// <param name="messages">Kafka's columns, headers among them.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="source">The batch.</param>
    public static void Write(LakeLayout lake, DataFrame messages, string topic, BatchSource source)
    {
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(source);
        KillPoint.Reach(LoadingKillPoints.BeforeRawArchive);
        messages.Select([.. Schema.FieldNames.Select(static name => Functions.Col(name))]).Write().Mode(SaveMode.Overwrite).Parquet(Folder(lake, topic, source.ApplicationKey, source.Number));
        KillPoint.Reach(LoadingKillPoints.AfterRawArchive);
    }

    /// <summary>Deletes what a run that was killed left half-written beside the folders of its batches. Only for the run that holds the lake's lock of its job and data set.</summary>
    /// <param name="lake">The lake.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="source">Any batch of the application that writes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task RemoveUnfinishedAsync(LakeLayout lake, string topic, BatchSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(source);
        foreach (var entry in await lake.Storage.ListAsync($"raw/{topic}/{source.ApplicationKey}", cancellationToken: cancellationToken).ConfigureAwait(false))
            if (entry.Name.StartsWith('.')) _ = await lake.Storage.DeleteAsync(entry.Path, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The messages of a batch that came from a topic.</summary>
    /// <exception cref="UsageException">The batch came from no topic, or its messages are not in the archive.</exception>
    public static DataFrame Read(SparkSession spark, LakeLayout lake, BatchRecord batch)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.OffsetsFrom is null || batch.BatchNumber is not { } number)
            throw new UsageException($"The batch '{batch.BatchId}' came from '{batch.Source}' and not from a topic, so that there are no raw messages of it. Run batch-etl on that file again: rows that the table has already are counted as duplicates and not written twice.");
        var parts = batch.BatchId.Split('-');
        var folder = Folder(lake, batch.Source, parts[^2], number);
        return Exists(lake, batch.Source, parts[^2], number)
            ? spark.Read().Schema(Schema).Parquet(folder)
            : throw new UsageException($"The raw messages of batch '{batch.BatchId}' are not in the archive any more: there is nothing in '{folder}'. Read the topic again with a new --checkpoint, if it still has them.");
    }

    /// <summary>The messages of a batch as the stream numbers it, or null where the archive has none.</summary>
    /// <param name="spark">The session.</param>
    /// <param name="lake">The lake.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="source">The batch.</param>
    public static DataFrame? TryRead(SparkSession spark, LakeLayout lake, string topic, BatchSource source)
    {
        ArgumentNullException.ThrowIfNull(spark);
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(source);
        return Exists(lake, topic, source.ApplicationKey, source.Number) ? spark.Read().Schema(Schema).Parquet(Folder(lake, topic, source.ApplicationKey, source.Number)) : null;
    }

    /// <summary>The highest number of a batch of the application that the archive has, or null where it has none.</summary>
    /// <param name="lake">The lake.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="source">Any batch of the application.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<long?> LastNumberAsync(LakeLayout lake, string topic, BatchSource source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(source);
        var entries = await lake.Storage.ListAsync($"raw/{topic}/{source.ApplicationKey}", cancellationToken: cancellationToken).ConfigureAwait(false);
        return entries.Max(NumberOf);
    }

    /// <summary>Numbers of the batches of the same application before a batch, the last first.</summary>
    internal static IReadOnlyList<long> NumbersBefore(LakeLayout lake, BatchSource source)
    {
        var entries = lake.Storage.ListAsync($"raw/{source.Origin}/{source.ApplicationKey}").GetAwaiter().GetResult();
        return [.. entries.Select(NumberOf).OfType<long>().Where(number => number < source.Number).OrderDescending()];
    }

    /// <summary>The messages of several batches of an application.</summary>
    internal static DataFrame Read(SparkSession spark, LakeLayout lake, BatchSource source, IEnumerable<long> numbers) =>
        spark.Read().Schema(Schema).Parquet([.. numbers.Select(number => Folder(lake, source.Origin, source.ApplicationKey, number))]);

    private static long? NumberOf(StorageEntry entry)
    {
        var isBatch = entry.Name.StartsWith(BatchPrefix, StringComparison.Ordinal);
        return isBatch && long.TryParse(entry.Name.AsSpan(BatchPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static bool Exists(LakeLayout lake, string topic, string application, long number) =>
        lake.Storage.ListAsync(FormattableString.Invariant($"raw/{topic}/{application}/{BatchPrefix}{number:D8}")).GetAwaiter().GetResult().Count > 0;

    private static string Folder(LakeLayout lake, string topic, string application, long number) => FormattableString.Invariant($"{lake.Raw(topic)}/{application}/{BatchPrefix}{number:D8}");
}
