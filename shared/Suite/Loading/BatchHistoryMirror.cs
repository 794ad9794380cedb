using Microsoft.Extensions.Logging;
using Pipeline.Engine.Storage;
using Pipeline.Suite.Export;

namespace Pipeline.Suite.Loading;

/// <summary>The lake's table <c>batches</c> in a database: <c>pipeline.dataset_version</c> of PostgreSQL, or SQLite's <c>pipeline_dataset_version</c>.</summary>
/// <remarks>Each time all rows are compared and only those that differ are written, so that a time that failed is made up for by the next. Rows that the lake has no more stay.</remarks>
public sealed class BatchHistoryMirror(ILoadingRun context, string target)
{
    private const int Attempts = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);
    private DateTimeOffset nextAt = DateTimeOffset.MinValue;

    /// <summary>The mirror at an address, or null where none is given.</summary>
    public static BatchHistoryMirror? Of(ILoadingRun context, string? target) => target is null ? null : new BatchHistoryMirror(context, target);

    /// <summary>Writes what is new; transient errors are tried again.</summary>
    /// <returns>Rows that the mirror lacked or had otherwise.</returns>
    /// <exception cref="ExportException">The database cannot be reached or written; the lake is as it was.</exception>
    public async Task<long> WriteAsync(CancellationToken cancellationToken)
    {
        var address = SinkUri.Parse(target);
        if (!BatchRows.Exist(context.Spark, context.Lake)) return 0;
        await using var sink = MetricsSinks.Open(address, ExportSinkOptions.Make());
        for (var attempt = 1; ; attempt++)
        {
            // Taken before the rows are read: what was read later wins, also of a run that started earlier and still goes on.
            var sequence = await sink.NextSequenceAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var written = await sink.WriteAsync([DatasetVersions.Of(BatchRows.Read(context.Spark, context.Lake))], new RunInfo(context.RunId, context.StartedAt) { Sequence = sequence }, cancellationToken).ConfigureAwait(false);
                if (written.Single().AddedColumns is { Count: > 0 } added)
                    context.Log.LogInformation("Table '{Table}' in '{Address}' has new columns: {Columns}", written.Single().Name, sink.Address, string.Join(", ", added));
                return written.Single().Changed;
            }
            catch (ExportException error) when (error.Failure == ExportFailure.Fenced && attempt < Attempts)
            {
                // Another run mirrored between our reading and our writing: read again.
            }
        }
    }

    /// <summary>Writes what is new while a stream runs, every 10 s at most; a failure is a warning then.</summary>
    public void Follow()
    {
        if (DateTimeOffset.UtcNow < nextAt) return;
        try
        {
            WriteAsync(CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (ExportException error)
        {
            // The rows are in the lake; the mirror is written once more at the run's end, which fails where that fails.
            context.Warn($"The history of batches is not mirrored for now, the stream goes on: {error.Message}");
        }
        nextAt = DateTimeOffset.UtcNow + Pause;
    }
}

/// <summary>Options of a sink to which a run exports: the run's lock is asked for before the commit, and the kill points of an export are reached.</summary>
public static class ExportSinkOptions
{
    /// <summary>The default options with that.</summary>
    public static SinkOptions Make() => new()
    {
        Ousted = CommitGuard.Ousted,
        BeforeCommit = static () =>
        {
            KillPoint.Reach(LoadingKillPoints.ExportBeforeCommit);
            CommitGuard.Require();
        },
        AfterCommit = static () => KillPoint.Reach(LoadingKillPoints.ExportAfterCommit),
    };
}
