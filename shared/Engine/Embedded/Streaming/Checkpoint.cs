using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipeline.Engine.Sql.Engines;
using Pipeline.Engine.Storage;

namespace Pipeline.Engine.Embedded.Streaming;

/// <summary>A batch that was planned.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="TimestampMs">When it was planned, ms since 1970 UTC.</param>
/// <param name="Offsets">Where it ends, a text a source.</param>
/// <param name="IsLossAccepted">Whether an offset goes backwards, as the source was created again and failOnDataLoss was false.</param>
internal sealed record PlannedBatch(long Number, long TimestampMs, IReadOnlyList<string> Offsets, bool IsLossAccepted = false);

/// <summary>The state of a streaming query on disk: its id, the offsets of its batches, which of them are done. One run at a time.</summary>
/// <remarks>Files and forms are Spark's: <c>metadata</c>, <c>sources/N/0</c>, <c>offsets/N</c>, <c>commits/N</c>; beside them <c>run.lock</c>.</remarks>
internal sealed class Checkpoint : IAsyncDisposable
{
    private const string MetadataFile = "metadata";
    private const string LossAccepted = "pipeline.dataLossAccepted";
    private readonly IStorage folder;
    private readonly RunLock runLock;
    private readonly LogFile offsets;
    private readonly LogFile commits;
    private readonly int sources;
    private readonly int kept;

    private Checkpoint(IStorage folder, RunLock runLock, int sources, int kept, Guid id)
    {
        this.folder = folder;
        this.runLock = runLock;
        this.sources = sources;
        this.kept = kept;
        Id = id;
        offsets = new LogFile(folder, "offsets");
        commits = new LogFile(folder, "commits");
    }

    /// <summary>The query's id, the same over all runs.</summary>
    public Guid Id { get; }

    /// <summary>The last batch that was planned, or null.</summary>
    public PlannedBatch? LastPlanned { get; private set; }

    /// <summary>The batch before it, or null.</summary>
    public PlannedBatch? BeforeLast { get; private set; }

    /// <summary>Whether the last batch is done.</summary>
    public bool IsLastDone { get; private set; }

