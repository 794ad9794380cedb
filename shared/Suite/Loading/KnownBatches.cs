using System.Security.Cryptography;
using System.Text;
using Pipeline.Engine.Sql;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Suite.Loading;

/// <summary>Tells which micro-batches of a checkpoint the lake knows, and by which offsets, so that a number alone never says that a batch is done.</summary>
/// <remarks>
/// The engines number the batches of a checkpoint, and the tables leave out a number that they have. After a checkpoint was put back from an older copy, the same numbers span other offsets.
/// Such a batch gets an application of its own, made from its offsets: the tables take it for new, and its rows are compared by key with those that they have. The same batch gets the same application when it runs again.
/// One instance a stream; not thread-safe.
/// </remarks>
public sealed class KnownBatches
{
    private const int OffsetDigits = 16;
    private readonly ILoadingRun context;
    private readonly string dataset;
    private readonly Func<DataFrame, DataFrame> stage;
    private long highest;

    private KnownBatches(ILoadingRun context, string dataset, Func<DataFrame, DataFrame> stage, long highest)
    {
        this.context = context;
        this.dataset = dataset;
        this.stage = stage;
        this.highest = highest;
    }

    /// <summary>Looks up how far the batches of an application go in the lake: by their rows in <c>batches</c>, and by the raw archive, which each batch writes first.</summary>
    /// <param name="context">The run.</param>
    /// <param name="dataset">The data set.</param>
    /// <param name="any">Any batch of the application.</param>
    /// <param name="stage">Stages archived messages as the stream does.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<KnownBatches> ReadAsync(ILoadingRun context, string dataset, BatchSource any, Func<DataFrame, DataFrame> stage, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(any);
        var archived = await RawArchive.LastNumberAsync(context.Lake, any.Origin, any, cancellationToken);
        return new KnownBatches(context, dataset, stage, Math.Max(archived ?? -1, LastRecorded(context, dataset, any) ?? -1));
    }

    /// <summary>The batch under the application by which it can be told from other batches of its number: its own, or one that is made from its offsets.</summary>
    /// <param name="staged">The batch's staged rows.</param>
    /// <param name="source">The batch, as checkpoint and number name it.</param>
    public BatchSource Identify(DataFrame staged, BatchSource source)
    {
        ArgumentNullException.ThrowIfNull(staged);
        ArgumentNullException.ThrowIfNull(source);
        if (source.Number > highest)
        {
            highest = source.Number;
            return source;
        }
        var found = Offsets.Of(staged);
        var known = Known(source);
        // Where nothing is known of the last number, its batch died before it wrote anything.
        if (known == found || (known.IsNone && source.Number == highest)) return source;
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{found.From}|{found.Until}")))[..OffsetDigits];
        var own = source with { ApplicationId = $"{source.ApplicationId}/{digest}" };
        context.Warn(
            $"Batch {source.Number} of the checkpoint spans the offsets {found}, and the lake has a batch '{source.BatchId(dataset)}' of the same number with {known}: the checkpoint was put back from an older copy. " +
            $"The batch is written as '{own.BatchId(dataset)}'; rows that the table has count as duplicates.");
        return own;
    }

    private static long? LastRecorded(ILoadingRun context, string dataset, BatchSource any)
    {
        if (!BatchRows.Exist(context.Spark, context.Lake)) return null;
        var own = Col("batch_id").StartsWith($"{dataset}-{any.ApplicationKey}-");
        return (long?)BatchRows.Read(context.Spark, context.Lake).Filter(own).Agg(Max(Col("batch_number"))).Collect().Single().Values[0];
    }

    private Offsets Known(BatchSource source)
    {
        var recorded = BatchRows.Find(context.Spark, context.Lake, Col("batch_id") == Lit(source.BatchId(dataset)));
        if (recorded.Count > 0) return new Offsets(recorded[0].OffsetsFrom, recorded[0].OffsetsUntil);
        if (RawArchive.TryRead(context.Spark, context.Lake, source.Origin, source) is not { } messages) return Offsets.None;
        using var staged = new PersistedRows(stage(messages).Persist());
        return Offsets.Of(staged.Rows);
    }

    /// <summary>What a batch spans, as <c>batches</c> has it.</summary>
    private sealed record Offsets(string? From, string? Until)
    {
        public static Offsets None { get; } = new(null, null);

        public bool IsNone => From is null;

        public static Offsets Of(DataFrame staged)
        {
            var facts = BatchFacts.Of(staged);
            return new Offsets(facts.OffsetsFrom, facts.OffsetsUntil);
        }

        public override string ToString() => IsNone ? "no offsets" : $"{From} to {Until}";
    }
}
