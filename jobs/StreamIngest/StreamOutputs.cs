using System.Runtime.ExceptionServices;
using System.Text.Json;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;
using Pipeline.Engine.Types;
using Pipeline.Jobs.Datasets;
using Pipeline.Jobs.Outputs;
using Pipeline.Suite.Export;
using Pipeline.Suite.Loading;
using Pipeline.Suite.Runtime.Jobs;
using static Pipeline.Engine.Sql.Functions;

namespace Pipeline.Jobs.StreamIngest;

/// <summary>The files of a stream's data set: those of each batch, and those of all rows, which are made at the run's end and, since a stream may never end, now and then before.</summary>
/// <remarks>
/// The rows are in the table before their files are written. So a file that cannot be written holds no batch back: it is a warning, the batch is noted in the checkpoint's file <c>pending-outputs.json</c>,
/// and its files are tried again with those of all rows, by this run or a later one. A run that ends with files that could not be written fails.
/// </remarks>
internal sealed class StreamOutputs
{
    private const string PendingFile = "pending-outputs.json";
    private readonly JobContext context;
    private readonly IDatasetFlow flow;
    private readonly IStorage checkpoint;
    private readonly OutputWriter writer;
    private readonly string table;
    private readonly List<string> pending = [];
    private DateTime writtenAt = DateTime.UtcNow;

    private StreamOutputs(JobContext context, IDatasetFlow flow, IStorage checkpoint)
    {
        this.context = context;
        this.flow = flow;
        this.checkpoint = checkpoint;
        writer = new OutputWriter(context);
        table = flow.Dataset.Main.Contract.Name;
    }

    /// <summary>How old the files of all rows may be before a batch makes them again.</summary>
    public TimeSpan RefreshAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The outputs of a run, with the batches whose files an earlier run could not write.</summary>
    /// <param name="context">The run.</param>
    /// <param name="flow">The data set.</param>
    /// <param name="checkpoint">The checkpoint's folder.</param>
    /// <param name="refreshAfter">How old the files of all rows may be.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<StreamOutputs> OpenAsync(JobContext context, IDatasetFlow flow, string checkpoint, TimeSpan refreshAfter, CancellationToken cancellationToken)
    {
        var storage = context.StorageFor(checkpoint);
        var outputs = new StreamOutputs(context, flow, storage) { RefreshAfter = refreshAfter };
        if (await storage.TryReadAsync(PendingFile, cancellationToken).ConfigureAwait(false) is { } content) outputs.pending.AddRange(Parse(content, checkpoint));
        return outputs;
    }

    /// <summary>The batch's own files, from what stands in the table, so that a batch that runs again writes the same; and the others where they are old.</summary>
    public void AfterBatch(LoadedBatch loaded)
    {
        if (loaded.Written == 0) return;
        if (flow.BatchOutputs is not null && Failure(() => WriteBatch(loaded.BatchId, CancellationToken.None)) is { } error)
        {
            context.Warn($"The files of batch '{loaded.BatchId}' cannot be written now, and the stream goes on: its rows are in '{table}'. {error.Message.TrimEnd('.')}. They are tried again at the end of this run, or by the next one.");
            if (!pending.Contains(loaded.BatchId)) pending.Add(loaded.BatchId);
            SavePendingAsync(CancellationToken.None).GetAwaiter().GetResult();
        }
        if (DateTime.UtcNow - writtenAt < RefreshAfter) return;
        if (Failure(() => WriteAsync(CancellationToken.None).GetAwaiter().GetResult()) is not { } late) return;
        context.Warn($"The files of '{table}' cannot be created again now, and the stream goes on: {late.Message.TrimEnd('.')}. They are tried again later, and at the end of this run.");
        writtenAt = DateTime.UtcNow;
    }

    /// <summary>The files of all rows that the table has, and those of batches that could not be written before.</summary>
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        if (!context.HasTable(table)) return;
        Exception? first = null;
        foreach (var batchId in pending.ToList())
        {
            if (Failure(() => WriteBatch(batchId, cancellationToken)) is { } error) first ??= new ExportException(KindOf(error), $"The files of batch '{batchId}' cannot be written; its rows are in '{table}'. {error.Message.TrimEnd('.')}. Run the same command again when this is mended.", error);
            else pending.Remove(batchId);
            await SavePendingAsync(cancellationToken).ConfigureAwait(false);
        }
        await writer.WriteAsync(flow.Outputs(new OutputRows(OutputSource.StreamIngest, context.ReadTable(table))), cancellationToken).ConfigureAwait(false);
        writtenAt = DateTime.UtcNow;
        if (first is not null) ExceptionDispatchInfo.Throw(first);
    }

    private void WriteBatch(string batchId, CancellationToken cancellationToken)
    {
        var rows = context.ReadTable(table).Filter(Col("batch_id") == Lit(batchId));
        // A restore may have taken a batch back whose files were pending.
        if (flow.BatchOutputs is not { } outputs || (pending.Contains(batchId) && rows.IsEmpty())) return;
        writer.WriteAsync(outputs.Of(batchId, rows), cancellationToken).GetAwaiter().GetResult();
    }

    private async Task SavePendingAsync(CancellationToken cancellationToken)
    {
        if (pending.Count == 0) _ = await checkpoint.DeleteAsync(PendingFile, cancellationToken).ConfigureAwait(false);
        else await checkpoint.PutAsync(PendingFile, JsonSerializer.SerializeToUtf8Bytes(pending), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The error of a file that cannot be written or of values that it cannot hold, or null where all went well.</summary>
    private static Exception? Failure(Action write)
    {
        try
        {
            write();
            return null;
        }
        catch (Exception error) when (error is ExportException or IOException or UnauthorizedAccessException or EngineException)
        {
            return error;
        }
    }

    private static ExportFailure KindOf(Exception error) => error switch
    {
        ExportException export => export.Failure,
        UnauthorizedAccessException => ExportFailure.Configuration,
        StorageException { IsTransient: false } => ExportFailure.Configuration,
        EngineException { IsTransient: false } => ExportFailure.Contract,
        _ => ExportFailure.Transient,
    };

    private static List<string> Parse(byte[] content, string checkpoint)
    {
        try
        {
            return JsonSerializer.Deserialize<List<string>>(content) ?? [];
        }
        catch (JsonException error)
        {
            throw new DataException($"Cannot read '{checkpoint}/{PendingFile}': it is no JSON array of batch ids, whose files are still to be written. Put the file back from a copy, or delete it if the files in the outputs folder are complete.", error);
        }
    }
}
