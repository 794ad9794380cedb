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