    /// <summary>Takes the checkpoint and reads it.</summary>
    /// <param name="folder">Where it is.</param>
    /// <param name="sources">Number of the stream's sources.</param>
    /// <param name="kept">Number of batches whose files are kept; older ones are forgotten as new ones come.</param>
    /// <param name="runId">The run's id, for the lock.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="CheckpointInUseException">Another run has it.</exception>
    /// <exception cref="EngineException">A file is cut, foreign or missing; the message names it.</exception>
    public static async Task<Checkpoint> OpenAsync(IStorage folder, int sources, int kept, Guid runId, CancellationToken cancellationToken)
    {
        var runLock = await RunLock.TryAcquireAsync(folder, runId.ToString("D"), cancellationToken).ConfigureAwait(false) switch
        {
            LockAcquired acquired => acquired.Lock,
            LockHeld held => throw new CheckpointInUseException(held.Message),
            _ => throw new CheckpointInUseException($"The checkpoint '{Place(folder)}' is in use."),
        };
        try
        {
            var id = await ReadIdAsync(folder, cancellationToken).ConfigureAwait(false);
            var checkpoint = new Checkpoint(folder, runLock, sources, kept, id);
            await checkpoint.ReadAsync(cancellationToken).ConfigureAwait(false);
            // Offsets and commits are made by put-if-absent: of two runs on one checkpoint one finds the other's and ends.
            await runLock.ForgetOustedAsync(cancellationToken).ConfigureAwait(false);
            return checkpoint;
        }
        catch
        {
            await runLock.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Where a source began: kept before the first batch is planned, so that it begins there again.</summary>
    public async Task<string> FirstOffsetAsync(int source, Func<string> compute, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"sources/{source}/0");
        if (await folder.TryReadAsync(path, cancellationToken).ConfigureAwait(false) is { } content)
        {
            // Spark puts a zero byte before the version.
            var text = Encoding.UTF8.GetString(content).TrimStart('\0');
            return text.StartsWith("v1\n", StringComparison.Ordinal) ? text["v1\n".Length..]
                : throw offsets.Broken($"../{path}", "it does not begin with the version v1");
        }
        if (LastPlanned is not null) throw offsets.Broken($"../{path}", "it is missing, and the first batch, which is not done, begins where it says");
        var first = compute();
        await folder.PutAsync(path, Encoding.UTF8.GetBytes($"\0v1\n{first}"), cancellationToken).ConfigureAwait(false);
        return first;
    }

    /// <summary>Keeps the plan of the next batch, flushed, before any of it is delivered, and forgets those whose commits are forgotten.</summary>
    public async Task PlanAsync(PlannedBatch batch, CancellationToken cancellationToken)
    {
        await runLock.RequireAsync(cancellationToken).ConfigureAwait(false);
        var header = string.Create(CultureInfo.InvariantCulture, $"{{\"batchWatermarkMs\":0,\"batchTimestampMs\":{batch.TimestampMs},\"conf\":{{{(batch.IsLossAccepted ? $"\"{LossAccepted}\":\"true\"" : "")}}}}}");
        if (!await offsets.TryWriteAsync(batch.Number, batch.Offsets.Prepend(header), batch.Number - 1 - kept, cancellationToken).ConfigureAwait(false))
            throw new CheckpointInUseException($"Cannot plan batch {batch.Number}: '{offsets.Place}/{batch.Number}' was written meanwhile by another run of the stream. Stop one of them.");
        BeforeLast = LastPlanned;
        LastPlanned = batch;
        IsLastDone = false;
    }

    /// <summary>Says that the last planned batch is done, and forgets the commits further back than the kept ones: before their plans, so that no commit is without its own.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await runLock.RequireAsync(cancellationToken).ConfigureAwait(false);
        var number = LastPlanned!.Number;
        if (!await commits.TryWriteAsync(number, ["{\"nextBatchWatermarkMs\":0}"], number - kept, cancellationToken).ConfigureAwait(false))
            throw new CheckpointInUseException($"Cannot commit batch {number}: '{commits.Place}/{number}' was written meanwhile by another run of the stream. Stop one of them.");
        IsLastDone = true;
    }

    /// <summary>Refuses a batch's offsets as the sources see them.</summary>
    public EngineException Broken(long batch, string why) => offsets.Broken(batch.ToString(CultureInfo.InvariantCulture), why);

    public ValueTask DisposeAsync() => runLock.DisposeAsync();

    private static async Task<Guid> ReadIdAsync(IStorage folder, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await folder.TryReadAsync(MetadataFile, cancellationToken).ConfigureAwait(false) is { } content)
            {
                try
                {
                    using var document = JsonDocument.Parse(content);
                    return document.RootElement.GetProperty("id").GetGuid();
                }
                catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
                {
                    throw new EngineException($"Cannot go on from the checkpoint file '{Place(folder)}/{MetadataFile}': it is not {{\"id\":\"…\"}}. Put it back from a copy, or begin with a new checkpoint; nothing was read or written.", error) { ErrorClass = "STREAM_CHECKPOINT_CORRUPT", SqlState = "22000" };
                }
            }
            var id = Guid.NewGuid();
            if (await folder.ListAsync("offsets", cancellationToken: cancellationToken).ConfigureAwait(false) is { Count: > 0 })
                throw new EngineException($"Cannot go on from the checkpoint '{Place(folder)}': the file '{MetadataFile}' with the query's id is missing, and there are planned batches. Put it back from a copy, or begin with a new checkpoint; nothing was read or written.") { ErrorClass = "STREAM_CHECKPOINT_CORRUPT", SqlState = "22000" };
            if (await folder.PutIfAbsentAsync(MetadataFile, Encoding.UTF8.GetBytes($"{{\"id\":\"{id:D}\"}}"), cancellationToken).ConfigureAwait(false) == PutResult.Created) return id;
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var planned = await offsets.ListAsync(kept, cancellationToken).ConfigureAwait(false);
        var done = await commits.ListAsync(kept, cancellationToken).ConfigureAwait(false);
        if (planned.Count == 0)
        {
            if (done.Count > 0) throw offsets.Broken(done[^1].ToString(CultureInfo.InvariantCulture), "it is missing, while the batch is in the log of commits");
            return;
        }
        var last = planned[^1];
        if (done.Count > 0 && done[^1] > last) throw offsets.Broken(done[^1].ToString(CultureInfo.InvariantCulture), "it is missing, while the batch is in the log of commits");
        if (last > 0 && (done.Count == 0 || done[^1] < last - 1)) throw commits.Broken((last - 1).ToString(CultureInfo.InvariantCulture), $"it is missing, while batch {last} was planned after it");
        if (last > 0 && planned.Count < 2) throw offsets.Broken((last - 1).ToString(CultureInfo.InvariantCulture), $"it is missing, and batch {last} begins where that one ended");
        LastPlanned = await ReadPlanAsync(last, cancellationToken).ConfigureAwait(false);
        if (last > 0) BeforeLast = await ReadPlanAsync(last - 1, cancellationToken).ConfigureAwait(false);
        IsLastDone = done.Count > 0 && done[^1] == last;
        if (IsLastDone) await RequireCommitAsync(last, cancellationToken).ConfigureAwait(false);
    }

    private async Task<PlannedBatch> ReadPlanAsync(long number, CancellationToken cancellationToken)
    {
        var file = number.ToString(CultureInfo.InvariantCulture);
        var lines = await offsets.ReadAsync(number, cancellationToken).ConfigureAwait(false) ?? throw offsets.Broken(file, "it is missing");
        if (lines.Length != sources + 1) throw offsets.Broken(file, $"it has {lines.Length} lines after the version, and a stream of {sources} source{(sources == 1 ? "" : "s")} has {sources + 1}");
        try
        {
            using var header = JsonDocument.Parse(lines[0]);
            var timestamp = header.RootElement.GetProperty("batchTimestampMs").GetInt64();
            foreach (var offset in lines[1..]) JsonDocument.Parse(offset).Dispose();
            var isLossAccepted = header.RootElement.TryGetProperty("conf", out var conf) && conf.TryGetProperty(LossAccepted, out _);
            return new PlannedBatch(number, timestamp, lines[1..], isLossAccepted);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw offsets.Broken(file, "it is cut, or not JSON");
        }
    }

    private async Task RequireCommitAsync(long number, CancellationToken cancellationToken)
    {
        var file = number.ToString(CultureInfo.InvariantCulture);
        var lines = await commits.ReadAsync(number, cancellationToken).ConfigureAwait(false) ?? throw commits.Broken(file, "it is missing");
        try
        {
            JsonDocument.Parse(lines.FirstOrDefault() ?? "").Dispose();
        }
        catch (JsonException)
        {
            throw commits.Broken(file, "it is cut, or not JSON");
        }
    }

    private static string Place(IStorage folder) => folder.LocalRoot ?? folder.Root.AbsoluteUri;
}
