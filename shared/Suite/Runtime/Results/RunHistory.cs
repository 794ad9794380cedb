using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Pipeline.Engine.Types;
using Pipeline.Suite.Loading;

namespace Pipeline.Suite.Runtime.Results;

/// <summary>The runs of a lake, by the results that they left in <c>runs/</c>.</summary>
public static class RunHistory
{
    /// <summary>A run's result, or null where it left none.</summary>
    /// <exception cref="DataException">What it left is no run's result.</exception>
    public static async Task<RunResult?> FindAsync(LakeLayout lake, string runId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lake);
        if (await lake.RunStorage(runId).TryReadAsync(RunResultFile.Name, cancellationToken).ConfigureAwait(false) is not { } bytes) return null;
        try
        {
            return RunResultFile.Parse(Encoding.UTF8.GetString(bytes));
        }
        catch (Exception error) when (error is JsonException or InvalidDataException)
        {
            throw new DataException($"'{lake.Run(runId)}/{RunResultFile.Name}' is no run's result: {error.Message}");
        }
    }

    /// <summary>Ids of the runs, the newest first; one that was killed, or still goes on, has no result.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(LakeLayout lake, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lake);
        return [.. (await lake.ListRunsAsync(cancellationToken).ConfigureAwait(false)).OrderDescending(StringComparer.Ordinal)];
    }

    /// <summary>All runs, the newest first: those that ended, those that go on and those that died. A result that cannot be read counts as none.</summary>
    public static async IAsyncEnumerable<RunEntry> EntriesAsync(LakeLayout lake, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var id in await ListAsync(lake, cancellationToken).ConfigureAwait(false)) yield return await EntryAsync(lake, id, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A run by its id.</summary>
    public static async Task<RunEntry> EntryAsync(LakeLayout lake, string runId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lake);
        RunResult? result = null;
        try
        {
            result = await FindAsync(lake, runId, cancellationToken).ConfigureAwait(false);
        }
        catch (DataException)
        {
            // The run's start tells of it all the same.
        }
        var start = await lake.RunStorage(runId).TryReadAsync(RunStartFile.Name, cancellationToken).ConfigureAwait(false);
        return new RunEntry(runId, start is null ? null : RunStartFile.Parse(start), result);
    }

    /// <summary>Results of the runs, the newest first. Those without one, and those that cannot be read, are left out.</summary>
    public static async IAsyncEnumerable<RunResult> ReadAsync(LakeLayout lake, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var id in await ListAsync(lake, cancellationToken).ConfigureAwait(false))
        {
            RunResult? result;
            try
            {
                result = await FindAsync(lake, id, cancellationToken).ConfigureAwait(false);
            }
            catch (DataException)
            {
                continue;
            }
            if (result is not null) yield return result;
        }
    }
}
