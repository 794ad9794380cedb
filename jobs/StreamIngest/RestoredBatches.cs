using Microsoft.Extensions.Logging;
using Pipeline.Jobs.Datasets;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;

namespace Pipeline.Jobs.StreamIngest;

/// <summary>What becomes of batches that a restore took out of the table: they stay out, or are loaded again from the raw archive. Said either way.</summary>
internal sealed class RestoredBatches(JobContext context, IDatasetFlow flow, StreamIngestOptions options)
{
    private const int MostNamed = 5;

    /// <summary>Settles it before the stream goes on; safe to die in and to run again.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        var contract = flow.Dataset.Main.Contract;
        await context.CompareAsync(contract.Name, cancellationToken).ConfigureAwait(false);
        await context.AdoptAsync(contract.Name, cancellationToken).ConfigureAwait(false);
        await Restores.RecordAsync(context, flow.Dataset.Name, contract.Name, context.Lake.Table(contract.Name), cancellationToken).ConfigureAwait(false);
        var reopened = context.ReopenRepaired(contract.Name);
        var taken = Restores.TakenBack(context.Spark, context.Lake, contract.Name);
        if (options.ReplayAfterRestore)
        {
            LoadAgain(taken, cancellationToken);
        }
        else if (taken.Count > 0)
        {
            context.Log.LogInformation(
                "'{Table}' was restored: {Count} batches that this took back ({Names}) stay out of it, and the stream goes on after them. --replay-after-restore loads them again from the raw archive", contract.Name, taken.Count, Names(taken));
        }
        if (!options.ReplayAfterRestore || !RepairedRows.Exist(context.Spark, context.Lake, contract.Name)) return;
        using var step = context.Step("replay repaired rows that a restore took back");
        foreach (var loaded in new QuarantineReplay(context.Lake, flow.Dataset, new RowStaging(flow.StageMessages, flow.StageRecords)).Run(context.Spark, RepairedRows.IsReopened, context.Job, context.RunId))
            context.Loaded(loaded, contract.Name);
        step.Done(FormattableString.Invariant($"{reopened} rows"));
    }

    private static string Names(IReadOnlyList<BatchRecord> taken) =>
        $"{string.Join(", ", taken.Take(MostNamed).Select(static batch => batch.BatchId))}{(taken.Count > MostNamed ? ", …" : "")}";

    private void LoadAgain(IReadOnlyList<BatchRecord> taken, CancellationToken cancellationToken)
    {
        if (taken.Count == 0) return;
        var contract = flow.Dataset.Main.Contract;
        using var step = context.Step($"load {taken.Count} batches again that a restore took back");
        var writer = new BatchWriter(context.Lake, contract, flow.Dataset.Name, new LoadingOptions(1));
        foreach (var batch in taken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var loaded = writer.LoadAgain(flow.StageMessages(RawArchive.Read(context.Spark, context.Lake, batch)), batch, context.RunId);
            context.Loaded(loaded, contract.Name);
        }
        step.Done(Names(taken));
    }
}
