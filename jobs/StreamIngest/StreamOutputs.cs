using Pipeline.Jobs.Datasets;
using Pipeline.Jobs.Outputs;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.StreamIngest;

/// <summary>The files of a stream's data set: those of each batch, and those of all rows, which are made at the run's end and, since a stream may never end, now and then before.</summary>
internal sealed class StreamOutputs(JobContext context, IDatasetFlow flow)
{
    private readonly OutputWriter writer = new(context);
    private readonly string table = flow.Dataset.Main.Contract.Name;
    private DateTime writtenAt = DateTime.UtcNow;

    /// <summary>How old the files of all rows may be before a batch makes them again.</summary>
    public TimeSpan RefreshAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The batch's own files, from what stands in the table, so that a batch that runs again writes the same; and the others where they are old.</summary>
    public void AfterBatch(LoadedBatch loaded)
    {
        if (loaded.Written == 0) return;
        if (flow.BatchOutputs is { } outputs)
            writer.WriteAsync(outputs.Of(loaded.BatchId, context.ReadTable(table).Filter(Col("batch_id") == Lit(loaded.BatchId))), CancellationToken.None).GetAwaiter().GetResult();
        if (DateTime.UtcNow - writtenAt >= RefreshAfter) WriteAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    /// <summary>The files of all rows that the table has.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (!context.HasTable(table)) return;
        await writer.WriteAsync(flow.Outputs(new OutputRows(OutputSource.StreamIngest, context.ReadTable(table))), cancellationToken).ConfigureAwait(false);
        writtenAt = DateTime.UtcNow;
    }
}
