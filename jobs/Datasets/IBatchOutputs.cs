using Pipeline.Engine.Sql;

namespace Pipeline.Jobs.Datasets;

/// <summary>Files for each batch of a stream.</summary>
public interface IBatchOutputs
{
    /// <summary>The files of one batch.</summary>
    /// <remarks>
    /// Called after the batch's rows stand in the table and before the stream counts the batch as done: where it dies in between, the batch runs again and the files are written again, under the same names.
    /// </remarks>
    /// <param name="batchId">The batch's id, unique over all checkpoints and the same when it runs again: it belongs into the files' names.</param>
    /// <param name="rows">The batch's rows in the main table: the contract's columns and batch_id. Unordered.</param>
    IReadOnlyList<FileOutput> Of(string batchId, DataFrame rows);
}
