using System.Collections.Concurrent;
using Pipeline.Engine.Sql;

namespace Pipeline.Suite.Export.Files;

/// <summary>Rows that another thread reads ahead of their use, so that reading and writing go on at the same time.</summary>
public static class RowsAhead
{
    private const int BlockRows = 1024;
    private const int MostBlocks = 16;

    /// <summary>The same rows in the same order; at most 16,384 of them wait. An error of the reading is thrown where its row would have stood.</summary>
    /// <param name="rows">The rows; enumerated by one other thread, until the end or until the answer is disposed.</param>
    public static IEnumerable<Row> Of(IEnumerable<Row> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var blocks = new BlockingCollection<List<Row>>(MostBlocks);
        using var abandoned = new CancellationTokenSource();
        var reading = Task.Factory.StartNew(() => Read(rows, blocks, abandoned.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var block in blocks.GetConsumingEnumerable())
                foreach (var row in block) yield return row;
            reading.GetAwaiter().GetResult();
        }
        finally
        {
            abandoned.Cancel();
            // What it failed with was thrown above; after an early end nobody asks.
            Task.WaitAny([reading], CancellationToken.None);
        }
    }

    private static void Read(IEnumerable<Row> rows, BlockingCollection<List<Row>> blocks, CancellationToken abandoned)
    {
        try
        {
            var block = new List<Row>(BlockRows);
            foreach (var row in rows)
            {
                block.Add(row);
                if (block.Count < BlockRows) continue;
                blocks.Add(block, abandoned);
                block = new List<Row>(BlockRows);
            }
            if (block.Count > 0) blocks.Add(block, abandoned);
        }
        catch (OperationCanceledException) when (abandoned.IsCancellationRequested)
        {
            // Nobody wants the rest.
        }
        finally
        {
            blocks.CompleteAdding();
        }
    }
}
